"""The command line: ``python -m warp_cache ls | info NAME | clear NAME | rm NAME | advise FILE``.

``rm --stale`` removes the caches that nobody needs any more: no process has them open, and their
function's code or configuration has changed since, or nobody has used them for a week.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable, Sequence
from typing import Any

from warp_cache import _advise_command, _warp_cache
from warp_cache._words import say

#: What the command leaves with.
DONE, NO_SUCH_CACHE, BAD_ARGUMENTS = 0, 1, 2

_Region = dict[str, Any]


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command.

    Args:
        arguments: Those of the command line by default.

    Returns:
        0 if it is done, 1 if there is no such cache or nothing recorded, 2 for bad arguments.
    """
    parser = _parser()
    try:
        given = parser.parse_args(arguments)
    except SystemExit as left:  # argparse has said why, or has shown its help
        return left.code if isinstance(left.code, int) else BAD_ARGUMENTS
    if given.command == "advise":
        return _advise_command.run(given)
    if sys.platform == "win32":
        return say("there are no shared caches on Windows", NO_SUCH_CACHE)
    if given.path == "":
        return say("--path: got nothing; it takes a directory", BAD_ARGUMENTS)
    if given.command == "rm" and given.stale is (given.name is not None):
        return say("rm: takes either a NAME or --stale", BAD_ARGUMENTS)
    removes_stale = given.command == "rm" and given.stale
    find = _warp_cache.remove_stale_regions if removes_stale else _warp_cache.regions
    try:
        regions, errors = find(given.path)
    except OSError as error:
        return say(error, BAD_ARGUMENTS)
    for fault in errors:
        say(fault, DONE)
    if removes_stale:
        _show_done("removed", regions, given.json)
        return DONE
    if given.command == "ls":
        _show(regions, given.json, _table)
        return DONE
    matching = [region for region in regions if given.name in (region["name"], region["function"])]
    if not matching:
        return say(f"there is no shared cache {given.name!r}", NO_SUCH_CACHE)
    if given.command == "info":
        _show(matching, given.json, _details)
        return DONE
    if len(matching) > 1 and not given.all:
        _show(matching, given.json, _table)
        return say(
            f"{given.name!r} names {len(matching)} caches, of different code or configuration; say "
            f"--all for all of them",
            BAD_ARGUMENTS,
        )
    return _change(given.command, matching, given.json)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m warp_cache",
        description="The shared caches of this user on this machine, and advice on any cache.",
    )
    common = argparse.ArgumentParser(add_help=False)
    common.add_argument("--json", action="store_true", help="print a list of objects")
    common.add_argument("--path", metavar="DIRECTORY", help="look in SharedMemory(path=DIRECTORY)")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    commands.add_parser("ls", parents=[common], help="list them")
    for command, says in (
        ("info", "show all that is known of one"),
        ("clear", "drop its entries, in every process that uses it"),
        ("rm", "remove it; processes that have it open keep it to themselves"),
    ):
        one = commands.add_parser(command, parents=[common], help=says)
        one.add_argument(
            "name",
            metavar="NAME",
            nargs="?" if command == "rm" else None,
            help="its name=, or module:qualname",
        )
        if command == "rm":
            one.add_argument(
                "--stale",
                action="store_true",
                help="all that no process has open, if other code or another configuration of "
                "their function has followed or nobody has used them for a week",
            )
        if command != "info":
            one.add_argument(
                "--all", action="store_true", help="all that match, where there are several"
            )
    _advise_command.add_parser(commands)
    return parser


def _change(command: str, regions: list[_Region], as_json: bool) -> int:
    """Clear or remove regions; one that went meanwhile is done as well."""
    change, done = {
        "clear": (_warp_cache.clear_region, "cleared"),
        "rm": (_warp_cache.remove_region, "removed"),
    }[command]
    changed, status = [], DONE
    for region in regions:
        try:
            change(region["path"])
        except FileNotFoundError:
            pass
        except OSError as error:
            status = say(f"{region['name']}: {error}", NO_SUCH_CACHE)
            break
        changed.append(region)
    _show_done(done, changed, as_json)
    return status


def _show_done(done: str, regions: list[_Region], as_json: bool) -> None:
    def lines(regions: list[_Region]) -> None:
        for region in regions:
            print(f"{done} {region['name']} ({region['path']})")

    _show(regions, as_json, lines)


def _show(regions: list[_Region], as_json: bool, show: Callable[[list[_Region]], None]) -> None:
    if as_json:
        print(json.dumps(regions, indent=2))
    else:
        show(regions)


def _table(regions: list[_Region]) -> None:
    if not regions:
        print("no shared caches")
        return
    heading = ("NAME", "ENTRIES", "BYTES", "HIT RATIO", "STRATEGY", "TTL", "PROCESSES", "PATH")
    rows = [
        (
            region["name"],
            f"{region['entries']}/{_or_dash(region['max_size'])}",
            _bytes(region["bytes"]),
            _hit_ratio(region),
            region["strategy"],
            _seconds(region["ttl"]),
            _processes(region),
            region["path"],
        )
        for region in regions
    ]
    widths = [max(map(len, column)) for column in zip(heading, *rows, strict=True)]
    for row in (heading, *rows):
        cells = (cell.ljust(width) for cell, width in zip(row, widths, strict=True))
        print("  ".join(cells).rstrip())


def _details(regions: list[_Region]) -> None:
    for number, region in enumerate(regions):
        if number:
            print()
        lines = {
            "name": region["name"],
            "function": region["function"],
            "path": region["path"],
            "bytes": f"{region['bytes']} ({_bytes(region['bytes'])})",
            "entries": f"{region['entries']} of {_or_dash(region['max_size'])}",
            "strategy": region["strategy"],
            "ttl": _seconds(region["ttl"]),
            "hits": f"{region['hits']} ({_hit_ratio(region)})",
            "misses": region["misses"],
            "evictions": region["evictions"],
            "recoveries": region["recoveries"],
            "processes": _processes(region),
        }
        for label, value in lines.items():
            print(f"{label + ':':<12}{value}")


def _processes(region: _Region) -> str:
    return f"{region['processes']}, stale" if region["stale"] else str(region["processes"])


def _or_dash(value: object) -> str:
    return "-" if value is None else str(value)


def _seconds(ttl: float | None) -> str:
    return "-" if ttl is None else f"{ttl:g} s"


def _hit_ratio(region: _Region) -> str:
    calls = region["hits"] + region["misses"]
    return f"{region['hits'] / calls:.1%}" if calls else "-"


def _bytes(count: int) -> str:
    size = float(count)
    for unit in ("B", "KiB", "MiB", "GiB"):
        if size < 1024:
            return f"{size:.4g} {unit}"
        size /= 1024
    return f"{size:.4g} TiB"
