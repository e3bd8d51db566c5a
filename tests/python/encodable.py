"""Values that have an encoding of their own, and what it means that one came back as it was."""

from __future__ import annotations

import math
import struct
import uuid
from datetime import date, datetime, time, timedelta, timezone
from decimal import Decimal

from hypothesis import strategies as st

# A few of each, at the edges, among which many are equal or nearly so.
INTS = [0, 1, -1, 2, 127, 128, -128, -129, 255, 256, 2**31, -(2**31), 2**53, 2**53 + 1, 2**60]
INTS += [2**62, 2**63 - 1, 2**63, -(2**63), -(2**63) - 1, 2**64, 2**70, -(2**70), 10**30, -(10**30)]
FLOATS = [0.0, -0.0, 1.0, -1.0, 0.5, 0.1, 1.5, 2.0**53, 2.0**63, -(2.0**63), 2.0**70, 1e30, 1e300]
FLOATS += [math.inf, -math.inf, 5e-324, 2.2250738585072014e-308, 1.7976931348623157e308]
DECIMALS = [
    Decimal(text)
    for text in [
        "0",
        "-0",
        "1",
        "1.0",
        "1.00",
        "-1",
        "0.5",
        "0.50",
        "0.1",
        "1.5",
        "1E+2",
        "100",
        "1E+30",
    ]
]
DECIMALS += [Decimal(2**70), Decimal(2**53 + 1), Decimal(5e-324), Decimal(0.1), Decimal("5E-324")]
DECIMALS += [Decimal("Infinity"), Decimal("-Infinity"), Decimal("1E+400"), Decimal("-1E-400")]
COMPLEX = [
    0j,
    complex(-0.0, 0.0),
    complex(0.0, -0.0),
    1j,
    -1j,
    1 + 0j,
    0.5 + 0j,
    2.0**70 + 0j,
    1 + 2j,
]
STRS = [
    "",
    "a",
    "b",
    "ab",
    "é",
    "e\u0301",
    "\xff",
    "€",
    "\ud800",
    "\udfff\ud800",
    "a\ud800",
    "😀",
    "a😀",
]
STRS += ["name", "x" * 127, "x" * 128, "\x00", "1"]
BYTES = [b"", b"a", b"ab", b"\xff", b"\x00", b"x" * 200, b"1"]
ZONES = [timezone.utc, timezone(timedelta(0), "UTC"), timezone(timedelta(0), "Null")]
ZONES += [
    timezone(timedelta(hours=1)),
    timezone(timedelta(hours=1), "CET"),
    timezone(timedelta(hours=-9)),
]
ZONES += [timezone(timedelta(hours=5, minutes=30, seconds=7)), timezone(-timedelta(seconds=1))]
DAYS = [date(1, 1, 1), date(9999, 12, 31), date(2020, 2, 29), date(2020, 3, 1), date(1900, 3, 1)]
CLOCKS = [time(), time(23, 59, 59, 999999), time(12), time(12, fold=1), time(11), time(0, 0, 0, 1)]
DELTAS = [
    timedelta(),
    timedelta.min,
    timedelta.max,
    timedelta(1),
    timedelta(hours=24),
    timedelta(-1),
]
UUIDS = [uuid.UUID(int=0), uuid.UUID(int=2**128 - 1), uuid.UUID(int=1, is_safe=uuid.SafeUUID.safe)]
UUIDS += [uuid.UUID(int=1), uuid.UUID(int=1, is_safe=uuid.SafeUUID.unsafe)]

ATOMS = [None, True, *INTS, *FLOATS, *DECIMALS, *COMPLEX, *STRS, *BYTES, *ZONES, *DAYS, *CLOCKS]
ATOMS += [*DELTAS, *UUIDS, time(12, tzinfo=ZONES[3]), datetime(2020, 2, 29, 1, tzinfo=ZONES[4])]
SHARED = [1, "shared", (2.5, b"shared")]
EXAMPLES = [*ATOMS, ATOMS, tuple(ATOMS), dict(enumerate(ATOMS)), [SHARED, {"a": SHARED}, SHARED[2]]]
EXAMPLES += [set(STRS), frozenset(INTS), {frozenset([1, (2, "a")]): [{}, (), set(), [[[1]]]]}]


def of(values, generated):
    return st.one_of(st.sampled_from(values), generated)


zones = st.sampled_from(ZONES)
numbers = st.one_of(
    st.booleans(),
    of(INTS, st.integers(-(2**80), 2**80)),
    of(FLOATS, st.floats(allow_nan=False)),
    of(DECIMALS, st.decimals(allow_nan=False)),
    of(COMPLEX, st.complex_numbers(allow_nan=False)),
)
texts = of(STRS, st.text(st.characters(), max_size=8))
moments = st.one_of(
    of(DAYS, st.dates()),
    st.sampled_from(CLOCKS),
    st.times(timezones=st.none() | zones),
    st.builds(time.replace, st.sampled_from(CLOCKS), tzinfo=zones),
    st.datetimes(timezones=st.none() | zones),
    st.builds(datetime.combine, st.sampled_from(DAYS), st.sampled_from(CLOCKS), zones | st.none()),
    of(DELTAS, st.timedeltas()),
    zones,
)
atoms = st.one_of(
    st.none(), numbers, texts, of(BYTES, st.binary(max_size=8)), moments, of(UUIDS, st.uuids())
)
hashables = st.recursive(
    atoms,
    lambda inner: st.lists(inner, max_size=4).map(tuple) | st.frozensets(inner, max_size=4),
    max_leaves=6,
)


def containers(inner):
    return st.one_of(
        st.lists(inner, max_size=4),
        st.lists(inner, max_size=4).map(tuple),
        st.dictionaries(hashables, inner, max_size=4),
        st.sets(hashables, max_size=4),
        st.frozensets(hashables, max_size=4),
    )


values = st.recursive(atoms, containers, max_leaves=12)
# Their representation would be as long as all of the above.
hashables, values = (st.deferred(lambda each=each: each) for each in (hashables, values))


def bits(value: float) -> bytes:
    return struct.pack("<d", value)


def alike(a, b) -> bool:
    """Whether two values are the same in every respect but identity."""
    if type(a) is not type(b):
        return False
    if isinstance(a, float):
        return bits(a) == bits(b)
    if isinstance(a, complex):
        return bits(a.real) == bits(b.real) and bits(a.imag) == bits(b.imag)
    if isinstance(a, Decimal):
        return a.as_tuple() == b.as_tuple()
    if isinstance(a, (tuple, list)):
        return len(a) == len(b) and all(map(alike, a, b))
    if isinstance(a, dict):
        return alike(list(a.items()), list(b.items()))
    if isinstance(a, (set, frozenset)):
        return len(a) == len(b) and all(any(alike(x, y) for y in b) for x in a)
    if isinstance(a, (time, datetime)):
        return (
            a.fold == b.fold
            and a.replace(tzinfo=None) == b.replace(tzinfo=None)
            and alike(a.tzinfo, b.tzinfo)
        )
    if isinstance(a, timezone):
        return repr(a) == repr(b) and (a is timezone.utc) == (b is timezone.utc)
    if isinstance(a, uuid.UUID):
        return a == b and a.is_safe is b.is_safe
    return a == b
