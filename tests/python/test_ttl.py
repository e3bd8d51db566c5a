"""Expiry: by the clock, looked up or swept, counted apart from evictions, in flat memory."""

from __future__ import annotations

import os
import threading
from datetime import timedelta
from decimal import Decimal
from fractions import Fraction

import pytest
from support import Background, Counter, Gate, each_strategy, in_threads, run_async, run_python

from warp_cache import cache, lru_cache


@pytest.mark.parametrize("ttl", [10, 10.0, timedelta(seconds=10), lambda result: 10])
@pytest.mark.parametrize("decorate", [cache, lru_cache])
def test_an_entry_lives_for_its_ttl(ttl, decorate, advance):
    body = Counter(lambda x: [x])
    f = decorate(ttl=ttl)(body)
    value = f(1)
    advance(9)
    assert f(1) is value
    advance(2)
    assert f(1) is not value
    assert body.count == 2
    assert f.cache_info()[:2] == (1, 2)


@pytest.mark.parametrize("seconds", [1e-3, 0.25, 1, 90, 3600 * 24 * 365, 10**8])
def test_short_and_long(seconds, advance):
    f = cache(ttl=seconds)(lambda x: [x])
    value = f(1)
    if seconds >= 90:
        advance(seconds * 0.9)
        assert f.cache_get(1) is value
    advance(seconds * 1.1)
    assert not f.cache_contains(1)
    assert f(1) is not value


def test_a_hit_does_not_prolong(advance):
    f = cache(ttl=10)(lambda x: [x])
    value = f(1)
    for _ in range(3):
        advance(3)
        assert f(1) is value
    advance(3)
    assert f(1) is not value


def test_no_ttl_never_expires(advance):
    f = cache(lambda x: [x])
    value = f(1)
    advance(10**8)
    assert f(1) is value


@pytest.mark.parametrize(
    ("answer", "lives", "dies"),
    [
        (None, 10**6, None),
        (10, 9, 11),
        (0.5, None, 1),
        (timedelta(minutes=1), 59, 61),
        (True, None, 2),
    ],
    ids=str,
)
def test_each_entry_its_own(answer, lives, dies, advance):
    f = cache(ttl=lambda result: answer)(lambda x: [x])
    value = f(1)
    if lives is not None:
        advance(lives)
        assert f(1) is value
    if dies is not None:
        advance(dies - (lives or 0))
        assert f(1) is not value


@pytest.mark.parametrize(
    "answer", [0, 0.0, -1, -0.5, timedelta(0), timedelta(-1), float("nan"), float("-inf")], ids=str
)
def test_an_answer_that_is_not_positive_is_not_kept(answer):
    f = cache(ttl=lambda result: answer)(lambda x: [x])
    assert f(1) is not f(1)
    assert f.cache_info() == (0, 2, 128, 0)
    f.cache_set("set", 1)
    assert not f.cache_contains(1)


@pytest.mark.parametrize("answer", [Decimal(10), Fraction(10)], ids=repr)
def test_other_numbers_are_taken_or_refused(answer):
    f = cache(ttl=lambda result: answer)(lambda x: [x])
    try:
        assert f(1) == [1]
    except TypeError as refusal:
        assert "ttl" in str(refusal)


def test_the_ttl_callable_sees_the_result_once_per_kept_entry(advance):
    asked = Counter(lambda result: result)
    f = cache(ttl=asked, max_size=10)(lambda x: x)
    f(10), f(20), f(10), f(20)
    assert [args for args, _ in asked.calls] == [(10,), (20,)]
    advance(15)
    assert not f.cache_contains(10) and f.cache_contains(20)
    f.cache_set(1000, 3)
    advance(900)
    assert f.cache_contains(3) and not f.cache_contains(20)


def test_the_ttl_runs_from_when_the_entry_is_kept(advance):
    def slow(x):
        advance(100)  # the computation takes long
        return [x]

    f = cache(ttl=10)(slow)
    value = f(1)
    assert f(1) is value
    advance(9)
    assert f(1) is value


# ---------------------------------------------------------------- what becomes of the expired


@each_strategy
def test_expired_entries_go_before_live_ones(strategy, advance):
    f = cache(max_size=4, strategy=strategy, ttl=lambda r: 10 if r < 0 else 1000)(lambda x: x)
    f(1), f(-1), f(2), f(-2)
    f(1), f(2), f(-1), f(-1), f(-1)
    advance(20)
    f(3), f(4)
    assert [x for x in (1, 2, 3, 4) if f.cache_contains(x)] == [1, 2, 3, 4]
    info = f.cache_info()
    assert (info.evictions, info.expirations, info.currsize) == (0, 2, 4)
    f(5)
    assert f.cache_info().evictions == 1


@each_strategy
def test_all_of_a_full_cache_expired(strategy, advance):
    f = cache(max_size=50, strategy=strategy, ttl=10)(lambda x: x)
    for x in range(50):
        f(x)
    advance(11)
    for x in range(100, 150):
        f(x)
    assert all(f.cache_contains(x) for x in range(100, 150))
    info = f.cache_info()
    assert (info.evictions, info.expirations, info.currsize) == (0, 50, 50)


