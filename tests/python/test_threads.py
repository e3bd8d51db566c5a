"""Threads at once, without single flight: right results and right numbers."""

from __future__ import annotations

import gc
import random
import sys
import threading

import pytest
from support import (
    each_strategy,
    in_threads,
)

from warp_cache import Strategy, cache, lru_cache

THREADS = 8


@pytest.fixture
def fast_switching():
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(before)


@each_strategy
def test_results_and_numbers(strategy, fast_switching):
    f = cache(max_size=50, strategy=strategy)(lambda x, y=0, *, z=0: (x, y, z))

    def work(seed):
        rng = random.Random(seed)
        for _ in range(500):
            x, y, z = rng.randrange(10), rng.randrange(3), rng.randrange(3)
            assert f(x, y, z=z) == (x, y, z)

    in_threads(*[lambda s=s: work(s) for s in range(THREADS)])
    info = f.cache_info()
    assert info.hits + info.misses == THREADS * 500
    assert info.misses >= info.currsize
    assert info.waits == 0


@pytest.mark.parametrize("decorate", [cache, lru_cache])
def test_all_at_once_on_one_key(decorate):
    """Without single flight each computes; the barrier inside proves that nobody waits."""
    together = threading.Barrier(THREADS)

    def body(x):
        together.wait(20)
        return object()

    f = decorate(body)
    results = in_threads(*[lambda: f(1)] * THREADS)
    info = f.cache_info()
    assert info == (0, THREADS, 128, 1)
    assert info.waits == 0
    assert f(1) in results


@each_strategy
def test_the_order_after_many_hits_in_parallel(strategy, fast_switching):
    """What threads note for themselves while they meet is counted, and known to the next one."""
    size, turns = 8, 3_000
    f = cache(max_size=size, strategy=strategy)(lambda x: x)
    for key in range(size):
        f(key)

    def work(seed):
        rng = random.Random(seed)
        for _ in range(turns):
            f(rng.randrange(size))

    for _ in range(3):
        in_threads(*[lambda s=s: work(s) for s in range(THREADS)])
    info = f.cache_info()
    assert (info.hits, info.misses) == (3 * THREADS * turns, size)
    order = random.Random(5).sample(range(size), size)
    for key in order:
        f(key)
    f("new")
    victims = {
        Strategy.LRU: order[0],
        Strategy.MRU: order[-1],
        Strategy.FIFO: 0,
        Strategy.SIEVE: 0,
        Strategy.CLOCK: 0,
    }
    if strategy in victims:
        victim = victims[strategy]
        assert [key for key in range(size) if not f.cache_contains(key)] == [victim]
    assert f.cache_info().currsize == size


def test_hits_in_parallel_with_clears(fast_switching):
    f = cache(max_size=100)(lambda x: [x])

    def work():
        for i in range(1500):
            assert f(i % 20) == [i % 20]

    def clear():
        for _ in range(300):
            f.cache_clear()
            f.cache_info()

    in_threads(*[work] * 6, clear, clear)


@pytest.mark.memory_only("its objects cannot be pickled")
def test_keys_that_need_comparing(fast_switching):
    class Key:
        def __init__(self, n):
            self.n = n

        def __hash__(self):
            return self.n % 4

        def __eq__(self, other):
            return isinstance(other, Key) and self.n == other.n

    f = cache(max_size=16)(lambda key: key.n)

    def work(seed):
        rng = random.Random(seed)
        for _ in range(300):
            n = rng.randrange(24)
            assert f(Key(n)) == n
            assert f.cache_info().currsize <= 16

    in_threads(*[lambda s=s: work(s) for s in range(THREADS)])


@pytest.mark.memory_only("its objects cannot be pickled")
def test_decorating_binding_and_collecting_in_parallel():
    def work():
        for i in range(60):

            class C:
                @cache(max_size=4)
                def m(self, x):
                    return self, x

            c = C()
            for x in range(6):
                assert c.m(x) == (c, x)  # noqa: B023
            c.m.cache_invalidate(5)
            assert repr(c.m)
            if i % 10 == 0:
                gc.collect()

    in_threads(*[work] * 4)
