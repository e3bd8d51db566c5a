"""ignore=: parameters that are not part of the key, however they are passed."""

from __future__ import annotations

import functools

import pytest
from support import Counter, run_async

from warp_cache import cache, lru_cache


def shares(f, *calls) -> bool:
    """Whether all of the calls, functions of f, share one entry."""
    f.cache_clear()
    results = [call(f) for call in calls]
    return all(result is results[0] for result in results)


def middle(a, connection=None, b=0):
    return object()


@pytest.mark.parametrize("ignore", ["connection", 1, ("connection",), [1], (1, "connection"), {1}])
@pytest.mark.parametrize("decorate", [cache, lru_cache])
def test_by_name_or_position_and_however_passed(ignore, decorate):
    f = decorate(ignore=ignore)(middle)
    assert shares(
        f,
        lambda f: f(1),
        lambda f: f(1, "one"),
        lambda f: f(1, connection="two"),
        lambda f: f(1, ["unhashable"]),
        lambda f: f(1, connection={}),
    )
    assert shares(f, lambda f: f(1, "x", 5), lambda f: f(1, "y", 5))
    assert shares(f, lambda f: f(1, b=5), lambda f: f(1, connection="x", b=5))
    assert shares(f, lambda f: f(a=1, b=5), lambda f: f(a=1, connection="x", b=5))
    assert not shares(f, lambda f: f(1, "x", 5), lambda f: f(1, "x", 6))
    assert not shares(f, lambda f: f(1, 2), lambda f: f(2, 2))
    assert not shares(f, lambda f: f(1, b=2), lambda f: f(1, connection=2))


def test_the_function_still_gets_them():
    body = Counter()
    f = cache(ignore="b")(lambda a, b=None: body(a, b))
    assert f(1, 2) == f(1, b=3) == (1, 2)
    assert f(2, b=7) == (2, 7)
    assert [args for args, _ in body.calls] == [(1, 2), (2, 7)]


def test_several():
    f = cache(ignore=("a", 2))(lambda a, b, c: object())
    assert shares(f, lambda f: f(1, 2, 3), lambda f: f(4, 2, 5), lambda f: f([], 2, c=[]))
    assert not shares(f, lambda f: f(1, 2, 3), lambda f: f(1, 3, 3))
    nothing_left = cache(ignore=("a", "b"))(lambda a, b: object())
    assert shares(nothing_left, lambda f: f(1, 2), lambda f: f(3, b=4), lambda f: f(a=5, b=6))


def test_positional_only():
    def function(a, connection, /, b=0):
        return object()

    for ignore in ("connection", 1):
        f = cache(ignore=ignore)(function)
        assert shares(f, lambda f: f(1, 2), lambda f: f(1, []))
        assert not shares(f, lambda f: f(1, 2), lambda f: f(2, 2))
        assert not shares(f, lambda f: f(1, 2, 3), lambda f: f(1, 2, 4))


def test_a_keyword_of_the_same_name_as_a_positional_only_parameter_counts():
    def function(a, /, **kwargs):
        return object()

    f = cache(ignore="a")(function)
    assert shares(f, lambda f: f(1, x=1), lambda f: f(2, x=1))
    assert not shares(f, lambda f: f(1, a=2), lambda f: f(1, a=3))
    assert not shares(f, lambda f: f(1), lambda f: f(1, a=3))


def test_keyword_only():
    def function(*args, connection=None, other=None):
        return object()

    f = cache(ignore="connection")(function)
    assert shares(f, lambda f: f(1, connection=[]), lambda f: f(1), lambda f: f(1, connection=2))
    assert not shares(f, lambda f: f(1, 2), lambda f: f(1, connection=2))
    assert not shares(f, lambda f: f(1, other=2), lambda f: f(1, connection=2))
    assert not shares(f, lambda f: f("connection", 2), lambda f: f(connection=2))


def test_star_args():
    def function(a, *rest, b=0):
        return object()

    f = cache(ignore="rest")(function)
    assert shares(f, lambda f: f(1), lambda f: f(1, 2), lambda f: f(1, 2, []))
    assert not shares(f, lambda f: f(1, 2), lambda f: f(2, 2))
    assert not shares(f, lambda f: f(1, 2, b=1), lambda f: f(1, 2, b=2))
    one = cache(ignore=2)(function)  # the argument at that position, and no other
    assert shares(one, lambda f: f(1, 2, []), lambda f: f(1, 2, {}))
    assert not shares(one, lambda f: f(1, 2, 3), lambda f: f(1, 3, 3))
    assert not shares(one, lambda f: f(1, 2, 3, 4), lambda f: f(1, 2, 3, 5))
    first = cache(ignore="a")(function)
    assert shares(first, lambda f: f(1, 2, 3), lambda f: f(9, 2, 3))
    assert not shares(first, lambda f: f(1, 2, 3), lambda f: f(1, 2, 4))
    assert not shares(first, lambda f: f(1, 2), lambda f: f(2))


