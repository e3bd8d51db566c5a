"""Class methods and static methods: the cache above them or below."""

from __future__ import annotations

import abc
import inspect
import sys

import pytest
from support import run_async

from warp_cache import cache, lru_cache


def above(decorate):
    class C:
        @decorate
        @classmethod
        def m(cls, x, y=0):
            """Adds."""
            return [cls, x, y]

    return C


def below(decorate):
    class C:
        @classmethod
        @decorate
        def m(cls, x, y=0):
            """Adds."""
            return [cls, x, y]

    return C


each_decorator = pytest.mark.parametrize(
    "decorate", [cache, cache(), cache(64), lru_cache, lru_cache(64), cache(single_flight=True)]
)


@each_decorator
@pytest.mark.parametrize("place", [above, below])
def test_calls_share_by_class(place, decorate):
    C = place(decorate)

    class D(C):
        pass

    assert C.m(1) is C().m(1) is C.m(1) == [C, 1, 0]
    assert D.m(1) is D().m(1) == [D, 1, 0]
    assert C.m.cache_info()[:2] == (3, 2)
    assert isinstance(C.__dict__["m"], classmethod)
    assert C.m.__doc__ == "Adds." and C.m.__name__ == "m"
    assert str(inspect.signature(C.m)) == "(x, y=0)"


@each_decorator
def test_above_it_the_controls_supply_the_class(decorate):
    C = above(decorate)

    class D(C):
        pass

    for owner in (C, C(), D, D()):
        value = owner.m(1)
        assert owner.m.cache_contains(1) and not owner.m.cache_contains(2)
        assert owner.m.cache_get(1) is value
        assert owner.m.cache_refresh(1) == value
        owner.m.cache_set("set", 1)
        assert owner.m(1) == "set"
        assert owner.m.cache_invalidate(1) and not owner.m.cache_contains(1)
    C.m(1)
    assert not D.m.cache_contains(1)
    assert C.m.cache_key(1) == C().m.cache_key(1) != D.m.cache_key(1)


def test_below_it_the_controls_take_the_class_from_3_13_on():
    C = below(cache)
    value = C.m(1)
    if sys.version_info >= (3, 13):
        assert C.m.cache_get(C, 1) is value
        assert C.m.cache_invalidate(C, 1) and not C.m.cache_contains(C, 1)
    else:
        assert C.m.cache_get(1) is value
        assert C.m.cache_invalidate(1) and not C.m.cache_contains(1)
    assert C.__dict__["m"].__func__.cache_contains(C, 1) is False


@each_decorator
def test_above_a_static_method(decorate):
    class C:
        @decorate
        @staticmethod
        def m(x):
            """Lists."""
            return [x]

    assert C.m(1) is C().m(1) == [1]
    assert C.m.cache_info()[:2] == (1, 1)
    assert C.m.cache_invalidate(1) and not C().m.cache_contains(1)
    assert isinstance(C.__dict__["m"], staticmethod)
    assert C.m.__doc__ == "Lists."


def test_super_metaclasses_and_abstract_methods():
    class Base(abc.ABC):
        @cache
        @classmethod
        def m(cls, x):
            return [cls, x]

        @cache
        @classmethod
        @abc.abstractmethod
        def abstract(cls):
            return cls

    class C(Base):
        @cache
        @classmethod
        def m(cls, x):
            return ["over", *super().m(x)]

        @classmethod
        def abstract(cls):
            return super().abstract()

    with pytest.raises(TypeError, match="abstract"):
        Base()
    assert C.m(1) is C().m(1) == ["over", C, 1]
    assert C.abstract() is C
    assert super(C, C).m.cache_contains(1)


def test_async_class_methods():
    class C:
        @cache
        @classmethod
        async def m(cls, x):
            return [cls, x]

    async def main():
        assert inspect.iscoroutinefunction(C.m)
        value = await C.m(1)
        assert await C().m(1) is value == [C, 1]
        assert C.m.cache_get(1) is value
        assert await C.m.cache_refresh(1) == value
        assert C.m.cache_invalidate(1)

    run_async(main)


def test_generators_below_are_refused_too():
    def generator(cls):
        yield

    for kind in (classmethod, staticmethod):
        with pytest.raises(TypeError, match="generator"):
            cache(kind(generator))
