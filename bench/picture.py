"""Draws the tables, for README: readable at the width of a page, and without colours.

Colours are those of Okabe and Ito; every contender has a shape of its own besides.
"""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from typing import Any

from bench.contenders import REFERENCE
from bench.report import ELDER, Row

# Name, colour, marker. The first of our strategies is filled, the later ones are open.
PEER_STYLES = {
    ELDER: ("#CC79A7", "v"),
    "cachebox": ("#E69F00", "s"),
    "moka-py": ("#009E73", "D"),
    "cachetools": ("#D55E00", "^"),
    "async-lru": ("#56B4E9", "P"),
    "plain coroutine": ("#999999", "x"),
}
OUR_COLOUR = "#0072B2"
OUR_MARKERS = "os^Dv<>ph*dH"


def load_pyplot() -> Any:
    """None where matplotlib is not installed: the tables do without."""
    try:
        import_module("matplotlib").use("Agg")
        pyplot: Any = import_module("matplotlib.pyplot")
    except ImportError:
        return None
    pyplot.rcParams.update({"font.size": 10, "svg.fonttype": "none", "axes.titlesize": 12})
    return pyplot


def style(name: str, ours: list[str]) -> dict[str, Any]:
    if name in ours:
        place = ours.index(name)
        return {
            "color": OUR_COLOUR,
            "marker": OUR_MARKERS[place % len(OUR_MARKERS)],
            "markerfacecolor": OUR_COLOUR if place == 0 else "white",
            "zorder": 4 - min(place, 1),
        }
    colour, marker = PEER_STYLES.get(name, ("#000000", "."))
    return {"color": colour, "marker": marker, "zorder": 2}


def contenders_of(rows: list[Row]) -> tuple[list[str], list[str]]:
    """Ours, and everybody else but the reference, in the order of the tables."""
    names = list(dict.fromkeys(name for row in rows for name in row.ratios if name != REFERENCE))
    ours = [name for name in names if name.startswith("warp_cache ") and name != ELDER]
    return ours, [name for name in names if name not in ours]


def save(pyplot: Any, figure: Any, stem: Path) -> list[Path]:
    written = [stem.with_name(f"{stem.name}.{kind}") for kind in ("svg", "png")]
    for path in written:
        # Without the date in it, the same figures give the same file.
        metadata = {"Date": None} if path.suffix == ".svg" else {}
        figure.savefig(path, dpi=150, bbox_inches="tight", metadata=metadata)
    pyplot.close(figure)
    return written


def draw_ratios(rows: list[Row], elder: list[Row], machine: str, stem: Path) -> list[Path]:
    """One line per question, one mark per contender, further left is faster."""
    pyplot = load_pyplot()
    if pyplot is None:
        return []
    by_label = {row.label: row.ratios for row in elder}
    merged = [
        Row(row.label, {**row.ratios, **only_elder(by_label.get(row.label, {}))}) for row in rows
    ]
    ours, others = contenders_of(merged)
    figure, axes = pyplot.subplots(figsize=(9.0, 0.42 * len(rows) + 2.0))
    places = list(range(len(merged)))
    for name in [*others, *ours]:
        points = [(row.ratios[name], y) for y, row in enumerate(merged) if name in row.ratios]
        xs, ys = zip(*points, strict=True)
        axes.plot(xs, ys, linestyle="none", markersize=7, label=name, **style(name, ours))
    axes.axvline(1.0, color="black", linewidth=1.2, zorder=1)
    axes.set_xscale("log")
    ticks = [0.25, 0.5, 1, 2, 5, 10, 20]
    axes.set_xticks(ticks, [f"{tick:g}" for tick in ticks])
    axes.minorticks_off()
    axes.set_yticks(places, [row.label for row in merged])
    axes.invert_yaxis()
    axes.grid(True, color="#dddddd", linewidth=0.6)
    axes.set_axisbelow(True)
    axes.set_xlabel("time relative to functools.lru_cache (the line at 1); less is faster")
    axes.set_title("What a call costs", loc="left")
    axes.legend(loc="upper left", bbox_to_anchor=(1.01, 1.0), frameon=False)
    figure.text(0.01, -0.02, machine, fontsize=7, color="#555555")
    return save(pyplot, figure, stem)


def only_elder(ratios: dict[str, float]) -> dict[str, float]:
    return {name: value for name, value in ratios.items() if name == ELDER}


def draw_growth(costs: dict[str, dict[int, float]], machine: str, stem: Path) -> list[Path]:
    """An insert that evicts, by the size of the cache: flat is good."""
    pyplot = load_pyplot()
    if pyplot is None:
        return []
    figure, axes = pyplot.subplots(figsize=(8.0, 4.0))
    ours = [name for name in costs if name != REFERENCE]
    for name, by_size in costs.items():
        look = style(name, ours) if name in ours else {"color": "black", "marker": "x"}
        axes.plot(list(by_size), list(by_size.values()), linewidth=1.2, label=name, **look)
    axes.set_xscale("log")
    axes.set_ylim(0, 1.1 * max(max(by_size.values()) for by_size in costs.values()))
    sizes = list(next(iter(costs.values())))
    axes.set_xticks(sizes, [f"{size:,}" for size in sizes])
    axes.minorticks_off()
    axes.grid(True, color="#dddddd", linewidth=0.6)
    axes.set_xlabel("entries in the (full) cache")
    axes.set_ylabel("nanoseconds per call")
    axes.set_title("A miss that evicts, by the size of the cache", loc="left")
    axes.legend(loc="upper left", bbox_to_anchor=(1.01, 1.0), frameon=False)
    figure.text(0.01, -0.04, machine, fontsize=7, color="#555555")
    return save(pyplot, figure, stem)
