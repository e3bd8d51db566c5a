"""Bytes per entry: how much larger a process becomes by keeping a million ints.

Each contender fills its cache in a process of its own: memory that was freed before would hide
what is taken now. The keys exist beforehand and are the values too, so that what is counted is
the cache alone.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from bench import targets
from bench.contenders import EVERYONE, REFERENCE
from bench.report import Progress, Row

STATUS = Path("/proc/self/statm")


def resident_bytes() -> int:
    return int(STATUS.read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def fill(name: str, size: int) -> float:
    """Bytes per entry of the contender of that name; runs in the child."""
    contender = next(c for c in EVERYONE if c.name == name)
    cached = contender.make(size, None)(lambda x: x)
    keys = list(range(1_000_000, 1_000_000 + size))
    cached(keys[0])
    before = resident_bytes()
    for key in keys:
        cached(key)
    return (resident_bytes() - before) / size


def memory_row(size: int, progress: Progress) -> Row | None:
    """None where the system does not tell how large a process is."""
    if not STATUS.exists():
        return None
    label = f"bytes per entry, {size:,} ints"
    show = progress.on(label)
    synchronous = [c for c in EVERYONE if c.synchronous]
    taken: dict[str, float] = {}
    for done, contender in enumerate(synchronous):
        command = [sys.executable, "-m", "bench.memory", contender.name, str(size)]
        child = subprocess.run(command, capture_output=True, text=True)
        if child.returncode == 0:
            taken[contender.name] = float(child.stdout)
        elif contender.ours:
            raise RuntimeError(child.stderr)
        show((done + 1) / len(synchronous))
    reference = taken[REFERENCE]
    ratios = {name: value / reference for name, value in taken.items()}
    return Row(label, ratios, targets.BYTES_PER_ENTRY, reference, "bytes")


if __name__ == "__main__":
    print(fill(sys.argv[1], int(sys.argv[2])))