def test_star_star_kwargs():
    def function(a, b=0, **options):
        return object()

    f = cache(ignore="options")(function)
    assert shares(f, lambda f: f(1), lambda f: f(1, x=2), lambda f: f(1, y=[], x=3))
    assert shares(f, lambda f: f(1, b=2, x=2), lambda f: f(1, y=1, b=2))
    assert not shares(f, lambda f: f(1, b=2), lambda f: f(1, b=3))
    assert not shares(f, lambda f: f(1, x=1), lambda f: f(2, x=1))
    named = cache(ignore="b")(function)
    assert shares(named, lambda f: f(1, 2, x=3), lambda f: f(1, b=5, x=3), lambda f: f(1, x=3))
    assert not shares(named, lambda f: f(1, 2, x=3), lambda f: f(1, 2, x=4))


@pytest.mark.memory_only("its objects cannot be pickled")
def test_methods():
    class C:
        @cache(ignore="connection")
        def by_name(self, x, connection=None):
            return object()

        @cache(ignore=2)
        def by_position(self, x, connection=None):
            return object()

        @cache(ignore="self")
        def without_self(self, x):
            return object()

        @cache(ignore=0)
        def without_first(self, x):
            return object()

    c, d = C(), C()
    for method in ("by_name", "by_position"):
        m, other = getattr(c, method), getattr(d, method)
        assert m(1, 2) is m(1, connection=[]) is m(1)
        assert m(1) is not m(2)
        assert m(1) is not other(1)
        assert getattr(C, method)(c, 1) is m(1)
    for method in ("without_self", "without_first"):
        m, other = getattr(c, method), getattr(d, method)
        assert m(1) is other(1) is not other(2)


def test_static_and_class_methods():
    class C:
        @staticmethod
        @cache(ignore="connection")
        def static(x, connection=None):
            return object()

        @classmethod
        @cache(ignore="cls")
        def of_class(cls, x):
            return object()

    class D(C):
        pass

    assert C.static(1, []) is C().static(1, connection={}) is not C.static(2)
    assert C.of_class(1) is D.of_class(1) is not D.of_class(2)


def test_ignored_arguments_are_not_hashed_nor_compared():
    class Hostile:
        def __hash__(self):
            raise AssertionError("hashed")

        def __eq__(self, other):
            raise AssertionError("compared")

    f = cache(ignore="b")(lambda a, b=None: object())
    assert f(1, Hostile()) is f(1, b=Hostile())


def test_typed_looks_at_what_is_left():
    f = cache(ignore="b", typed=True)(lambda a, b=None: object())
    assert shares(f, lambda f: f(1, 1), lambda f: f(1, 1.0), lambda f: f(1, b=True))
    assert not shares(f, lambda f: f(1, 1), lambda f: f(1.0, 1))


def test_controls_ignore_too():
    f = cache(ignore="b")(lambda a, b=None: object())
    value = f(1, [])
    assert f.cache_contains(1, b={})
    assert f.cache_get(1) is value
    f.cache_set("set", 1, "whatever")
    assert f(1, b="other") == "set"
    assert f.cache_invalidate(1, [])
    assert not f.cache_contains(1)


def test_a_wrapped_function_is_asked_for_its_own_parameters():
    def inner(a, b=None):
        return object()

    @functools.wraps(inner)
    def wrapper(*args, **kwargs):
        return inner(*args, **kwargs)

    f = cache(ignore="b")(wrapper)
    assert shares(f, lambda f: f(1, b=2), lambda f: f(1, b=3), lambda f: f(1))
    assert not shares(f, lambda f: f(1, b=2), lambda f: f(2, b=2))


def test_partials_and_callable_objects():
    class Callable:
        def __call__(self, a, b=None):
            return object()

    for function in (Callable(), functools.partial(middle, 0), Callable().__call__):
        f = cache(ignore="b")(function)
        assert shares(f, lambda f: f(1, b=2), lambda f: f(1, b=3), lambda f: f(1))
        assert not shares(f, lambda f: f(1), lambda f: f(2))


async def fetch(a, session=None):
    return object()


def test_async():
    async def main():
        f = cache(ignore="session")(fetch)
        assert await f(1, []) is await f(1, session={}) is not await f(2, [])

    run_async(main)


def test_an_iterator_serves_every_function():
    decorate = cache(ignore=iter(["y", "z"]))
    for _ in range(2):
        f = decorate(lambda x, y=0, z=0: object())
        assert f(1) is f(1, y=2) is f(1, z=3) is not f(2)
        assert f.cache_parameters()["ignore"] == ("y", "z")
