"""``max_size=0`` keeps nothing; everything else works as ever."""

from __future__ import annotations

import asyncio

import pytest
from support import Background, Gate, eventually, run_async, settle

from warp_cache import cache, lru_cache


def test_threads_share_one_computation():
    gate = Gate()
    calls = 0

    @cache(max_size=0, single_flight=True)
    def f(x):
        nonlocal calls
        calls += 1
        gate.pass_through()
        return [x]

    leader = Background(f, 1)
    gate.entered()
    followers = [Background(f, 1) for _ in range(3)]
    assert eventually(lambda: f.cache_info().waits == 3)
    gate.open()
    value = leader.result()
    assert all(follower.result() is value for follower in followers)
    assert calls == 1
    info = f.cache_info()
    assert (info, info.waits) == ((3, 1, 0, 0), 3)
    assert f(1) is not value and f.cache_info() == (3, 2, 0, 0)
    assert not f.cache_contains(1)


@pytest.mark.parametrize("single_flight", [False, True])
def test_coroutines_share_where_they_are_asked_to(single_flight):
    started = 0

    @cache(max_size=0, single_flight=single_flight)
    async def f(x):
        nonlocal started
        started += 1
        await asyncio.sleep(0)
        if x < 0:
            raise ZeroDivisionError
        return [x]

    async def main():
        values = await asyncio.gather(f(1), f(1), f(1))
        assert values == [[1]] * 3
        assert started == (1 if single_flight else 3)
        with pytest.raises(ZeroDivisionError):
            await f(-1)
        await settle()
        info = f.cache_info()
        assert info.errors == 1 and info.hits + info.misses == 4
        assert info.waits == info.hits == (2 if single_flight else 0)
        assert info.currsize == 0 and not f.cache_contains(1)

    run_async(main)


@pytest.mark.parametrize("single_flight", [False, True])
def test_key_is_called_and_may_raise(single_flight):
    seen = []

    def key(x):
        seen.append(x)
        return 10 // x

    @cache(max_size=0, key=key, single_flight=single_flight)
    def f(x):
        return [x]

    assert f(1) == [1] and seen == [1]
    with pytest.raises(ZeroDivisionError):
        f(0)


@pytest.mark.parametrize("decorate", [cache(max_size=0), lru_cache(maxsize=0)])
def test_arguments_need_no_hash_where_calls_have_nothing_in_common(decorate):
    @decorate
    def f(x):
        return 1 // len(x)

    assert f([1]) == 1
    with pytest.raises(ZeroDivisionError):
        f([])
    assert f.cache_info() == (0, 2, 0, 0) and f.cache_info().errors == 1
