"""Values as bytes and back: exactly as they were."""

from __future__ import annotations

import enum
import gc
import pickle
import struct
import sys
import types
import uuid
from collections import OrderedDict, defaultdict, deque, namedtuple
from datetime import date, datetime, time, timedelta, timezone, tzinfo
from decimal import Decimal, localcontext
from fractions import Fraction
from zoneinfo import ZoneInfo

import pytest
from encodable import alike, values
from hypothesis import given
from hypothesis import strategies as st
from support import run_python

from warp_cache._warp_cache import _decode, _encode

PICKLED = 0x06

Pair = namedtuple("Pair", "a b")


class Color(enum.IntEnum):
    RED = 1


class Text(str):
    pass


class Items(list):
    pass


class Zone(tzinfo):
    def utcoffset(self, when):
        return timedelta(hours=1)


class Plain:
    def __init__(self, **attributes):
        self.__dict__.update(attributes)

    def __eq__(self, other):
        return type(other) is Plain and vars(self) == vars(other)


def there_and_back(value, exact=True):
    encoded = _encode(value, exact)
    assert (encoded[0] == PICKLED) is not exact
    return _decode(encoded, pickle=not exact)


@given(values)
def test_values_come_back_as_they_were(value):
    assert alike(there_and_back(value), value)


@given(st.floats() | st.binary(min_size=8, max_size=8).map(lambda b: struct.unpack("<d", b)[0]))
def test_every_bit_of_a_float(value):
    assert alike(there_and_back(value), value)
    assert alike(there_and_back(complex(value, value)), complex(value, value))


@given(st.integers(1, 2000), st.integers(-2, 2), st.booleans())
def test_ints_around_every_power_of_two(power, more, negative):
    value = 2**power + more
    value = -value if negative else value
    encoded = _encode(value, exact=True)
    assert _decode(encoded) == value
    length = value.bit_length() if value >= 0 else (value + 1).bit_length()
    assert len(encoded) <= length // 8 + 5, "as few bytes as hold it"


@pytest.mark.parametrize(
    ("value", "encoded"),
    [
        (None, "00"),
        (False, "01"),
        (True, "02"),
        (0, "10"),
        (1, "11 01"),
        (-1, "11 ff"),
        (127, "11 7f"),
        (128, "12 80 00"),
        (-128, "11 80"),
        (2**63 - 1, "18 ff ff ff ff ff ff ff 7f"),
        (-(2**63), "18 00 00 00 00 00 00 00 80"),
        (2**63, "05 09 00 00 00 00 00 00 00 80 00"),
        (-(2**64), "05 09 00 00 00 00 00 00 00 00 ff"),
        (1.5, "03 00 00 00 00 00 00 f8 3f"),
        (1.5 - 2j, "04 00 00 00 00 00 00 f8 3f 00 00 00 00 00 00 00 c0"),
        ("", "20 00"),
        ("aé", "20 02 61 e9"),
        ("€\ud800", "21 02 ac 20 00 d8"),
        ("😀a", "22 02 00 f6 01 00 61 00 00 00"),
        (b"ab", "23 02 61 62"),
        ("x" * 200, "20 c8 01" + " 78" * 200),
        ((), "30 00"),
        ((1, ("a",)), "30 02 11 01 30 01 20 01 61"),
        ([1, []], "31 02 11 01 31 00"),
        ({"b": 1, "a": None}, "32 02 20 01 62 11 01 20 01 61 00"),
        ({1}, "33 01 11 01"),
        (frozenset([1]), "34 01 11 01"),
        (date(2020, 2, 29), "40 e4 07 02 1d"),
        (time(1, 2, 3, 4, fold=1), "41 01 01 02 03 04 00 00 00"),
        (datetime(2020, 2, 29, 1, 2, 3, 4), "42 e4 07 02 1d 00 01 02 03 04 00 00 00"),
        (time(1, tzinfo=timezone.utc), "41 02 01 00 00 00 00 00 00 45"),
        (timedelta(-1, 2, 3), "43 ff ff ff ff 02 00 00 00 03 00 00 00"),
        (timezone.utc, "45"),
        (timezone(timedelta(0, 60)), "44 00 00 00 00 3c 00 00 00 00 00 00 00 00"),
        (timezone(timedelta(0, 60), "X"), "44 00 00 00 00 3c 00 00 00 00 00 00 00 01 20 01 58"),
        (Decimal("-1.50"), "50 05 2d 31 2e 35 30"),
        (uuid.UUID(int=258), "51" + " 00" * 14 + " 01 02 00"),
    ],
    ids=repr,
)
def test_the_bytes_of_each_type(value, encoded):
    """A change of these is another format: it needs another version of the encoding."""
    assert _encode(value, exact=True).hex(" ") == encoded
    assert alike(_decode(bytes.fromhex(encoded), pickle=False), value)


