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

    __slots__ = ("began", "callers", "depth", "task", "waits_for")

    def __init__(self, began: Moment, within: _Flight | None) -> None:
        self.began = began
        self.callers = 0
        # How deep computations are nested, as their tasks have no stack in common.
        self.depth: int = within.depth + 1 if within else 1
        self.task: asyncio.Task[Any] | None = None
        # The flights that the computation, or a task that it spawned, waits for now.
        self.waits_for: list[_Flight] = []

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

#: The innermost computation that the running code is part of.
_inside: ContextVar[_Flight | None] = ContextVar("warp_cache_inside", default=None)


async def compute(call: Call) -> Any:
    """Await the function itself and keep what it returns."""
    kept = call.find()
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
        kept = call.find()
        if kept is not None:
            return kept[0]
        flight = flights.get(key)
        if flight is None or not call.unchanged_since(flight.began):
            call.count(misses=1)
            return await _lead(call, flights, key, inside)
        if inside is not None and flight.leads_to(inside):
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
        if not task.cancelled() and task.exception() is None:
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


async def _compute_and_keep(call: Call, began: Moment) -> Any:
    value = await _compute(call)
    call.keep(value, began, False)
    return value


async def _lead(
    call: Call, flights: dict[_FlightKey, _Flight], key: _FlightKey, inside: _Flight | None
) -> Any:
    flight = _Flight(call.now(), inside)
    if flight.depth > sys.getrecursionlimit():
        raise RecursionError("maximum recursion depth exceeded in cached coroutine functions")
    flights[key] = flight

    async def fly() -> Any:
        _inside.set(flight)
        try:
            return await _compute_and_keep(call, flight.began)
        finally:
            _forget(flights, key, flight)

    flight.task = asyncio.get_running_loop().create_task(fly())
    task = await _wait(flight, flights, key, inside)
    return task.result()


async def _wait(
    flight: _Flight,
    flights: dict[_FlightKey, _Flight],
    key: _FlightKey,
    inside: _Flight | None,
) -> asyncio.Task[Any]:
    """Wait for a flight to end, as one of its callers."""
    task = flight.task
    assert task is not None, "a flight is seen by others once its leader has waited"
    flight.callers += 1
    if inside is not None:
        inside.waits_for.append(flight)
    try:
        await asyncio.wait((task,))
    except asyncio.CancelledError:
        if flight.callers == 1 and not task.done():
            _forget(flights, key, flight)
            task.cancel()
            # The computation cleans up before its last caller goes, as when awaited plainly.
            await asyncio.wait((task,))
        raise
    finally:
        flight.callers -= 1
        if inside is not None:
            inside.waits_for.remove(flight)
    return task


def _forget(flights: dict[_FlightKey, _Flight], key: _FlightKey, flight: _Flight) -> None:
    if flights.get(key) is flight:
        del flights[key]


Coroutine.register(Ready)
