"""Coroutine functions: known at decoration, and a hit runs no coroutine."""

from __future__ import annotations

import asyncio
import contextvars
import functools
import gc
import inspect
import warnings

import pytest
from support import Counted, in_threads, run_async, settle

from warp_cache import cache, lru_cache

# ---------------------------------------------------------------- what it is


def test_it_is_a_coroutine_function():
    async def body(x):
        return x

    def plain(x):
        return x

    for decorate in (cache, cache(max_size=3), lru_cache, lru_cache(maxsize=None)):
        assert inspect.iscoroutinefunction(decorate(body))
        assert not inspect.iscoroutinefunction(decorate(plain))
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)  # asyncio's is on its way out
            assert asyncio.iscoroutinefunction(decorate(body))
            assert not asyncio.iscoroutinefunction(decorate(plain))


def test_what_counts_as_a_coroutine_function():
    class Callable:
        async def __call__(self, x):
            return [x]

    class WithMethod:
        async def method(self, x):
            return [x]

    async def body(y, x):
        return [x]

    async def main():
        for function in (Callable(), WithMethod().method, functools.partial(body, 0)):
            f = cache(function)
            first = await f(1)
            assert first == [1] and await f(1) is first
            assert f.cache_info()[:2] == (1, 1)

    run_async(main)


@pytest.mark.memory_only("its objects cannot be pickled")
def test_a_plain_function_that_returns_an_awaitable_is_plain():
    async def inner():
        return 1

    f = cache(lambda: inner())
    coroutine = f()
    assert f() is coroutine
    coroutine.close()


# ---------------------------------------------------------------- hits and misses


def test_await():
    async def main():
        c = Counted()
        first = await c.f(1)
        assert first == [1, 0]
        assert await c.f(1) is first
        assert await c.f(1.0) is first
        assert await c.f(1, y=2) == [1, 2]
        assert c.started == 2
        assert c.f.cache_info() == (2, 2, 128, 2)

    run_async(main)


def test_a_hit_never_enters_the_coroutine_nor_the_loop():
    """Driven by hand, it is done at the first send: nothing was scheduled, nothing waited for."""
    c = Counted()
    c.f.cache_set("value", 1)
    with pytest.raises(StopIteration) as done:
        c.f(1).send(None)
    assert done.value.value == "value"
    assert c.started == 0
    assert c.f.cache_info()[:2] == (1, 0)


@pytest.mark.parametrize("value", [None, (1, 2), (), StopIteration(5), ValueError("v"), [], 0])
def test_any_value_comes_back_as_it_is(value):
    """A tuple or an exception as a StopIteration's value is where shortcuts go wrong."""

    async def main():
        @cache
        async def f(x):
            return value

        for _ in range(3):
            assert await f(1) is value
        f.cache_set(value, 2)
        assert await f(2) is value
        assert (await asyncio.gather(f(1), f(2)))[1] is value

    run_async(main)


def test_the_function_never_starts_before_the_first_await():
    async def main():
        c = Counted()
        pending = c.f(1)
        await settle()
        assert c.started == 0
        assert await pending == [1, 0]
        assert c.started == 1

    run_async(main)


def test_a_call_that_is_never_awaited_holds_up_nobody():
    async def main():
        c = Counted()
        never, later = c.f(1), c.f(1)
        assert await asyncio.wait_for(c.f(1), 10) == [1, 0]
        assert c.started == 1
        assert await later == [1, 0]
        assert c.started <= 2
        never.close()
        dropped = c.f(2)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", RuntimeWarning)  # "never awaited" is fair
            del dropped
            gc.collect()
        assert await c.f(2) == [2, 0]

    run_async(main)


@pytest.mark.memory_only("shared memory takes keys without a hash")
def test_unhashable_arguments():
    async def main():
        c = Counted()
        with pytest.raises(TypeError, match="unhashable"):
            await c.f([])
        assert c.f.cache_info()[:2] == (0, 0)

    run_async(main)


def test_wrong_arguments():
    async def main():
        c = Counted()
        with pytest.raises(TypeError, match="argument"):
            await c.f()
        with pytest.raises(TypeError, match="argument"):
            await c.f(1, 2, 3)
        assert c.f.cache_info().currsize == 0

    run_async(main)


# ---------------------------------------------------------------- ways to run it


def test_asyncio_run():
    c = Counted()
    assert asyncio.run(c.f(1)) == [1, 0]
    assert asyncio.run(c.f(1)) == [1, 0]
    assert c.started == 1


def test_tasks_gather_wait_for_shield():
    async def main():
        for warm in (False, True):
            c = Counted()
            if warm:
                await c.f(1)
            assert await asyncio.create_task(c.f(1)) == [1, 0]
            assert await asyncio.gather(c.f(1), c.f(2), c.f(1)) == [[1, 0], [2, 0], [1, 0]]
            assert await asyncio.wait_for(c.f(1), 10) == [1, 0]
            assert await asyncio.wait_for(c.f(3), 10) == [3, 0]
            assert await asyncio.shield(c.f(4)) == [4, 0]
            assert await asyncio.ensure_future(c.f(5)) == [5, 0]
            done, _ = await asyncio.wait([asyncio.ensure_future(c.f(n)) for n in (1, 6)])
            assert sorted(task.result() for task in done) == [[1, 0], [6, 0]]
            assert [await call for call in asyncio.as_completed([c.f(1)])] == [[1, 0]]
            assert c.started == 6

    run_async(main)


def test_run_coroutine_threadsafe_and_run_until_complete():
    c = Counted()
    loop = asyncio.new_event_loop()
    try:
        assert loop.run_until_complete(c.f(1)) == [1, 0]
        assert loop.run_until_complete(c.f(1)) == [1, 0]
    finally:
        loop.close()


def test_it_sees_the_callers_context():
    variable = contextvars.ContextVar("variable", default="unset")

    async def main():
        @cache
        async def f(x):
            await asyncio.sleep(0)
            return variable.get()

        variable.set("mine")
        assert await f(1) == "mine"

    run_async(main)


def test_one_awaitable_in_many_threads_gives_its_value_once():
    @cache
    async def f(x):
        return object()

    kept = run_async(lambda: f(1))

    def send(awaitable):
        try:
            awaitable.send(None)
        except StopIteration as stop:
            return stop.value
        except RuntimeError:
            return None

    for _ in range(50):
        hit = f(1)
        taken = in_threads(*[lambda hit=hit: send(hit)] * 4)
        assert [value for value in taken if value is not None] == [kept]
