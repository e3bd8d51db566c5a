"""What the tests of recordings have in common: files read word by word, and calls that repeat."""

from __future__ import annotations

import random
from array import array
from collections.abc import Iterator
from pathlib import Path

from warp_cache import Recording, _warp_cache

#: Kinds of blocks: see warp-cache/src/simulate/FORMAT.md.
CALLS, END = 2, 3


def words(path) -> array[int]:
    data = array("Q")
    data.frombytes(Path(path).read_bytes())
    return data


def hashes(path) -> dict[int, list[int]]:
    """The hashes in a complete file, by the number of the function."""
    data = words(path)
    found: dict[int, list[int]] = {}
    recent = [0] * 4096
    at = 2
    while True:
        kind, function = data[at] & 0xFFFF_FFFF, data[at] >> 32
        content = data[at + 3 : at + 3 + data[at + 1]]
        if kind == END:
            assert at + 3 + len(content) == len(data), "nothing follows the end"
            return found
        if kind == CALLS:
            found.setdefault(function, []).extend(unpacked(content, recent))
        at += 3 + len(content)


def unpacked(content: array[int], recent: list[int]) -> Iterator[int]:
    """The hashes of a block's calls, by the table of recent ones, which is brought up to date."""
    codes = 1 + -(-content[0] // 4)
    new = iter(content[codes:])
    for call in range(content[0]):
        code = content[1 + call // 4] >> 16 * (call % 4) & 0xFFFF
        if code & 0x8000:
            recent[code & 0xFFF] = next(new)
        yield recent[code & 0xFFF]


def key_hash(f, *args, **kwargs) -> int:
    """The hash that a recording has for a call."""
    return hash(f.cache_key(*args, **kwargs)) % 2**64


def traces(path, **options) -> dict[str, _warp_cache.Trace]:
    """The functions of a file by name."""
    return {trace.name: trace for trace in _warp_cache.open_recording(path, **options)[0]}


def trace_of(recording: Recording) -> _warp_cache.Trace:
    """What a recording holds, wherever it is."""
    trace = recording._trace()
    if trace is None:
        (trace,) = traces(recording.path).values()
    return trace


def skewed(count: int, keys: int, seed: int = 1) -> list[int]:
    """Keys of which a few are asked for often."""
    chance = random.Random(seed)
    return [int(keys * chance.random() ** 3) for _ in range(count)]
