"""How a figure is made: loops compiled per contender, turns in rotation, medians of ratios.

The calls are written out sixteen to a turn, so that the loop around them costs less than a
nanosecond per call and needs no subtracting, which would add the noise of a second measurement.
Every contender gets a code object of its own: the interpreter specializes call sites, and a
shared site would be specialized for whoever came first. The cached function is a global of that
code, as it is in a user's module.
"""

from __future__ import annotations

import gc
import statistics
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from itertools import repeat
from typing import Any

# Seconds for so many turns of a loop.
Runner = Callable[[int], float]

CALLS_PER_TURN = 16


@dataclass(frozen=True)
class Effort:
    """How long to measure: the length of one slice, and how many slices each contender gets."""

    seconds: float
    rounds: int


THOROUGH = Effort(seconds=0.003, rounds=61)
QUICK = Effort(seconds=0.001, rounds=11)


@dataclass(frozen=True)
class Times:
    """Seconds per call, one figure for each round."""

    per_round: tuple[float, ...]

    @property
    def nanoseconds(self) -> float:
        return statistics.median(self.per_round) * 1e9

    def ratio(self, reference: Times) -> float:
        """Each round against the same round of the reference: a busy second then meets both."""
        pairs = zip(self.per_round, reference.per_round, strict=True)
        return statistics.median(mine / theirs for mine, theirs in pairs)


def hit_loop(calls: Iterable[str], names: Mapping[str, Any], *, awaiting: bool = False) -> Any:
    """Compiles `loop(turns)`, which returns the seconds it took.

    `calls` are expressions over `names`. The arguments, all names that begin with `k`, become
    locals.
    """
    arguments = "".join(f", {name}={name}" for name in names if name.startswith("k"))
    prefix, awaited = ("async ", "await ") if awaiting else ("", "")
    lines = [
        f"{prefix}def loop(turns{arguments}):",
        "    started = clock()",
        "    for _ in repeat(None, turns):",
        *(f"        {awaited}{call}" for call in calls),
        "    return clock() - started",
    ]
    return compile_loop(lines, names)


def chunk_loop(names: Mapping[str, Any]) -> Any:
    """Compiles `loop(chunks)`, which calls `f` with every key of the chunks of `chunks_of`."""
    keys = [f"k{i}" for i in range(CALLS_PER_TURN)]
    lines = [
        "def loop(chunks):",
        "    started = clock()",
        f"    for {', '.join(keys)} in chunks:",
        *(f"        f({key})" for key in keys),
        "    return clock() - started",
    ]
    return compile_loop(lines, names)


def compile_loop(lines: list[str], names: Mapping[str, Any]) -> Any:
    scope: dict[str, Any] = {"clock": time.perf_counter, "repeat": repeat, **names}
    exec("\n".join(lines), scope)
    return scope["loop"]


def chunks_of(keys: list[Any]) -> list[tuple[Any, ...]]:
    """The keys in tuples of one turn each; what is left over at the end is dropped."""
    return list(zip(*[iter(keys)] * CALLS_PER_TURN, strict=False))


def calibrate(runner: Runner, seconds: float) -> int:
    """As many turns as take about this long."""
    turns = 1
    while True:
        took = runner(turns)
        if took >= seconds / 4 or turns > 1_000_000:
            return max(1, round(turns * seconds / max(took, 1e-9)))
        turns *= 4


def alternate(
    runners: Mapping[str, Runner],
    effort: Effort,
    progress: Callable[[float], None] = lambda share: None,
) -> dict[str, Times]:
    """Lets all runners take turns, each round beginning with another one."""
    turns = {name: calibrate(runner, effort.seconds) for name, runner in runners.items()}
    taken: dict[str, list[float]] = {name: [] for name in runners}
    names = list(runners)
    # As timeit does: a collection would land on whoever happens to run.
    was_enabled = gc.isenabled()
    gc.collect()
    gc.disable()
    try:
        for done in range(effort.rounds):
            first = done % len(names)
            for name in names[first:] + names[:first]:
                calls = turns[name] * CALLS_PER_TURN
                taken[name].append(runners[name](turns[name]) / calls)
            progress((done + 1) / effort.rounds)
    finally:
        if was_enabled:
            gc.enable()
    return {name: Times(tuple(values)) for name, values in taken.items()}
