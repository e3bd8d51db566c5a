"""Replays real traces through the decorator and compares the hits with the known counts.

    python bench/hit_ratio.py FOLDER [--all]

FOLDER holds NAME.u32.zst (key ids as little-endian 32-bit words) and hit_ratio_truth.tsv with the
columns trace, size, policy, hits, requests. Without --all only the shorter traces are replayed.
Exit status 1: a count differs. A strategy takes part as soon as the file has a policy of its
name.
"""

from __future__ import annotations

import argparse
import csv
import sys
from array import array
from collections.abc import Iterator
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

from warp_cache import Strategy, cache

SHORT = ("2_pools", "corda", "loop", "web12")
# Policies that the files call otherwise.
NAMES = {"2q": "two_q"}


@dataclass(frozen=True)
class Point:
    """One line of the truth: so many hits with this policy in a cache of this size."""

    trace: str
    size: int
    policy: str
    hits: int
    requests: int


def truth(folder: Path) -> Iterator[Point]:
    with (folder / "hit_ratio_truth.tsv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file, delimiter="\t"):
            hits, requests = int(row["hits"]), int(row["requests"])
            policy = NAMES.get(row["policy"], row["policy"])
            yield Point(row["trace"], int(row["size"]), policy, hits, requests)


def read_trace(folder: Path, name: str, zstandard: Any) -> array[int]:
    ids = array("I")
    with (folder / f"{name}.u32.zst").open("rb") as file:
        ids.frombytes(zstandard.ZstdDecompressor().stream_reader(file).read())
    if sys.byteorder == "big":
        ids.byteswap()
    return ids


def replay(ids: array[int], size: int, strategy: Strategy) -> int:
    """The hits of one pass, from an empty cache."""

    @cache(max_size=size, strategy=strategy)
    def fetch(key: int) -> int:
        return key

    for key in ids:
        fetch(key)
    info = fetch.cache_info()
    assert info.hits + info.misses == len(ids), "every call is a hit or a miss"
    return info.hits


def compare(folder: Path, everything: bool, zstandard: Any) -> int:
    """Prints a line per trace and size; returns how many counts differ."""
    strategies = {strategy.name.lower(): strategy for strategy in Strategy}
    points = [p for p in truth(folder) if p.policy.lower() in strategies]
    known = {p.policy.lower() for p in points}
    print("policies with known counts: " + ", ".join(name for name in strategies if name in known))
    wrong = 0
    ids: array[int] = array("I")
    loaded = ""
    for point in points:
        if not (everything or point.trace in SHORT):
            continue
        if point.trace != loaded:
            ids, loaded = read_trace(folder, point.trace, zstandard), point.trace
        hits = replay(ids, point.size, strategies[point.policy.lower()])
        verdict = "as known" if hits == point.hits else f"WRONG, {point.hits} are known"
        wrong += hits != point.hits
        label = f"{point.trace:<24} {point.size:>6} {point.policy:<6}"
        print(f"  {label} {hits:>9} hits {hits / point.requests:7.2%}  {verdict}", flush=True)
    return wrong


def main() -> int:
    parser = argparse.ArgumentParser(description="Replays traces through the decorator.")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--all", action="store_true", help="the long traces too: some minutes")
    options = parser.parse_args()
    if not (options.folder / "hit_ratio_truth.tsv").exists():
        print(f"SKIP hit ratios: no traces in {options.folder}")
        return 0
    try:
        zstandard = import_module("zstandard")
    except ImportError:
        print("SKIP hit ratios: zstandard, which reads the traces, is not installed")
        return 0
    wrong = compare(options.folder, options.all, zstandard)
    print(f"{wrong} counts are wrong" if wrong else "every count is as known")
    return 1 if wrong else 0


if __name__ == "__main__":
    raise SystemExit(main())
