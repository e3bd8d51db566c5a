"""Keys as bytes: the same for calls whose arguments are equal, in every process."""

from __future__ import annotations

import uuid
from collections import namedtuple
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, timezone
from decimal import Decimal
from fractions import Fraction
from zoneinfo import ZoneInfo

import pytest
from encodable import (
    BYTES,
    CLOCKS,
    COMPLEX,
    DAYS,
    DECIMALS,
    DELTAS,
    FLOATS,
    INTS,
    STRS,
    UUIDS,
    ZONES,
    hashables,
    values,
)
from hypothesis import example, given
from hypothesis import strategies as st
from support import run_python

from warp_cache._warp_cache import _encode_key

NAN = float("nan")
Pair = namedtuple("Pair", "a b")


@dataclass(frozen=True)
class Point:
    x: object
    y: object


def key(*args, **kwargs):
    return _encode_key(args, kwargs, exact=True)


def typed(*args, **kwargs):
    return _encode_key(args, kwargs, typed=True, exact=True)


ZONED = [time(12, tzinfo=zone) for zone in ZONES] + [
    datetime.combine(day, clock, zone)
    for day in DAYS[2:]
    for clock in (time(), time(12), time(12, fold=1))
    for zone in (None, *ZONES)
]
EVERYTHING = [
    None, False, True, NAN, *INTS, *FLOATS, *DECIMALS, *COMPLEX, *STRS, *BYTES, *DAYS, *CLOCKS,
    *DELTAS, *ZONES, *UUIDS, *ZONED, Decimal("NaN"), Decimal("NaN1"), complex(0, NAN),
    (), [], {}, set(), frozenset(), (1,), [1], [1.0], (True,), {1: 2}, {1.0: 2}, {1, 2}, ((),),
    frozenset([2, 1.0]), {"a": 1, "b": 2}, {"b": 2, "a": 1}, {"a": 2, "b": 1}, [(1, "a")],
    [1, "a"], ["1a"], ("a", 1), [("a", 1)], {"a": 1}, {("a", 1)}, [[1], 2], [1, [2]],
]  # fmt: skip


def test_keys_are_equal_just_when_the_arguments_are():
    """Every pair; a NaN and what holds it is equal to itself."""
    keys = [key(value) for value in EVERYTHING]
    for a, key_a in zip(EVERYTHING, keys, strict=True):
        for b, key_b in zip(EVERYTHING, keys, strict=True):
            assert (key_a == key_b) == (a is b or a == b), (a, b)


@given(st.one_of(hashables, values), st.one_of(hashables, values))
def test_two_keys_are_equal_just_when_the_arguments_are(a, b):
    assert (key(a) == key(b)) == (a == b)
    assert (typed(a) == typed(b)) == (type(a) is type(b) and a == b)


def equals_of(value, hashable=False):
    """Values that are equal to one, of other types and in other orders."""

    def rows(items):
        """Rows of what is equal to each of the items."""
        return st.tuples(*(equals_of(item, True) for item in items))

    if isinstance(value, (bool, int, float, complex, Decimal)):
        others = [value]
        for convert in (int, float, complex, Decimal, bool):
            with suppress(TypeError, ValueError, OverflowError):
                others.append(convert(value))
        return st.sampled_from([other for other in others if other == value])
    if isinstance(value, (list, tuple)):
        return st.tuples(*(equals_of(item, hashable) for item in value)).map(type(value))
    if isinstance(value, (set, frozenset)):
        kinds = st.sampled_from([frozenset] if hashable else [set, frozenset])
        turned = st.permutations(sorted(value, key=repr)).flatmap(rows)
        return st.builds(lambda kind, items: kind(items), kinds, turned)
    if isinstance(value, dict):
        turned = st.permutations(list(value)).flatmap(
            lambda keys: st.tuples(rows(keys), st.tuples(*(equals_of(value[k]) for k in keys)))
        )
        return turned.map(lambda row: dict(zip(*row, strict=True)))
    if isinstance(value, datetime) and value.tzinfo is not None and 1 < value.year < 9999:
        return st.sampled_from(ZONES).map(value.astimezone)
    if isinstance(value, (time, datetime)):
        return st.sampled_from([value, value.replace(fold=1), value.replace(fold=0)])
    return st.just(value)


