"""Exceptions reach their caller, whatever they are, and are never kept."""

from __future__ import annotations

import asyncio
import gc
import sys
import traceback
import weakref

import pytest
from support import Counter, run_async, settle

from warp_cache import cache, lru_cache

KINDS = [
    ValueError,
    KeyError,
    TypeError,
    StopIteration,
    RecursionError,
    MemoryError,
    KeyboardInterrupt,
    SystemExit,
    GeneratorExit,
    BaseException,
]

each_decorator = pytest.mark.parametrize(
    "decorate",
    [cache, lru_cache, cache(single_flight=True), cache(max_size=0), cache(max_size=None)],
    ids=["cache", "lru_cache", "single flight", "size 0", "unbounded"],
)


@each_decorator
@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_propagates_and_the_next_call_computes(decorate, kind):
    outcomes = [kind("first"), kind("second"), "fine"]

    def body(x):
        outcome = outcomes.pop(0)
        if isinstance(outcome, BaseException):
            raise outcome
        return outcome

    f = decorate(body)
    expected = outcomes[0]
    with pytest.raises(kind) as caught:
        f(1)
    assert caught.value is expected
    assert caught.value.__context__ is None, "no chained exception of ours"
    assert caught.value.__cause__ is None
    assert not f.cache_contains(1)
    with pytest.raises(kind, match="second"):
        f(1)
    assert f(1) == "fine"
    info = f.cache_info()
    assert (info.hits, info.misses, info.errors) == (0, 3, 2)


def test_exceptions_as_values_are_values():
    error = ValueError("a result")
    f = cache(lambda x: error)
    assert f(1) is error and f(1) is error
    g = cache(lambda x: ValueError)
    assert g(1) is ValueError


def test_the_traceback_shows_the_function_and_the_caller():
    @cache
    def culprit(x):
        raise ValueError("deep inside")

    try:
        culprit(1)
    except ValueError as error:
        names = [frame.name for frame in traceback.extract_tb(error.__traceback__)]
        assert names == [sys._getframe().f_code.co_name, "culprit"]


def test_the_exception_is_not_held():
    class Marked(Exception):
        pass

    @cache
    def f(x):
        raise Marked

    try:
        f(1)
    except Marked as error:
        ref = weakref.ref(error)
    gc.collect()
    assert ref() is None


