"""Never more than max_size entries, never fewer than fit, and nothing set aside in advance."""

from __future__ import annotations

import random

import pytest
from support import each_strategy, in_threads, run_python

from warp_cache import cache, lru_cache

THREADS = 8


@each_strategy
@pytest.mark.parametrize("size", [1, 2, 3, 7, 100, 127, 128, 129, 1000, 1024, 5000])
def test_a_cache_of_n_holds_n(strategy, size):
    f = cache(max_size=size, strategy=strategy)(lambda x: x)
    for x in range(size):
        f(x)
    info = f.cache_info()
    assert (info.currsize, info.evictions) == (size, 0), "nothing goes while there is room"
    assert [f(x) for x in range(size)] == list(range(size))
    assert f.cache_info().hits == size
    for x in range(size, size + 50):
        f(x)
        assert f.cache_info().currsize == size
    assert f.cache_info().evictions == 50


@pytest.mark.parametrize("size", [20_000, 100_000])
def test_a_large_cache_of_n_holds_n_whatever_the_keys(size):
    """However keys fall into shards, all of them fit."""
    for keys in (range(size), [f"key {i}" for i in range(size)], range(0, size << 20, 1 << 20)):
        f = cache(max_size=size)(lambda x: x)
        for x in keys:
            f(x)
        info = f.cache_info()
        assert (info.currsize, info.evictions, info.misses) == (size, 0, size)
        f("one more")
        assert f.cache_info().currsize == size


@pytest.mark.memory_only("its objects cannot be pickled")
def test_keys_of_one_hash_fill_a_large_cache():
    """All keys in one shard, were there shards: the rest of the room is still theirs."""

    class Same:
        def __hash__(self):
            return 42

    f = cache(max_size=300)(lambda x: 1)
    keys = [Same() for _ in range(300)]
    for key in keys:
        f(key)
    info = f.cache_info()
    assert (info.currsize, info.evictions) == (300, 0)
    assert all(f.cache_contains(key) for key in keys)


@pytest.mark.parametrize("size", [10**12, 2**31, 2**40, 10**15])
def test_nothing_is_allocated_in_advance(size):
    """Under a limit on address space that any table in proportion to max_size would break."""
    pytest.importorskip("resource", reason="no limits on this platform")
    run_python(f"""
        import resource
        if sys.platform == "linux":
            used = int(open("/proc/self/statm").read().split()[0]) * resource.getpagesize()
            resource.setrlimit(resource.RLIMIT_AS, (used + (512 << 20),) * 2)
        caches = [cache(max_size={size}, strategy=s)(lambda x: x) for s in Strategy] * 3
        caches += [cache(max_size={size}, ttl=5)(lambda x: x), lru_cache({size})(lambda x: x)]
        for f in caches:
            assert [f(x % 50) for x in range(100)] == [x % 50 for x in range(100)]
            assert f.cache_info().maxsize == {size}
        """)


def test_many_caches_are_cheap():
    """A cache per closure or instance is common; each costs little until it is used."""
    pytest.importorskip("resource", reason="no way to ask for the peak memory on this platform")
    run_python("""
        import resource
        def peak(): return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        def body(x): return x
        caches = [cache(max_size=100_000)(body) for _ in range(100)]
        before = peak()
        caches += [cache(max_size=100_000)(body) for _ in range(2000)]
        grown = (peak() - before) // (1024 if sys.platform == "darwin" else 1)
        assert grown < 64_000, f"{grown} KiB for 2000 empty caches"
        """)


# ---------------------------------------------------------------- under threads


@each_strategy
@pytest.mark.parametrize("size", [1, 10, 100])
def test_eight_threads_never_see_too_many(strategy, size):
    f = cache(max_size=size, strategy=strategy)(lambda x: x)

    def hammer(seed):
        rng = random.Random(seed)
        for _ in range(600):
            x = rng.randrange(3 * size)
            assert f(x) == x
            assert f.cache_info().currsize <= size
        return 600

    calls = sum(in_threads(*[lambda s=s: hammer(s) for s in range(THREADS)]))
    info = f.cache_info()
    assert info.hits + info.misses == calls
    assert info.currsize <= size


@pytest.mark.parametrize("decorate", [cache, lru_cache])
@pytest.mark.parametrize("size", [4096, 50_000])
def test_eight_threads_on_a_large_cache(decorate, size):
    """Where a cache is split into shards, the bound stays one number."""
    f = decorate(max_size=size)(lambda x: x)

    def fill(seed):
        for x in range(seed, size + 400, THREADS):
            f(x)
            if x % 50 == seed:
                assert f.cache_info().currsize <= size

    in_threads(*[lambda s=s: fill(s) for s in range(THREADS)])
    info = f.cache_info()
    assert (info.currsize, info.misses) == (size, size + 400)
    assert info.evictions == 400


@each_strategy
def test_nothing_is_evicted_while_there_is_room_under_threads(strategy):
    size = 8000
    f = cache(max_size=size, strategy=strategy)(lambda x: x)
    in_threads(*[lambda s=s: [f(x) for x in range(s, size, THREADS)] for s in range(THREADS)])
    info = f.cache_info()
    assert (info.currsize, info.evictions) == (size, 0)
    assert all(f.cache_contains(x) for x in range(size))


@each_strategy
def test_eight_threads_doing_everything(strategy):
    size = 16
    f = cache(max_size=size, strategy=strategy, ttl=1000)(lambda x: x)

    def hammer(seed):
        rng = random.Random(seed)
        for i in range(400):
            x = rng.randrange(40)
            rng.choice([f, f, f, f.cache_refresh, f.cache_invalidate, f.cache_contains])(x)
            f.cache_set(x, x)
            if i % 50 == seed:
                f.cache_clear()
            assert f.cache_info().currsize <= size

    in_threads(*[lambda s=s: hammer(s) for s in range(THREADS)])
    f.cache_clear()
    assert f.cache_info() == (0, 0, size, 0)
