"""The decorators ``cache`` and ``lru_cache``."""

from __future__ import annotations

import functools
import os
from collections.abc import Callable, Hashable
from typing import TYPE_CHECKING, Any, ParamSpec, Protocol, TypeVar, overload

from warp_cache import _options, _record, _warp_cache
from warp_cache._functions import (
    CachedClassMethod,
    Method,
    copy_metadata,
    coroutine_markers,
    is_coroutine_function,
    is_decorable,
    refuse,
)
from warp_cache._options import MISSING, Ignore, Missing, Options, Ttl
from warp_cache._shared import SharedMemory
from warp_cache._types import Backend, Strategy
from warp_cache._warp_cache import CachedFunction

if TYPE_CHECKING:
    from typing_extensions import TypedDict, Unpack

    class _Options(TypedDict, total=False):
        max_size: int | None | Missing
        ttl: Ttl
        key: Callable[..., Hashable] | None
        ignore: Ignore
        backend: Backend | SharedMemory | str | int
        cache_if: Callable[[Any], Any] | None
        max_key_size: int | None
        max_value_size: int | None
        name: str | None
        version: int | str | None

    class _AllOptions(_Options, total=False):
        maxsize: int | None | Missing
        strategy: Strategy | str | int
        typed: bool
        single_flight: bool | None


P = ParamSpec("P")
R = TypeVar("R")

if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_record.forked)
_record.record_program()


class Decorator(Protocol):
    """What ``cache(...)`` returns: it takes the function."""

    def __call__(self, function: Callable[P, R], /) -> CachedFunction[P, R]: ...


@overload
def cache(function: Callable[P, R], /, **options: Unpack[_AllOptions]) -> CachedFunction[P, R]: ...
@overload
def cache(function: int | None | Missing = ..., /, **options: Unpack[_AllOptions]) -> Decorator: ...
def cache(
    function: Callable[..., Any] | int | None | Missing = MISSING,
    /,
    *,
    max_size: int | None | Missing = MISSING,
    maxsize: int | None | Missing = MISSING,
    strategy: Strategy | str | int = Strategy.LRU,
    ttl: Ttl = None,
    typed: bool = False,
    key: Callable[..., Hashable] | None = None,
    ignore: Ignore = (),
    backend: Backend | SharedMemory | str | int = Backend.MEMORY,
    single_flight: bool | None = None,
    cache_if: Callable[[Any], Any] | None = None,
    max_key_size: int | None = None,
    max_value_size: int | None = None,
    name: str | None = None,
    version: int | str | None = None,
) -> Any:
    """Keep a function's results: ``@cache``, ``@cache()``, ``@cache(500)`` or ``cache(function)``.

    Coroutine functions are found out by themselves; awaiting a hit never enters the coroutine.
    Arguments have to be hashable. A hit costs about half of one of ``functools.lru_cache``.

    It stands above or below ``@staticmethod``, and above ``@classmethod``. Below that the controls
    of ``C.method`` supply the class up to Python 3.12 only; from 3.13 on they take it first.

    Args:
        function: The function, or a ``max_size``.
        max_size: The most entries kept, 128 by default; None for no bound. 0 keeps nothing and
            counts misses; less is 0.
        maxsize: The same by functools' name.
        strategy: Which entry a full cache evicts: a ``Strategy``, its name or its number;
            for the shared backend one whose order processes can share.
        ttl: How long a result is kept, in seconds above zero or as a ``timedelta``; None for good.
            A callable is given each result and returns its ttl: None for good, not above zero for
            not kept. From a second on it is exact to some milliseconds.
        typed: Whether arguments of different types are different calls: ``f(1)`` and ``f(1.0)``.
        key: Makes the key: it is called with the arguments and returns something hashable.
        ignore: Names or positions of parameters that are not part of the key, however they are
            passed.
        backend: Where results are kept: in this process's memory, or with ``"shared"`` or a
            ``SharedMemory`` for every process of this user on this machine. A hit is then as fast,
            arguments have to have an encoding instead of a hash, and results are kept encoded.
        single_flight: One computation per key at a time, for which the other callers wait: on by
            default for coroutine functions, off for others. A wait that would close a cycle
            computes instead.
        cache_if: Is given each result; False means return it and do not keep it.
        max_key_size: The most bytes of encoded arguments with which a result is kept, above zero;
            for the shared backend only, which takes an eighth of its region for a key and a value.
        max_value_size: The same of an encoded result.
        name: Shares on purpose, under this name; for the shared backend only.
        version: Starts anew where it changes; for the shared backend only.

    Returns:
        A ``CachedFunction``, called as the function is, with ``cache_info()``, ``cache_clear()``,
        ``cache_parameters()``, ``cache_record()``, and ``cache_contains``, ``cache_get``,
        ``cache_set``, ``cache_invalidate``, ``cache_refresh`` and ``cache_key``, which take a
        call's arguments.
        Given no function, a decorator that makes one.

    Raises:
        TypeError: An argument has the wrong type, or the function is none that can be cached.
        ValueError: An argument has a value that it does not take; or the function needs ``name=``
            to share, as it or its key reads variables of an enclosing one, or has a default or a
            state that no process can tell from another.
        OSError: There is no such memory as the ``SharedMemory`` asks for.
        RuntimeError: The shared backend was asked for on Windows.
    """
    sizes: dict[str, object] = {"max_size": max_size, "maxsize": maxsize}
    if not is_decorable(function):
        sizes["the first argument"] = function
    options = _options.check(
        max_size=_one_size(sizes),
        strategy=strategy,
        ttl=ttl,
        typed=typed,
        key=key,
        ignore=ignore,
        backend=backend,
        single_flight=single_flight,
        cache_if=cache_if,
        max_key_size=max_key_size,
        max_value_size=max_value_size,
        name=name,
        version=version,
    )
    if is_decorable(function):
        return _decorate(function, options)
    return functools.partial(_decorate, options=options)


