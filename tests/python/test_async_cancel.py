"""Cancelling a waiter cancels nothing else; cancelling the last one cancels the computation."""

from __future__ import annotations

import asyncio
import gc

import pytest
from support import run_async, settle

from warp_cache import cache


class Work:
    """A computation at a gate, which says what became of it."""

    def __init__(self, **options):
        self.gate = asyncio.Event()
        self.started = self.finished = self.cancelled = 0

        @cache(**options)
        async def f(x):
            self.started += 1
            try:
                await self.gate.wait()
            except asyncio.CancelledError:
                self.cancelled += 1
                raise
            self.finished += 1
            return [x]

        self.f = f

    async def tasks(self, n):
        tasks = [asyncio.create_task(self.f(1)) for _ in range(n)]
        await settle()
        return tasks

    @property
    def counts(self):
        return self.started, self.finished, self.cancelled


async def cancel(task):
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


def test_a_cancelled_follower_cancels_nothing_else():
    async def main():
        work = Work()
        leader, follower, other = await work.tasks(3)
        await cancel(follower)
        await settle()
        assert not leader.done() and not other.done()
        work.gate.set()
        assert await leader is await other
        assert work.counts == (1, 1, 0)
        assert work.f.cache_contains(1)

    run_async(main)


def test_a_cancelled_leader_leaves_the_computation_to_its_followers():
    async def main():
        work = Work()
        leader, first, second = await work.tasks(3)
        await cancel(leader)
        await settle()
        assert not first.done() and not second.done()
        work.gate.set()
        assert await first is await second
        assert work.counts == (1, 1, 0), "the same computation went on"
        assert work.f.cache_contains(1)

    run_async(main)


def test_all_but_one_cancelled_in_any_order():
    async def main():
        for survivor in range(4):
            work = Work()
            tasks = await work.tasks(4)
            for i, task in enumerate(tasks):
                if i != survivor:
                    await cancel(task)
            await settle()
            work.gate.set()
            assert await tasks[survivor] == [1]
            assert work.counts == (1, 1, 0)

    run_async(main)


@pytest.mark.parametrize("n", [1, 2, 5])
@pytest.mark.parametrize("backwards", [False, True])
def test_the_last_one_cancelled_cancels_the_computation(n, backwards):
    async def main():
        work = Work()
        tasks = await work.tasks(n)
        for task in reversed(tasks) if backwards else tasks:
            assert work.cancelled == 0
            await cancel(task)
        await settle()
        assert work.counts == (1, 0, 1)
        assert not work.f.cache_contains(1)
        work.gate.set()
        assert await asyncio.wait_for(work.f(1), 10) == [1], "the next call computes"
        assert work.counts == (2, 1, 1)

    run_async(main)


def test_all_cancelled_at_once():
    async def main():
        work = Work()
        tasks = await work.tasks(5)
        for task in tasks:
            task.cancel()
        results = await asyncio.gather(*tasks, return_exceptions=True)
        assert all(isinstance(result, asyncio.CancelledError) for result in results)
        await settle()
        assert work.counts == (1, 0, 1)
        assert work.f.cache_info().currsize == 0

    run_async(main)


def test_wait_for_then_retry():
    async def main():
        work = Work()
        for attempt in range(1, 4):
            with pytest.raises(asyncio.TimeoutError):
                await asyncio.wait_for(work.f(1), 0.01)
            await settle()
            assert work.counts == (attempt, 0, attempt)
        work.gate.set()
        assert await asyncio.wait_for(work.f(1), 10) == [1]
        assert work.f.cache_contains(1)

    run_async(main)


def test_wait_for_beside_a_patient_waiter():
    async def main():
        work = Work()
        (patient,) = await work.tasks(1)
        for _ in range(3):
            with pytest.raises(asyncio.TimeoutError):
                await asyncio.wait_for(work.f(1), 0.01)
        work.gate.set()
        assert await patient == [1]
        assert work.counts == (1, 1, 0)

    run_async(main)


def test_cancelled_before_it_began():
    async def main():
        work = Work()
        task = asyncio.create_task(work.f(1))
        await cancel(task)
        await settle()
        assert work.started == work.cancelled
        work.gate.set()
        assert await asyncio.wait_for(work.f(1), 10) == [1]

    run_async(main)


