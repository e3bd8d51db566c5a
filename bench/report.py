"""Tables for the eye, the same as Markdown and JSON for README, and a sign of life meanwhile."""

from __future__ import annotations

import os
import platform
import sys
import sysconfig
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

from bench.contenders import REFERENCE
from bench.targets import Target

# The last release of the project that had our name before; what it does is no target of ours.
ELDER = "warp_cache 0.7"
VERDICTS = ("met", "not met")


@dataclass(frozen=True)
class Row:
    """One question: each contender's ratio to the reference."""

    label: str
    ratios: dict[str, float]
    target: Target | None = None
    # What the reference took or needed, in `unit`.
    reference: float | None = None
    unit: str = "ns"

    def verdict(self) -> str:
        """Which of ours meet the target."""
        if self.target is None:
            return ""
        ours = {
            name: value for name, value in self.ratios.items() if name.startswith("warp_cache ")
        }
        missed = [
            name.removeprefix("warp_cache ")
            for name, value in ours.items()
            if name != ELDER and not self.target.is_met(name, value)
        ]
        return "not met: " + ", ".join(missed) if missed else "met"


@dataclass(frozen=True)
class Table:
    title: str
    rows: list[Row]
    note: str = ""
    heading: str = "ratio to lru_cache"

    def contenders(self) -> list[str]:
        """All that occur in a row. The reference is left out where it is 1.00 by definition."""
        names: dict[str, None] = {}
        for row in self.rows:
            names.update(dict.fromkeys(row.ratios))
        always_one = all(row.ratios.get(REFERENCE, 1.0) == 1.0 for row in self.rows)
        return [name for name in names if not (always_one and name == REFERENCE)]

    def cells(self) -> list[list[str]]:
        contenders = self.contenders()
        lines = [[self.heading, "lru_cache", *contenders, "target", ""]]
        for row in self.rows:
            reference = "" if row.reference is None else f"{row.reference:.0f} {row.unit}"
            ratios = [f"{row.ratios[n]:.2f}" if n in row.ratios else "-" for n in contenders]
            target = "" if row.target is None else str(row.target)
            lines.append([row.label, reference, *ratios, target, row.verdict()])
        if all(row.reference is None for row in self.rows):
            lines = [[line[0], *line[2:]] for line in lines]
        if all(row.target is None for row in self.rows):
            lines = [line[:-2] for line in lines]
        return lines

    def as_text(self) -> str:
        cells = [[shorten(cell) for cell in line] for line in self.cells()]
        widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
        lines = [self.title]
        for line in cells:
            first, *rest = (
                cell.ljust(width) if i == 0 or cell.startswith(VERDICTS) else cell.rjust(width)
                for i, (cell, width) in enumerate(zip(line, widths, strict=True))
            )
            lines.append("  ".join(["  " + first, *rest]).rstrip())
        return "\n".join([*lines, *([f"  {self.note}"] if self.note else [])])

    def as_markdown(self) -> str:
        head, *body = self.cells()
        lines = [f"### {self.title}", "", markdown_line(head)]
        lines.append("|---" + "|--:" * (len(head) - 2) + "|---|")
        lines.extend(markdown_line(line) for line in body)
        return "\n".join([*lines, "", *([self.note, ""] if self.note else [])])


def markdown_line(cells: Iterable[str]) -> str:
    return "| " + " | ".join(cells) + " |"


def shorten(cell: str) -> str:
    """Ours are the columns without a library's name, so that the table fits a terminal."""
    return cell if cell == ELDER else cell.removeprefix("warp_cache ")


class Progress:
    """One line that rewrites itself on a terminal, one line a step elsewhere."""

    def __init__(self, stream: TextIO = sys.stderr) -> None:
        self.stream = stream
        self.started = time.monotonic()
        self.steps = 0

    def on(self, label: str) -> Callable[[float], None]:
        """Begins a step; the returned function takes the share of it that is done."""
        self.steps += 1
        terminal = self.stream.isatty()

        def show(share: float) -> None:
            bar = ("#" * round(20 * share)).ljust(20, ".")
            passed = time.monotonic() - self.started
            line = f"[{bar}] {passed:4.0f} s  step {self.steps}: {label}"
            if terminal:
                wiped = "\r" + " " * 78 + "\r" if share >= 1 else ""
                self.stream.write(f"\r{line[:78]:<78}{wiped}")
                self.stream.flush()
            elif share >= 1:
                self.stream.write(f"{line}\n")
                self.stream.flush()

        return show


def processor() -> str:
    """The model's name; platform.processor() is empty or 'x86_64' on Linux."""
    try:
        for line in Path("/proc/cpuinfo").read_text().splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    except OSError:
        pass
    return platform.processor() or platform.machine()


def python_build() -> str:
    """What decides how fast functools is: the version, and a build guided by a profile.

    A distribution's may be one without saying so.
    """
    options = str(sysconfig.get_config_var("CONFIG_ARGS") or "")
    notes = ["free-threaded"] if sysconfig.get_config_var("Py_GIL_DISABLED") else []
    if "--enable-optimizations" in options:
        notes.append("optimized build")
    version = f"CPython {platform.python_version()}"
    return f"{version} ({', '.join(notes)})" if notes else version


def machine() -> str:
    cores = os.cpu_count() or 1
    date = time.strftime("%Y-%m-%d")
    return f"{python_build()}, {processor()}, {cores} cores, {platform.system()}, {date}"
