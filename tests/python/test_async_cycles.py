"""A wait that would close a cycle of computations computes instead of hanging."""

from __future__ import annotations

import asyncio
import contextvars
import random

import pytest
from support import run_async, settle

from warp_cache import cache

INSIDE = contextvars.ContextVar("inside", default=0)


def test_the_same_key_within_one_task():
    async def main():
        depth = 0

        @cache
        async def f(x):
            nonlocal depth
            depth += 1
            return depth if depth == 4 else await f(x)

        assert await f(1) == 4
        assert await f(1) == 4
        assert f.cache_info().currsize == 1

    run_async(main)


def test_two_functions_within_one_task():
    async def main():
        depth = 0

        @cache
        async def ping(x):
            return await pong(x)

        @cache
        async def pong(x):
            nonlocal depth
            depth += 1
            return "end" if depth == 3 else await ping(x)

        assert await ping(1) == "end"

    run_async(main)


@pytest.mark.parametrize("n", [2, 3, 6])
def test_between_tasks(n):
    """A ring of tasks, each computing what the one before it waits for."""

    async def main():
        all_inside = asyncio.Event()
        inside = 0

        async def body(i):
            nonlocal inside
            if INSIDE.get():
                return i  # the detour: computed because the wait would have closed the ring
            INSIDE.set(1)
            inside += 1
            if inside == n:
                all_inside.set()
            await all_inside.wait()
            await ring[(i + 1) % n]((i + 1) % n)
            return i

        ring = [cache(body) for _ in range(n)]
        tasks = [asyncio.create_task(ring[i](i)) for i in range(n)]
        assert await asyncio.gather(*tasks) == list(range(n))

    run_async(main)


def test_between_tasks_on_one_function():
    async def main():
        both_inside = asyncio.Event()
        inside = 0

        @cache
        async def f(x):
            nonlocal inside
            if INSIDE.get():
                return x
            INSIDE.set(1)
            inside += 1
            if inside == 2:
                both_inside.set()
            await both_inside.wait()
            await f("b" if x == "a" else "a")
            return x

        assert await asyncio.gather(f("a"), f("b")) == ["a", "b"]

    run_async(main)


SPAWNERS = {
    "create_task": lambda call: asyncio.create_task(call),
    "ensure_future": lambda call: asyncio.ensure_future(call),
    "gather": lambda call: asyncio.gather(call),
    "gather with another": lambda call: asyncio.gather(call, asyncio.sleep(0)),
    "wait_for": lambda call: asyncio.wait_for(call, 10),
    "shield": lambda call: asyncio.shield(call),
    "two tasks deep": lambda call: asyncio.create_task(in_a_task(call)),
}


async def in_a_task(call):
    return await asyncio.create_task(call)


@pytest.mark.parametrize("spawn", SPAWNERS.values(), ids=SPAWNERS)
def test_through_a_spawned_task(spawn):
    """The computation awaits a task of its own, and that task asks for the same key."""

    async def main():
        depth = 0

        @cache
        async def f(x):
            nonlocal depth
            depth += 1
            if depth < 3:
                await spawn(f(x))
            return "end"

        assert await f(1) == "end"
        assert depth == 3
        assert await f(1) == "end"

    run_async(main)


@pytest.mark.parametrize("spawn", SPAWNERS.values(), ids=SPAWNERS)
def test_through_another_function_in_a_spawned_task(spawn):
    async def main():
        depth = 0

        @cache
        async def f(x):
            nonlocal depth
            depth += 1
            if depth < 3:
                await spawn(g(x))
            return "end"

        @cache
        async def g(x):
            await asyncio.sleep(0)
            await spawn(f(x))
            return "end"

        await f(1)
        assert await g(1) == "end"

    run_async(main)


def test_through_a_task_group():
    if not hasattr(asyncio, "TaskGroup"):
        pytest.skip("asyncio.TaskGroup needs Python 3.11")

    async def main():
        depth = 0

        @cache
        async def f(x):
            nonlocal depth
            depth += 1
            if depth < 3:
                async with asyncio.TaskGroup() as group:
                    group.create_task(f(x))
                    group.create_task(f(x))
            return "end"

        assert await f(1) == "end"

    run_async(main)


