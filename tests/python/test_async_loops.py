"""Several event loops, in sequence and at once; and frameworks other than asyncio."""

from __future__ import annotations

import asyncio
import gc
import random
import sys
import threading
import warnings

import pytest
from support import Gate, in_threads, run_python

from warp_cache import cache, lru_cache


def test_loops_in_sequence():
    started = 0

    @cache
    async def f(x):
        nonlocal started
        started += 1
        await asyncio.sleep(0)
        return object()

    async def main():
        return await asyncio.gather(f(1), f(1), f(2))

    first, second = asyncio.run(main()), asyncio.run(main())
    assert first == second and started == 2


def test_a_loop_closed_in_the_middle_of_a_computation():
    """Its waiters and its computation are gone; the next loop computes."""
    gate = threading.Event()

    @cache
    async def f(x):
        while not gate.is_set():
            await asyncio.sleep(0)
        return [x]

    def abandon():
        loop = asyncio.new_event_loop()
        loop.set_exception_handler(lambda *_: None)  # "task was destroyed": so it was
        tasks = [loop.create_task(f(1)) for _ in range(2)]
        loop.run_until_complete(asyncio.sleep(0))
        loop.run_until_complete(asyncio.sleep(0))
        loop.close()
        return tasks

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        kept = abandon()
        gate.set()
        assert asyncio.run(asyncio.wait_for(f(1), 10)) == [1], "while its tasks are still there"
        f.cache_clear()
        gate.clear()
        abandon()
        gc.collect()
        gate.set()
        assert asyncio.run(asyncio.wait_for(f(1), 10)) == [1]
        del kept
        gc.collect()


def test_asyncio_run_that_cancels_what_is_left():
    async def leave_behind():
        task = asyncio.create_task(f(1))
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        return task

    hold = True

    @cache
    async def f(x):
        while hold:
            await asyncio.sleep(0)
        return [x]

    task = asyncio.run(leave_behind())
    assert task.cancelled()
    hold = False
    assert asyncio.run(f(1)) == [1]


def test_a_keyboard_interrupt_in_the_computation_ends_the_loop_and_no_more():
    interrupt = True

    @cache
    async def f(x):
        await asyncio.sleep(0)
        if interrupt:
            raise KeyboardInterrupt
        return [x]

    async def main():
        return await asyncio.gather(f(1), f(1))

    with pytest.raises(KeyboardInterrupt):
        asyncio.run(main())
    assert not f.cache_contains(1)
    interrupt = False
    assert asyncio.run(main()) == [[1], [1]]


@pytest.mark.parametrize("error", ["KeyboardInterrupt", "SystemExit(3)"])
@pytest.mark.parametrize("eager", [False, True])
@pytest.mark.parametrize("callers", [1, 3])
@pytest.mark.parametrize("run", ["asyncio.run(main())", "loop.run_until_complete(main())"])
def test_an_interrupt_in_the_computation_is_told_of_once(error, eager, callers, run):
    if eager and sys.version_info < (3, 12):
        pytest.skip("the event loop has no eager tasks")
    printed = run_python(
        f"""
        import contextlib, io

        @cache
        async def f(x):
            if not {eager}:
                await asyncio.sleep(0)
            raise {error}

        async def main():
            if {eager}:
                asyncio.get_running_loop().set_task_factory(asyncio.eager_task_factory)
            await asyncio.gather(*(f(1) for _ in range({callers})))

        said = io.StringIO()
        with contextlib.redirect_stderr(said):
            loop = asyncio.new_event_loop()
            try:
                {run}
            except (KeyboardInterrupt, SystemExit) as raised:
                print(type(raised).__name__)
            if {callers} == 1:
                gc.collect()
        print("Task exception" in said.getvalue(), f.cache_contains(1))
        """
    )
    assert printed.split() == [error.partition("(")[0], "False", "False"]


