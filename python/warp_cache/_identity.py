"""Which shared cache a function uses: its identity.

Two processes share a cache when they would compute the same: the same function with the same code,
cached in the same way, under the same Python. So an identity is a digest of

* where the function is: module and qualified name, for ``__main__`` the script's absolute file;
* its code: instructions, constants with their types, names, and the code within it, but no line
  numbers, file names or comments;
* its defaults, by their encoding;
* the version that the user gave, Python's minor version and the encoding's;
* how it is cached: whatever two processes must not disagree about.

A name takes the place of the first three. Nothing enters that differs between two runs of one
program: no hash of a str, no address, no order of a set.
"""

from __future__ import annotations

import functools
import operator
import os
import sys
import types
from collections.abc import Callable, Iterable
from enum import Enum
from typing import Any, NamedTuple

from warp_cache import _warp_cache
from warp_cache._tokens import NoIdentityError, digest_of, tagged, token_of, token_of_code

#: Callables of the standard library that are told by what they are made of.
_GETTERS = (operator.itemgetter, operator.attrgetter, operator.methodcaller)
#: What a script's module is called, in itself and in processes that multiprocessing spawns.
_MAIN = ("__main__", "__mp_main__")
#: How deep defaults may be nested: far beyond what anybody writes.
_MAX_DEPTH = 50


class Identity(NamedTuple):
    """What a region is found by, and what is shown of it."""

    #: 32 bytes: two processes that agree on them share.
    digest: bytes
    #: 32 bytes: the same after a change of the code, the configuration or the version.
    family: bytes
    #: The name given, or ``module:qualname``.
    name: str
    #: ``module:qualname``.
    function: str


def identify(
    function: Callable[..., Any],
    *,
    name: str | None,
    version: int | str | None,
    configuration: Iterable[object],
) -> Identity:
    """The identity of a function's shared cache.

    Args:
        function: What is decorated.
        name: Shared on purpose under this name, whatever the function.
        version: The user's.
        configuration: How it is cached: None, bools, ints, floats, texts, callables and tuples of
            these.

    Raises:
        ValueError: The function needs a name, as processes cannot tell it from another's otherwise.
    """
    shown = _label(function)
    parts = [token_of(version), token_of(sys.version_info[:2]), token_of(_warp_cache.ENCODING)]
    if name is not None:
        place = tagged(b"name", token_of(name))
        parts += [place, *map(_configured_by_name, configuration)]
    else:
        place = tagged(b"place", *map(token_of, _place(function)))
        try:
            parts += [place, _body(function), *map(_configured, configuration)]
        except NoIdentityError as reason:
            raise ValueError(
                f"name: got None for {shown}, which {reason}: processes could not tell its results "
                f"from another function's; say name= to share them on purpose"
            ) from None
    return Identity(
        digest=digest_of(b"identity", *parts),
        family=digest_of(b"family", place, token_of(sys.version_info[:2])),
        name=shown if name is None else name,
        function=shown,
    )


def _label(function: Callable[..., Any]) -> str:
    """What a user knows the function by."""
    module = getattr(function, "__module__", None) or type(function).__module__
    name = getattr(function, "__qualname__", None) or type(function).__qualname__
    return f"{'__main__' if module in _MAIN else module}:{name}"


def _place(function: Callable[..., Any]) -> tuple[str, ...]:
    """Where the function is, so that another script's of the same name is another one."""
    module, _, name = _label(function).partition(":")
    if module != "__main__":
        return module, name
    # By its own globals: while multiprocessing spawns, sys.modules has another __main__.
    file = getattr(function, "__globals__", {}).get("__file__")
    if isinstance(file, str):
        return module, name, os.path.realpath(file)
    # No file: a notebook, an interactive session or `python -c`, whose text then tells.
    command = sys.orig_argv if sys.argv[:1] == ["-c"] else []
    text = command[command.index("-c") + 1 :][:1] if "-c" in command else []
    return module, name, os.getcwd(), *text


