"""Which calls share an entry: exactly those whose arguments are equal as Python sees them."""

from __future__ import annotations

import datetime
import decimal
import fractions
import functools

import pytest
from support import Counter, same

from warp_cache import cache, lru_cache


def any_order(a=1, b=2, c=3):
    return object()


# ---------------------------------------------------------------- positional and keyword

KWD_MARK = object()
LOOKALIKES = [
    lambda f: f(1, a=2),
    lambda f: f((1,), (("a", 2),)),
    lambda f: f(1, ("a", 2)),
    lambda f: f(1, (("a", 2),)),
    lambda f: f(1, "a", 2),
    lambda f: f((1, "a", 2)),
    lambda f: f(((1,), (("a", 2),))),
    lambda f: f(1, KWD_MARK, "a", 2),
    lambda f: f(1, None, "a", 2),
    lambda f: f(1, 2),
    lambda f: f((1, 2)),
    lambda f: f(((1, 2),)),
    lambda f: f(1, (2,)),
    lambda f: f(a=1, b=2),
    lambda f: f(a=2, b=1),
    lambda f: f(ab=1, c=2),
    lambda f: f(a=1, bc=2),
    lambda f: f("a", b=1),
    lambda f: f("ab", 1),
    lambda f: f("a", "b", 1),
    lambda f: f(("a", "b"), (1,)),
    lambda f: f(),
    lambda f: f(()),
    lambda f: f((), ()),
    lambda f: f(None),
    lambda f: f(""),
    lambda f: f(0),
    lambda f: f(a=None),
    lambda f: f(1),
    lambda f: f(a=1),
    lambda f: f(b=1),
    lambda f: f("a", 1),
    lambda f: f(("a", 1)),
]


@pytest.mark.parametrize("typed", [False, True])
@pytest.mark.parametrize("decorate", [cache, lru_cache], ids=["cache", "lru_cache"])
def test_lookalikes_never_share(decorate, typed):
    f = decorate(max_size=None, typed=typed)(lambda *args, **kwargs: object())
    results = [call(f) for call in LOOKALIKES]
    assert len(set(results)) == len(results)
    assert [call(f) for call in LOOKALIKES] == results
    assert f.cache_info()[:2] == (len(results), len(results))


def test_functools_own_marks_are_nothing_special():
    mark = functools._make_key.__defaults__[0][0]  # what its pure-Python keys separate with
    assert not same(lambda f: f(1, a=2), lambda f: f(1, mark, "a", 2))
    assert not same(lambda f: f(1, typed=int), lambda f: f(1, mark, "typed", int))


def test_keyword_order_does_not_matter():
    for args in ({"a": 1, "b": 2}, {"c": 0, "a": 1, "b": 2}):
        backwards = dict(reversed(args.items()))
        assert same(lambda f: f(**args), lambda f: f(**backwards), function=any_order)  # noqa: B023


def test_keyword_order_matters_to_a_function_that_could_see_it():
    def sees(**kwargs):
        return list(kwargs)

    class Sees:
        def __call__(self, **kwargs):
            return list(kwargs)

    @functools.wraps(any_order)
    def hidden(*args, **kwargs):
        return list(kwargs)

    for function in (
        sees,
        Sees(),
        hidden,
        functools.partial(sees),
        lambda x=0, **k: list(k),
        dict,
    ):
        f = cache(function)
        assert list(f(a=1, b=2)) == ["a", "b"]
        assert list(f(b=2, a=1)) == ["b", "a"]
        assert f.cache_info()[:2] == (0, 2)
        assert list(f(a=1, b=2)) == ["a", "b"]
        assert f.cache_info()[:2] == (1, 2)


def test_lru_cache_keeps_orders_apart():
    assert not same(lambda f: f(a=1, b=2), lambda f: f(b=2, a=1), lru_cache, any_order)


def test_keyword_names_made_at_run_time():
    """Names that are equal and not the same object, not interned, or not identifiers."""
    name = "".join(["lo", "ng name"])
    f = cache(lambda **kwargs: object())
    assert f(**{name: 1}) is f(**{"".join(["long", " name"]): 1})
    assert f(**{"": 1}) is f(**{"": 1}) is not f(**{name: 1})
    assert f(**{"\ud800": 1}) is f(**{"\ud800": 1})

    class Name(str):
        pass

    f = cache(any_order)
    assert f(**{Name("a"): 5}) is f(a=5)
    assert f(**{Name("a"): 5, "b": 6}) is f(b=6, a=5)
    assert f(7, **{Name("b"): 6, "c": 8}) is f(7, c=8, b=6)


@pytest.mark.parametrize("ordered", [False, True])
def test_names_belong_to_their_values(ordered):
    """However many arguments there are, of which kind, and in whatever order they come."""
    f = (lru_cache if ordered else cache)(any_order)
    for x, y in [(1, 2), (2, 1), ("b", "a"), ((1,), 1.5)]:
        calls = [
            [f(a=x, b=y), f(**dict(a=x, b=y))],
            [f(b=x, c=y), f(**dict(b=x, c=y))],
            [f(x, b=y), f(x, **dict(b=y))],
            [f(x, b=y, c=x), f(x, **dict(b=y, c=x))],
            [f(x, y, x), f(*(x, y, x))],
            [f(x, y, c=x)],
            [f(a=x, b=y, c=x), f(**dict(a=x, b=y, c=x))],
        ]
        assert all(value is values[0] for values in calls for value in values)
        assert len({id(value) for values in calls for value in values}) == len(calls)
        assert (f(a=x, b=y) is f(b=y, a=x)) is not ordered
        assert (f(x, b=y, c=x) is f(x, c=x, b=y)) is not ordered
    f(a=1, b=2), f(a=2, b=1), f(b=1, c=2)
    assert f.cache_info().misses == (36 if ordered else 28)