def test_the_bytes_of_an_object_that_is_met_again():
    inner = [1]
    encoded = _encode((inner, "ab", inner), exact=True)
    assert encoded.hex(" ") == "b0 03 31 01 11 01 20 02 61 62 07 00"


SUBCLASSES = [
    Pair(1, 2),
    Color.RED,
    Text("a"),
    Items([1]),
    OrderedDict(a=1),
    defaultdict(list, a=[1]),
    deque([1]),
    bytearray(b"a"),
    range(3),
    Fraction(1, 2),
    ...,
    datetime(2020, 1, 1, tzinfo=Zone()),
    datetime(2020, 1, 1, tzinfo=ZoneInfo("UTC")),
    timezone(timedelta(hours=1), Text("zone")),
    types.SimpleNamespace(a=1),
    Plain(a=1),
    int,
    len,
]


@pytest.mark.parametrize("value", SUBCLASSES, ids=lambda value: type(value).__name__)
@pytest.mark.parametrize("wrap", [lambda v: v, lambda v: [1, {"a": (v,)}]], ids=["bare", "inside"])
def test_other_types_are_pickled_whole_or_refused(value, wrap):
    came_back = there_and_back(wrap(value), exact=False)
    while type(came_back) is not type(value):
        came_back = came_back[1]["a"][0]
    if not isinstance(value, (datetime, timezone)):
        assert came_back == value
    with pytest.raises(TypeError) as refused:
        _encode(wrap(value), exact=True)
    culprit = value.tzinfo if isinstance(value, datetime) else value
    assert type(culprit).__qualname__ in str(refused.value)
    with pytest.raises(ValueError, match="pickled"):
        _decode(_encode(value), pickle=False)


def test_subclasses_of_what_was_met_before():
    """The types of two modules, which are looked for when the first object of theirs is met."""

    class Number(Decimal):
        pass

    class Name(uuid.UUID):
        pass

    for value in (Number(1), Name(int=1)):
        with pytest.raises(TypeError, match=type(value).__qualname__):
            _encode(value, exact=True)
    broken = uuid.UUID(int=1)
    object.__setattr__(broken, "int", "not an int")
    with pytest.raises(TypeError, match="uuid.UUID"):
        _encode(broken, exact=True)


def shared_by(make):
    one = make()
    return [one, (one,), {"key": one}, one]


@pytest.mark.parametrize(
    "make",
    [
        lambda: [1],
        lambda: {"a": 1},
        lambda: {1},
        lambda: frozenset([1, 2]),
        lambda: (1, [2]),
        lambda: "".join(["hello", "world"]),
        lambda: bytes(bytearray(b"hello")),
        lambda: complex(1, 2),
        lambda: date(2020, 1, 1),
        lambda: datetime(2020, 1, 1, tzinfo=timezone(timedelta(hours=1), "CET")),
        lambda: time(1),
        lambda: timedelta(1),
        lambda: timezone(timedelta(hours=1)),
        lambda: Decimal("1.5"),
        lambda: uuid.UUID(int=1),
        lambda: 10**30,
        lambda: 1.5,
    ],
    ids=lambda make: type(make()).__name__,
)
def test_an_object_that_appears_twice_is_one_as_with_pickle(make):
    value = shared_by(make)
    ours, pickles = there_and_back(value), pickle.loads(pickle.dumps(value, 5))
    assert alike(ours, value)
    for came_back in (ours, pickles):
        places = [came_back[0], came_back[1][0], came_back[2]["key"], came_back[3]]
        assert len({id(place) for place in places}) == (4 if type(make()) in (int, float) else 1)


