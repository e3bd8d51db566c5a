"""Two calls share an entry just when a model of a few lines says so, whatever the arguments."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from user_types import Aloof, CaseBlind, Collides, Modulo7, Plain

from warp_cache import cache, lru_cache

NAN = float("nan")
ME = Aloof(1)

# Few values, many of them equal, nearly equal, or of the same hash.
ATOMS = [
    0, 1, 2, -1, -2, 7, True, False, 0.0, -0.0, 1.0, -1.0, 1.5, NAN, float("inf"),
    2**61 - 1, 2**61, 2**64, -(2**63), 1 + 0j, None, Ellipsis,
    "", "a", "b", "A", "ab", "é", "e\u0301", "\ud800", b"", b"a",
    "a" * 30, "".join(["a"] * 30), 10**30, int("1" + "0" * 30),
    CaseBlind("A"), CaseBlind("a"), Plain("a"), Modulo7(1), Modulo7(8), Aloof(1), ME,
    Collides("x"), Collides("y"), int, float, str, object(),
]  # fmt: skip
NESTED = [
    (), ((),), (1,), (1.0,), (True, 1), (-1,), (-2,), (NAN,), (NAN, 1), ("a", 1), ("a", "b"),
    (("a", 1),), ((1,), (("a", 2),)), (("a", "b"), (1,)), (CaseBlind("a"),), ("a",), (ME,),
    (Modulo7(8),), (Collides("x"), 1), (Collides("y"), 1), ((((1,),),),), ((((1.0,),),),),
    frozenset(), frozenset([1, 2]), frozenset([1.0, 2.0]), frozenset(["a"]), frozenset([()]),
]  # fmt: skip
values = st.sampled_from(ATOMS + NESTED)
names = st.sampled_from(["a", "b", "ab", "c"])
calls = st.tuples(
    st.lists(values, max_size=3).map(tuple), st.dictionaries(names, values, max_size=2)
)


def equal(x, y) -> bool:
    return x is y or bool(x == y)


def share(first, second, *, typed: bool, ordered: bool) -> bool:
    """The model: as many positional arguments, the same names, and each pair equal."""
    (args, kwargs), (args2, kwargs2) = first, second
    if len(args) != len(args2) or kwargs.keys() != kwargs2.keys():
        return False
    if ordered and list(kwargs) != list(kwargs2):
        return False
    pairs = [*zip(args, args2, strict=True), *((kwargs[name], kwargs2[name]) for name in kwargs)]
    if typed and any(type(x) is not type(y) for x, y in pairs):
        return False
    return all(equal(x, y) for x, y in pairs)


def check(decorate, function, first, second, expected):
    f = decorate(function)
    f.cache_set("other", "another", "entry", "entirely")
    one = f(*first[0], **first[1])
    other = f(*second[0], **second[1])
    assert (one is other) == expected
    assert f.cache_info()[:2] == ((1, 1) if expected else (0, 2))
    assert f(*first[0], **first[1]) is one, "the first is still there"
    keys = f.cache_key(*first[0], **first[1]), f.cache_key(*second[0], **second[1])
    assert (keys[0] == keys[1]) == expected
    if expected:
        assert hash(keys[0]) == hash(keys[1])


@pytest.mark.parametrize("typed", [False, True], ids=["untyped", "typed"])
@given(first=calls, second=calls)
@example(first=((-1,), {}), second=((-2,), {}))
@example(first=((1,), {"a": 2}), second=(((1,), (("a", 2),)), {}))
@example(first=((1, "a", 2), {}), second=((1,), {"a": 2}))
@example(first=((), {"a": 1, "b": 2}), second=((), {"b": 2, "a": 1}))
@example(first=((NAN,), {}), second=((NAN,), {}))
@example(first=(((NAN, 1),), {}), second=(((NAN, True),), {}))
def test_two_calls_of_a_function_that_sees_keyword_order(typed, first, second):
    def function(*args, **kwargs):
        return object()

    expected = share(first, second, typed=typed, ordered=True)
    check(cache(typed=typed), function, first, second, expected)
    check(lru_cache(typed=typed), function, first, second, expected)


@pytest.mark.parametrize("typed", [False, True], ids=["untyped", "typed"])
@given(first=calls, second=calls, backwards=st.booleans())
@example(first=((), {"a": 1, "b": 2}), second=((), {"b": 2, "a": 1}), backwards=False)
def test_two_calls_of_a_function_that_does_not(typed, first, second, backwards):
    def function(*args, a=0, b=0, ab=0, c=0):
        return object()

    if backwards:
        second = (first[0], dict(reversed(first[1].items())))
    expected = share(first, second, typed=typed, ordered=False)
    check(cache(typed=typed), function, first, second, expected)
    expected = share(first, second, typed=typed, ordered=True)
    check(lru_cache(typed=typed), function, first, second, expected)


@given(run=st.lists(st.integers(0, 11), max_size=40), shift=st.integers(0, 63))
def test_a_run_of_calls_returns_what_the_function_would(run, shift):
    """A cache that mixes up two keys returns the wrong arguments."""
    pool = [((value,), {}) for value in (ATOMS + NESTED)[shift : shift + 6]]
    pool += [((), {"a": value}) for (value,), _ in pool]
    run = [index % len(pool) for index in run]
    f = cache(max_size=4, typed=True)(lambda *args, **kwargs: (args, kwargs))
    for index in run:
        args, kwargs = pool[index]
        assert share(f(*args, **kwargs), (args, kwargs), typed=True, ordered=True)
        assert f.cache_info().currsize <= 4


@given(
    a=values, b=values, ignored=st.sampled_from([(0,), (1,), (2,), (0, 2), ("x",), ("y", 2)]),
    first=st.integers(0, 3), second=st.integers(0, 3), left=values, right=values,
)  # fmt: skip
def test_ignored_parameters_however_passed(a, b, ignored, first, second, left, right):
    """The same three arguments, passed with `first` or `second` of them by position."""
    order = ["x", "y", "z"]
    drop = {order[i] if isinstance(i, int) else i for i in ignored}
    f = cache(ignore=ignored)(lambda x, y, z: object())

    def call(by_position, fill):
        arguments = dict(zip(order, (a, b, a), strict=True)) | dict.fromkeys(drop, fill)
        args = [arguments.pop(name) for name in order[:by_position]]
        return f(*args, **arguments)

    one, other = call(first, left), call(second, right)
    if first == second:
        assert one is other
    f.cache_clear()
    assert call(first, left) is call(first, right)
