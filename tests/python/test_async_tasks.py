"""Computations whose task cannot be made, or begins to run at once."""

from __future__ import annotations

import asyncio
import contextvars
import sys

import pytest
from support import run_async

from warp_cache import cache

needs_eager_tasks = pytest.mark.skipif(
    sys.version_info < (3, 12), reason="the event loop has no eager tasks"
)
needs_contexts = pytest.mark.skipif(sys.version_info < (3, 11), reason="a task takes no context")


@pytest.mark.parametrize("error", [RecursionError, RuntimeError, MemoryError])
def test_a_task_factory_that_raises_does_not_keep_the_function_from_computing(error):
    started = 0

    @cache
    async def f(x):
        nonlocal started
        started += 1
        await asyncio.sleep(0)
        return [x]

    def factory(loop, coroutine, **options):
        raise error("no task today")

    async def main():
        loop = asyncio.get_running_loop()
        loop.set_task_factory(factory)
        value = await f(1)
        loop.set_task_factory(None)
        assert value == [1] and await f(1) is value
        assert f.cache_info() == (1, 1, 128, 1)
        assert started == 1

    run_async(main)


def test_an_interrupt_while_the_task_is_made_goes_through_and_leaves_nothing_behind():
    @cache
    async def f(x):
        return [x]

    def factory(loop, coroutine, **options):
        coroutine.close()
        raise KeyboardInterrupt

    async def main():
        loop = asyncio.get_running_loop()
        loop.set_task_factory(factory)
        awaitable = f(1)
        with pytest.raises(KeyboardInterrupt):
            await awaitable
        loop.set_task_factory(None)
        assert await f(1) == [1]
        assert f.cache_info()[:2] == (0, 2)

    run_async(main)


@needs_eager_tasks
def test_a_factory_that_raises_after_an_eager_beginning():
    @cache
    async def f(x):
        return [x]

    async def main():
        loop = asyncio.get_running_loop()

        def factory(loop, coroutine, **options):
            asyncio.eager_task_factory(loop, coroutine, **options)
            raise RuntimeError("too late")

        loop.set_task_factory(factory)
        with pytest.raises(RuntimeError, match="too late"):
            await f(1)
        loop.set_task_factory(None)
        assert await f(1) == [1]

    run_async(main)


@needs_contexts
@pytest.mark.parametrize("eager", [False, pytest.param(True, marks=needs_eager_tasks)])
def test_a_task_of_the_same_call_in_a_context_of_its_own(eager):
    """Nothing tells such a task what it is part of; its computation does not wait for it."""
    children = []

    @cache
    async def f(x):
        if not children:
            coroutine = f(x)
            children.append(coroutine)
            context = contextvars.Context()
            children[0] = asyncio.get_running_loop().create_task(coroutine, context=context)
        await asyncio.sleep(0)
        return [x]

    async def main():
        if eager:
            asyncio.get_running_loop().set_task_factory(asyncio.eager_task_factory)
        value = await f(1)
        assert value == [1]
        assert await children[0] == [1]
        assert await f(1) is f.cache_get(1)
        info = f.cache_info()
        assert info.hits + info.misses == 3

    run_async(main)


@needs_eager_tasks
@pytest.mark.parametrize("pause", [False, True])
def test_eager_tasks_share_and_recur_as_others_do(pause):
    started = 0

    @cache(max_size=None)
    async def f(n):
        nonlocal started
        started += 1
        if pause:
            await asyncio.sleep(0)
        return 0 if n == 0 else 1 + await f(n - 1)

    async def main():
        asyncio.get_running_loop().set_task_factory(asyncio.eager_task_factory)
        assert await asyncio.gather(*(f(10) for _ in range(5))) == [10] * 5
        assert started == 11
        assert f.cache_info().errors == 0

    run_async(main)


def test_a_task_that_is_too_deep_in_the_stack():
    @cache
    async def f(x):
        return [x]

    async def main():
        loop = asyncio.get_running_loop()

        def make_task(loop, coroutine, **options):
            return descend(sys.getrecursionlimit(), coroutine)

        def descend(more, coroutine):
            if more == 0:
                return asyncio.Task(coroutine, loop=loop)
            return descend(more - 1, coroutine)

        loop.set_task_factory(make_task)
        assert await f(1) == [1]
        loop.set_task_factory(None)
        assert await f(1) == [1]
        assert f.cache_info()[:2] == (1, 1)

    run_async(main)
