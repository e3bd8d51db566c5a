"""Does evicting stay cheap as a cache grows? The cost of one insert into full caches of four sizes.

It grows in any case, as memory does: a larger cache misses the processor's caches more often. What
functools.lru_cache does from size to size is therefore printed beside it.
"""

from __future__ import annotations

import itertools
import random
from collections.abc import Iterator

from bench import measure
from bench.contenders import FUNCTOOLS, OURS, Contender
from bench.measure import Effort, Runner
from bench.report import Progress

SIZES = (1_000, 10_000, 100_000, 1_000_000)


def fresh_keys(seed: int) -> Iterator[int]:
    """Never the same key twice, and in no order that memory could profit from.

    An int is its own hash, of which a dict takes the low bits: those have to be the random ones.
    """
    source = random.Random(seed)
    return ((i << 32) + source.getrandbits(32) for i in itertools.count())


def insert_runner(contender: Contender, size: int) -> Runner:
    cached = contender.make(size, None)(lambda x: x)
    loop = measure.chunk_loop({"f": cached})
    keys = fresh_keys(size)
    for key in itertools.islice(keys, size):
        cached(key)

    def run(turns: int) -> float:
        chunks = measure.chunks_of(list(itertools.islice(keys, turns * measure.CALLS_PER_TURN)))
        return float(loop(chunks))

    return run


def growth(
    effort: Effort, progress: Progress, sizes: tuple[int, ...]
) -> dict[str, dict[int, float]]:
    """Nanoseconds per insert with eviction, by contender and size.

    One strategy at a time beside functools, all sizes alternating; eight large caches at once are
    enough.
    """
    result: dict[str, dict[int, float]] = {}
    for contender in OURS:
        runners = {
            f"{name.name} {size}": insert_runner(name, size)
            for size in sizes
            for name in (FUNCTOOLS, contender)
        }
        times = measure.alternate(runners, effort, progress.on(f"evictions, {contender.name}"))
        for name in (FUNCTOOLS, contender):
            result[name.name] = {size: times[f"{name.name} {size}"].nanoseconds for size in sizes}
    return result


def as_cells(costs: dict[str, dict[int, float]]) -> list[list[str]]:
    """One line per contender: nanoseconds at the smallest size, then how many times that."""
    sizes = list(next(iter(costs.values())))
    lines = [["an insert that evicts", f"at {sizes[0]:,}", *(f"at {size:,}" for size in sizes[1:])]]
    for name, by_size in costs.items():
        first = by_size[sizes[0]]
        grown = [f"{by_size[size] / first:.2f} times" for size in sizes[1:]]
        lines.append([name, f"{first:.0f} ns", *grown])
    return lines
