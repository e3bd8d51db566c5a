"""Miss-ratio curves as a picture, by matplotlib: readable at 800 pixels, and without colours.

The recommended strategy, today's and the best of the others are told apart by colours, those of
Okabe and Ito, by line styles and by marks; all others are grey.
"""

from __future__ import annotations

import os
import textwrap
from importlib import import_module
from typing import Any

from warp_cache._advice import Advice
from warp_cache._types import Strategy

#: Colour, line style and mark of the highlighted strategies, the recommended one first.
_STYLES = [
    ("#0072B2", "-", "o"),
    ("#D55E00", "--", "s"),
    ("#009E73", "-.", "^"),
    ("#CC79A7", ":", "D"),
]
_GREY = "#BBBBBB"
#: What goes around the point of a choice, by what it is.
_SHAPES = {"today": "o", "recommended": "s", "with more room": "D"}


def draw(advice: Advice, path: str | os.PathLike[str]) -> None:
    """Draw the curves into a file.

    Raises:
        ImportError: matplotlib is not installed.
    """
    try:
        matplotlib: Any = import_module("matplotlib")
        figures: Any = import_module("matplotlib.figure")
    except ImportError as error:
        raise ImportError(
            "plot() needs matplotlib: install warp_cache[plot], or matplotlib itself; chart() "
            "draws in the terminal without it"
        ) from error
    # Text in an SVG stays text, and the same advice makes the same file.
    look = {"font.size": 11, "svg.fonttype": "none", "svg.hashsalt": "warp_cache"}
    metadata = {"Date": None} if os.fspath(path).lower().endswith(".svg") else {}
    with matplotlib.rc_context(look):
        figure = figures.Figure(figsize=(9.0, 4.6), layout="constrained")
        axes = figure.add_subplot()
        _draw_curves(axes, advice)
        _draw_choices(axes, advice)
        _label(axes, advice)
        figure.savefig(path, dpi=150, metadata=metadata)


def _draw_curves(axes: Any, advice: Advice) -> None:
    highlights = advice.highlights
    others = [strategy for strategy in advice.strategies if strategy not in highlights]
    for strategy in others:
        axes.plot(*_line(advice, strategy), color=_GREY, linewidth=1.0, zorder=1)
    for place, (strategy, look) in enumerate(zip(highlights, _STYLES, strict=False)):
        colour, dashes, mark = look
        sizes, misses = _line(advice, strategy)
        axes.plot(
            sizes,
            misses,
            color=colour,
            linestyle=dashes,
            linewidth=2.4 if place == 0 else 1.6,
            marker=mark,
            markersize=5,
            markerfacecolor=colour if place == 0 else "white",
            zorder=6 - place,
            label=strategy.name,
        )
        errors = [100 * point.error for point in advice.curve(strategy) if point.max_size]
        if any(errors):
            axes.errorbar(sizes, misses, errors, fmt="none", ecolor=colour, capsize=3)
    if others:
        names = ", ".join(strategy.name for strategy in others)
        axes.plot([], [], color=_GREY, linewidth=1.0, label=textwrap.fill(names, 16))


def _draw_choices(axes: Any, advice: Advice) -> None:
    """What there is today and what to take, each with a mark around its point, which the legend
    explains: labels beside the points would lie over curves, or each other."""
    choices = advice.choices
    words = {"recommended": "take"}
    if choices.get("recommended") == choices["today"]:
        words = {"recommended": "keep"}
        del choices["today"]
    for name, choice in choices.items():
        size = advice.keys if choice.max_size is None else min(choice.max_size, advice.keys)
        if size < 1:
            continue
        miss = 100 * (1.0 - choice.hit_ratio)
        bound = "no bound" if choice.max_size is None else f"{choice.max_size:,}"
        axes.plot(
            [size],
            [miss],
            linestyle="none",
            marker=_SHAPES[name],
            markersize=14,
            markerfacecolor="none",
            markeredgecolor="black",
            markeredgewidth=1.6,
            clip_on=False,
            zorder=8,
            label=f"{words.get(name, name)}\n{choice.strategy.name}, {bound}: {miss:.1f} %",
        )


def _label(axes: Any, advice: Advice) -> None:
    axes.set_xscale("log")
    smallest, largest = axes.get_xlim()
    is_narrow = largest < 100 * smallest
    if is_narrow:
        # There may be but one power of ten to label.
        axes.set_xscale("log", subs=(2, 5))
    axes.set_ylim(bottom=0)
    axes.grid(True, color="#E5E5E5", linewidth=0.6)
    axes.set_axisbelow(True)
    axes.set_xlabel("max_size, entries (logarithmic)")
    axes.set_ylabel("misses, % of calls")
    axes.xaxis.set_major_formatter(_number)
    if is_narrow:
        axes.xaxis.set_minor_formatter(_number)
    axes.set_title(
        f"{advice.function}: {advice.calls:,} calls, {advice.keys:,} keys", loc="left", fontsize=12
    )
    axes.figure.legend(loc="outside right upper", fontsize=10, frameon=False, labelspacing=0.8)
    for side in ("top", "right"):
        axes.spines[side].set_visible(False)


def _number(size: float, _place: int | None) -> str:
    return f"{size:,.0f}"


def _line(advice: Advice, strategy: Strategy) -> tuple[list[int], list[float]]:
    points = advice.misses(strategy)
    return [size for size, _ in points], [100 * miss for _, miss in points]
