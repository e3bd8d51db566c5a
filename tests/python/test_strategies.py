"""Which entry goes, exactly, after any sequence of calls."""

from __future__ import annotations

import random

import pytest
from oracles import oracle_of
from support import each_strategy

from warp_cache import Strategy, _warp_cache, cache, lru_cache


def test_the_strategies_are_the_engines():
    assert [strategy.name for strategy in Strategy] == _warp_cache.strategies()
    assert [int(strategy) for strategy in Strategy] == list(range(len(Strategy)))


def kept(f, universe):
    return {x for x in universe if f.cache_contains(x)}


@each_strategy
@pytest.mark.parametrize("size", [1, 2, 3, 5, 8, 13])
@pytest.mark.parametrize("skewed", [False, True], ids=["uniform", "skewed"])
def test_random_calls(strategy, size, skewed):
    rng = random.Random(f"{strategy}{size}{skewed}")
    universe = range(2 * size + 2)
    f = cache(max_size=size, strategy=strategy)(lambda x: [x])
    oracle = oracle_of(f, strategy, size)
    hits = misses = evictions = 0
    for _ in range(1500 // size):
        x = min(rng.choice(universe), rng.choice(universe)) if skewed else rng.choice(universe)
        f(x)
        if x in oracle:
            hits += 1
            oracle.use(x)
        else:
            misses += 1
            evictions += len(oracle.insert(x))
        assert kept(f, universe) == set(oracle.count)
        info = f.cache_info()
        assert info == (hits, misses, size, len(oracle.count))
        assert info.evictions == evictions


@each_strategy
def test_random_operations(strategy):
    """Calls, sets, invalidations and refreshes, against the same oracle."""
    rng = random.Random(int(strategy))
    universe = range(10)
    f = cache(max_size=4, strategy=strategy)(lambda x: [x])
    oracle = oracle_of(f, strategy, 4)
    for _ in range(3000):
        x = rng.choice(universe)
        operation = rng.choice(["call"] * 6 + ["set", "invalidate", "refresh", "look", "clear"])
        if operation == "call":
            f(x)
            oracle.use(x) if x in oracle else oracle.insert(x)
        elif operation == "set":
            f.cache_set("set", x)
            oracle.use(x) if x in oracle else oracle.insert(x)
        elif operation == "invalidate":
            assert f.cache_invalidate(x) == (x in oracle)
            if x in oracle:
                oracle.remove(x)
        elif operation == "refresh":
            f.cache_refresh(x)
            if x not in oracle:
                oracle.insert(x)
        elif operation == "look":
            assert f.cache_contains(x) == (x in oracle)
        elif rng.random() < 0.1:
            f.cache_clear()
            oracle = oracle_of(f, strategy, 4)
        assert kept(f, universe) == set(oracle.count)


@each_strategy
def test_a_large_cache_against_the_oracle(strategy):
    """Large enough to be split, were it to be: the order of one thread stays exact where the
    documentation says so, and the bound always."""
    rng = random.Random(1)
    f = cache(max_size=64, strategy=strategy)(lambda x: x)
    oracle = oracle_of(f, strategy, 64)
    for _ in range(4000):
        x = int(rng.paretovariate(0.5)) % 300
        f(x)
        oracle.use(x) if x in oracle else oracle.insert(x)
    assert kept(f, range(300)) == set(oracle.count)


def test_lru_by_hand():
    f = cache(max_size=3, strategy=Strategy.LRU)(lambda x: x)
    for x in (1, 2, 3, 1, 4):
        f(x)
    assert kept(f, range(9)) == {1, 3, 4}


def test_mru_by_hand():
    f = cache(max_size=3, strategy="mru")(lambda x: x)
    for x in (1, 2, 3, 1, 4):
        f(x)
    assert kept(f, range(9)) == {2, 3, 4}


def test_fifo_by_hand():
    f = cache(max_size=3, strategy="FIFO")(lambda x: x)
    for x in (1, 2, 3, 1, 4):
        f(x)
    assert kept(f, range(9)) == {2, 3, 4}


def test_lfu_by_hand():
    f = cache(max_size=3, strategy=3)(lambda x: x)
    for x in (1, 1, 1, 2, 2, 3, 4):
        f(x)
    assert kept(f, range(9)) == {1, 2, 4}
    f(3)  # 4 and 3 had one use each: 4 goes, since 3 is new
    assert kept(f, range(9)) == {1, 2, 3}
    f(4), f(4), f(4), f(5)  # ties go to the least recently used
    assert kept(f, range(9)) == {1, 4, 5}


def test_lfu_forgets_at_eviction():
    f = cache(max_size=2, strategy="lfu")(lambda x: x)
    for x in (1, 1, 1, 2, 2, 2, 2, 3):
        f(x)
    assert kept(f, range(9)) == {2, 3}, "1 had three uses"
    f(1)
    assert kept(f, range(9)) == {2, 1}
    f(3)
    assert kept(f, range(9)) == {2, 3}, "1 came back with one use, not four"


def test_lru_cache_is_lru():
    import functools

    rng = random.Random(5)
    ours = lru_cache(maxsize=7)(lambda x: x)
    theirs = functools.lru_cache(maxsize=7)(lambda x: x)
    for _ in range(5000):
        x = int(rng.paretovariate(0.7)) % 20
        ours(x), theirs(x)
        assert ours.cache_info() == theirs.cache_info()


@each_strategy
def test_the_strategy_does_not_change_the_results(strategy):
    rng = random.Random(2)
    f = cache(max_size=10, strategy=strategy)(lambda x, y=0: (x, y))
    for _ in range(2000):
        x, y = rng.randrange(8), rng.randrange(4)
        assert f(x, y=y) == (x, y)


@each_strategy
def test_unbounded_never_evicts(strategy):
    f = cache(max_size=None, strategy=strategy)(lambda x: x)
    for x in range(2000):
        f(x), f(x // 2)
    assert f.cache_info() == (2000, 2000, None, 2000)
    assert f.cache_info().evictions == 0


@each_strategy
def test_eviction_stays_fast_at_size(strategy):
    """No assertion on time: at quadratic cost this would not end before the watchdog."""
    f = cache(max_size=50_000, strategy=strategy)(lambda x: x)
    for x in range(120_000):
        f(x)
    info = f.cache_info()
    assert info.currsize == 50_000 and info.evictions == 70_000
