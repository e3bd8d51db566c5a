"""Calls of coroutine functions that found no value: one computation for all who wait for it.

A hit never comes here. A computation runs in a task of its own, so that the cancellation of one
caller leaves it to the others; when the last caller is cancelled, so is the task.

Each loop has its own flights, and nobody waits for another loop's. A wait that would never end, as
the computation waited for is itself waiting for the one that the caller is part of, computes
instead: what each computation waits for is kept, and which computation a caller is part of stands
in a context variable, which tasks that a computation spawns inherit.
"""

from __future__ import annotations

import asyncio
import inspect
import sys
from collections.abc import Coroutine
from contextvars import ContextVar
from typing import Any
from weakref import WeakKeyDictionary

from warp_cache._warp_cache import CacheKey, Call, Moment, Ready

#: A cached function, and the key of a call of it.
_FlightKey = tuple[object, CacheKey]


class _Flight:
    """A computation under way."""

    __slots__ = (
        "began",
        "callers",
        "counted",
        "depth",
        "has_leader",
        "interrupt",
        "is_abandoned",
        "task",
        "waits_for",
    )

    def __init__(self, began: Moment, within: _Flight | None) -> None:
        self.began = began
        self.callers = 0
        # Whether the call that leads still waits for it.
        self.has_leader = True
        # The KeyboardInterrupt or SystemExit that ended it, for the leader to raise.
        self.interrupt: BaseException | None = None
        # Whether its last caller was cancelled.
        self.is_abandoned = False
        # Whether the call that leads is among the hits or misses.
        self.counted = False
        # How deep computations are nested, as their tasks have no stack in common.
        self.depth: int = within.depth + 1 if within else 1
        self.task: asyncio.Task[Any] | None = None
        # The flights that the computation, or a task that it spawned, waits for now.
        self.waits_for: list[_Flight] = []

    def count_leader(self, call: Call, *, hits: int = 0, misses: int = 0) -> None:
        """Count the call that leads, once: with a shared cache it turns out late what it is."""
        if not self.counted:
            self.counted = True
            call.count(hits=hits, misses=misses)

    def leads_to(self, other: _Flight) -> bool:
        """Whether this computation waits, over others perhaps, for the other."""
        seen: set[_Flight] = set()
        open_ends = [self]
        while open_ends:
            flight = open_ends.pop()
            if flight is other:
                return True
            if flight not in seen:
                seen.add(flight)
                open_ends.extend(flight.waits_for)
        return False


_flights: WeakKeyDictionary[asyncio.AbstractEventLoop, dict[_FlightKey, _Flight]]
_flights = WeakKeyDictionary()

#: How long a task that waits for another process sleeps between two looks, in seconds.
_SHORTEST_PAUSE, _LONGEST_PAUSE = 0.0002, 0.005

#: The innermost computation that the running code is part of.
_inside: ContextVar[_Flight | None] = ContextVar("warp_cache_inside", default=None)


async def compute(call: Call) -> Any:
    """Await the function itself and keep what it returns."""
    try:
        kept = call.find()
    except BaseException:
        call.count(misses=1)
        raise
    if kept is not None:
        return kept[0]
    call.count(misses=1)
    return await _compute_and_keep(call, call.now())


async def compute_once(call: Call) -> Any:
    """Await the computation under way for the call, or start one."""
    try:
        loop = asyncio.get_running_loop()
    except RuntimeError:
        # Another library's loop: nobody to wait with.
        return await compute(call)
    flights = _flights.get(loop)
    if flights is None:
        flights = _flights.setdefault(loop, {})
    inside = _inside.get()
    key = (call.function, call.key)
    waited = False
    while True:
        try:
            kept = call.find()
            flight = None if kept is not None else flights.get(key)
        except BaseException:
            # Arguments may raise when they are compared.
            call.count(misses=1)
            raise
        if kept is not None:
            return kept[0]
        if flight is None or not call.unchanged_since(flight.began):
            return await _lead(call, flights, key, inside)
        if flight.task is None or (inside is not None and flight.leads_to(inside)):
            # Without a task yet, the flight's eager first step is what made this very call.
            call.count(misses=1)
            return await _compute(call)
        if not waited:
            waited = True
            call.count(waits=1)
        try:
            task = await _wait(flight, flights, key, inside)
        except BaseException:
            call.count(misses=1)
            raise
        # A failure is its leader's to raise; the others try for themselves.
        if not task.cancelled() and task.exception() is None and flight.interrupt is None:
            call.count(hits=1)
            return task.result()