def test_an_error_evicts_nothing():
    f = cache(max_size=2)(lambda x: 1 // x)
    f(1), f(2)
    for _ in range(5):
        with pytest.raises(ZeroDivisionError):
            f(0)
    assert f.cache_contains(1) and f.cache_contains(2)
    assert f.cache_info().evictions == 0


# ---------------------------------------------------------------- callbacks


@pytest.mark.parametrize("option", ["cache_if", "ttl", "key"])
@pytest.mark.parametrize("kind", [ValueError, KeyboardInterrupt], ids=["error", "interrupt"])
def test_what_a_callback_raises_propagates_and_nothing_is_kept(option, kind):
    error = kind("from the callback")
    fail = True

    def callback(value):
        if fail:
            raise error
        return 60 if option == "ttl" else 1

    body = Counter(lambda x: x)
    f = cache(**{option: callback})(body)
    for _ in range(2):
        with pytest.raises(kind) as caught:
            f(1)
        assert caught.value is error
    assert f.cache_info().currsize == 0
    fail = False
    assert f(1) == 1 and f(1) == 1
    assert f.cache_info().hits == 1
    assert body.count == (1 if option == "key" else 3)


def test_key_that_raises_in_the_controls():
    f = cache(key=lambda x: 1 // x)(lambda x: x)
    for call in (f, f.cache_contains, f.cache_get, f.cache_invalidate, f.cache_key):
        with pytest.raises(ZeroDivisionError):
            call(0)
    with pytest.raises(ZeroDivisionError):
        f.cache_set("value", 0)


def test_cache_if_is_asked_for_its_truth():
    kept = cache(cache_if=lambda r: "yes")(lambda x: object())
    assert kept(1) is kept(1)
    dropped = cache(cache_if=lambda r: [])(lambda x: object())
    assert dropped(1) is not dropped(1)
    assert dropped.cache_info()[:2] == (0, 2)

    class Undecided:
        def __bool__(self):
            raise ZeroDivisionError

    f = cache(cache_if=lambda r: Undecided())(lambda x: x)
    with pytest.raises(ZeroDivisionError):
        f(1)
    assert f.cache_info().currsize == 0


def test_cache_if_sees_every_result_once():
    asked = Counter(lambda r: r % 2 == 0)
    f = cache(cache_if=asked)(lambda x: x)
    assert [f(x) for x in (1, 1, 2, 2, 2)] == [1, 1, 2, 2, 2]
    assert [args[0] for args, _ in asked.calls] == [1, 1, 2]
    assert not f.cache_contains(1) and f.cache_contains(2)


@pytest.mark.parametrize("answer", ["10", [], object(), 1j], ids=lambda a: type(a).__name__)
def test_a_ttl_callable_that_returns_nonsense(answer):
    f = cache(ttl=lambda r: answer)(lambda x: x)
    with pytest.raises(TypeError, match="ttl"):
        f(1)
    assert f.cache_info().currsize == 0


@pytest.mark.parametrize("answer", [float("inf"), 1e300, 10**400], ids=["inf", "1e300", "10**400"])
def test_a_ttl_callable_that_returns_too_much(answer):
    """For ever, or refused: never a crash, never an OverflowError from the depths."""
    f = cache(ttl=lambda r: answer)(lambda x: x)
    try:
        assert f(1) == 1
    except ValueError as error:
        assert "ttl" in str(error)
    else:
        assert f(1) == 1


def test_async_callbacks_that_raise():
    async def main():
        for option in ("cache_if", "ttl", "key"):

            async def body(x):
                return x

            f = cache(**{option: lambda value: 1 // value})(body)
            for _ in range(2):
                with pytest.raises(ZeroDivisionError):
                    await f(0)
            assert f.cache_info().currsize == 0
            assert await f(1) == 1

    run_async(main)


@pytest.mark.parametrize("kind", [ValueError, KeyError, BaseException], ids=lambda k: k.__name__)
def test_async_exceptions(kind):
    async def main():
        errors = [kind("one"), kind("two")]

        @cache
        async def f(x):
            if errors:
                raise errors.pop(0)
            return "fine"

        for text in ("one", "two"):
            with pytest.raises(kind, match=text):
                await f(1)
        assert await f(1) == "fine"
        info = f.cache_info()
        assert (info.hits, info.misses, info.errors) == (0, 3, 2)

    run_async(main)


# ---------------------------------------------------------------- arguments that raise


class Touchy:
    """All of one hash; comparing raises."""

    def __hash__(self):
        return 1

    def __eq__(self, other):
        raise ZeroDivisionError


@pytest.mark.parametrize(
    "decorate",
    [cache, lru_cache, cache(single_flight=True), cache(typed=True), cache(ttl=60)],
    ids=["cache", "lru_cache", "single flight", "typed", "ttl"],
)
def test_a_call_whose_comparison_raises_is_a_miss(decorate):
    @decorate
    def f(x, y=0):
        return [x]

    first = Touchy()
    value = f(first)
    assert f(first) is value
    for number in range(1, 4):
        with pytest.raises(ZeroDivisionError):
            f(Touchy())
        assert f.cache_info()[:2] == (1, 1 + number)


@pytest.mark.memory_only("shared memory takes keys without a hash")
def test_a_call_that_cannot_be_hashed_counts_nowhere():
    f = cache(lambda x: x)
    f(1)
    for _ in range(2):
        with pytest.raises(TypeError, match="unhashable"):
            f([])
    assert f.cache_info()[:2] == (0, 1)


@pytest.mark.parametrize("single_flight", [False, True])
def test_async_a_call_whose_comparison_raises_is_a_miss(single_flight):
    @cache(single_flight=single_flight)
    async def f(x):
        return [x]

    async def main():
        first = Touchy()
        value = await f(first)
        assert await f(first) is value
        with pytest.raises(ZeroDivisionError):
            await f(Touchy())
        assert f.cache_info()[:2] == (1, 2)

    run_async(main)


def test_async_a_comparison_that_raises_at_the_await_is_a_miss():
    @cache
    async def f(x):
        await asyncio.sleep(0)
        return [x]

    async def main():
        calls = [f(Touchy()), f(Touchy())]
        results = await asyncio.gather(*calls, return_exceptions=True)
        assert any(isinstance(result, ZeroDivisionError) for result in results)
        await settle()
        info = f.cache_info()
        assert info.hits + info.misses == 2

    run_async(main)
