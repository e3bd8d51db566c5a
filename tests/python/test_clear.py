"""Clear means clear: what was being computed before it is returned, and not kept after it."""

from __future__ import annotations

import asyncio

import pytest
from support import Background, Gate, run_async, settle

from warp_cache import cache, lru_cache

each_decorator = pytest.mark.parametrize(
    "decorate",
    [cache, lru_cache, cache(single_flight=True), cache(max_size=None), cache(ttl=60)],
    ids=["cache", "lru_cache", "single flight", "unbounded", "ttl"],
)

CLEAR = pytest.mark.parametrize(
    "clear",
    [lambda f: f.cache_clear(), lambda f: f.cache_invalidate(1)],
    ids=["clear", "invalidate"],
)


class Slow:
    """Returns a serial number per call; the first call waits at a gate."""

    def __init__(self):
        self.gate = Gate()
        self.calls = 0

    def __call__(self, x):
        self.calls += 1
        number = self.calls
        if number == 1:
            self.gate.pass_through()
        return number


# ---------------------------------------------------------------- by another thread


@each_decorator
@CLEAR
def test_during_a_computation(decorate, clear):
    slow = Slow()
    f = decorate(slow)
    first = Background(f, 1)
    slow.gate.entered()
    clear(f)
    slow.gate.open()
    assert first.result() == 1, "its caller still gets it"
    assert not f.cache_contains(1), "and nobody else"
    assert f(1) == 2
    assert f(1) == 2


@each_decorator
@CLEAR
def test_a_call_after_the_clear_does_not_join_and_is_kept(decorate, clear):
    slow = Slow()
    f = decorate(slow)
    first = Background(f, 1)
    slow.gate.entered()
    clear(f)
    assert f(1) == 2, "computes at once, while the old computation is still going on"
    slow.gate.open()
    assert first.result() == 1
    assert f.cache_get(1) == 2, "the old result does not replace the new one"
    assert f(1) == 2 and slow.calls == 2


@each_decorator
def test_invalidating_another_key_changes_nothing(decorate):
    slow = Slow()
    f = decorate(slow)
    first = Background(f, 1)
    slow.gate.entered()
    assert f.cache_invalidate(2) is False
    slow.gate.open()
    assert first.result() == 1
    assert f.cache_get(1) == 1


@CLEAR
def test_of_a_present_key_being_refreshed(clear):
    slow = Slow()
    f = cache(slow)
    f.cache_set("old", 1)
    refreshing = Background(f.cache_refresh, 1)
    slow.gate.entered()
    assert f(1) == "old", "a refresh leaves the old entry until it is done"
    clear(f)
    slow.gate.open()
    assert refreshing.result() == 1
    assert not f.cache_contains(1)


NOT_KEPT = pytest.mark.parametrize(
    "options",
    [{"cache_if": lambda value: value != 1}, {"ttl": lambda value: 0 if value == 1 else None}],
    ids=["cache_if", "ttl"],
)


@NOT_KEPT
def test_a_refresh_whose_value_is_not_kept_drops_the_old_entry_only(options):
    slow = Slow()
    f = cache(**options)(slow)
    f.cache_set("old", 1)
    refreshing = Background(f.cache_refresh, 1)
    slow.gate.entered()
    f.cache_set("newer", 1)
    slow.gate.open()
    assert refreshing.result() == 1
    assert f.cache_get(1) == "newer", "set after the refresh began"
    slow.calls = 0
    assert f.cache_refresh(1) == 1
    assert not f.cache_contains(1)


@NOT_KEPT
@pytest.mark.parametrize("single_flight", [False, True])
def test_a_refresh_whose_value_is_not_kept_leaves_computations_alone(options, single_flight):
    gate = Gate()
    calls = 0

    @cache(single_flight=single_flight, **options)
    def f(x):
        nonlocal calls
        calls += 1
        if calls == 1:
            gate.pass_through()
            return "computed"
        return 1

    computing = Background(f, 1)
    gate.entered()
    assert f.cache_refresh(1) == 1
    gate.open()
    assert computing.result() == "computed"
    assert f.cache_get(1) == "computed"


@pytest.mark.parametrize("change", ["set", "invalidate"])
@each_decorator
def test_changes_of_many_other_keys_leave_a_computation_alone(decorate, change):
    slow = Slow()
    f = decorate(slow)
    first = Background(f, 1)
    slow.gate.entered()
    for other in range(2, 5000):
        f.cache_set(other, other) if change == "set" else f.cache_invalidate(other)
    slow.gate.open()
    assert first.result() == 1
    assert f.cache_get(1) == 1


@CLEAR
def test_followers_that_were_waiting_before_the_clear(clear):
    """They joined before it; what they get is their business, what is kept is not."""
    slow = Slow()
    f = cache(single_flight=True)(slow)
    leader = Background(f, 1)
    slow.gate.entered()
    followers = [Background(f, 1) for _ in range(3)]
    clear(f)
    slow.gate.open()
    assert leader.result() == 1
    results = [follower.result() for follower in followers]
    assert f(1) not in (1,), "a value computed before the clear was kept after it"
    assert all(isinstance(result, int) for result in results)


def test_many_clears_and_one_computation():
    slow = Slow()
    f = cache(slow)
    first = Background(f, 1)
    slow.gate.entered()
    for _ in range(1000):
        f.cache_clear()
    slow.gate.open()
    first.result()
    assert f.cache_info().currsize == 0