async def refresh(call: Call) -> Any:
    """Await the function itself and keep what it returns in the place of what is kept."""
    began = call.now()
    value = await call.compute()
    call.keep(value, began, True)
    return value


async def _compute(call: Call) -> Any:
    try:
        return await call.compute()
    except BaseException:
        call.count(errors=1)
        raise


async def _compute_and_keep(call: Call, began: Moment, flight: _Flight | None = None) -> Any:
    value = await _compute(call)
    if flight is None or not flight.is_abandoned:
        call.keep(value, began, False)
    return value


async def _compute_for_all(call: Call, flight: _Flight) -> Any:
    """As ``_compute_and_keep``, in one process at a time: the others wait, each with one task."""
    loop = asyncio.get_running_loop()
    give_up = loop.time() + call.flight_timeout
    pause = _SHORTEST_PAUSE
    with call.claim() as claim:
        waited = False
        while claim.follows and loop.time() < give_up:
            if not waited:
                waited = True
                call.count(waits=1)
            await asyncio.sleep(pause)
            pause = min(2 * pause, _LONGEST_PAUSE)
            claim.renew()
        # A process that had the claim before has kept its value by now.
        began = call.now()
        kept = call.look()
        if kept is not None:
            flight.count_leader(call, hits=1)
            return kept[0]
        flight.count_leader(call, misses=1)
        return await _compute_and_keep(call, began, flight)


async def _fly(call: Call, flight: _Flight) -> Any:
    if call.is_shared:
        return await _compute_for_all(call, flight)
    return await _compute_and_keep(call, flight.began, flight)


async def _lead(
    call: Call, flights: dict[_FlightKey, _Flight], key: _FlightKey, inside: _Flight | None
) -> Any:
    flight = _Flight(call.now(), inside)
    if flight.depth > sys.getrecursionlimit():
        flight.count_leader(call, misses=1)
        raise RecursionError("maximum recursion depth exceeded in cached coroutine functions")
    if not call.is_shared:
        flight.count_leader(call, misses=1)
    flights[key] = flight

    async def fly() -> Any:
        _inside.set(flight)
        try:
            return await _fly(call, flight)
        except (KeyboardInterrupt, SystemExit) as error:
            # A task that raises these ends the loop by itself. The caller's own does, as where
            # the function is awaited plainly, and this one is not reported besides.
            if not flight.has_leader:
                raise
            flight.interrupt = error
            return None
        finally:
            _forget(flights, key, flight)

    computation = fly()
    try:
        flight.task = asyncio.get_running_loop().create_task(computation)
    except BaseException as error:
        # A task factory may raise, and so may anything that is this deep in the stack.
        _forget(flights, key, flight)
        has_begun = inspect.getcoroutinestate(computation) != inspect.CORO_CREATED
        if has_begun or not isinstance(error, Exception):
            flight.count_leader(call, misses=1)
            raise
        computation.close()
    if flight.task is None:
        # The function itself needs no task.
        return await _fly(call, flight)
    try:
        task = await _wait(flight, flights, key, inside)
    except BaseException:
        flight.count_leader(call, misses=1)
        if flight.interrupt is not None:
            raise flight.interrupt from None
        raise
    finally:
        flight.has_leader = False
    if flight.interrupt is not None:
        raise flight.interrupt
    return task.result()


async def _wait(
    flight: _Flight,
    flights: dict[_FlightKey, _Flight],
    key: _FlightKey,
    inside: _Flight | None,
) -> asyncio.Task[Any]:
    """Wait for a flight to end, as one of its callers."""
    task = flight.task
    assert task is not None, "who finds a flight without a task does not wait for it"
    flight.callers += 1
    if inside is not None:
        inside.waits_for.append(flight)
    try:
        await asyncio.wait((task,))
    except asyncio.CancelledError:
        if task.done():
            _retrieve(task)
        elif flight.callers == 1:
            _forget(flights, key, flight)
            flight.is_abandoned = True
            task.add_done_callback(_retrieve)
            task.cancel()
            # The computation cleans up before its last caller goes, as when awaited plainly.
            await asyncio.wait((task,))
        raise
    finally:
        flight.callers -= 1
        if inside is not None:
            inside.waits_for.remove(flight)
    return task


def _retrieve(task: asyncio.Task[Any]) -> None:
    """Take note of a failure that no caller is left for, so that it is not reported as lost."""
    if not task.cancelled():
        task.exception()


def _forget(flights: dict[_FlightKey, _Flight], key: _FlightKey, flight: _Flight) -> None:
    if flights.get(key) is flight:
        del flights[key]


Coroutine.register(Ready)
