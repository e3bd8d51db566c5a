"""Bytes that no encoder wrote, and values that change while they are encoded."""

from __future__ import annotations

import gc
import random
import struct
import sys
import threading
import tracemalloc

import pytest
from encodable import EXAMPLES, alike, values
from hypothesis import given, settings
from hypothesis import strategies as st
from support import FREE_THREADED, in_threads, run_python

from warp_cache._warp_cache import _decode, _encode, _encode_key

ENCODED = [_encode(value, exact=True) for value in EXAMPLES]


def read(data: bytes):
    """What the bytes are read as, if anything; what is read can be written."""
    try:
        value = _decode(data, pickle=False)
    except ValueError as error:
        assert str(error)
        return None
    repr(value)
    if _encode(value)[0] & 0x7F != 0x06:
        assert alike(_decode(_encode(value, exact=True)), value)
    return value


@settings(max_examples=settings().max_examples * 2)
@given(st.binary(max_size=64))
def test_any_bytes(data):
    read(data)


TAGS = [*range(0x09), *range(0x10, 0x19), *range(0x20, 0x24), *range(0x30, 0x35)]
TAGS += [*range(0x40, 0x48), 0x50, 0x51]
pieces = st.one_of(
    st.sampled_from(TAGS).map(lambda tag: bytes([tag])),
    st.integers(0, 9).map(lambda count: bytes([count])),
    st.binary(min_size=1, max_size=12),
    values.map(lambda value: _encode(value, exact=True)),
    st.integers(0, 20).map(lambda number: bytes([0x07, number])),
)


@settings(max_examples=settings().max_examples * 2)
@given(st.lists(pieces, max_size=12).map(b"".join), st.booleans())
def test_tags_and_counts_in_any_order(data, counted):
    if counted and data:
        data = bytes([data[0] | 0x80]) + data[1:]
    read(data)


@given(values)
def test_every_beginning_of_a_value(value):
    encoded = _encode(value, exact=True)
    for length in range(len(encoded)):
        with pytest.raises(ValueError):
            _decode(encoded[:length])
    with pytest.raises(ValueError, match="left over"):
        _decode(encoded + b"\0")


def test_flipped_and_shuffled_bytes():
    chance = random.Random(7)
    for _ in range(20_000):
        data = bytearray(chance.choice(ENCODED))
        for _ in range(chance.randint(1, 3)):
            place = chance.randrange(len(data) + 1)
            match chance.randrange(5):
                case 0 if place < len(data):
                    data[place] ^= 1 << chance.randrange(8)
                case 1 if place < len(data):
                    data[place] = chance.choice([0, 1, 0x7F, 0x80, 0xFF, *TAGS])
                case 2:
                    data[place:place] = chance.choice(ENCODED)[: chance.randrange(20)]
                case 3:
                    del data[place : place + chance.randrange(4)]
                case 4 if place < len(data):
                    data[0] |= 0x80
        read(bytes(data))


def count(number: int) -> bytes:
    encoded = bytearray()
    while number >= 0x80:
        encoded.append(number & 0x7F | 0x80)
        number >>= 7
    return bytes(encoded) + bytes([number])


SIZED = [0x05, 0x20, 0x21, 0x22, 0x23, 0x30, 0x31, 0x32, 0x33, 0x34, 0x50]


@pytest.mark.parametrize("tag", SIZED, ids=hex)
@pytest.mark.parametrize("counted", [0, 0x80], ids=["plain", "counted"])
def test_a_count_is_not_believed(tag, counted):
    tracemalloc.start()
    try:
        for number in (1, 2, 1000, 2**20, 2**31 - 1, 2**31, 2**32 - 1, 2**32, 2**35 - 1, 2**62):
            with pytest.raises(ValueError, match="broken"):
                _decode(bytes([tag | counted]) + count(number))
        assert tracemalloc.get_traced_memory()[1] < 100_000
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\xa0",
        b"\x07\x00",
        b"\x87\x00",
        b"\xb0\x01\x07\x00",
        b"\x09",
        b"\x19",
        b"\xff",
        b"\x86",
    ],
    ids=bytes.hex,
)
def test_broken_values(data):
    with pytest.raises(ValueError, match="broken"):
        _decode(data)


