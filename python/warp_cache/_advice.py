"""What ``advise`` says: the advice, and all that it was taken from."""

from __future__ import annotations

import os
import shutil
from dataclasses import asdict, dataclass
from typing import Any, final

from warp_cache._types import Strategy

#: The most curves that a picture tells apart.
_MOST_HIGHLIGHTS = 4
#: What a table marks the choices with, by what they are; the first where two are the same.
_MARKS = {"recommended": "*", "today": "+", "with more room": "^"}


@final
@dataclass(frozen=True)
class Choice:
    """A strategy with a bound, and the hit ratio that they come to."""

    strategy: Strategy
    max_size: int | None
    """The bound, None without one."""
    hit_ratio: float
    """Hits over calls, the first call of each key included."""
    error: float
    """About how far off that may be: the largest deviation of a sample. 0 where all calls were
    replayed."""


@final
@dataclass(frozen=True)
class Advice:
    """What ``advise`` says of one function. Prints as a sentence and a table."""

    function: str
    """The function's module and qualified name."""
    calls: int
    """How many calls were recorded."""
    keys: int
    """How many different keys they had: the size from which nothing is ever evicted."""
    sentence: str
    """The advice."""
    verdict: str
    """In a word or two: ``"change"`` to ``recommended``, ``"keep"`` what there is today,
    ``"nothing repeats"`` (so that no cache would help) or ``"too few calls"``."""
    today: Choice
    """What the function had when it was recorded."""
    recommended: Choice
    """What to take with today's ``max_size``; the same as ``today`` where nothing is worth a change
    or can be said."""
    with_more_room: Choice | None
    """What to take if there is room for more, with a larger ``max_size``; None where that is not
    worth it."""
    smaller: Choice | None
    """The smallest size that hits as often as today's, if a smaller one does."""
    points: tuple[Choice, ...]
    """All that was simulated, by strategy and then by size."""

    @property
    def sizes(self) -> list[int]:
        """The sizes that were simulated, rising."""
        return sorted({point.max_size for point in self.points if point.max_size is not None})

    @property
    def strategies(self) -> list[Strategy]:
        """The strategies that were simulated, the one with the best mean over the sizes first."""
        given = sorted({point.strategy for point in self.points})
        return sorted(given, key=lambda strategy: sum(miss for _, miss in self.misses(strategy)))

    @property
    def highlights(self) -> list[Strategy]:
        """The strategies that a picture tells apart: the recommended one, today's, the one to take
        with more room, and then the best of the others."""
        choices = (self.recommended, self.today, self.with_more_room)
        named = [choice.strategy for choice in choices if choice is not None]
        return list(dict.fromkeys(named + self.strategies))[:_MOST_HIGHLIGHTS]

    @property
    def choices(self) -> dict[str, Choice]:
        """What tables and pictures mark, by what it is: ``"today"``, ``"recommended"`` if anything
        is, and ``"with more room"`` if that is worth it."""
        choices = {"today": self.today}
        if self.verdict in ("keep", "change"):
            choices["recommended"] = self.recommended
        if self.with_more_room is not None:
            choices["with more room"] = self.with_more_room
        return choices

    def curve(self, strategy: Strategy) -> list[Choice]:
        """The points of a strategy, by rising size."""
        return [point for point in self.points if point.strategy is strategy]

    def misses(self, strategy: Strategy) -> list[tuple[int, float]]:
        """A strategy's sizes and miss ratios, to draw: sizes from 1 to the number of keys."""
        sizes = {min(point.max_size or 0, self.keys): point for point in self.curve(strategy)}
        return [(size, 1.0 - point.hit_ratio) for size, point in sizes.items() if size > 0]

    def table(self) -> str:
        """The hit ratios as text, in percent: a line per strategy, a column per size."""
        choices = self.choices
        given = [name for name in _MARKS if name in choices]
        marks = {self._place(choices[name]): _MARKS[name] for name in reversed(given)}

        def cell(point: Choice) -> str:
            error = f"±{point.error:.1%}".rstrip("%") if point.error else ""
            mark = marks.get(self._place(point), " ")
            return f"{100 * point.hit_ratio:.1f}{error}{mark}"

        rows = [["max_size", *(f"{size} " for size in self.sizes)]]
        for strategy in self.strategies:
            rows.append([strategy.name, *(cell(point) for point in self.curve(strategy))])
        widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
        lines = [f"hits, % of {self.calls} calls of {self.function} with {self.keys} keys"]
        for label, *cells in rows:
            aligned = (cell.rjust(width) for cell, width in zip(cells, widths[1:], strict=True))
            lines.append("  ".join((label.ljust(widths[0]), *aligned)).rstrip())
        legend = [f"{mark} {name}" for name, mark in _MARKS.items() if mark in marks.values()]
        if len(marks) < len(choices):
            legend[0] += ", as today"
        lines.append("   ".join(legend))
        return "\n".join(lines)

    def _place(self, choice: Choice) -> tuple[Strategy, int]:
        """Where a choice is in the table: without a bound there is room for all keys."""
        return choice.strategy, self.keys if choice.max_size is None else choice.max_size

    def __str__(self) -> str:
        return f"{self.sentence}\n\n{self.table()}"

    def chart(self, width: int | None = None, height: int = 16) -> str:
        """The miss-ratio curves as text: of the recommended strategy, today's and the next best.

        Args:
            width: In characters; the terminal's by default.
            height: In lines, less the axis.
        """
        from warp_cache import _chart

        return _chart.draw(self, width or min(shutil.get_terminal_size().columns, 100), height)

    def plot(self, path: str | os.PathLike[str]) -> None:
        """Draw the miss-ratio curves into a file: SVG, PNG or what else matplotlib writes.

        Args:
            path: The file, whose ending says which kind.

        Raises:
            ImportError: matplotlib is not installed.
        """
        from warp_cache import _plot

        _plot.draw(self, path)

    def as_dict(self) -> dict[str, Any]:
        """All of it as what JSON can hold; strategies are their names."""

        def plain(value: Any) -> Any:
            if isinstance(value, dict):
                return {name: plain(inner) for name, inner in value.items()}
            if isinstance(value, list | tuple):
                return [plain(inner) for inner in value]
            return value.name if isinstance(value, Strategy) else value

        plained: dict[str, Any] = plain(asdict(self))
        return plained
