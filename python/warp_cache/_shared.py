"""Where and how a shared cache keeps its entries: ``SharedMemory``."""

from __future__ import annotations

import math
import os
import re
from dataclasses import dataclass, fields
from datetime import timedelta
from numbers import Real
from typing import final

from warp_cache._words import check_name, check_version, describe

_UNITS = {"": 1, "B": 1} | {
    prefix + unit: base**power
    for unit, base in (("B", 1000), ("iB", 1024))
    for power, prefix in enumerate("KMGT", 1)
}
_SIZE = re.compile(r"\s*(\d+(?:\.\d+)?)\s*([A-Za-z]*)\s*", re.ASCII)
_SERIALIZERS = ("pickle", "exact")
#: What a region's offsets can count, and more than any machine has.
_LARGEST_SIZE = 2**48


@final
@dataclass(frozen=True, slots=True, repr=False, init=False)
class SharedMemory:
    """A cache in shared memory, configured: what ``backend="shared"`` stands for, with choices.

    Given to ``cache(backend=...)``, it raises ``OSError`` at decoration where the memory cannot be
    had; ``backend="shared"`` falls back to a cache in the process there, with a warning.

    Args:
        name: Shares on purpose: every function of this user that is decorated with this name, the
            same configuration and the same Python version uses one cache. Functions that read
            variables of an enclosing function need one, as those with a default that has no
            encoding. By default the function's own place and code are the name.
        size: The bytes of the region, a hard bound that is reserved at once: an int, or a text with
            a unit such as ``"256MiB"`` or ``"1.5GB"``. By default 512 bytes for each entry of
            ``max_size``, but 4 to 256 MiB, and from 2.7 million entries on 100 bytes for each.
            An entry whose arguments and result are encoded in 16 bytes, as ints are, takes less
            than that, so that ``max_size`` of them always fit; a larger one takes 72 more for each
            64 of its bytes, and where they fill the region, entries are evicted to make room.
            256 MiB without a ``max_size``. A single value may take an eighth.
        path: The directory to keep the region in, which has to be there; it gets a folder that only
            this user can enter. By default the first that is there of ``$XDG_RUNTIME_DIR``,
            ``/dev/shm`` and ``$TMPDIR``.
        serializer: ``"pickle"``: results of types without an encoding of their own are pickled.
            ``"exact"``: they are returned and not kept.
        version: Change it to start anew, where what a function returns has changed and its code has
            not.
        flight_timeout: For how many seconds at most a call waits for another process that computes
            its result, before it computes itself; above zero, 5 by default.

    Raises:
        TypeError: An argument has the wrong type.
        ValueError: An argument has a value that it does not take.
    """

    name: str | None = None
    size: int | None = None
    path: str | None = None
    serializer: str = "pickle"
    version: int | str | None = None
    flight_timeout: float = 5.0

    def __init__(
        self,
        *,
        name: str | None = None,
        size: int | str | None = None,
        path: str | os.PathLike[str] | None = None,
        serializer: str = "pickle",
        version: int | str | None = None,
        flight_timeout: float | timedelta = 5.0,
    ) -> None:
        check_name(name)
        check_version(version)
        # Frozen, so not by assignment.
        for field, value in (
            ("name", name),
            ("size", _check_size(size)),
            ("path", _check_path(path)),
            ("serializer", _check_serializer(serializer)),
            ("version", version),
            ("flight_timeout", _check_timeout(flight_timeout)),
        ):
            object.__setattr__(self, field, value)

    def __repr__(self) -> str:
        """Names what differs from the defaults."""
        given = [
            f"{field.name}={getattr(self, field.name)!r}"
            for field in fields(self)
            if getattr(self, field.name) != field.default
        ]
        return f"SharedMemory({', '.join(given)})"


def _check_size(size: object) -> int | None:
    """The bytes that a size stands for."""
    takes = 'it takes bytes as an int, or a text as "256MiB" or "1GB", above zero'
    count: int
    if size is None:
        return None
    if isinstance(size, str):
        match = _SIZE.fullmatch(size)
        units = {unit.lower(): factor for unit, factor in _UNITS.items()}
        factor = units.get(match[2].lower()) if match else None
        if match is None or factor is None:
            raise ValueError(f"size: got {describe(size)}; {takes}")
        digits = match[1]
        count = round(float(digits) * factor) if "." in digits else int(digits) * factor
    elif isinstance(size, int) and not isinstance(size, bool):
        count = int(size)
    else:
        raise TypeError(f"size: got {describe(size)}; {takes}")
    if not 0 < count <= _LARGEST_SIZE:
        raise ValueError(f"size: got {describe(size)}; {takes}, and at most 256 TiB")
    return count


def _check_path(path: object) -> str | None:
    """A directory's absolute path."""
    if path is None:
        return None
    if not isinstance(path, str | os.PathLike):
        raise TypeError(f"path: got {describe(path)}; it takes a directory as a str or a Path")
    text = os.fspath(path)
    if not isinstance(text, str) or not text or "\0" in text:
        raise ValueError(f"path: got {describe(path)}; it takes a directory's name as text")
    return os.path.abspath(text)


def _check_serializer(serializer: object) -> str:
    takes = 'it takes "pickle" or "exact"'
    if not isinstance(serializer, str):
        raise TypeError(f"serializer: got {describe(serializer)}; {takes}")
    if serializer not in _SERIALIZERS:
        raise ValueError(f"serializer: got {describe(serializer)}; {takes}")
    return serializer


def _check_timeout(timeout: object) -> float:
    takes = "it takes seconds above zero, or a timedelta"
    if isinstance(timeout, timedelta):
        seconds = timeout.total_seconds()
    elif isinstance(timeout, float | Real) and not isinstance(timeout, bool):
        try:
            seconds = float(timeout)
        except OverflowError:
            seconds = math.inf
    else:
        raise TypeError(f"flight_timeout: got {describe(timeout)}; {takes}")
    # A day is longer than any computation that others should wait for, and any clock counts it.
    if not 0 < seconds <= 86_400:
        raise ValueError(f"flight_timeout: got {describe(timeout)}; {takes}, of at most a day")
    return seconds