def test_loops_in_parallel_threads():
    """The same keys from four loops at once: right answers, and nothing attached elsewhere."""

    @cache(max_size=30)
    async def f(x):
        for _ in range(x % 4):
            await asyncio.sleep(0)
        return [x]

    def work(seed):
        rng = random.Random(seed)

        async def main():
            for _ in range(60):
                xs = [rng.randrange(40) for _ in range(6)]
                assert await asyncio.gather(*[f(x) for x in xs]) == [[x] for x in xs]
                if rng.random() < 0.1:
                    f.cache_clear()

        asyncio.run(main())

    in_threads(*[lambda s=s: work(s) for s in range(4)])


def test_a_computation_in_another_loop_is_no_reason_to_hang():
    """A leader sits in one loop; a call from another gets its value, then or by computing."""
    gate = Gate()
    release = threading.Event()
    leader_thread = []

    @cache
    async def f(x):
        if threading.current_thread() in leader_thread:
            gate._entered.set()
            while not release.is_set():
                await asyncio.sleep(0.001)
        return [x]

    def lead():
        leader_thread.append(threading.current_thread())
        return asyncio.run(f(1))

    def follow():
        gate.entered()

        async def main():
            call = asyncio.ensure_future(f(1))
            for _ in range(50):
                await asyncio.sleep(0)
            release.set()
            return await asyncio.wait_for(call, 10)

        return asyncio.run(main())

    assert in_threads(lead, follow) == [[1], [1]]
    assert f.cache_contains(1)


def test_waiters_in_two_loops_when_the_leader_raises_or_is_cancelled():
    for ending in ("raise", "cancel"):
        inside, follower_ready = threading.Event(), threading.Event()
        started = 0

        @cache
        async def f(x):
            nonlocal started
            started += 1
            if started == 1:
                inside.set()  # noqa: B023
                while not follower_ready.is_set():  # noqa: B023
                    await asyncio.sleep(0.001)
                if ending == "raise":  # noqa: B023
                    raise ValueError
                await asyncio.Event().wait()
            return [x]

        def lead():
            async def main():
                task = asyncio.create_task(f(1))  # noqa: B023
                while not follower_ready.is_set():  # noqa: B023
                    await asyncio.sleep(0.001)
                if ending == "cancel":  # noqa: B023
                    task.cancel()
                with pytest.raises((ValueError, asyncio.CancelledError)):
                    await task

            asyncio.run(main())

        def follow():
            assert inside.wait(10)  # noqa: B023

            async def main():
                calls = asyncio.gather(*[f(1) for _ in range(3)])  # noqa: B023
                for _ in range(20):
                    await asyncio.sleep(0)
                follower_ready.set()  # noqa: B023
                return await asyncio.wait_for(calls, 10)

            return asyncio.run(main())

        assert in_threads(lead, follow)[1] == [[1], [1], [1]]


def test_a_ring_across_loops():
    """Two loops, each computing what the other waits for."""
    together = threading.Barrier(2)

    def make(name, other):
        @cache
        async def f(x):
            if x == "outer":
                await asyncio.get_running_loop().run_in_executor(None, together.wait, 10)
                return [name, await functions[other]("inner")]
            return [name, x]

        return f

    functions = {"a": make("a", "b"), "b": make("b", "a")}
    results = in_threads(
        lambda: asyncio.run(asyncio.wait_for(functions["a"]("outer"), 10)),
        lambda: asyncio.run(asyncio.wait_for(functions["b"]("outer"), 10)),
    )
    assert results == [["a", ["b", "inner"]], ["b", ["a", "inner"]]]


def test_clear_from_another_thread_during_a_computation():
    inside, cleared = threading.Event(), threading.Event()

    @cache
    async def f(x):
        inside.set()
        while not cleared.is_set():
            await asyncio.sleep(0.001)
        return [x]

    def clear():
        assert inside.wait(10)
        f.cache_clear()
        cleared.set()

    assert in_threads(lambda: asyncio.run(f(1)), clear)[0] == [1]
    assert not f.cache_contains(1)


def test_an_awaitable_made_in_one_loop_and_awaited_in_another():
    @cache
    async def f(x):
        await asyncio.sleep(0)
        return [x]

    async def make():
        return [f(1), f(2)]

    calls = asyncio.run(make())

    async def use():
        return [await call for call in calls]

    assert asyncio.run(use()) == [[1], [2]]