@pytest.mark.memory_only("its objects cannot be pickled")
def test_an_expired_entry_is_given_back_when_it_is_looked_up(advance):
    class Value:
        died = 0

        def __del__(self):
            Value.died += 1

    f = cache(max_size=None, ttl=10)(lambda x: Value())
    f(1)
    advance(11)
    assert f.cache_info().expirations <= 1
    f.cache_contains(1)
    f(1)
    info = f.cache_info()
    assert (info.expirations, info.evictions, info.currsize) == (1, 0, 1)
    assert Value.died == 1


@pytest.mark.parametrize("max_size", [None, 1_000_000])
def test_a_sweep_on_inserts_keeps_the_size_near_what_lives(max_size, advance):
    f = cache(max_size=max_size, ttl=10)(lambda x: x)
    largest = 0
    for x in range(20_000):
        f(x)
        if x % 100 == 0:
            advance(1)  # some 1000 are alive at a time
            largest = max(largest, f.cache_info().currsize)
    assert largest <= 5_000
    info = f.cache_info()
    assert info.evictions == 0
    assert info.expirations + info.currsize == 20_000
    assert all(f.cache_contains(x) for x in range(19_200, 20_000))


def test_a_sweep_with_a_ttl_per_entry_and_some_that_never_expire(advance):
    f = cache(max_size=None, ttl=lambda r: None if r % 100 == 0 else 10)(lambda x: x)
    largest = 0
    for x in range(10_000):
        f(x)
        if x % 100 == 0:
            advance(1)
            largest = max(largest, f.cache_info().currsize)
    assert largest <= 5_000
    assert all(f.cache_contains(x) for x in range(0, 10_000, 100))


def test_expired_entries_do_not_pile_up_behind_a_long_lived_one(advance):
    """One entry that lives long, inserted first, must not hold up the sweep of the rest."""
    f = cache(max_size=None, ttl=lambda r: 10**8 if r == 0 else 10)(lambda x: x)
    for x in range(10_000):
        f(x)
        if x % 100 == 0:
            advance(1)
    assert f.cache_info().currsize <= 5_000
    assert f.cache_contains(0)


MEMORY = """
    import resource
    n = int(os.environ["INSERTIONS"])
    advance = warp_cache._warp_cache._advance_clock
    f = cache(max_size={max_size}, ttl=10, strategy="{strategy}")(lambda x: x + 0.5)
    def peak(): return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    def insert(first, last):
        for x in range(first, last):
            f(x)
            if x % 1000 == 0: advance(1)
    insert(0, n // 4)
    before = peak()
    insert(n // 4, n)
    grown = peak() - before
    if sys.platform == "darwin": grown //= 1024
    info = f.cache_info()
    assert info.misses == n, info
    assert info.currsize <= 50_000, info
    assert grown < 8_000, f"{{grown}} KiB more"
    """


@pytest.mark.parametrize("max_size", ["None", "10**9"])
def test_expiring_insertions_hold_flat_memory(max_size, advance):
    """10 million with WARP_CACHE_LONG=1; enough to see a leak of a few bytes each otherwise."""
    pytest.importorskip("resource", reason="no way to ask for the peak memory on this platform")
    n = 10_000_000 if os.environ.get("WARP_CACHE_LONG") else 300_000
    code = MEMORY.format(max_size=max_size, strategy="lru")
    run_python(code, timeout=600 if n > 10**6 else 120, INSERTIONS=str(n))


# ---------------------------------------------------------------- threads and tasks


def test_threads_while_the_clock_runs(advance):
    f = cache(max_size=32, ttl=5)(lambda x: x)

    def work():
        for i in range(2000):
            assert f(i % 50) == i % 50
            assert f.cache_info().currsize <= 32

    def tick():
        for _ in range(500):
            advance(1)

    in_threads(*[work] * 4, tick)


def test_expiry_during_a_computation(advance):
    gate = Gate()

    def body(x):
        if x == "slow":
            gate.pass_through()
        return [x]

    f = cache(ttl=10, single_flight=True)(body)
    slow = Background(f, "slow")
    gate.entered()
    advance(100)
    gate.open()
    value = slow.result()
    assert f("slow") is value, "what is kept now lives from now"


def test_async_expiry(advance):
    async def main():
        @cache(ttl=10)
        async def f(x):
            return [x]

        value = await f(1)
        advance(9)
        assert await f(1) is value
        advance(2)
        assert await f(1) is not value

    run_async(main)


@pytest.mark.memory_only("its objects cannot be pickled")
def test_del_of_an_expired_value_may_use_the_cache(advance):
    lock = threading.Lock()

    class Value:
        def __del__(self):
            with lock:
                f.cache_info()
                f.cache_contains(3)

    f = cache(max_size=4, ttl=10)(lambda x: Value())
    for x in range(100):
        f(x)
        if x % 5 == 0:
            advance(11)
    f.cache_clear()


@pytest.mark.parametrize("error", [KeyboardInterrupt, ZeroDivisionError, SystemExit])
def test_what_the_result_of_a_ttl_callable_raises_propagates(error):
    class Seconds:
        def __float__(self):
            raise error

    f = cache(ttl=lambda result: Seconds())(lambda x: x)
    with pytest.raises(error):
        f(1)
    assert not f.cache_contains(1)
