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

import dis
import functools
import hashlib
import inspect
import operator
import os
import struct
import sys
import types
from collections.abc import Callable, Iterable
from enum import Enum
from typing import Any, NamedTuple

from warp_cache import _warp_cache

#: Callables of the standard library that are told by what they are made of.
_GETTERS = (operator.itemgetter, operator.attrgetter, operator.methodcaller)
#: What a script's module is called, in itself and in processes that multiprocessing spawns.
_MAIN = ("__main__", "__mp_main__")
#: The flag of code with a docstring, from 3.13 on: no part of what it does.
_HAS_DOCSTRING = 0x4000000
#: How deep defaults may be nested: far beyond what anybody writes.
_MAX_DEPTH = 50
#: What a class body is told of its own source from 3.13 on.
_OF_THE_SOURCE = ("__firstlineno__", "__static_attributes__")


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


class _NoIdentityError(Exception):
    """A part of a function cannot be told from others; says which."""


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
    parts = [_token(version), _token(sys.version_info[:2]), _token(_warp_cache.ENCODING)]
    if name is not None:
        place = _tagged(b"name", _token(name))
        parts += [place, *map(_configured_by_name, configuration)]
    else:
        place = _tagged(b"place", *map(_token, _place(function)))
        try:
            parts += [place, _body(function), *map(_configured, configuration)]
        except _NoIdentityError as reason:
            raise ValueError(
                f"name: got None for {shown}, which {reason}: processes could not tell its results "
                f"from another function's; say name= to share them on purpose"
            ) from None
    return Identity(
        digest=_digest(b"identity", *parts),
        family=_digest(b"family", place, _token(sys.version_info[:2])),
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
        return _tagged(b"builtin")
    if not isinstance(function, types.FunctionType):
        raise _NoIdentityError(f"is no function but a {type(function).__name__} with a state")
    cells = zip(function.__code__.co_freevars, function.__closure__ or (), strict=True)
    free = [n for n, cell in cells if n != "__class__" and not _is_itself(function, n, cell)]
    if free:
        raise _NoIdentityError(f"reads {', '.join(free)} of an enclosing function")
    defaults = [_default(value, depth) for value in function.__defaults__ or ()]
    named = sorted((function.__kwdefaults__ or {}).items())
    keywords = [_tagged(b"keyword", _token(key), _default(value, depth)) for key, value in named]
    return _tagged(
        b"function",
        _code(function.__code__),
        _tagged(b"defaults", *defaults),
        _tagged(b"keywords", *keywords),
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
        raise _NoIdentityError("has a default that is nested too deeply")
    if type(value) in (tuple, list, set, frozenset, dict):
        # By element, as sets have no order, and what is in one may have but a name.
        parts = value.items() if isinstance(value, dict) else value
        tokens = [_default(part, depth + 1) for part in parts]
        in_order = sorted(tokens) if isinstance(value, set | frozenset) else tokens
        return _tagged(type(value).__name__.encode(), *in_order)
    try:
        return _tagged(b"encoded", _warp_cache._encode(value, exact=True))
    except TypeError:
        pass  # By what it does then, or its name.
    if isinstance(value, Enum):
        return _tagged(b"enum", _default(type(value)), _token(value.name))
    token = _called(value, depth)
    if token is None:
        raise _NoIdentityError(f"has a default without an encoding, of type {type(value).__name__}")
    return token


def _called(value: Any, depth: int = 0) -> bytes | None:
    """A function or a class by its place, and what it does; None if it has a state of its own."""
    if isinstance(value, types.FunctionType):
        return _tagged(b"called", *map(_token, _place(value)), _body(value, depth + 1))
    if type(value) is functools.partial:
        parts = (value.func, value.args, value.keywords)
        return _tagged(b"partial", *(_default(part, depth + 1) for part in parts))
    if type(value) in _GETTERS:
        return _tagged(b"getter", _default(value.__reduce__(), depth + 1))
    name = getattr(value, "__qualname__", None)
    if not name or "<" in name or not _is_global(value):
        return None
    owner = getattr(value, "__objclass__", value)
    return _tagged(b"global", _token(getattr(owner, "__module__", None)), _token(name))


def _is_global(value: Any) -> bool:
    """Whether it is what its name says, and no method of some object."""
    if isinstance(value, types.BuiltinFunctionType):
        return isinstance(value.__self__, types.ModuleType | type | None)
    return isinstance(value, type | types.MethodDescriptorType | types.WrapperDescriptorType)


def _configured(value: Any) -> bytes:
    """A callable of the configuration by its place and what it does."""
    if not callable(value):
        return _token(value)
    try:
        token = _called(value)
    except _NoIdentityError as reason:
        raise _NoIdentityError(f"has a key that {reason}") from None
    if token is None:
        raise _NoIdentityError(f"has a key of type {type(value).__name__} with a state")
    return token


def _configured_by_name(value: Any) -> bytes:
    """The same by what it does as far as that can be told, wherever it is."""
    if not callable(value):
        return _token(value)
    try:
        token = _body(value) if isinstance(value, types.FunctionType) else _called(value)
    except _NoIdentityError:
        token = _code(value.__code__) if isinstance(value, types.FunctionType) else None
    return _tagged(b"callable", token or _token(_label(value)))


# ---------------------------------------------------------------- bytes


def _tagged(tag: bytes, *parts: bytes) -> bytes:
    """Parts in a row that no other parts look like."""
    lengths = struct.pack(f">{len(parts) + 1}Q", len(parts), *map(len, parts))
    return b"".join((struct.pack(">B", len(tag)), tag, lengths, *parts))


def _digest(tag: bytes, *parts: bytes) -> bytes:
    return hashlib.blake2b(_tagged(tag, *parts), digest_size=32).digest()


def _token(value: object) -> bytes:
    """A constant by type and value."""
    if value is None or value is ...:
        return _tagged(b"None" if value is None else b"...")
    if isinstance(value, bool):
        return _tagged(b"bool", b"1" if value else b"0")
    if isinstance(value, int):
        size = value.bit_length() // 8 + 1
        return _tagged(b"int", value.to_bytes(size, "big", signed=True))
    if isinstance(value, float):
        return _tagged(b"float", struct.pack(">d", value))
    if isinstance(value, complex):
        return _tagged(b"complex", struct.pack(">dd", value.real, value.imag))
    if isinstance(value, str):
        return _tagged(b"str", value.encode("utf-8", "surrogatepass"))
    if isinstance(value, bytes):
        return _tagged(b"bytes", value)
    if isinstance(value, tuple):
        return _tagged(b"tuple", *map(_token, value))
    if isinstance(value, frozenset):
        return _tagged(b"frozenset", *sorted(map(_token, value)))
    if isinstance(value, slice):
        return _tagged(b"slice", *map(_token, (value.start, value.stop, value.step)))
    if isinstance(value, types.CodeType):
        return _code(value)
    raise _NoIdentityError(f"has a constant without an encoding, {type(value).__name__}")


def _code(code: types.CodeType) -> bytes:
    """A code object without its place: line numbers, file and comments do not count."""
    return _tagged(
        b"code",
        _token(code.co_name),
        *map(_token, (code.co_argcount, code.co_posonlyargcount, code.co_kwonlyargcount)),
        _token(code.co_flags & ~_HAS_DOCSTRING),
        *map(_token, (code.co_names, code.co_varnames, code.co_freevars, code.co_cellvars)),
        *_instructions(code),
        _token(getattr(code, "co_exceptiontable", b"") if _is_of_a_function(code) else b""),
    )


def _instructions(code: types.CodeType) -> list[bytes]:
    """The instructions, with the constants that they name in the place of their numbers."""
    tokens: list[bytes] = []
    for instruction in dis.get_instructions(code):
        if instruction.opname == "EXTENDED_ARG":
            continue  # It is part of the next one's argument.
        if instruction.opname == "STORE_NAME" and instruction.argval in _OF_THE_SOURCE:
            # Which line a class begins on, and what its methods assign in an order of no meaning,
            # is written into its body: not even how long that is may count.
            tokens.pop()
            continue
        is_constant = instruction.opcode in dis.hasconst
        argument = instruction.argval if is_constant else instruction.arg
        tokens.append(_tagged(instruction.opname.encode(), _token(argument)))
    return tokens


def _is_of_a_function(code: types.CodeType) -> bool:
    """Whether it is no class body, in whose table offsets move with the line that it begins on."""
    return bool(code.co_flags & inspect.CO_OPTIMIZED)