@given(st.data())
def test_what_is_equal_has_one_key(data):
    value = data.draw(values)
    other = data.draw(equals_of(value))
    assert value == other
    assert key(value) == key(other)


@given(st.integers(-(2**1100), 2**1100) | st.integers(0, 1100).map(lambda n: 2**n))
def test_an_int_and_the_float_that_it_is_equal_to(value):
    try:
        near = float(value)
    except OverflowError:
        return
    assert (key(near) == key(value)) == (near == value)
    assert key(near) == key(int(near)) == key(Decimal(near)) == key(complex(near))


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_a_float_and_the_decimal_that_it_is_equal_to(value):
    assert key(value) == key(Decimal(value))
    short = Decimal(repr(value))
    assert (key(short) == key(value)) == (short == value)


@given(st.decimals(allow_nan=False))
def test_a_decimal_in_its_other_ways_of_writing(value):
    assert key(value) == key(value.normalize()) or value.normalize() != value
    if value.is_finite() and abs(value.adjusted()) < 100:
        longer = value.as_tuple()
        longer = Decimal((longer.sign, (*longer.digits, 0, 0), longer.exponent - 2))
        assert value == longer and key(value) == key(longer)
        assert (key(value) == key(float(value))) == (value == float(value))


def test_positional_and_keyword_arguments_are_told_apart():
    calls = [
        ((), {}), ((1,), {}), ((1, 1), {}), ((), {"a": 1}), (("a", 1), {}), ((1,), {"a": 1}),
        ((1, "a", 1), {}), ((), {"a": 1, "b": 1}), ((), {"a": 1, "c": 1}), ((), {"ab": 1}),
        ((1,), {"a": 1, "b": 2}), ((1, ("a", 1), ("b", 2)), {}), ((1, {"a": 1, "b": 2}), {}),
        (((1,), (("a", 1), ("b", 2))), {}), ((1,), {"b": 1, "a": 2}), ((None,), {}),
        ((1,) * 200, {}), ((1,) * 199, {"a": 1}),
    ]  # fmt: skip
    for typed in (False, True):
        keys = [_encode_key(*call, typed=typed) for call in calls]
        assert len(set(keys)) == len(keys)


def test_the_order_of_keywords():
    one, other = {"b": 1, "a": 2}, {"a": 2, "b": 1}
    assert _encode_key((), one) == _encode_key((), other)
    assert _encode_key((), one, ordered=True) != _encode_key((), other, ordered=True)
    names = {f"{'n' * 40}{i}é"[i % 3 :]: i for i in range(40)}
    backwards = dict(reversed(names.items()))
    assert _encode_key((), names) == _encode_key((), backwards)


def test_names_that_are_no_plain_strs():
    class Name(str):
        __hash__ = str.__hash__

        def __eq__(self, other):
            raise AssertionError("user code")

    assert _encode_key((), {Name("a"): 1}) == _encode_key((), {"a": 1})
    with pytest.raises(TypeError, match="int"):
        _encode_key((), {1: 1})


def test_types_are_told_apart_at_the_top_only():
    for a, b in ((1, True), (1, 1.0), (1, Decimal(1)), (1.0, 1 + 0j), ({1}, frozenset([1]))):
        assert key(a) == key(b)
        assert typed(a) != typed(b)
        assert typed(x=a) != typed(x=b)
        assert typed((a,)) == typed((b,))
    assert typed("a") == typed("".join("a")) and typed("é") == typed("\xe9")


