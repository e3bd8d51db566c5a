"""Opens the region of a function's shared cache."""

from __future__ import annotations

import sys
import warnings
from collections.abc import Callable
from typing import Any

from warp_cache import _warp_cache
from warp_cache._identity import identify
from warp_cache._options import IgnoreTuple, Options, outside


def open_region(
    function: Callable[..., Any],
    options: Options,
    *,
    ordered: bool,
    ignore: IgnoreTuple | None,
) -> _warp_cache.Region | None:
    """The region, shared with every process that decorates the same function in the same way.

    Args:
        function: What is decorated.
        options: How.
        ordered: Whether the order of keyword arguments is part of the key.
        ignore: The parameters that are not.

    Returns:
        None for a cache in this process: where that was asked for, where nothing is to be kept, and
        with a warning where there is no such memory and none was insisted on.

    Raises:
        RuntimeError: There is no shared backend on this platform.
        ValueError: The function needs a name, or a size is too small.
        OSError: The memory that was insisted on cannot be had.
    """
    shared = options.shared
    if shared is None:
        return None
    if sys.platform == "win32":
        raise RuntimeError(
            "backend: the shared backend works on Linux and macOS, and this is Windows; "
            'say backend="memory"'
        )
    identity = identify(
        function,
        name=shared.name,
        version=shared.version,
        configuration=_configuration(options, ordered, ignore),
    )
    if options.max_size == 0:
        return None
    try:
        return _warp_cache.Region(
            digest=identity.digest,
            family=identity.family,
            name=identity.name,
            function=identity.function,
            directory=shared.path,
            size=shared.size,
            max_size=options.max_size,
            strategy=int(options.strategy),
            ttl=None if callable(options.ttl) else options.ttl,
        )
    except OSError as error:
        if options.insists:
            raise
        warnings.warn(
            f"backend: there is no shared memory for {identity.name}, as {error}; this cache is in "
            f"memory, for this process alone",
            RuntimeWarning,
            stacklevel=outside(),
        )
        return None


def _configuration(options: Options, ordered: bool, ignore: IgnoreTuple | None) -> list[object]:
    """What processes that share must agree on: how keys are made, values are encoded, and entries
    come and go."""
    shared = options.shared
    assert shared is not None
    positions, positions_from, names, names_except = ignore or ([], None, [], None)
    return [
        options.max_size,
        options.strategy.name,
        "callable" if callable(options.ttl) else options.ttl,
        options.typed,
        ordered,
        options.key,
        tuple(sorted(positions)),
        positions_from,
        tuple(sorted(names)),
        None if names_except is None else tuple(sorted(names_except)),
        shared.serializer,
        shared.size,
    ]
