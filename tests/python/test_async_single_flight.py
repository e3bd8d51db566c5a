"""Callers of one key share one computation; its exceptions are its leader's."""

from __future__ import annotations

import asyncio
import gc

import pytest
from support import Counted, run_async, settle

from warp_cache import cache, lru_cache


def test_waiters_share_one_computation():
    async def main():
        c = Counted()
        c.gate = asyncio.Event()
        tasks = [asyncio.create_task(c.f(1)) for _ in range(10)]
        other = asyncio.create_task(c.f(2))
        await settle()
        assert c.started == 2, "one for each key"
        assert not any(task.done() for task in tasks)
        c.gate.set()
        results = await asyncio.gather(*tasks)
        assert all(result is results[0] for result in results)
        await other
        assert c.started == 2
        info = c.f.cache_info()
        assert info.hits + info.misses == 11
        assert info.waits == 9
        assert await c.f(1) is results[0]

    run_async(main)


def test_single_flight_off_computes_each():
    async def main():
        for decorate in (cache(single_flight=False), lru_cache):
            started = 0
            gate = asyncio.Event()

            @decorate
            async def f(x):
                nonlocal started
                started += 1
                await gate.wait()  # noqa: B023
                return object()

            tasks = [asyncio.create_task(f(1)) for _ in range(5)]
            await settle()
            assert started == 5
            gate.set()
            await asyncio.gather(*tasks)
            assert f.cache_info()[:2] == (0, 5)
            assert f.cache_info().waits == 0
            assert await f(1) in [task.result() for task in tasks]

    run_async(main)


def test_what_is_not_kept_is_shared_all_the_same_or_computed_again():
    async def main():
        for options in ({"cache_if": lambda r: False}, {"max_size": 0}, {"ttl": lambda r: 0}):
            c = Counted(**options)
            c.gate = asyncio.Event()
            tasks = [asyncio.create_task(c.f(1)) for _ in range(4)]
            await settle()
            c.gate.set()
            assert await asyncio.gather(*tasks) == [[1, 0]] * 4
            assert not c.f.cache_contains(1)
            assert c.f.cache_info().currsize == 0

    run_async(main)


@pytest.mark.parametrize("kind", [ValueError, asyncio.TimeoutError, BaseException])
def test_a_raising_leader_keeps_its_exception(kind):
    async def main():
        gate = asyncio.Event()
        started = 0

        @cache
        async def f(x):
            nonlocal started
            started += 1
            if started == 1:
                await gate.wait()
                raise kind("the leader's")
            await asyncio.sleep(0)
            return "fine"

        leader = asyncio.create_task(f(1))
        await settle()
        followers = [asyncio.create_task(f(1)) for _ in range(5)]
        await settle()
        gate.set()
        with pytest.raises(kind, match="the leader's"):
            await leader
        assert await asyncio.gather(*followers) == ["fine"] * 5
        assert started == 2, "one of the followers computed, the rest shared that"
        assert f.cache_info().errors == 1

    run_async(main)


def test_when_every_computation_raises_each_gets_its_own():
    async def main():
        started = 0

        @cache
        async def f(x):
            nonlocal started
            started += 1
            number = started
            await asyncio.sleep(0)
            raise ValueError(number)

        errors = await asyncio.gather(*[f(1) for _ in range(5)], return_exceptions=True)
        assert sorted(error.args[0] for error in errors) == [1, 2, 3, 4, 5]
        assert f.cache_info()[:2] == (0, 5)
        assert f.cache_info().errors == 5

    run_async(main)


def test_nothing_is_reported_as_never_retrieved():
    """A loop complains of exceptions that nobody fetched; ours are always fetched."""

    async def main():
        @cache
        async def f(x):
            await asyncio.sleep(0)
            raise ValueError

        with pytest.raises(ValueError):
            await f(1)
        await asyncio.gather(*[f(2) for _ in range(3)], return_exceptions=True)
        task = asyncio.create_task(f(3))
        await asyncio.sleep(0)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        del task
        await settle()
        gc.collect()
        await settle()

    run_async(main)  # fails if the loop's exception handler was called


def test_computations_do_not_hold_up_the_loop_or_each_other():
    async def main():
        c = Counted()
        c.gate = asyncio.Event()
        waiting = asyncio.create_task(c.f("slow"))
        await settle()
        c.f.cache_set("fast", "other")
        assert await c.f("other") == "fast"
        c.gate.set()
        assert await waiting == ["slow", 0]

    run_async(main)