def test_clear_and_fill_again_during_a_computation():
    """The entry is there again when the old computation ends, with another value."""
    slow = Slow()
    f = cache(slow)
    first = Background(f, 1)
    slow.gate.entered()
    f.cache_clear()
    f.cache_set("set", 1)
    slow.gate.open()
    assert first.result() == 1
    assert f(1) == "set"


def test_a_set_during_a_computation_wins():
    for decorate in (cache, cache(single_flight=True)):
        slow = Slow()
        f = decorate(slow)
        first = Background(f, 1)
        slow.gate.entered()
        f.cache_set("set", 1)
        assert f(1) == "set", "at once"
        slow.gate.open()
        assert first.result() == 1, "the computation goes to its callers"
        assert f(1) == "set" and slow.calls == 1


def test_a_set_then_an_invalidate_during_a_computation():
    slow = Slow()
    f = cache(slow)
    first = Background(f, 1)
    slow.gate.entered()
    f.cache_set("set", 1)
    assert f.cache_invalidate(1) is True
    slow.gate.open()
    first.result()
    assert not f.cache_contains(1)


# ---------------------------------------------------------------- by the function itself


@each_decorator
@CLEAR
def test_by_the_function_itself(decorate, clear):
    calls = 0

    def body(x):
        nonlocal calls
        calls += 1
        clear(f)
        return calls

    f = decorate(body)
    assert [f(1), f(1), f(1)] == [1, 2, 3]
    assert f.cache_info().currsize == 0


def test_by_a_nested_call():
    @cache
    def outer(x):
        inner(x)
        return x

    @cache
    def inner(x):
        outer.cache_clear()
        return x

    outer(1)
    assert not outer.cache_contains(1)
    assert inner.cache_contains(1)
    outer(1)
    assert outer.cache_contains(1), "inner was a hit and cleared nothing"


def test_a_recursion_that_clears_half_way():
    @cache
    def countdown(n):
        if n == 3:
            countdown.cache_clear()
        return 0 if n == 0 else countdown(n - 1) + 1

    assert countdown(6) == 6
    assert [n for n in range(7) if countdown.cache_contains(n)] == [0, 1, 2]


def test_by_callbacks():
    for option in ("cache_if", "ttl"):

        def callback(result):
            f.cache_clear()  # noqa: B023
            return 5

        f = cache(**{option: callback})(lambda x: x)
        assert f(1) == 1
        assert not f.cache_contains(1)


# ---------------------------------------------------------------- async


@pytest.mark.parametrize("single_flight", [True, False])
@CLEAR
def test_async_during_a_computation(single_flight, clear):
    async def main():
        gate = asyncio.Event()
        calls = 0

        @cache(single_flight=single_flight)
        async def f(x):
            nonlocal calls
            calls += 1
            number = calls
            if number == 1:
                await gate.wait()
            return number

        first = asyncio.create_task(f(1))
        await settle()
        clear(f)
        assert await f(1) == 2, "does not join, and does not wait"
        gate.set()
        assert await first == 1
        assert await f(1) == 2 and f.cache_get(1) == 2

        f.cache_clear()
        gate.clear()
        calls = 0
        again = asyncio.create_task(f(1))
        await settle()
        clear(f)
        gate.set()
        assert await again == 1
        assert not f.cache_contains(1)

    run_async(main)


@CLEAR
def test_async_by_the_function_itself(clear):
    async def main():
        calls = 0

        @cache
        async def f(x):
            nonlocal calls
            calls += 1
            await asyncio.sleep(0)
            clear(f)
            await asyncio.sleep(0)
            return calls

        assert [await f(1), await f(1)] == [1, 2]
        assert f.cache_info().currsize == 0

    run_async(main)


def test_async_set_during_a_computation_wins():
    async def main():
        gate = asyncio.Event()

        @cache
        async def f(x):
            await gate.wait()
            return "computed"

        waiting = [asyncio.create_task(f(1)) for _ in range(3)]
        await settle()
        f.cache_set("set", 1)
        assert await f(1) == "set"
        gate.set()
        assert await asyncio.gather(*waiting) == ["computed"] * 3
        assert await f(1) == "set"

    run_async(main)


def test_async_changes_of_many_other_keys_start_no_second_computation():
    async def main():
        gate = asyncio.Event()
        started = 0

        @cache
        async def f(x):
            nonlocal started
            started += 1
            await gate.wait()
            return [x]

        first = asyncio.ensure_future(f(1))
        await settle()
        for other in range(2, 5000):
            f.cache_set(other, other)
        second = asyncio.ensure_future(f(1))
        await settle()
        gate.set()
        assert await first is await second is f.cache_get(1)
        assert started == 1

    run_async(main)


@NOT_KEPT
def test_async_refresh_whose_value_is_not_kept_drops_the_old_entry_only(options):
    async def main():
        gate = asyncio.Event()

        @cache(**options)
        async def f(x):
            await gate.wait()
            return 1

        f.cache_set("old", 1)
        refreshing = asyncio.ensure_future(f.cache_refresh(1))
        await settle()
        f.cache_set("newer", 1)
        gate.set()
        assert await refreshing == 1
        assert f.cache_get(1) == "newer"
        assert await f.cache_refresh(1) == 1
        assert not f.cache_contains(1)

    run_async(main)


def test_async_refresh_during_which_it_is_cleared():
    async def main():
        gate = asyncio.Event()

        @cache
        async def f(x):
            await gate.wait()
            return "new"

        f.cache_set("old", 1)
        refreshing = asyncio.ensure_future(f.cache_refresh(1))
        await settle()
        assert await f(1) == "old"
        f.cache_clear()
        gate.set()
        assert await refreshing == "new"
        assert not f.cache_contains(1)

    run_async(main)
