"""A small tour: a slow function, cached; then a race against functools.

Run it with `make demo`. The slow function parses the source files of Python's own library. They are
visited the way people visit things: a few of them again and again, most of them seldom.
"""

from __future__ import annotations

import ast
import functools
import os
import random
import statistics
import sys
import time
from collections.abc import Callable
from itertools import repeat
from pathlib import Path

from warp_cache import Strategy, cache

FILES = 150
VISITS = 600
ROOM = 50


def library_files() -> list[str]:
    """Source files of the standard library, the same ones in the same order on every run."""
    folder = Path(os.__file__).parent
    found = [str(p) for p in folder.glob("*.py") if 2_000 < p.stat().st_size < 60_000]
    chosen = sorted(found)
    random.Random(1).shuffle(chosen)
    return chosen[:FILES]


def skewed_visits(files: list[str]) -> list[str]:
    """The file of rank r comes up in proportion to 1/r."""
    weights = [1 / rank for rank in range(1, len(files) + 1)]
    return random.Random(2).choices(files, weights, k=VISITS)


def count_functions(path: str) -> int:
    """Reads a file, parses it, and counts what it defines: worth remembering."""
    tree = ast.parse(Path(path).read_text(encoding="utf-8"))
    return sum(isinstance(node, ast.FunctionDef) for node in ast.walk(tree))


@cache(max_size=ROOM, strategy=Strategy.LFU)
def remembered_count(path: str) -> int:
    return count_functions(path)


def seconds(function: Callable[[str], int], visits: list[str]) -> float:
    started = time.perf_counter()
    for path in visits:
        function(path)
    return time.perf_counter() - started


def show_strategies(visits: list[str]) -> None:
    """The same visits under every strategy. The body is trivial here: only the hits are counted."""
    print(f"\nWhich strategy suits these visits, with room for {ROOM} of {FILES} files?")
    for strategy in Strategy:
        seen = cache(max_size=ROOM, strategy=strategy)(len)
        for path in visits:
            seen(path)
        hits = seen.cache_info().hits / len(visits)
        print(f"  {strategy.name:<10} {hits:6.1%}  {'#' * round(40 * hits)}")


def time_hits(function: Callable[[int], int], calls: int = 20_000) -> float:
    """Nanoseconds of a call whose answer is known. Eight calls a turn make the loop cheap."""
    started = time.perf_counter_ns()
    for _ in repeat(None, calls // 8):
        function(7), function(7), function(7), function(7)
        function(7), function(7), function(7), function(7)
    return (time.perf_counter_ns() - started) / calls


def square(x: int) -> int:
    return x * x


def race(rounds: int = 101) -> None:
    """Takes turns, so that a busy moment of this machine meets every runner alike."""
    runners: dict[str, Callable[[int], int]] = {
        "functools.lru_cache": functools.lru_cache(maxsize=128)(square),
        "warp_cache, LRU": cache(max_size=128)(square),
        "warp_cache, LRU with a ttl": cache(max_size=128, ttl=60.0)(square),
    }
    times: dict[str, list[float]] = {name: [] for name in runners}
    for _ in range(rounds):
        for name, function in runners.items():
            times[name].append(time_hits(function))
    reference = statistics.median(times["functools.lru_cache"])
    print("\nA race: what does a hit cost? (medians of turns in this one process)")
    for name in runners:
        median = statistics.median(times[name])
        print(f"  {name:<28} {median:6.1f} ns   {median / reference:5.2f} times functools")


def main() -> None:
    files = library_files()
    visits = skewed_visits(files)
    print(f"Python {sys.version.split()[0]}: {VISITS} visits to {len(set(visits))} source files")
    plain = seconds(count_functions, visits)
    print(f"  parsing each time      {plain:6.2f} s")
    cached = seconds(remembered_count, visits)
    print(f"  with @cache            {cached:6.2f} s   {plain / cached:.1f} times as fast")
    print(f"  {remembered_count.cache_info()}")
    show_strategies(visits)
    race()


if __name__ == "__main__":
    main()
