"""What recording costs a hit: recorded to memory and to a file, over the same hit unrecorded."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

from bench import hits, measure, targets
from bench.contenders import EVERYONE, Contender
from bench.measure import Effort, Runner, Times
from bench.report import Progress, Row

#: What each of ours is measured with: nothing, and the arguments of `cache_record`.
MEDIA = {"memory": (), "a file": ("calls.rec",)}
SHAPES = [shape for shape in hits.SHAPES if shape.label in ("hit: int", "hit: str")]


def times_of(
    shape: hits.Shape, contender: Contender, effort: Effort, progress: Progress
) -> dict[str, Times]:
    """The times of a hit by where it is recorded to; "" is nowhere. The recordings are under way
    all the time, as in a program."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        runners: dict[str, Runner] = {}
        for medium, names in {"": None, **MEDIA}.items():
            scope = hits.define(shape, contender, f"return {shape.result}")
            arguments = shape.names(shape.keys)
            exec("\n".join(shape.expressions()), {**scope, **arguments})
            if names is not None:
                stack.enter_context(scope["f"].cache_record(*(folder / name for name in names)))
            runners[medium] = measure.hit_loop(shape.expressions(), {"f": scope["f"], **arguments})
        # What is asked for is a few nanoseconds: in short slices, most of which are left alone.
        effort = Effort(effort.seconds / 6, effort.rounds * 6)
        return measure.alternate(runners, effort, progress.on(f"recorded {shape.label}"))


def recording_rows(effort: Effort, progress: Progress) -> Iterator[Row]:
    ours = [contender for contender in EVERYONE if contender.ours and contender.synchronous]
    for shape in SHAPES:
        taken = {each.name: times_of(shape, each, effort, progress) for each in ours}
        for medium in MEDIA:
            ratios = {name: times[medium].ratio(times[""]) for name, times in taken.items()}
            yield Row(f"recorded {shape.label}, to {medium}", ratios, targets.RECORDED)