def _body(function: Callable[..., Any], depth: int = 0) -> bytes:
    """What the function does: its code and its defaults."""
    if isinstance(function, types.BuiltinFunctionType) and isinstance(
        function.__self__, types.ModuleType | None
    ):
        return tagged(b"builtin")
    if not isinstance(function, types.FunctionType):
        raise NoIdentityError(f"is no function but a {type(function).__name__} with a state")
    cells = zip(function.__code__.co_freevars, function.__closure__ or (), strict=True)
    free = [n for n, cell in cells if n != "__class__" and not _is_itself(function, n, cell)]
    if free:
        raise NoIdentityError(f"reads {', '.join(free)} of an enclosing function")
    defaults = [_default(value, depth) for value in function.__defaults__ or ()]
    named = sorted((function.__kwdefaults__ or {}).items())
    keywords = [tagged(b"keyword", token_of(key), _default(value, depth)) for key, value in named]
    return tagged(
        b"function",
        token_of_code(function.__code__),
        tagged(b"defaults", *defaults),
        tagged(b"keywords", *keywords),
    )


def _is_itself(function: types.FunctionType, name: str, cell: types.CellType) -> bool:
    """Whether a free variable is what ``super()`` reads or the function, which calls itself by it:
    while it is decorated there is nothing in it yet."""
    try:
        content = cell.cell_contents
    except ValueError:
        return name == function.__code__.co_name
    return content is function or getattr(content, "__wrapped__", None) is function


def _default(value: Any, depth: int = 0) -> bytes:
    """A default by its encoding, by what it does or its name if it is a function or a class."""
    if depth > _MAX_DEPTH:
        raise NoIdentityError("has a default that is nested too deeply")
    if type(value) in (tuple, list, set, frozenset, dict):
        # By element, as sets have no order, and what is in one may have but a name.
        parts = value.items() if isinstance(value, dict) else value
        tokens = [_default(part, depth + 1) for part in parts]
        in_order = sorted(tokens) if isinstance(value, set | frozenset) else tokens
        return tagged(type(value).__name__.encode(), *in_order)
    try:
        return tagged(b"encoded", _warp_cache._encode(value, exact=True))
    except TypeError:
        pass  # By what it does then, or its name.
    if isinstance(value, Enum):
        return tagged(b"enum", _default(type(value)), token_of(value.name))
    token = _called(value, depth)
    if token is None:
        raise NoIdentityError(f"has a default without an encoding, of type {type(value).__name__}")
    return token


def _called(value: Any, depth: int = 0) -> bytes | None:
    """A function or a class by its place, and what it does; None if it has a state of its own."""
    if isinstance(value, types.FunctionType):
        return tagged(b"called", *map(token_of, _place(value)), _body(value, depth + 1))
    if type(value) is functools.partial:
        parts = (value.func, value.args, value.keywords)
        return tagged(b"partial", *(_default(part, depth + 1) for part in parts))
    if type(value) in _GETTERS:
        return tagged(b"getter", _default(value.__reduce__(), depth + 1))
    name = getattr(value, "__qualname__", None)
    if not name or "<" in name or not _is_global(value):
        return None
    owner = getattr(value, "__objclass__", value)
    return tagged(b"global", token_of(getattr(owner, "__module__", None)), token_of(name))


def _is_global(value: Any) -> bool:
    """Whether it is what its name says, and no method of some object."""
    if isinstance(value, types.BuiltinFunctionType):
        return isinstance(value.__self__, types.ModuleType | type | None)
    return isinstance(value, type | types.MethodDescriptorType | types.WrapperDescriptorType)


def _configured(value: Any) -> bytes:
    """A callable of the configuration by its place and what it does."""
    if not callable(value):
        return token_of(value)
    try:
        token = _called(value)
    except NoIdentityError as reason:
        raise NoIdentityError(f"has a key that {reason}") from None
    if token is None:
        raise NoIdentityError(f"has a key of type {type(value).__name__} with a state")
    return token


def _configured_by_name(value: Any) -> bytes:
    """The same by what it does as far as that can be told, wherever it is."""
    if not callable(value):
        return token_of(value)
    try:
        token = _body(value) if isinstance(value, types.FunctionType) else _called(value)
    except NoIdentityError:
        token = token_of_code(value.__code__) if isinstance(value, types.FunctionType) else None
    return tagged(b"callable", token or token_of(_label(value)))
