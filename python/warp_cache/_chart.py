"""Miss-ratio curves as text, for a terminal."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable

from warp_cache._advice import Advice

#: What the curves are drawn with: the first is the recommended strategy's.
_MARKS = "*o+x"
#: Columns to the left, for the labels of the axis.
_MARGIN = 7


def draw(advice: Advice, width: int, height: int) -> str:
    """The curves as lines of text.

    Args:
        advice: What to draw of.
        width: In characters, at least 50.
        height: In lines, less the axis, at least 5.
    """
    columns, lines = max(width, 50) - _MARGIN, max(height, 5)
    curves = {strategy: advice.misses(strategy) for strategy in advice.highlights}
    sizes = sorted({size for curve in curves.values() for size, _ in curve})
    if not sizes:
        return "no sizes to draw"
    left, right = math.log(sizes[0]), math.log(sizes[-1])
    most = max(miss for curve in curves.values() for _, miss in curve) or 1.0

    def column(size: int) -> int:
        share = (math.log(size) - left) / (right - left) if right > left else 0.5
        return round(share * (columns - 1))

    def line(miss: float) -> int:
        return round((most - miss) / most * (lines - 1))

    grid = [[" "] * columns for _ in range(lines)]
    # The most important one last, over the others.
    for mark, curve in reversed(list(zip(_MARKS, curves.values(), strict=False))):
        for (size, miss), (larger, fewer) in zip(curve, curve[1:], strict=False):
            start, end = column(size), column(larger)
            for at in range(start, end):
                grid[line(miss + (at - start) / (end - start) * (fewer - miss))][at] = "."
        for size, miss in curve:
            grid[line(miss)][column(size)] = mark
    text = [f"misses, % of {advice.calls} calls of {advice.function}"]
    for number, row in enumerate(grid):
        miss = most * (lines - 1 - number) / (lines - 1)
        label = f"{100 * miss:.0f} |" if number % 3 == 0 or number == lines - 1 else "|"
        text.append((label.rjust(_MARGIN) + "".join(row)).rstrip())
    margin = " " * _MARGIN
    text.append("+".rjust(_MARGIN) + "-" * columns)
    text.append(margin + _labels(sizes, column, columns))
    text.append(margin + "max_size, entries (logarithmic)".center(columns).rstrip())
    keys = (f"{mark} {strategy.name}" for mark, strategy in zip(_MARKS, curves, strict=False))
    text.append(margin + "   ".join(keys))
    return "\n".join(text)


def _labels(sizes: Iterable[int], column: Callable[[int], int], columns: int) -> str:
    """The sizes under their columns, as far as they have room beside each other."""
    labels = ""
    for size in sizes:
        start = min(max(column(size) - len(str(size)) // 2, 0), columns - len(str(size)))
        if not labels or start >= len(labels) + 2:
            labels = labels.ljust(start) + str(size)
    return labels
