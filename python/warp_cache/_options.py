"""The decorator's arguments, checked and brought into the form that the engine takes."""

from __future__ import annotations

import inspect
import math
import sys
import warnings
from collections.abc import Callable, Hashable, Iterable
from dataclasses import dataclass, replace
from datetime import timedelta
from enum import Enum
from numbers import Real
from types import CodeType
from typing import Any

from warp_cache._functions import underlying
from warp_cache._shared import SharedMemory
from warp_cache._types import Backend, Strategy
from warp_cache._words import check_name, check_version, describe

Ttl = float | timedelta | Callable[[Any], float | timedelta | None] | None
Ignore = int | str | Iterable[int | str]
IgnoreTuple = tuple[list[int], int | None, list[str], list[str] | None]

#: What the clock can count: about 292 years.
_LONGEST_TTL = 2**63 / 1e9


class _Missing(Enum):
    """That an argument was not given, where None would mean something."""

    MISSING = "missing"


MISSING = _Missing.MISSING
Missing = _Missing


@dataclass(frozen=True)
class Options:
    """Everything that a decorator was told, checked as far as it can be without the function."""

    max_size: int | None
    strategy: Strategy
    ttl: float | Callable[[Any], Any] | None
    typed: bool
    key: Callable[..., Hashable] | None
    ignore: Ignore
    single_flight: bool | None
    cache_if: Callable[[Any], Any] | None
    #: How memory is shared; None for a cache in this process.
    shared: SharedMemory | None = None
    #: Whether there has to be shared memory, as it was configured.
    insists: bool = False
    max_key_size: int | None = None
    max_value_size: int | None = None

    def engine_ttl(self) -> int | Callable[[Any], Any] | None:
        """The ttl in nanoseconds, or the callable."""
        if self.ttl is None or callable(self.ttl):
            return self.ttl
        return max(1, round(self.ttl * 1e9))


def check(
    *,
    max_size: object,
    strategy: object,
    ttl: Ttl,
    typed: bool,
    key: Callable[..., Hashable] | None,
    ignore: Ignore,
    backend: Backend | SharedMemory | str | int,
    single_flight: bool | None,
    cache_if: Callable[[Any], Any] | None,
    max_key_size: int | None,
    max_value_size: int | None,
    name: str | None,
    version: int | str | None,
) -> Options:
    """Check every argument; raise TypeError or ValueError with a sentence that names it."""
    if isinstance(ignore, Iterable) and not isinstance(ignore, str | bytes):
        # An iterator would serve the first function only.
        ignore = tuple(ignore)
    shared = check_backend(backend)
    _check_bytes(max_key_size=max_key_size, max_value_size=max_value_size)
    check_name(name)
    check_version(version)
    if shared is None:
        _warn_of_shared_only(
            max_key_size=max_key_size, max_value_size=max_value_size, name=name, version=version
        )
    else:
        shared = _named(shared, name, version)
    for argument, given in (("key", key), ("cache_if", cache_if)):
        if given is not None and not callable(given):
            raise TypeError(f"{argument}: got {describe(given)}; it takes a callable, or None")
    for argument, flag in (("typed", typed), ("single_flight", single_flight)):
        if not isinstance(flag, bool) and not (flag is None and argument == "single_flight"):
            raise TypeError(f"{argument}: got {describe(flag)}; it takes True or False")
    if key is not None and not (isinstance(ignore, tuple) and not ignore):
        raise TypeError(
            "ignore: got together with key; it takes parameters to leave out of the arguments, "
            "and key replaces these altogether"
        )
    return Options(
        max_size=check_max_size(max_size),
        strategy=check_strategy(strategy),
        ttl=check_ttl(ttl),
        typed=typed,
        key=key,
        ignore=ignore,
        single_flight=single_flight,
        cache_if=cache_if,
        shared=shared,
        insists=isinstance(backend, SharedMemory),
        max_key_size=max_key_size,
        max_value_size=max_value_size,
    )


def check_max_size(max_size: object) -> int | None:
    """A size: None, or not negative and not beyond what a process can hold."""
    if max_size is None:
        return None
    if isinstance(max_size, Strategy | Backend):
        argument = type(max_size).__name__.lower()
        member = f"{type(max_size).__name__}.{max_size.name}"
        raise TypeError(
            f"max_size: got {member}; it takes an int >= 0, or None for no bound; "
            f"say {argument}={member} for the {argument}"
        )
    if isinstance(max_size, bool) or not isinstance(max_size, int):
        hint = ""
        if isinstance(max_size, str) and max_size.upper() in Strategy.__members__:
            hint = f"; say strategy={max_size!r} for the strategy"
        raise TypeError(
            f"max_size: got {describe(max_size)}; it takes an int >= 0, or None for no bound{hint}"
        )
    return min(max(max_size, 0), sys.maxsize)


def check_strategy(strategy: object) -> Strategy:
    """A strategy by its member, its name in any case, or its number."""
    names = ", ".join(member.name for member in Strategy)
    takes = f"it takes one of {names}, as a Strategy, a name or a number"
    if isinstance(strategy, str):
        # There are letters elsewhere that become an S in capitals.
        member = Strategy.__members__.get(strategy.upper()) if strategy.isascii() else None
        if member is None:
            raise ValueError(f"strategy: got {describe(strategy)}; {takes}")
        return member
    if isinstance(strategy, bool | Backend) or not isinstance(strategy, int):
        raise TypeError(f"strategy: got {describe(strategy)}; {takes}")
    try:
        return Strategy(strategy)
    except ValueError:
        raise ValueError(f"strategy: got {describe(strategy)}; {takes}") from None