def test_nans():
    """One for all, of floats; of Decimals one for each that reads differently."""
    assert key(NAN) == key(-NAN) == key(float("inf") - float("inf")) != key(None)
    assert key([NAN]) == key([-NAN])
    assert key({NAN, -NAN, float("nan")}) == key({float("nan"), float("nan"), NAN})
    assert key(Decimal("NaN")) != key(NAN)
    assert key(Decimal("NaN")) != key(Decimal("sNaN")) != key(Decimal("NaN1"))


def test_decimals_beyond_reason():
    assert key(Decimal("1E+9999")) == key(10**9999)
    huge = [Decimal("1E+999999999999999999"), Decimal("1E-999999999999999999"), Decimal("1E+10001")]
    assert len({key(each) for each in huge}) == 3
    assert key(Decimal("1.00E+999999999999999999")) == key(huge[0])


def test_time_zones():
    utc = datetime(2020, 1, 1, 12, tzinfo=timezone.utc)
    assert key(utc) == key(utc.astimezone(timezone(timedelta(hours=5), "X")))
    assert key(utc) != key(utc.replace(tzinfo=None)) != key(utc.date())
    assert key(utc) == key(utc.replace(fold=1))
    extremes = [datetime.min, datetime.max]
    zones = [timezone(timedelta(hours=23)), timezone(timedelta(hours=-23))]
    aware = [each.replace(tzinfo=zone) for each in extremes for zone in zones]
    assert len({key(each) for each in aware}) == 4


def test_other_objects_are_pickled_one_by_one_or_refused():
    for value in (Point(1, [2]), Pair(1, 2), Fraction(1, 2), ZoneInfo("UTC"), bytearray(b"a"), int):
        for wrap in (lambda v: v, lambda v: [v], lambda v: {"k": (v, 1)}):
            first, second = _encode_key((wrap(value),), {}), _encode_key((wrap(value),), {})
            assert first == second
            with pytest.raises(TypeError, match=type(value).__qualname__):
                key(wrap(value))
    assert _encode_key((Point(1, 2),), {}) != _encode_key((Point(1, 3),), {})
    assert _encode_key((Pair(1, 2),), {}) != _encode_key(((1, 2),), {})
    # What is around them follows equality all the same.
    assert _encode_key(([Point(1, 2), 1.0],), {}) == _encode_key(([Point(1, 2), True],), {})


def test_what_pickling_raises_is_raised():
    class Hostile:
        def __reduce__(self):
            raise ValueError("no")

    with pytest.raises(ValueError, match="no"):
        _encode_key(([Hostile()],), {})


def test_no_user_code_runs():
    class Watched:
        def __eq__(self, other):
            raise AssertionError("compared")

        def __hash__(self):
            return 1

    with pytest.raises(TypeError, match="Watched"):
        key({Watched(): 1})


def test_containers_that_hold_themselves_are_refused():
    row: list = [1]
    row.append([row])
    mapping: dict = {}
    mapping["a"] = (mapping,)
    for value in (row, mapping):
        with pytest.raises(TypeError, match="holds itself"):
            _encode_key((value,), {})


def test_an_object_in_two_places_is_as_two_equal_ones():
    one = [1]
    assert key([one, one]) == key([[1], [1]])


def test_how_deep_containers_may_be():
    def nested(depth, innermost):
        for _ in range(depth):
            innermost = [innermost]
        return innermost

    assert key(nested(100, 1)) == key(nested(100, True))
    with pytest.raises(TypeError, match="more than 100 deep"):
        key(nested(101, 1))
    assert _encode_key((nested(150, 1),), {}) == _encode_key((nested(150, 1),), {})


