"""`python -m bench`: asks the questions, prints the tables, writes them down with pictures."""

from __future__ import annotations

import argparse
import json
import sys
import sysconfig
import time
from dataclasses import asdict
from pathlib import Path

from bench import elder, growth, hits, memory, picture, recording, report, shared, threads
from bench.measure import QUICK, THOROUGH, Effort
from bench.report import Progress, Row, Table

SECTIONS = ("hits", "await", "recording", "shared", "elder", "memory", "growth", "threads")


def parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="a first impression in about a minute")
    parser.add_argument("--only", action="append", choices=SECTIONS, help="only this section")
    parser.add_argument("--output", type=Path, help="folder of the results")
    return parser.parse_args()


class Report:
    """Prints what arrives, and keeps it for the files."""

    def __init__(self, machine: str) -> None:
        self.machine = machine
        self.tables: list[Table] = []
        self.costs: dict[str, dict[int, float]] = {}
        print(f"{machine}\n")

    def add(self, title: str, rows: list[Row], note: str = "", **options: str) -> None:
        if rows:
            self.tables.append(Table(title, rows, note, **options))
            print(self.tables[-1].as_text() + "\n", flush=True)

    def add_growth(self, costs: dict[str, dict[int, float]]) -> None:
        self.costs = costs
        cells = growth.as_cells(costs)
        widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
        print("Eviction by size")
        for first, *rest in cells:
            padded = [cell.rjust(width) for cell, width in zip(rest, widths[1:], strict=True)]
            print("  ".join([f"  {first:<{widths[0]}}", *padded]))
        print(flush=True)

    def rows(self, title: str) -> list[Row]:
        return [row for table in self.tables if table.title == title for row in table.rows]

    def write(self, folder: Path, name: str) -> list[Path]:
        folder.mkdir(parents=True, exist_ok=True)
        lines = [f"# Benchmarks\n\n{self.machine}\n"]
        lines += [table.as_markdown() for table in self.tables]
        if self.costs:
            head, *body = growth.as_cells(self.costs)
            lines += ["### Eviction by size", "", report.markdown_line(head)]
            lines.append("|---" + "|--:" * (len(head) - 1) + "|")
            lines += [report.markdown_line(line) for line in body]
        text = folder / f"{name}.md"
        text.write_text("\n".join(lines) + "\n", encoding="utf-8")
        data = folder / f"{name}.json"
        tables = [asdict(table) for table in self.tables]
        content = {"machine": self.machine, "tables": tables, "evictions": self.costs}
        data.write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")
        written = [text, data]
        calls = self.rows(CALLS) + self.rows(AWAITS)
        if calls:
            stem = folder / f"{name}-calls"
            written += picture.draw_ratios(calls, self.rows(ELDER), self.machine, stem)
        if self.costs:
            written += picture.draw_growth(self.costs, self.machine, folder / f"{name}-evictions")
        return written


CALLS = "Calls"
AWAITS = "Awaited calls"
RECORDING = "Recorded hits"
ELDER = "Beside warp_cache 0.7"


def main() -> None:
    options = parse()
    chosen = options.only or SECTIONS
    effort: Effort = QUICK if options.quick else THOROUGH
    progress = Progress()
    result = Report(report.machine())
    if "hits" in chosen:
        rows = list(hits.hit_rows(effort, progress))
        rows.append(hits.many_keys_row(50_000 if options.quick else 1_000_000, effort, progress))
        result.add(CALLS, rows, "cachetools without a lock")
    if "await" in chosen:
        note = "against a plain hit of lru_cache, which cannot be awaited"
        result.add(AWAITS, list(hits.await_rows(effort, progress)), note)
    if "recording" in chosen:
        rows = list(recording.recording_rows(effort, progress))
        result.add(RECORDING, rows, heading="recorded over unrecorded")
    if "shared" in chosen:
        if sys.platform == "win32":
            print("SKIP shared: the shared backend is for Linux and macOS\n")
        else:
            add_shared(result, options.quick, effort, progress)
    if "elder" in chosen:
        note = "each against functools in processes of its own, which take turns"
        rows = elder.elder_rows(options.quick, progress)
        result.add(ELDER, rows, note)
        if not rows:
            print(f"SKIP {ELDER}: no build of it for this interpreter\n")
    if "memory" in chosen:
        row = memory.memory_row(100_000 if options.quick else 1_000_000, progress)
        if row is None:
            print("SKIP memory: this system has no /proc\n")
        else:
            result.add("Memory", [row], "keys and values exist beforehand and are not counted")
    if "growth" in chosen:
        sizes = growth.SIZES[:3] if options.quick else growth.SIZES
        result.add_growth(growth.growth(effort, progress, sizes))
    if "threads" in chosen:
        if threads.is_free_threaded():
            add_threads(result, threads.QUICK if options.quick else threads.THOROUGH, progress)
        else:
            print("SKIP threads: this interpreter has a global lock; try PYTHON=3.13t\n")

    free = "t" if sysconfig.get_config_var("Py_GIL_DISABLED") else ""
    name = f"python-{sys.version_info[0]}.{sys.version_info[1]}{free}"
    # A quick run is for looking at, not for README.
    default = Path("target/bench") if options.quick else Path("bench/results")
    written = result.write(options.output or default, name)
    print(f"{time.monotonic() - progress.started:.0f} s; written: {', '.join(map(str, written))}")


def add_shared(result: Report, quick: bool, effort: Effort, progress: Progress) -> None:
    note = "lmdb and redis with pickle around them, redis over a socket of this machine"
    result.add("Shared memory", shared.shared_rows(effort, progress), note)
    row = shared.processes_row(effort, progress)
    result.add("Shared memory: two processes", [row], heading="two processes over one")
    row = shared.memory_row(100_000 if quick else 1_000_000, progress)
    result.add("Shared memory: size", [row], heading="bytes")


def add_threads(result: Report, effort: Effort, progress: Progress) -> None:
    alone, together = [], []
    for size in (128, 100_000):
        for fresh_values in (False, True):
            one, two = threads.thread_rows(size, fresh_values, effort, progress)
            alone.append(one)
            together.append(two)
    result.add("Threads: one", alone)
    note = "calls of two threads in the same time, over the calls of one; 2.00 is perfect"
    result.add("Threads: two on the same cache", together, note, heading="two threads over one")


if __name__ == "__main__":
    main()