def test_fork_during_an_async_computation():
    import os

    if not hasattr(os, "fork"):
        pytest.skip("this platform cannot fork")
    run_python("""
        import signal, warnings
        warnings.simplefilter("ignore")
        parent = os.getpid()
        inside, leave = threading.Event(), threading.Event()
        @cache
        async def f(x):
            if os.getpid() == parent:
                inside.set()
                while not leave.is_set(): await asyncio.sleep(0.001)
            return (os.getpid(), x)
        leader = threading.Thread(target=lambda: asyncio.run(f(1)))
        leader.start()
        inside.wait(10)
        pid = os.fork()
        if pid == 0:
            signal.alarm(15)
            ok = False
            try:
                ok = asyncio.run(asyncio.wait_for(f(1), 10)) == (os.getpid(), 1)
            finally:
                os._exit(0 if ok else 1)
        status = os.waitpid(pid, 0)[1]
        leave.set()
        leader.join()
        assert status == 0, status
        """)


# ---------------------------------------------------------------- trio and anyio


def test_no_framework_at_all():
    """Awaitables of one's own, driven by hand: an uncontended miss needs no event loop."""

    class Pause:
        def __await__(self):
            received = yield "paused"
            return received

    for decorate in (cache, lru_cache):

        @decorate
        async def f(x):
            return [x, await Pause()]

        call = f(1)
        assert call.send(None) == "paused"
        with pytest.raises(StopIteration) as done:
            call.send("resumed")
        assert done.value.value == [1, "resumed"]
        with pytest.raises(StopIteration) as done:
            f(1).send(None)
        assert done.value.value == [1, "resumed"]

        thrown = f(2)
        assert thrown.send(None) == "paused"
        with pytest.raises(ZeroDivisionError):
            thrown.throw(ZeroDivisionError())
        assert not f.cache_contains(2)


def test_trio():
    trio = pytest.importorskip("trio", reason="trio is not installed")

    @cache
    async def f(x):
        await trio.sleep(0)
        return [x]

    async def main():
        first = await f(1)
        assert await f(1) is first
        assert await f(2) == [2]
        with trio.move_on_after(10) as scope:
            assert await f(3) == [3]
        assert not scope.cancelled_caught
        with trio.move_on_after(0) as scope:
            await f(4)
        assert scope.cancelled_caught and not f.cache_contains(4)
        assert await f(4) == [4]

        async def visit(x):
            assert await f(x) == [x]

        async with trio.open_nursery() as nursery:
            for x in range(10, 20):
                nursery.start_soon(visit, x)
                nursery.start_soon(visit, 1)
        return first

    first = trio.run(main)
    assert first is trio.run(f, 1)


@pytest.mark.parametrize("backend", ["asyncio", "trio"])
def test_anyio(backend):
    anyio = pytest.importorskip("anyio", reason="anyio is not installed")
    if backend == "trio":
        pytest.importorskip("trio", reason="trio is not installed")

    @cache
    async def f(x):
        await anyio.sleep(0)
        return [x]

    async def main():
        first = await f(1)
        assert await f(1) is first
        with anyio.fail_after(10):
            assert await f(2) == [2]
        with anyio.move_on_after(0) as scope:
            await f(3)
        assert scope.cancelled_caught and not f.cache_contains(3)

        async def visit(x):
            assert await f(x) == [x]

        async with anyio.create_task_group() as group:
            for x in range(10, 20):
                group.start_soon(visit, x)
                group.start_soon(visit, 1)

    anyio.run(main, backend=backend)
    anyio.run(main, backend=backend)


def test_one_cache_under_asyncio_then_trio():
    trio = pytest.importorskip("trio", reason="trio is not installed")

    @cache
    async def f(x):
        return [x]

    first = asyncio.run(f(1))
    assert trio.run(f, 1) is first
    assert trio.run(f, 2) is asyncio.run(f(2))