@given(values)
def test_the_limit_is_exact(value):
    encoded = _encode_key((value,), {"name": value})
    assert _encode_key((value,), {"name": value}, limit=len(encoded)) == encoded
    for limit in {len(encoded) - 1, len(encoded) // 2, 0}:
        with pytest.raises(ValueError, match=f"over {limit} bytes"):
            _encode_key((value,), {"name": value}, limit=limit)


def test_a_small_object_that_stands_for_a_large_one_stops_at_the_limit():
    value: tuple = ()
    for _ in range(90):
        value = (value, value)
    with pytest.raises(ValueError, match="over 100000 bytes"):
        _encode_key((value,), {}, limit=100_000)


@pytest.mark.parametrize(
    ("args", "kwargs", "encoded"),
    [
        ((), {}, "00"),
        ((1,), {}, "02 11 01"),
        ((1.0, "a"), {}, "04 11 01 20 01 61"),
        ((), {"b": 1, "a": 2}, "01 02 20 01 61 11 02 20 01 62 11 01"),
        ((1,), {"b": None}, "03 11 01 01 20 01 62 00"),
        ((2.0**64,), {}, "02 05 09 00 00 00 00 00 00 00 00 01"),
        ((0.5,), {}, "02 03 00 00 00 00 00 00 e0 3f"),
        ((NAN,), {}, "02 08"),
        ((complex(0, -0.0),), {}, "02 10"),
        ((1j,), {}, "02 04 00 00 00 00 00 00 00 00 00 00 00 00 00 00 f0 3f"),
        ((Decimal("-0.10"),), {}, "02 50 01 31 01 ff ff ff ff ff ff ff ff"),
        ((Decimal("NaN"),), {}, "02 50 03 4e 61 4e"),
        (({3, 1, "a"},), {}, "02 33 03 11 01 11 03 20 01 61"),
        (({"b": 1, "a": 2},), {}, "02 32 02 20 01 61 11 02 20 01 62 11 01"),
        (((1,), [1]), {}, "04 30 01 11 01 31 01 11 01"),
        ((date(2020, 2, 29),), {}, "02 40 e4 07 02 1d"),
        ((time(1, 2, 3, 4, fold=1),), {}, "02 41 01 02 03 04 00 00 00"),
        ((time(1, tzinfo=timezone.utc),), {}, "02 46 00 a4 93 d6 00 00 00 00"),
        ((datetime(1, 1, 1, tzinfo=timezone.utc),), {}, "02 47 00 40 eb a9 c2 1c 00 00"),
        ((timedelta(1, 2, 3),), {}, "02 43 01 00 00 00 02 00 00 00 03 00 00 00"),
        ((timezone(timedelta(0), "X"),), {}, "02 44 00 00 00 00 00 00 00 00"),
        ((uuid.UUID(int=258),), {}, "02 51" + " 00" * 14 + " 01 02"),
    ],
    ids=repr,
)
def test_the_bytes_of_each_type(args, kwargs, encoded):
    assert key(*args, **kwargs).hex(" ") == encoded


def test_the_bytes_do_not_depend_on_the_process():
    code = """
        from datetime import timedelta
        from decimal import Decimal
        from warp_cache._warp_cache import _encode_key
        names = [f"name{i}" for i in range(50)]
        value = {frozenset(names): set(names), "d": dict.fromkeys(names, {1, 2.5, Decimal("0.1")})}
        value["t"] = {(name, timedelta(index)) for index, name in enumerate(names)}
        print(_encode_key((value, set(names)), dict.fromkeys(reversed(names), 1)).hex())
    """
    assert len({run_python(code, PYTHONHASHSEED=str(seed)) for seed in range(4)}) == 1


@example(1, [1.0])
@given(st.integers(-3, 3), st.lists(st.sampled_from([0, 1, 1.0, True, "a"]), max_size=3))
def test_an_element_is_not_taken_for_its_neighbours(a, row):
    """What is written for one argument ends where it ends."""
    seen = {}
    for call in ((a, *row), (a, row), ([a, *row],), ([a], *row), (tuple(row), a)):
        encoded = key(*call)
        assert seen.setdefault(encoded, call) == call