@overload
def lru_cache(maxsize: Callable[P, R], typed: bool = ..., /) -> CachedFunction[P, R]: ...
@overload
def lru_cache(
    maxsize: int | None | Missing = ...,
    typed: bool = ...,
    *,
    single_flight: bool = ...,
    **options: Unpack[_Options],
) -> Decorator: ...
def lru_cache(
    maxsize: Callable[..., Any] | int | None | Missing = MISSING,
    typed: bool = False,
    *,
    max_size: int | None | Missing = MISSING,
    ttl: Ttl = None,
    key: Callable[..., Hashable] | None = None,
    ignore: Ignore = (),
    backend: Backend | SharedMemory | str | int = Backend.MEMORY,
    single_flight: bool = False,
    cache_if: Callable[[Any], Any] | None = None,
    max_key_size: int | None = None,
    max_value_size: int | None = None,
    name: str | None = None,
    version: int | str | None = None,
) -> Any:
    """``functools.lru_cache``, to be put in its place, with ``cache``'s further arguments.

    As there, calls with the same keyword arguments in another order are kept apart, and callers do
    not wait for each other unless ``single_flight`` is asked for.

    Args:
        maxsize: The most entries kept, None for no bound; or the function, with the defaults.
        typed: Whether arguments of different types are different calls.
        max_size: The same as ``maxsize``.
        ttl: As for ``cache``, like all that follow.
        key: See ``cache``.
        ignore: See ``cache``.
        backend: See ``cache``.
        single_flight: See ``cache``; off by default, also for coroutine functions.
        cache_if: See ``cache``.
        max_key_size: See ``cache``.
        max_value_size: See ``cache``.
        name: See ``cache``.
        version: See ``cache``.

    Returns:
        As ``cache``.

    Raises:
        TypeError: As ``cache``.
        ValueError: As ``cache``.
    """
    sizes: dict[str, object] = {"max_size": max_size}
    if not is_decorable(maxsize):
        sizes["maxsize"] = maxsize
    options = _options.check(
        max_size=_one_size(sizes),
        strategy=Strategy.LRU,
        ttl=ttl,
        typed=bool(typed),
        key=key,
        ignore=ignore,
        backend=backend,
        single_flight=single_flight,
        cache_if=cache_if,
        max_key_size=max_key_size,
        max_value_size=max_value_size,
        name=name,
        version=version,
    )
    if is_decorable(maxsize):
        return _decorate(maxsize, options, like_functools=True)
    return functools.partial(_decorate, options=options, like_functools=True)


def _one_size(sizes: dict[str, object]) -> object:
    given = [argument for argument, size in sizes.items() if size is not MISSING]
    if len(given) > 1:
        raise TypeError(f"max_size: got twice, as {' and as '.join(given)}; it takes one")
    return sizes[given[0]] if given else 128


def _decorate(
    function: Callable[..., Any] | Method, options: Options, like_functools: bool = False
) -> CachedFunction[..., Any] | Method:
    if isinstance(function, classmethod):
        return CachedClassMethod(_decorate_function(function.__func__, options, like_functools))
    if isinstance(function, staticmethod):
        return staticmethod(_decorate_function(function.__func__, options, like_functools))
    return _decorate_function(function, options, like_functools)


def _decorate_function(
    function: Callable[..., Any], options: Options, like_functools: bool
) -> CachedFunction[..., Any]:
    refuse(function)
    is_async = is_coroutine_function(function)
    single_flight = is_async if options.single_flight is None else options.single_flight
    ordered = like_functools or _options.sees_keyword_order(function)
    ignore = _options.resolve_ignore(function, options.ignore)
    region = None
    if options.shared is not None:
        # Imports what programs that share nothing need not load.
        from warp_cache import _region

        region = _region.open_region(function, options, ordered=ordered, ignore=ignore)
    parameters: dict[str, Any] = {
        "maxsize": options.max_size,
        "typed": options.typed,
    }
    if not like_functools:
        parameters |= {
            "max_size": options.max_size,
            "strategy": options.strategy,
            "ttl": options.ttl,
            "key": options.key,
            "ignore": options.ignore,
            "backend": Backend.MEMORY if region is None else Backend.SHARED,
            "single_flight": single_flight,
            "cache_if": options.cache_if,
        }
    cached = _warp_cache.decorate(
        function,
        strategy=int(options.strategy),
        max_size=options.max_size,
        ttl=options.engine_ttl(),
        typed=options.typed,
        ordered=ordered,
        key=options.key,
        ignore=ignore,
        cache_if=options.cache_if,
        single_flight=single_flight,
        awaiter=_awaiter(single_flight) if is_async else None,
        markers=coroutine_markers(function) if is_async else None,
        parameters=parameters,
        region=region,
        exact=options.shared is not None and options.shared.serializer == "exact",
        max_key_size=options.max_key_size,
        max_value_size=options.max_value_size,
        flight_timeout=options.shared.flight_timeout if options.shared else 0.0,
    )
    copy_metadata(cached, function)
    _warp_cache._record_decorated(cached)
    return cached


def _awaiter(single_flight: bool) -> Callable[..., Any]:
    # Imports asyncio, which programs without coroutines need not load.
    from warp_cache import _async

    return _async.compute_once if single_flight else _async.compute
