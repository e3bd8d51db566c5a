"""The backend in shared memory: what a hit costs, first and again, and what two processes get."""

from __future__ import annotations

import functools
import itertools
import multiprocessing
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from bench import backends, hits, measure, targets
from bench.backends import SHARED
from bench.contenders import FUNCTOOLS, REFERENCE
from bench.hits import Shape, number
from bench.measure import CALLS_PER_TURN, Effort, Runner
from bench.report import Progress, Row

#: A result of each kind, of which every call makes one of its own.
SHAPES = [
    Shape("again: int", "x", "x", "f(k#)", number, targets.SHARED_HIT),
    Shape("again: 1 KB str", "x", "str(x).ljust(1024)", "f(k#)", number, targets.SHARED_HIT),
    Shape("again: 100 ints", "x", "[*range(x, x + 100)]", "f(k#)", number, targets.SHARED_HIT),
]
RESIDENT = 4_096


def shared_rows(effort: Effort, progress: Progress) -> list[Row]:
    """Hits of a process that has met the entry before, and of one that has not."""
    with backends.folder() as path, backends.everyone(path) as contenders:
        rows = []
        for shape in SHAPES:
            runners = hits.gather(contenders, functools.partial(hits.hit_runner, shape))
            times = measure.alternate(runners, effort, progress.on(shape.label))
            rows.append(hits.to_row(shape.label, times, shape.target))
            rows.append(first_row(shape, path, effort, progress))
        return rows


def first_row(shape: Shape, path: Path, effort: Effort, progress: Progress) -> Row:
    """Looked up in the region, copied and decoded: every turn decorates anew, as a new process."""
    label = shape.label.replace("again", "first meeting")
    body: Callable[[int], object] = eval(f"lambda {shape.parameters}: {shape.result}")
    keys = [number(i) for i in range(RESIDENT)]
    chunks = measure.chunks_of(keys)

    def decorate() -> Any:
        return backends.make_shared(RESIDENT, path, name=label, size=64 << 20)(body)

    def first(turns: int) -> float:
        taken = 0.0
        while turns > 0:
            loop = measure.chunk_loop({"f": decorate()})
            taken += loop(chunks[:turns])
            turns -= len(chunks)
        return taken

    kept = FUNCTOOLS.make(RESIDENT, None)(body)
    loop = measure.chunk_loop({"f": kept})
    endless = itertools.cycle(chunks)
    runners: dict[str, Runner] = {
        REFERENCE: lambda turns: float(loop(itertools.islice(endless, turns))),
        SHARED: first,
    }
    fill = decorate()
    for key in keys:
        fill(key)
        kept(key)
    times = measure.alternate(runners, effort, progress.on(label))
    target = targets.SHARED_FIRST if shape is SHAPES[0] else None
    return hits.to_row(label, times, target)


class Worker:
    """A process that calls a shared function for as long as it is told to, and counts."""

    def __init__(self, path: Path) -> None:
        context = multiprocessing.get_context("spawn")
        self.pipe, other = context.Pipe()
        self.process = context.Process(target=serve, args=(str(path), other), daemon=True)
        self.process.start()
        self.pipe.recv()

    def begin(self, started: float, seconds: float) -> None:
        self.pipe.send((started, seconds))

    def calls(self) -> int:
        return int(self.pipe.recv())

    def stop(self) -> None:
        self.pipe.send(None)
        self.process.join()


def serve(path: str, pipe: Any) -> None:
    cached = backends.make_shared(128, Path(path), name="processes")(lambda x: x)
    keys = [number(i) for i in range(CALLS_PER_TURN)]
    loop = measure.hit_loop(
        [f"f(k{i})" for i in range(CALLS_PER_TURN)],
        {"f": cached, **{f"k{i}": key for i, key in enumerate(keys)}},
    )
    loop(1)
    pipe.send("ready")
    while (order := pipe.recv()) is not None:
        started, seconds = order
        while time.monotonic() < started:
            pass
        turns = 0
        while time.monotonic() < started + seconds:
            loop(200)
            turns += 200
        pipe.send(turns * CALLS_PER_TURN)


def processes_row(effort: Effort, progress: Progress) -> Row:
    """Calls of two processes in the same time, over the calls of one."""
    label = "two processes over one: int"
    show = progress.on(label)
    ratios = []
    with backends.folder() as path:
        workers = [Worker(path), Worker(path)]
        for done in range(effort.rounds):
            alone = together([workers[done % 2]])
            ratios.append(together(workers) / alone)
            show((done + 1) / effort.rounds)
        for worker in workers:
            worker.stop()
    return Row(label, {SHARED: statistics.median(ratios)}, targets.TWO_PROCESSES_OVER_ONE)


def together(workers: list[Worker]) -> int:
    started = time.monotonic() + 0.01
    for worker in workers:
        worker.begin(started, 0.05)
    return sum(worker.calls() for worker in workers)


def memory_row(size: int, progress: Progress) -> Row:
    """Bytes of a region in which a million ints fit, for each of them."""
    label = f"bytes per entry, {size:,} ints"
    command = [sys.executable, "-m", "bench.shared", str(size)]
    environment = {**os.environ, "PYTHONWARNINGS": "error"}
    child = subprocess.run(command, capture_output=True, text=True, env=environment)
    if child.returncode != 0:
        raise RuntimeError(child.stderr)
    kept, opening = map(float, child.stdout.split())
    progress.on(label)(1.0)
    print(f"\nopened in {opening:.3f} s")
    return Row(label, {SHARED: 100 * size / kept}, targets.SHARED_BYTES)


def fill(size: int) -> tuple[int, float]:
    """How many of so many ints a region of 100 bytes for each keeps, and how long opening took."""
    with backends.folder() as path:
        started = time.perf_counter()
        cached = backends.make_shared(size, path, size=100 * size)(lambda x: x)
        opening = time.perf_counter() - started
        for key in range(size):
            cached(key)
        return cached.cache_info().currsize, opening


if __name__ == "__main__":
    print(*fill(int(sys.argv[1])))