@pytest.mark.parametrize(
    ("encoded", "why"),
    [
        ("21 01 41 00", "width"),
        ("22 01 ff ff 00 00", "width"),
        ("22 01 00 00 11 00", "width"),
        ("32 02 11 01 00 11 01 00", "equal"),
        ("32 02 11 01 00 02 00", "equal"),
        ("33 02 11 01 11 01", "equal"),
        ("33 01 31 00", "unhashable"),
        ("32 01 31 00 00", "unhashable"),
        ("40 00 00 01 01", "decoding raised"),
        ("40 e5 07 02 1d", "decoding raised"),
        ("41 00 18 00 00 00 00 00 00", "decoding raised"),
        ("41 04 00 00 00 00 00 00 00", "flags"),
        ("41 02 00 00 00 00 00 00 00 11 01", "timezone"),
        ("41 02 00 00 00 00 00 00 00 41 00 00 00 00 00 00 00 00", "timezone"),
        ("44 01 00 00 00 00 00 00 00 00 00 00 00 00", "decoding raised"),
        ("44 00 00 00 00 3c 00 00 00 00 00 00 00 01 11 01", "no str"),
        ("43 00 ca 9a 3b 00 00 00 00 00 00 00 00", "decoding raised"),
        ("50 01 61", "Decimal"),
        ("50 02 20 31", "Decimal"),
        ("50 03 31 5f 31", "Decimal"),
        ("50 00", "Decimal"),
        ("50 02 d9 a1", "Decimal"),
        ("51" + " 00" * 16 + " 03", "UUID"),
    ],
)
def test_values_that_there_are_not(encoded, why):
    with pytest.raises(ValueError, match=why):
        _decode(bytes.fromhex(encoded))


def test_a_small_value_that_stands_for_a_large_one_is_no_set():
    """To hash the innermost of these would take 2**90 steps (before Python 3.14)."""
    levels = b"".join(b"\x30\x02\x07" + count(i) + b"\x07" + count(i) for i in range(90))
    data = b"\xb0" + count(92) + b"\x30\x00" + levels
    for unhashed in (b"\x30\x01\x07\x5a", b"\x31\x01\x07\x5a"):
        assert len(_decode(data + unhashed)) == 92
    for hashed in (b"\x33\x01\x07\x5a", b"\x34\x01\x07\x5a", b"\x32\x01\x07\x5a\x00"):
        with pytest.raises(ValueError, match="too long"):
            _decode(data + hashed)


def test_pickles_are_read_only_where_that_is_allowed():
    evil = b"\x06cos\nabort\n(tR."
    with pytest.raises(ValueError, match="pickled"):
        _decode(evil, pickle=False)
    inside = b"\x31\x01" + evil
    with pytest.raises(ValueError, match="no such type"):
        _decode(inside)


class Meddler:
    """Changes a container when it is collected, which before 3.12 may be at any allocation."""

    def __init__(self, meddle):
        self.meddle = meddle
        self.cycle = self

    def __del__(self):
        self.meddle()


def changing(kind):
    """A container, and what to do to it."""
    if kind is list:
        value = [{i} for i in range(50)]
        return value, [value.clear, lambda: value.append({0}), lambda: value.__setitem__(40, [1])]
    if kind is dict:
        value = {i: {i} for i in range(50)}
        return value, [value.clear, lambda: value.update({len(value): {0}}), value.popitem]
    value = {frozenset([i]) for i in range(50)}
    return value, [value.clear, lambda: value.add(frozenset([-len(value)])), value.pop]


@pytest.mark.parametrize("kind", [list, dict, set])
@pytest.mark.parametrize("encode", [_encode, lambda value: _encode_key((value,), {})])
def test_a_container_that_a_finalizer_changes(kind, encode, collections_everywhere):
    for which in range(3):
        for delay in range(1, 60, 19):
            value, changes = changing(kind)
            gc.collect()
            Meddler(changes[which])
            gc.set_threshold(delay)
            try:
                encode(value)
            except RuntimeError as error:
                assert "changed while it was encoded" in str(error)
            gc.set_threshold(1)


