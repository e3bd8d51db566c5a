"""Draws the miss-ratio curves of a trace, for README: its calls, recorded and asked for advice.

    python -m bench.miss_ratio FOLDER [TRACE] [--max-size N]

FOLDER holds TRACE.u32.zst, key ids as little-endian 32-bit words. The picture goes to
bench/results.
"""

from __future__ import annotations

import argparse
from importlib import import_module
from pathlib import Path

from bench.hit_ratio import read_trace
from warp_cache import Advice, advise, cache

RESULTS = Path(__file__).parent / "results"


def ask(folder: Path, trace: str, max_size: int) -> Advice:
    """The advice for a function that is called as the trace says."""

    @cache(max_size=max_size)
    def function(key: int) -> int:
        return key

    # What the picture calls it.
    function.__module__, function.__qualname__ = "trace", trace
    ids = read_trace(folder, trace, import_module("zstandard"))
    with function.cache_record() as recording:
        for key in ids:
            function(key)
    return advise(recording)


def main() -> int:
    parser = argparse.ArgumentParser(description="Draws the miss-ratio curves of a trace.")
    parser.add_argument("folder", type=Path)
    parser.add_argument("trace", nargs="?", default="orm-busy")
    parser.add_argument("--max-size", type=int, default=1000)
    options = parser.parse_args()
    if not (options.folder / f"{options.trace}.u32.zst").exists():
        print(f"SKIP miss ratios: no trace {options.trace} in {options.folder}")
        return 0
    advice = ask(options.folder, options.trace, options.max_size)
    print(advice)
    for kind in ("svg", "png"):
        path = RESULTS / f"miss-ratio-{options.trace}.{kind}"
        advice.plot(path)
        print(f"drawn: {path}")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