def test_between_the_spawned_tasks_of_two_computations():
    """f waits for its task, which waits for g, which waits for its task, which asks for f."""

    async def main():
        inside = 0
        both = asyncio.Event()

        async def meet():
            nonlocal inside
            inside += 1
            if inside >= 2:
                both.set()
            await both.wait()

        @cache
        async def f(x):
            if INSIDE.get() < 1:
                INSIDE.set(1)
                await meet()
                await asyncio.create_task(g(x))
            return "f"

        @cache
        async def g(x):
            if INSIDE.get() < 1:
                INSIDE.set(1)
                await meet()
                await asyncio.create_task(f(x))
            return "g"

        assert await asyncio.gather(f(1), g(1)) == ["f", "g"]

    run_async(main)


def test_through_gathers_at_random():
    """Functions that gather each other at random, under many callers: whatever cycles arise."""

    async def main(seed):
        rng = random.Random(seed)
        callees = [[rng.randrange(8) for _ in range(2)] for _ in range(8)]

        async def body(i):
            depth = INSIDE.get()
            await asyncio.sleep(0)
            if depth < 4:
                INSIDE.set(depth + 1)
                if rng.random() < 0.5:
                    await asyncio.gather(*[net[j](j) for j in callees[i]])
                else:
                    for j in callees[i]:
                        await net[j](j)
            return i

        net = [cache(max_size=1)(body) for _ in range(8)]
        for _ in range(3):
            calls = [rng.randrange(8) for _ in range(6)]
            assert await asyncio.gather(*[net[i](i) for i in calls]) == calls
            for f in net:
                if rng.random() < 0.5:
                    f.cache_clear()

    for seed in range(8):
        run_async(lambda seed=seed: main(seed))


def test_a_cycle_among_plain_and_cached_coroutines_and_refresh():
    async def main():
        depth = 0

        @cache
        async def f(x):
            nonlocal depth
            depth += 1
            return depth if depth > 2 else await plain(x)

        async def plain(x):
            return await f.cache_refresh(x)

        assert await f(1) == 3
        assert f.cache_contains(1)

    run_async(main)


# ---------------------------------------------------------------- and no more than that


def test_siblings_of_one_computation_still_share():
    """Two tasks of one computation that ask for the same key close no cycle."""

    async def main():
        started = 0

        @cache
        async def part(x):
            nonlocal started
            started += 1
            await settle()
            return object()

        @cache
        async def whole(x):
            first, second, third = await asyncio.gather(part(x), part(x), part(x))
            return first is second is third

        assert await whole(1) is True
        assert started == 1
        assert part.cache_info().waits == 2

    run_async(main)


def test_a_diamond_shares():
    async def main():
        started = []

        async def body(name, *needs):
            started.append(name)
            await asyncio.sleep(0)
            return [name, await asyncio.gather(*[net[need](need) for need in needs])]

        graph = {"top": ["left", "right"], "left": ["bottom"], "right": ["bottom"], "bottom": []}
        net = {}
        for name, needs in graph.items():

            async def node(_, name=name, needs=needs):
                return await body(name, *needs)

            net[name] = cache(node)
        await asyncio.gather(net["top"]("top"), net["left"]("left"), net["right"]("right"))
        assert sorted(started) == ["bottom", "left", "right", "top"]

    run_async(main)


def test_a_long_chain_of_waits_is_no_cycle():
    async def main():
        started = 0
        gate = asyncio.Event()

        @cache(max_size=None)
        async def f(n):
            nonlocal started
            started += 1
            if n == 0:
                await gate.wait()
                return 0
            return await f(n - 1) + 1

        tasks = []
        for n in range(60):  # each waits for the one before it
            tasks.append(asyncio.create_task(f(n)))
            await asyncio.sleep(0)
        await settle()
        gate.set()
        assert await asyncio.gather(*tasks) == list(range(60))
        assert started == 60

    run_async(main)


def test_a_task_that_outlives_the_computation_that_spawned_it():
    """It runs in that computation's context, long after it ended: it computes and shares."""

    async def main():
        started = 0
        release = asyncio.Event()
        background = []

        @cache
        async def f(x):
            nonlocal started
            started += 1
            if x == 1 and not background:
                background.append(asyncio.create_task(later()))
            await asyncio.sleep(0)
            return [x]

        async def later():
            await release.wait()
            return await asyncio.gather(f(1), f(2), f(2))

        await f(1)
        f.cache_clear()
        release.set()
        one, two, also_two = await background[0]
        assert (one, two) == ([1], [2]) and also_two is two
        assert started == 3

    run_async(main)