def fill(container, row):
    if isinstance(container, list):
        container[:] = row
    elif isinstance(container, dict):
        container.update(dict.fromkeys(row))
    else:
        container.update(row)


class Does:
    """Does something when it is pickled."""

    def __init__(self, act):
        self.act = act

    def __reduce__(self):
        self.act()
        return list, ()


@pytest.mark.parametrize("kind", [list, dict, set])
def test_a_container_that_pickling_its_item_changes(kind):
    """In a key, whose other objects are pickled one by one. It is tried again a few times."""
    value = kind()
    row = [Does(value.clear), *range(5)]
    fill_again = Does(lambda: fill(value, row))
    if FREE_THREADED:
        _encode_key((fill_again, value), {})  # A copy is walked.
        return
    with pytest.raises(RuntimeError, match="changed"):
        _encode_key((fill_again, value), {})


@pytest.mark.parametrize("kind", [list, dict, set])
def test_threads_that_change_a_container_while_others_encode_it(kind):
    inner: list = [1, "a", (2.5,)]
    if kind is list:
        value, put, take = [], lambda i: value.append((i, inner)), lambda i: value.pop()
    elif kind is dict:
        value = {}
        put, take = lambda i: value.__setitem__(i, inner), lambda i: value.pop(i)
    else:
        value = set()
        put, take = lambda i: value.add((i, "a")), lambda i: value.discard((i, "a"))
    rounds = 300 if FREE_THREADED else 60
    done = threading.Event()

    def change():
        for turn in range(rounds):
            for i in range(40):
                put(i)
            inner.append(turn)
            for i in reversed(range(40)):
                take(i)
        done.set()

    def encode():
        while not done.is_set():
            try:
                came_back = _decode(_encode([value, value], exact=True))
                _encode_key((value,), {}, exact=True)
            except RuntimeError as error:
                assert "changed" in str(error)
                continue
            assert came_back[0] is came_back[1] and type(came_back[0]) is kind
            assert len(came_back[0]) <= 40

    in_threads(change, encode, encode, timeout=60)


def test_what_is_freed_meanwhile_is_not_taken_for_what_takes_its_place():
    """Objects are told by their addresses: each has to live until the end."""
    run_python(
        """
        import threading
        from warp_cache._warp_cache import _encode, _decode
        value = [None] * 50
        done = threading.Event()
        def change():
            for turn in range(400):
                for i in range(50):
                    value[i] = ["x" * (1 + i), turn]
            done.set()
        thread = threading.Thread(target=change)
        thread.start()
        while not done.is_set():
            for i, item in enumerate(_decode(_encode(value, exact=True))):
                assert item is None or item[0] == "x" * (1 + i), (i, item)
        thread.join()
        """
    )


def test_to_decode_in_a_small_stack():
    """A hundred levels fit into the smallest stack that a thread may reasonably have."""
    value: object = 0
    for level in range(100):
        value = ([value], (value,), {0: value})[level % 3]
    size = threading.stack_size(512 * 1024)
    try:
        assert in_threads(lambda: _decode(_encode(value, exact=True)) == value) == [True]
    finally:
        threading.stack_size(size)


def test_floats_are_read_bit_for_bit():
    for _ in range(1000):
        data = random.Random(_).randbytes(8)
        assert struct.pack("<d", _decode(b"\x03" + data)) == data


def test_sizes_are_in_proportion():
    """Memory is taken only for what there are bytes for."""
    data = b"\x31" + count(200_000) + b"\x10" * 200_000
    tracemalloc.start()
    try:
        for cut in (data, data[:-1]):
            try:
                _decode(cut)
            except ValueError:
                continue
        assert tracemalloc.get_traced_memory()[1] < 20 * len(data) + sys.getsizeof(data)
    finally:
        tracemalloc.stop()
