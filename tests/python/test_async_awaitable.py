"""What a call returns is a coroutine as far as anyone can tell, on hit and miss."""

from __future__ import annotations

import asyncio
import collections.abc
import inspect
import types
import warnings

import pytest
from support import Counted, run_async


def hit():
    c = Counted()
    c.f.cache_set("value", 1)
    return c.f(1)


def miss():
    return Counted().f(1)


@pytest.mark.parametrize("make", [hit, miss])
def test_the_awaitable_is_a_coroutine(make):
    call = make()
    assert isinstance(call, collections.abc.Awaitable)
    assert isinstance(call, collections.abc.Coroutine)
    assert asyncio.iscoroutine(call) and inspect.isawaitable(call)
    call.close()


@pytest.mark.parametrize("make", [hit, miss])
def test_awaiting_twice_is_a_runtime_error(make):
    async def main():
        call = make()
        await call
        for _ in range(2):
            with pytest.raises(RuntimeError, match="await"):
                await call

    run_async(main)


@pytest.mark.parametrize("make", [hit, miss])
def test_close(make):
    async def main():
        call = make()
        assert call.close() is None
        assert call.close() is None
        with pytest.raises(RuntimeError, match="await|close"):
            await call

    run_async(main)


@pytest.mark.parametrize("make", [hit, miss])
def test_throw(make):
    call = make()
    with pytest.raises(ZeroDivisionError, match="thrown"):
        call.throw(ZeroDivisionError("thrown"))
    with pytest.raises(RuntimeError):
        call.send(None)


def test_throw_takes_a_type_too():
    call = hit()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        with pytest.raises(ZeroDivisionError):
            call.throw(ZeroDivisionError)
    with pytest.raises(TypeError):
        hit().throw(5)


def test_send():
    call = hit()
    with pytest.raises(StopIteration) as done:
        call.send(None)
    assert done.value.value == "value"
    with pytest.raises(RuntimeError):
        call.send(None)


def test_the_await_iterator():
    """`__await__` by hand, as older frameworks drive it, and from a generator-based coroutine."""
    iterator = hit().__await__()
    with pytest.raises(StopIteration) as done:
        next(iterator)
    assert done.value.value == "value"

    @types.coroutine
    def old_style():
        return (yield from hit().__await__())

    with pytest.raises(StopIteration) as done:
        old_style().send(None)
    assert done.value.value == "value"


def test_many_hits_alive_at_once():
    """Awaitables are not handed out twice, however they are recycled."""

    async def main():
        c = Counted()
        for i in range(50):
            c.f.cache_set(i, i)
        calls = [c.f(i) for i in range(50)]
        assert [await call for call in reversed(calls)] == list(reversed(range(50)))
        for call in calls:
            with pytest.raises(RuntimeError):
                await call
        del calls
        nested = [c.f(await c.f(i)) for i in range(50)]
        assert [await call for call in nested] == list(range(50))

    run_async(main)


def test_the_exception_of_a_hit_is_not_shared():
    """If a StopIteration is kept and reused, nobody who holds one may see it change."""
    c = Counted()
    c.f.cache_set("one", 1), c.f.cache_set("two", 2)
    held = []
    for key in (1, 2, 1):
        try:
            c.f(key).send(None)
        except StopIteration as stop:
            held.append(stop)
    assert [stop.value for stop in held] == ["one", "two", "one"]
    assert [stop.args for stop in held] == [("one",), ("two",), ("one",)]