def test_cancelled_in_the_very_turn_in_which_the_result_comes():
    async def main():
        for victim in range(3):
            work = Work()
            tasks = await work.tasks(3)
            work.gate.set()
            tasks[victim].cancel()
            results = await asyncio.gather(*tasks, return_exceptions=True)
            for i, result in enumerate(results):
                if i != victim:
                    assert result == [1]
            assert work.counts == (1, 1, 0)
            assert await work.f(1) == [1]

    run_async(main)


def test_a_call_while_a_cancelled_computation_cleans_up_does_not_join_it():
    async def main():
        cleanup = asyncio.Event()
        started = 0

        @cache
        async def f(x):
            nonlocal started
            started += 1
            number = started
            try:
                if number == 1:
                    await asyncio.Event().wait()
            finally:
                if number == 1:
                    await cleanup.wait()
            return number

        first = asyncio.create_task(f(1))
        await settle()
        first.cancel()
        await settle()
        second = asyncio.create_task(f(1))
        await settle()
        cleanup.set()
        assert await asyncio.wait_for(second, 10) == 2
        with pytest.raises(asyncio.CancelledError):
            await first
        assert await f(1) == 2

    run_async(main)


def test_a_computation_that_will_not_be_cancelled():
    """It swallows the cancellation and returns all the same: nothing hangs."""

    async def main():
        @cache
        async def f(x):
            try:
                await asyncio.Event().wait()
            except asyncio.CancelledError:
                await asyncio.sleep(0)
            return "stubborn"

        task = asyncio.create_task(f(1))
        await settle()
        task.cancel()
        await asyncio.wait([task], timeout=10)
        assert task.done()
        await settle()
        again = asyncio.create_task(f(1))
        await settle()
        again.cancel()
        await asyncio.wait([again], timeout=10)
        assert again.done()

    run_async(main)


def test_a_computation_that_is_cancelled_from_inside_is_a_raising_leader():
    """Something that it awaited was cancelled; its followers were not, and compute."""

    async def main():
        started = 0
        inner = asyncio.get_running_loop().create_future()

        @cache
        async def f(x):
            nonlocal started
            started += 1
            if started == 1:
                await inner
            return "fine"

        leader = asyncio.create_task(f(1))
        await settle()
        followers = [asyncio.create_task(f(1)) for _ in range(3)]
        await settle()
        inner.cancel()
        with pytest.raises(asyncio.CancelledError):
            await leader
        assert await asyncio.gather(*followers) == ["fine"] * 3
        assert started == 2

    run_async(main)


def test_followers_of_a_cancelled_gather():
    async def main():
        work = Work()
        group = asyncio.gather(work.f(1), work.f(1), work.f(2))
        await settle()
        (patient,) = await work.tasks(1)
        group.cancel()
        with pytest.raises(asyncio.CancelledError):
            await group
        await settle()
        assert (work.started, work.cancelled) == (2, 1), "nobody is left for key 2"
        work.gate.set()
        assert await patient == [1]

    run_async(main)


def test_cancellation_reaches_nested_computations():
    async def main():
        work = Work()

        @cache
        async def outer(x):
            return await work.f(x)

        tasks = [asyncio.create_task(outer(1)) for _ in range(2)]
        await settle()
        await cancel(tasks[0])
        assert work.cancelled == 0
        await cancel(tasks[1])
        await settle()
        assert work.counts == (1, 0, 1)
        work.gate.set()
        assert await outer(1) == [1]

    run_async(main)


def test_without_single_flight_each_cancels_its_own():
    async def main():
        work = Work(single_flight=False)
        first, second = await work.tasks(2)
        await cancel(first)
        await settle()
        assert work.counts == (2, 0, 1)
        work.gate.set()
        assert await second == [1]
        assert work.f.cache_contains(1)

    run_async(main)


def test_the_message_of_a_cancellation_passes_through():
    async def main():
        work = Work()
        (task,) = await work.tasks(1)
        task.cancel("because")
        with pytest.raises(asyncio.CancelledError):
            await task
        assert task.cancelled()

    run_async(main)


