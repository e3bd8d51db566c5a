"""A free-threaded interpreter: the same cache asked by one thread, and by two at once.

What two threads do to one cache depends on what they write in common. The counter of references
of a fresh object is such a thing, and no cache can help that; small ints are immortal and have
none. Both are shown.
"""

from __future__ import annotations

import itertools
import random
import sys
import threading
import time
from collections.abc import Callable
from typing import Any

from bench import measure, targets
from bench.contenders import FUNCTOOLS, OURS, REFERENCE, Contender
from bench.measure import Effort, Runner
from bench.report import Progress, Row

CALLS = 4_096
# What shares nothing at all: where this does not scale, the machine is busy and no other figure
# means much.
CONTROL = "abs, no cache"
# A thread may take a millisecond to wake up: slices have to be long beside that.
THOROUGH = Effort(seconds=0.04, rounds=21)
QUICK = Effort(seconds=0.02, rounds=5)


def is_free_threaded() -> bool:
    enabled: Callable[[], bool] = getattr(sys, "_is_gil_enabled", lambda: True)
    return not enabled()


def immortal(x: int) -> int:
    return x & 127


def fresh(x: int) -> object:
    return object()


def filled(contender: Contender, size: int, body: Callable[[int], object]) -> Any:
    # As in a user's module: 3.13 counts references in another way to what is made in a function.
    scope: dict[str, Any] = {"decorate": contender.make(size, None), "body": body}
    exec("cached = decorate(body)", scope)
    cached = scope["cached"]
    for key in range(size):
        cached(key)
    return cached


class Party:
    """One function of a module, and as many threads as call it together."""

    def __init__(self, cached: Callable[[int], object], size: int) -> None:
        self.cached = cached
        self.size = size

    def asker(self, seed: int) -> Runner:
        """A loop with a code object and key objects of its own: threads share the cache only."""
        loop = measure.chunk_loop({"f": self.cached})
        keys = random.Random(seed).choices(range(self.size), k=CALLS)
        # A second int object of the same value, as small ints aside they are this thread's own.
        endless = itertools.cycle(measure.chunks_of([int(str(key)) for key in keys]))

        def run(turns: int) -> float:
            return float(loop(itertools.islice(endless, turns)))

        return run

    def together(self, threads: int) -> Runner:
        """Seconds for `turns` by each thread, divided by the threads: the aggregate cost."""
        askers = [self.asker(seed) for seed in range(threads)]

        def run(turns: int) -> float:
            start = threading.Barrier(threads)
            times: list[float] = []

            def work(asker: Runner) -> None:
                start.wait()
                began = time.perf_counter()
                asker(turns)
                times.extend((began, time.perf_counter()))

            workers = [threading.Thread(target=work, args=(asker,)) for asker in askers]
            for worker in workers:
                worker.start()
            for worker in workers:
                worker.join()
            # From the first start to the last end: threads that do not overlap gain nothing.
            return (max(times) - min(times)) / threads

        return run


def thread_rows(
    size: int, fresh_values: bool, effort: Effort, progress: Progress
) -> tuple[Row, Row]:
    """One thread against functools with one thread; and each one's two threads over its own one."""
    values = "fresh objects" if fresh_values else "immortal ints"
    label = f"{size:,} entries, {values}"
    runners: dict[str, Runner] = {}
    body = fresh if fresh_values else immortal
    functions = {c.name: filled(c, size, body) for c in [FUNCTOOLS, *OURS]}
    functions[CONTROL] = abs
    for name, function in functions.items():
        party = Party(function, size)
        for threads in (1, 2):
            runners[f"{name}/{threads}"] = party.together(threads)
    times = measure.alternate(runners, effort, progress.on(label))
    names = list(functions)
    alone: dict[str, Any] = {name: times[f"{name}/1"] for name in names}
    both = {name: times[f"{name}/2"] for name in names}
    first = Row(
        f"one thread: {label}",
        {name: alone[name].ratio(alone[REFERENCE]) for name in names},
        targets.ONE_THREAD,
        alone[REFERENCE].nanoseconds,
    )
    second = Row(
        f"two over one: {label}",
        {name: alone[name].ratio(both[name]) for name in names},
        targets.TWO_THREADS_OVER_ONE,
    )
    return first, second
