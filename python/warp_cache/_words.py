"""The words of the decorator's errors, and the arguments that several places check."""

from __future__ import annotations

import sys


def describe(value: object) -> str:
    """The value and its type, for a sentence."""
    text = repr(value)
    if len(text) > 60:
        text = text[:57] + "..."
    return f"{text} ({type(value).__name__})"


def say(what: object, status: int) -> int:
    """Tell a user of the command line, who then gets the status."""
    print(f"warp_cache: {what}", file=sys.stderr)
    return status


def check_name(name: object) -> None:
    """The name of a shared cache: a text that is not empty, or None."""
    if name is None:
        return
    takes = "it takes a str that is not empty, without control characters"
    if not isinstance(name, str):
        raise TypeError(f"name: got {describe(name)}; {takes}")
    if not name.strip() or not name.isprintable():
        raise ValueError(f"name: got {describe(name)}; {takes}")


def check_version(version: object) -> None:
    """The version of a shared cache: an int, a text, or None."""
    if isinstance(version, bool) or not isinstance(version, str | int | None):
        raise TypeError(f"version: got {describe(version)}; it takes an int or a str")
