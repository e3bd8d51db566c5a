"""The command line: ``python -m warp_cache advise FILE``."""

from __future__ import annotations

import argparse
import json
from typing import Any

from warp_cache import _advise
from warp_cache._advice import Advice
from warp_cache._words import say

#: What the command leaves with.
DONE, NOTHING_RECORDED, BAD_ARGUMENTS = 0, 1, 2


def add_parser(commands: Any) -> None:
    """Add the command to those of ``python -m warp_cache``."""
    parser: argparse.ArgumentParser = commands.add_parser(
        "advise",
        help="say which strategy and max_size suit the calls that were recorded",
        description="Replays recorded calls with every strategy at several sizes, and says which "
        "to take. f.cache_record(FILE) records one function, WARP_CACHE_RECORD=FILE a program.",
    )
    parser.add_argument("file", metavar="FILE", help="the recording")
    parser.add_argument(
        "--function", metavar="NAME", help="this function alone: its module:qualname, or qualname"
    )
    parser.add_argument(
        "--strategies", metavar="NAME,..", type=_names, help="these, instead of all"
    )
    parser.add_argument("--sizes", metavar="N,..", type=_sizes, help="these, instead of about ten")
    parser.add_argument(
        "--plot", metavar="PATH", help="draw the curves, as .svg or .png: needs warp_cache[plot]"
    )
    parser.add_argument("--chart", action="store_true", help="draw the curves in the terminal")
    parser.add_argument(
        "--partial", action="store_true", help="take what is intact of a truncated recording"
    )
    parser.add_argument("--json", action="store_true", help="print a list of objects")


def run(given: argparse.Namespace) -> int:
    """Run the command.

    Returns:
        0 if it is done, 1 if nothing was recorded, or not that function, 2 for a file that is
        refused and for bad arguments.
    """
    try:
        strategies = _advise.check_strategies(given.strategies)
        sizes = _advise.check_sizes(given.sizes)
        traces, fault = _advise.read(given.file, partial=given.partial)
    except (OSError, ValueError) as error:
        return say(error, BAD_ARGUMENTS)
    if fault is not None:
        say(f"what is intact is taken. {fault}", DONE)
    if not traces:
        return say(f"{given.file} holds no calls", NOTHING_RECORDED)
    chosen = _advise.matching(traces, given.function)
    if not chosen:
        names = ", ".join(traces)
        return say(f"{given.function!r} was not recorded; {names} was", NOTHING_RECORDED)
    if given.plot and len(chosen) > 1:
        names = ", ".join(chosen)
        return say(f"--plot draws one function; say --function, of {names}", BAD_ARGUMENTS)
    advice = []
    for name, trace in chosen.items():
        advice.append(_advise.simulate(name, trace, strategies=strategies, sizes=sizes))
    try:
        if given.plot:
            advice[0].plot(given.plot)
    except (ImportError, OSError, ValueError) as error:
        return say(error, BAD_ARGUMENTS)
    if given.json:
        print(json.dumps([each.as_dict() for each in advice], indent=2))
    else:
        print("\n\n".join(_text(each, given.chart) for each in advice))
    return DONE


def _text(advice: Advice, with_chart: bool) -> str:
    text = f"{advice.function}\n{advice}"
    return f"{text}\n\n{advice.chart()}" if with_chart else text


def _names(text: str) -> list[str]:
    return [name.strip() for name in text.split(",") if name.strip()]


def _sizes(text: str) -> list[int]:
    return [int(size) for size in _names(text)]