def test_an_awaitable_thrown_away_half_way():
    """Driven by hand up to its first wait, then dropped: the next call computes."""

    async def main():
        work = Work()
        call = work.f(1)
        call.send(None)
        call.close()
        del call
        gc.collect()
        await settle()
        work.gate.set()
        assert await asyncio.wait_for(work.f(1), 10) == [1]

    run_async(main)


def test_a_refresh_that_is_cancelled_leaves_the_old_entry():
    async def main():
        work = Work()
        work.f.cache_set("old", 1)
        task = asyncio.ensure_future(work.f.cache_refresh(1))
        await settle()
        await cancel(task)
        assert await work.f(1) == "old"

    run_async(main)


def test_random_cancellations():
    """Whoever is cancelled whenever: survivors get the value, and no call ever hangs."""
    import random

    async def main():
        rng = random.Random(3)
        for _ in range(60):
            work = Work(max_size=4)
            tasks = []
            for _ in range(rng.randrange(1, 8)):
                tasks.append(asyncio.create_task(work.f(rng.randrange(2))))
                if rng.random() < 0.5:
                    await asyncio.sleep(0)
            doomed = set()
            for _ in range(rng.randrange(8)):
                i = rng.randrange(len(tasks))
                tasks[i].cancel()
                doomed.add(i)
                if rng.random() < 0.5:
                    await asyncio.sleep(0)
            work.gate.set()
            results = await asyncio.gather(*tasks, return_exceptions=True)
            for i, result in enumerate(results):
                if i not in doomed:
                    assert result in ([0], [1])
                else:
                    assert isinstance(result, (asyncio.CancelledError, list))
            await settle(3)
            assert work.started == work.finished + work.cancelled

    run_async(main)


# ---------------------------------------------------------------- abandoned computations


def test_what_an_abandoned_computation_returns_is_not_kept():
    async def main():
        gate = asyncio.Event()
        started = 0

        @cache
        async def f(x):
            nonlocal started
            started += 1
            try:
                await gate.wait()
            except asyncio.CancelledError:
                return "stubborn"
            return "patient"

        for _ in range(2):
            tasks = [asyncio.create_task(f(1)) for _ in range(2)]
            await settle()
            for task in tasks:
                await cancel(task)
            await settle()
            assert not f.cache_contains(1)
        gate.set()
        assert await f(1) == "patient" and started == 3

    run_async(main)


def test_an_abandoned_computation_that_is_not_done_yet_is_not_kept_over_a_newer_one():
    async def main():
        cleanup = asyncio.Event()
        started = 0

        @cache
        async def f(x):
            nonlocal started
            started += 1
            number = started
            if number == 1:
                try:
                    await asyncio.Event().wait()
                except asyncio.CancelledError:
                    await cleanup.wait()
            return number

        first = asyncio.create_task(f(1))
        await settle()
        first.cancel()
        await settle()
        cleanup.set()
        await settle()
        assert first.cancelled() and not f.cache_contains(1)
        assert await f(1) == 2

    run_async(main)


@pytest.mark.parametrize("twice", [False, True])
def test_an_abandoned_computation_that_raises_when_it_cleans_up_is_not_reported(twice):
    """`run_async` fails if the loop reports anything."""

    async def main():
        @cache
        async def f(x):
            try:
                await asyncio.Event().wait()
            finally:
                await asyncio.sleep(0)
                raise ZeroDivisionError

        task = asyncio.create_task(f(1))
        await settle()
        task.cancel()
        if twice:
            await asyncio.sleep(0)
            task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        await settle()
        assert f.cache_info().errors == 1
        del task
        gc.collect()
        await settle()

    run_async(main)


def test_cancelled_in_the_very_turn_in_which_it_raises():
    async def main():
        gate = asyncio.get_running_loop().create_future()

        @cache
        async def f(x):
            await gate
            raise ZeroDivisionError

        task = asyncio.create_task(f(1))
        await settle()
        gate.set_result(None)
        for _ in range(2):
            await asyncio.sleep(0)
        task.cancel()
        with pytest.raises((asyncio.CancelledError, ZeroDivisionError)):
            await task
        del task
        gc.collect()
        await settle()

    run_async(main)