def check_ttl(ttl: Ttl) -> float | Callable[[Any], Any] | None:
    """A ttl in seconds, or the callable that gives each result its own."""
    takes = "it takes seconds or a timedelta above zero, a callable, or None"
    if ttl is None:
        return None
    if isinstance(ttl, timedelta):
        seconds = ttl.total_seconds()
    elif isinstance(ttl, float | Real) and not isinstance(ttl, bool):
        try:
            seconds = float(ttl)
        except OverflowError:
            seconds = math.inf
    elif callable(ttl):
        return ttl
    else:
        raise TypeError(f"ttl: got {describe(ttl)}; {takes}")
    if not 0 < seconds <= _LONGEST_TTL:
        raise ValueError(f"ttl: got {describe(ttl)}; {takes}, of at most 292 years")
    return seconds


def check_backend(backend: object) -> SharedMemory | None:
    """How memory is shared; None for the backend in this process."""
    takes = 'it takes a Backend, "memory", "shared" or a SharedMemory'
    if isinstance(backend, SharedMemory):
        return backend
    if isinstance(backend, str):
        member = Backend.__members__.get(backend.upper())
        if member is None:
            raise ValueError(f"backend: got {describe(backend)}; {takes}")
        backend = member
    if isinstance(backend, bool | Strategy) or not isinstance(backend, int):
        raise TypeError(f"backend: got {describe(backend)}; {takes}")
    if backend not in list(Backend):
        raise ValueError(f"backend: got {describe(backend)}; {takes}")
    return SharedMemory() if backend == Backend.SHARED else None


def _named(shared: SharedMemory, name: str | None, version: int | str | None) -> SharedMemory:
    """The configuration with what the decorator was told beside it."""
    for argument, told, known in (
        ("name", name, shared.name),
        ("version", version, shared.version),
    ):
        if told is not None and known is not None:
            raise TypeError(
                f"{argument}: got twice, in the decorator and in SharedMemory; it takes one"
            )
    return replace(
        shared,
        name=shared.name if name is None else name,
        version=shared.version if version is None else version,
    )


def _check_bytes(**arguments: object) -> None:
    for argument, given in arguments.items():
        takes = "it takes bytes as an int above zero"
        if given is None:
            continue
        if isinstance(given, bool) or not isinstance(given, int):
            raise TypeError(f"{argument}: got {describe(given)}; {takes}")
        if given <= 0:
            raise ValueError(f"{argument}: got {describe(given)}; {takes}")


def _warn_of_shared_only(**arguments: object) -> None:
    for argument, given in arguments.items():
        if given is not None:
            warnings.warn(
                f"{argument}: only the shared backend looks at it, and this cache is in memory",
                stacklevel=outside(),
            )


def outside() -> int:
    """The stacklevel of the caller's own code."""
    level = 1
    frame = inspect.currentframe()
    package = __name__.partition(".")[0]
    while frame is not None and frame.f_globals.get("__name__", "").startswith(package):
        frame = frame.f_back
        level += 1
    return level - 1


def resolve_ignore(function: Callable[..., Any], ignore: Ignore) -> IgnoreTuple | None:
    """Find the parameters to leave out: positions, all positions from one on, names, or all names
    except some."""
    entries = [ignore] if isinstance(ignore, str | bytes | int) else ignore
    takes = "it takes names or positions of the function's parameters"
    try:
        entries = list(entries)
    except TypeError:
        raise TypeError(f"ignore: got {describe(ignore)}; {takes}") from None
    if not entries:
        return None
    try:
        parameters = list(inspect.signature(function).parameters.values())
    except (TypeError, ValueError):
        raise ValueError(
            f"ignore: got {describe(ignore)} for {function!r}, whose parameters Python cannot "
            f"tell; use key="
        ) from None
    positions: list[int] = []
    names: list[str] = []
    positions_from: int | None = None
    names_except: list[str] | None = None
    for entry in entries:
        if isinstance(entry, bool) or not isinstance(entry, str | int):
            raise TypeError(f"ignore: got {describe(entry)}; {takes}")
        index = _find_parameter(parameters, entry)
        if index is None:
            known = ", ".join(parameter.name for parameter in parameters) or "none"
            raise ValueError(f"ignore: got {describe(entry)}; {takes}, which are: {known}")
        parameter = parameters[index]
        if parameter.kind is parameter.VAR_POSITIONAL:
            if entry in (index, parameter.name):
                positions_from = index
            elif isinstance(entry, int):
                positions.append(entry)
        elif parameter.kind is parameter.VAR_KEYWORD:
            kinds = (parameter.POSITIONAL_OR_KEYWORD, parameter.KEYWORD_ONLY)
            names_except = [other.name for other in parameters if other.kind in kinds]
        else:
            if parameter.kind is not parameter.KEYWORD_ONLY:
                positions.append(index)
            if parameter.kind is not parameter.POSITIONAL_ONLY:
                names.append(parameter.name)
    return positions, positions_from, names, names_except


def _find_parameter(parameters: list[inspect.Parameter], entry: int | str) -> int | None:
    for index, parameter in enumerate(parameters):
        if entry in (index, parameter.name):
            return index
        if isinstance(entry, int) and entry > index and parameter.kind is parameter.VAR_POSITIONAL:
            return index
    return None


def sees_keyword_order(function: Callable[..., Any]) -> bool:
    """Whether the function takes ``**kwargs``, in which the order of keywords shows."""
    code = getattr(underlying(function), "__code__", None)
    if isinstance(code, CodeType):
        # A signature may be made up.
        return bool(code.co_flags & inspect.CO_VARKEYWORDS)
    try:
        signature = inspect.signature(function, follow_wrapped=False)
    except (TypeError, ValueError):
        return True
    return any(p.kind is p.VAR_KEYWORD for p in signature.parameters.values())