def test_tuples_that_are_made_for_each_call():
    f = cache(lambda *args: object())
    big = 10**30
    for make in [
        lambda: (),
        lambda: (1000, f"{1000} of them", 2.5, b"x" * 3, None, True),
        lambda: (big * 7, "\u00e4\U0001f600"),
        lambda: ((1, 2), [3][0]),
        lambda: (frozenset([5]), 1),
    ]:
        assert f(make()) is f(make())
        assert f(make(), 1) is f(make(), 1) is not f(1, make())
    assert f((1, 0.0)) is f((1.0, False)) is f((True, -0.0))
    assert f((1, "a")) is not f((1, b"a"))


def test_many_keywords():
    names = [f"n{i}" for i in range(40)]
    source = f"def f({', '.join(n + '=0' for n in names)}): return object()"
    namespace: dict = {}
    exec(source, namespace)
    f = cache(namespace["f"])
    assert f(**{n: 1 for n in names}) is f(**{n: 1 for n in reversed(names)})
    assert f.cache_info()[:2] == (1, 1)


# ---------------------------------------------------------------- equality is Python's


EQUAL = [
    (1, 1.0),
    (1, True),
    (0, False),
    (0.0, -0.0),
    (1, 1 + 0j),
    (1, decimal.Decimal(1)),
    (0.5, fractions.Fraction(1, 2)),
    (2**53, float(2**53)),
    (10**400, 10**399 * 10),
    ("text" * 3, "".join(["text"] * 3)),
    ("é" * 2, "".join(["é", "é"])),
    (b"bytes", bytes(bytearray(b"bytes"))),
    ((1, (2, "x")), (1.0, (True + 1, "x"))),
    (frozenset({1, 2}), frozenset({2.0, True})),
    (datetime.timedelta(hours=1), datetime.timedelta(minutes=60)),
    (range(0, 3, 2), range(0, 4, 2)),
    (float("inf"), float("1e999")),
]
UNEQUAL = [
    (-1, -2),
    (1, "1"),
    ("", b""),
    ("a", b"a"),
    ("a", "A"),
    ("é", "e\u0301"),
    ("\ud800", "\ud801"),
    (2**53, float(2**53 + 2)),
    (2**61 - 1, 0),
    (2**64, 2**64 + 2**61 - 1),
    (float("inf"), float("-inf")),
    ((), None),
    ((1,), [1].__len__),
    ((1, 2), (2, 1)),
    (-1.0, -2.0),
    ((-1,), (-2,)),
    (frozenset(), ()),
    (int, float),
    (None, False),
    (Ellipsis, NotImplemented),
]


def forms(x):
    return (
        lambda f: f(x),
        lambda f: f(x, "also"),
        lambda f: f("also", x, 3),
        lambda f: f(a=x),
        lambda f: f("also", a=x, b=1),
        lambda f: f((x,)),
    )


@pytest.mark.parametrize(("a", "b"), EQUAL, ids=lambda v: ascii(v)[:20])
def test_equal_arguments_share(a, b):
    for first, second in zip(forms(a), forms(b), strict=True):
        assert same(first, second)


@pytest.mark.parametrize(("a", "b"), UNEQUAL, ids=lambda v: ascii(v)[:20])
def test_unequal_arguments_do_not(a, b):
    for first, second in zip(forms(a), forms(b), strict=True):
        assert not same(first, second)
        assert same(first, first) and same(second, second)


@pytest.mark.parametrize("decorate", [cache(typed=True), lru_cache(typed=True)])
def test_typed_tells_types_apart(decorate):
    for a, b in EQUAL:
        for first, second in zip(forms(a)[:5], forms(b)[:5], strict=True):
            assert same(first, second, decorate) == (type(a) is type(b))
    three = decorate(lambda x: object())
    assert len({three(1), three(1.0), three(True)}) == 3
    assert same(lambda f: f((1,)), lambda f: f((1.0,)), decorate), "not recursive, as functools"


def test_typed_looks_at_every_argument():
    f = cache(typed=True)(lambda *args, **kwargs: object())
    results = {
        f(1, 1),
        f(1.0, 1),
        f(1, 1.0),
        f(1, a=1),
        f(1, a=1.0),
        f(1.0, a=1),
        f(1, int),
        f(1, 1, int),
    }
    assert len(results) == 8


@pytest.mark.memory_only("processes tell floats by their value, and NaNs have one encoding")
def test_two_nans_are_two_keys():
    first, second = float("nan"), float("nan")
    assert not same(lambda f: f(first), lambda f: f(second))


def test_the_same_nan_hits():
    nan = float("nan")
    assert same(lambda f: f(nan), lambda f: f(nan))
    assert same(lambda f: f(1, a=nan), lambda f: f(1, a=nan))
    pair = (nan, 1)
    assert same(lambda f: f(pair), lambda f: f((nan, 1)))


@pytest.mark.parametrize("edge", [2**30, 2**60, 2**61 - 1, 2**62])
def test_ints_around_the_ends_of_their_digits_match_their_equals(edge):
    counter = Counter()
    f = cache(max_size=None)(counter)
    for number in (edge - 1, edge, edge + 1, -edge + 1, -edge, -edge - 1):
        assert f(number) == (number,)
        assert f(int(str(number))) == (number,)
        if float(number) == number:
            f(float(number))
    assert len(counter.calls) == 6
