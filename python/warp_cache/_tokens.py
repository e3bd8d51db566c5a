"""Constants and code as bytes that nothing else looks like: what an identity is made of."""

from __future__ import annotations

import dis
import hashlib
import inspect
import struct
import types

#: The flag of code with a docstring, from 3.13 on: no part of what it does.
_HAS_DOCSTRING = 0x4000000
#: What a class body is told of its own source from 3.13 on.
_OF_THE_SOURCE = ("__firstlineno__", "__static_attributes__")


class NoIdentityError(Exception):
    """A part of a function cannot be told from others; says which."""


def tagged(tag: bytes, *parts: bytes) -> bytes:
    """Parts in a row that no other parts look like."""
    lengths = struct.pack(f">{len(parts) + 1}Q", len(parts), *map(len, parts))
    return b"".join((struct.pack(">B", len(tag)), tag, lengths, *parts))


def digest_of(tag: bytes, *parts: bytes) -> bytes:
    """32 bytes of parts in a row."""
    return hashlib.blake2b(tagged(tag, *parts), digest_size=32).digest()


def token_of(value: object) -> bytes:
    """A constant by type and value."""
    if value is None or value is ...:
        return tagged(b"None" if value is None else b"...")
    if isinstance(value, bool):
        return tagged(b"bool", b"1" if value else b"0")
    if isinstance(value, int):
        size = value.bit_length() // 8 + 1
        return tagged(b"int", value.to_bytes(size, "big", signed=True))
    if isinstance(value, float):
        return tagged(b"float", struct.pack(">d", value))
    if isinstance(value, complex):
        return tagged(b"complex", struct.pack(">dd", value.real, value.imag))
    if isinstance(value, str):
        return tagged(b"str", value.encode("utf-8", "surrogatepass"))
    if isinstance(value, bytes):
        return tagged(b"bytes", value)
    if isinstance(value, tuple):
        return tagged(b"tuple", *map(token_of, value))
    if isinstance(value, frozenset):
        return tagged(b"frozenset", *sorted(map(token_of, value)))
    if isinstance(value, slice):
        return tagged(b"slice", *map(token_of, (value.start, value.stop, value.step)))
    if isinstance(value, types.CodeType):
        return token_of_code(value)
    raise NoIdentityError(f"has a constant without an encoding, {type(value).__name__}")


def token_of_code(code: types.CodeType) -> bytes:
    """A code object without its place: line numbers, file and comments do not count."""
    return tagged(
        b"code",
        token_of(code.co_name),
        *map(token_of, (code.co_argcount, code.co_posonlyargcount, code.co_kwonlyargcount)),
        token_of(code.co_flags & ~_HAS_DOCSTRING),
        *map(token_of, (code.co_names, code.co_varnames, code.co_freevars, code.co_cellvars)),
        *_instructions(code),
        token_of(getattr(code, "co_exceptiontable", b"") if _is_of_a_function(code) else b""),
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
        tokens.append(tagged(instruction.opname.encode(), token_of(argument)))
    return tokens


def _is_of_a_function(code: types.CodeType) -> bool:
    """Whether it is no class body, in whose table offsets move with the line that it begins on."""
    return bool(code.co_flags & inspect.CO_OPTIMIZED)