def test_equal_objects_that_are_two_stay_two():
    first, second = there_and_back([[1], [1]])
    assert first is not second
    first, second = there_and_back([("a", [1]), ("a", [1])])
    assert first is not second


@given(st.data())
def test_identity_is_kept_as_pickle_keeps_it(data):
    """Containers over a pool of objects, any of which may be anywhere, more than once."""
    pool: list = ["".join(["a", "b"]), bytes(bytearray(b"ab")), (), 7, None, Decimal("1.5")]
    for _ in range(data.draw(st.integers(1, 8))):
        parts = data.draw(st.lists(st.sampled_from(range(len(pool))), max_size=4))
        made = [pool[part] for part in parts]
        kind = data.draw(st.sampled_from([list, tuple, lambda row: dict(enumerate(row))]))
        pool.append(kind(made))
    value = pool[-1]

    def shape(value):
        """Where each object was met first."""
        numbers: dict = {}
        alive = []

        def walk(value):
            alive.append(value)
            known = numbers.setdefault(id(value), len(numbers))
            if isinstance(value, (list, tuple)):
                return (known, [walk(item) for item in value])
            if isinstance(value, dict):
                return (known, [(key, walk(item)) for key, item in value.items()])
            return known

        return walk(value)

    ours = there_and_back(value)
    assert alike(ours, value)
    assert shape(ours) == shape(pickle.loads(pickle.dumps(value, 5)))


def test_keys_of_attributes_are_one_object():
    """The dicts of a class's instances have one table of keys, with one reference to each."""
    name = "".join(["attr", "ibute"])
    one, other = Plain(**{name: 1}), Plain(**{name: 2})
    first, second = there_and_back([vars(one), vars(other)])
    assert next(iter(first)) is next(iter(second))


def test_lists_and_dicts_that_hold_themselves():
    value: list = [1]
    value.append(value)
    came_back = there_and_back(value)
    assert came_back[1] is came_back and len(came_back) == 2
    mapping: dict = {}
    mapping["self"] = (mapping, [mapping])
    came_back = there_and_back(mapping)
    assert came_back["self"][0] is came_back and came_back["self"][1][0] is came_back


def test_tuples_that_hold_themselves_are_pickled():
    value: tuple = ([],)
    value[0].append(value)
    for cyclic in (value, [value]):
        with pytest.raises(TypeError, match="holds itself"):
            _encode(cyclic, exact=True)
    came_back = there_and_back(value, exact=False)
    assert came_back[0][0] is came_back


def nested(depth, wrap=lambda inner: [inner]):
    value = wrap(0)
    for _ in range(depth - 1):
        value = wrap(value)
    return value


@pytest.mark.parametrize(
    "wrap", [lambda v: [v], lambda v: (v,), lambda v: {0: v}, lambda v: frozenset([v])], ids=str
)
def test_how_deep_containers_may_be(wrap):
    assert there_and_back(nested(100, wrap)) == nested(100, wrap)
    with pytest.raises(TypeError, match="more than 100 deep"):
        _encode(nested(101, wrap), exact=True)
    assert there_and_back(nested(150, wrap), exact=False) == nested(150, wrap)


def test_what_pickle_cannot_reach_either_is_an_error_and_no_crash():
    said = run_python(
        """
        from warp_cache._warp_cache import _encode, _encode_key, _decode
        value = []
        for _ in range(200_000):
            value = [value]
        for encode in (_encode, lambda value: _encode_key((value,), {})):
            try:
                encode(value)
            except RecursionError:
                print("RecursionError")
        try:
            _decode(b"\\x31\\x01" * 200_000)
        except ValueError as error:
            print(error)
        """
    )
    assert said.splitlines() == [
        "RecursionError",
        "RecursionError",
        "the encoded value is broken: it is nested too deeply",
    ]


@given(values | st.sampled_from([Pair(1, 2), [Pair(1, 2)]]))
def test_the_limit_is_exact(value):
    encoded = _encode(value)
    assert _encode(value, limit=len(encoded)) == encoded
    for limit in {len(encoded) - 1, len(encoded) // 2, 0}:
        with pytest.raises(ValueError, match=f"over {limit} bytes"):
            _encode(value, limit=limit)


def test_a_large_value_is_given_up_early():
    class Loud:
        def __reduce__(self):
            raise AssertionError("this is too far")

    with pytest.raises(ValueError, match="over 10000 bytes"):
        _encode([bytes(9_000), bytes(9_000), Loud()], limit=10_000)
    with pytest.raises(ValueError, match="over 100 bytes"):
        _encode([0] * 101 + [Loud()], limit=100)


def test_what_pickling_raises_is_raised():
    class Stop(BaseException):
        pass

    class Hostile:
        def __init__(self, error):
            self.error = error

        def __reduce__(self):
            raise self.error

    for error in (ValueError("no"), Stop(), KeyboardInterrupt(), RecursionError()):
        with pytest.raises(type(error)) as raised:
            _encode([Hostile(error)])
        assert raised.value is error
    with pytest.raises((AttributeError, pickle.PicklingError)):
        _encode(lambda: None)


def raise_it(error):
    raise error


class RaisesWhenRead:
    def __init__(self, error):
        self.error = error

    def __reduce__(self):
        return raise_it, (self.error,)


def test_what_unpickling_raises_is_a_value_error_with_a_cause():
    with pytest.raises(ValueError, match="decoding raised KeyError") as failed:
        _decode(_encode(RaisesWhenRead(KeyError("gone"))))
    assert isinstance(failed.value.__cause__, KeyError)
    with pytest.raises(KeyboardInterrupt):
        _decode(_encode(RaisesWhenRead(KeyboardInterrupt())))


def test_a_class_that_lies_about_itself():
    class Liar:
        @property
        def __class__(self):
            return int

    assert isinstance(Liar(), int)
    with pytest.raises(TypeError, match="Liar"):
        _encode(Liar(), exact=True)


def test_no_user_code_runs_for_exact_types():
    class Watcher(type):
        def __eq__(cls, other):
            raise AssertionError("a class was compared")

        __hash__ = type.__hash__

    class Watched(metaclass=Watcher):
        def __eq__(self, other):
            raise AssertionError("an object was compared")

        def __hash__(self):
            return 1

        def __reduce__(self):
            raise AssertionError("an object was pickled")

    with pytest.raises(TypeError, match="Watched"):
        _encode({1: [2, {Watched()}]}, exact=True)


def test_a_decimal_in_any_context():
    values = [Decimal("1.234567890123456789012345678901234567890E-50"), Decimal("1E+1000000")]
    with localcontext() as context:
        context.prec, context.Emax, context.Emin, context.capitals = 3, 10, -10, 0
        encoded = [_encode(value, exact=True) for value in values]
        assert [_decode(each) for each in encoded] == values
    assert [_decode(each) for each in encoded] == values


def test_a_decimal_that_is_too_large_is_none_in_any_context():
    text = b"1E+1999999999999999999"
    broken = b"\x50" + bytes([len(text)]) + text
    with localcontext() as context:
        for trap in context.traps:
            context.traps[trap] = False
        with pytest.raises(ValueError, match="broken"):
            _decode(broken)
    with pytest.raises(ValueError, match=r"broken|decoding raised"):
        _decode(broken)


def test_nothing_leaks():
    value = [{"a": [1, 2.5, "x" * 50, (b"y" * 40, {1, 2}, frozenset([3]))], "b": Decimal(1)}] * 2
    value.append([value[0], uuid.UUID(int=1), datetime(2020, 1, 1, tzinfo=timezone.utc)])
    encoded = _encode(value, exact=True)
    broken = encoded[:-1]

    def once():
        _decode(encoded)
        _encode(value)
        _encode([value, Pair(1, 2)])
        for run in (lambda: _decode(broken), lambda: _encode(value, limit=40)):
            try:
                run()
            except ValueError:
                continue

    once()
    gc.collect()
    before = sys.getrefcount(None), len(gc.get_objects())
    for _ in range(200):
        once()
    gc.collect()
    after = sys.getrefcount(None), len(gc.get_objects())
    assert all(abs(x - y) < 100 for x, y in zip(before, after, strict=True))
