"""As a method it binds; the bound object is what a bound method is, and supplies self."""

from __future__ import annotations

import copy
import functools
import inspect
import pickle
import weakref
from dataclasses import dataclass

import pytest
from support import Counter, run_async

from warp_cache import cache, lru_cache


class C:
    """At module level, so that its bound methods can be pickled."""

    def __init__(self, n=0):
        self.n = n

    @cache(max_size=64)
    def m(self, x, y=0):
        """Adds."""
        return [self.n, x, y]

    @lru_cache
    def lru(self, x):
        return [self.n, x]

    def plain(self, x, y=0):
        """Adds."""

    @cache
    async def fetch(self, x):
        return [self.n, x]


@pytest.fixture(autouse=True)
def fresh():
    yield
    for f in (C.m, C.lru, C.fetch):
        f.cache_clear()


def test_self_is_part_of_the_key():
    a, b = C(1), C(2)
    assert a.m(5) == [1, 5, 0] and b.m(5) == [2, 5, 0]
    assert a.m(5) is a.m(5) is C.m(a, 5) is not b.m(5)
    assert a.m(5, y=1) is C.m(a, 5, y=1) is not a.m(5)
    assert C.m.cache_info().currsize == 3
    assert a.lru(1) is a.lru(1) is C.lru(a, 1) is not b.lru(1)


@pytest.mark.memory_only("its objects cannot be pickled")
def test_equal_instances_share_as_keys_do():
    @dataclass(frozen=True)
    class Point:
        x: int

        @cache
        def m(self):
            return object()

    assert Point(1).m() is Point(1).m() is not Point(2).m()


def test_unhashable_instances_raise_as_keys_do():
    @dataclass
    class Mutable:
        x: int

        @cache
        def m(self):
            return 1

    with pytest.raises(TypeError, match="unhashable"):
        Mutable(1).m()


# ---------------------------------------------------------------- the bound object


@pytest.mark.parametrize("name", ["m", "lru", "fetch"])
def test_behaves_as_a_bound_method(name):
    a, b = C(), C()
    bound, plain = getattr(a, name), a.plain
    function = C.__dict__[name]
    assert bound.__self__ is a and bound.__func__ is function
    assert bound == getattr(a, name) and hash(bound) == hash(getattr(a, name))
    assert not (bound != getattr(a, name))  # noqa: SIM202 - the operator is what is tested
    assert bound != getattr(b, name)
    assert bound != function and bound != plain and bound != 1
    assert len({bound, getattr(a, name), getattr(b, name)}) == 2
    assert bound.__name__ == name and bound.__qualname__ == f"C.{name}"
    assert bound.__module__ == __name__
    assert callable(bound)
    assert repr(bound).startswith(("<bound", "<warp_cache"))
    assert f"C.{name}" in repr(bound) and "bound" in repr(bound)


def test_equality_is_by_identity_of_self():
    class Same:
        def __eq__(self, other):
            return True

        def __hash__(self):
            return 1

        @cache
        def m(self):
            return 1

        def plain(self):
            return 1

    a, b = Same(), Same()
    assert a.plain != b.plain
    assert a.m != b.m and a.m == a.m


def test_metadata_and_signature():
    a = C()
    assert a.m.__doc__ == "Adds." == C.m.__doc__
    assert inspect.signature(a.m) == inspect.signature(a.plain)
    assert inspect.signature(C.m) == inspect.signature(C.plain)
    assert str(inspect.signature(a.m)) == "(x, y=0)"
    assert inspect.getdoc(a.m) == "Adds."


def test_attributes_of_the_function_show_through():
    C.m.note = "seen"
    try:
        assert C().m.note == "seen"
    finally:
        del C.m.note
    with pytest.raises(AttributeError):
        _ = C().m.nothing
    with pytest.raises(AttributeError):
        C().m.note = 1


def test_pickle_and_copy():
    a = C(7)
    for protocol in range(pickle.HIGHEST_PROTOCOL + 1):
        bound = pickle.loads(pickle.dumps(a.m, protocol))
        assert bound(1) == [7, 1, 0]
        assert bound.__func__ is C.m and bound.__self__ is not a
    assert copy.copy(a.m) == a.m
    assert copy.deepcopy(a.m)(1) == [7, 1, 0]
    assert copy.deepcopy(a.plain).__self__ is not a, "what a method does"
    assert copy.deepcopy(a.m).__self__ is not a


def test_weak_references():
    a = C()
    bound = a.m
    assert weakref.ref(bound)() is bound
    method = weakref.WeakMethod(a.m)
    assert method() == a.m
    ref = weakref.ref(a)
    del a, bound
    import gc

    gc.collect()
    assert ref() is None and method() is None, "nothing was called: nothing holds the instance"


def test_binding_by_hand():
    a = C(3)
    assert C.m.__get__(a)(1) == C.m.__get__(a, C)(1) == [3, 1, 0]
    assert C.m.__get__(None, C) is C.m
    assert C.__dict__["m"] is C.m


def test_a_kept_bound_method_and_map():
    a = C(1)
    bound = a.m
    assert [bound(i) for i in (1, 2, 1)] == list(map(a.m, (1, 2, 1)))
    assert list(map(bound, [1, 2], [3, 4])) == [[1, 1, 3], [1, 2, 4]]
    assert functools.partial(bound, 1)(y=3) is bound(1, y=3)
    with pytest.raises(TypeError):
        bound()


# ---------------------------------------------------------------- cache_* calls supply self


def test_cache_calls_supply_self():
    a, b = C(1), C(2)
    value = a.m(5)
    assert a.m.cache_contains(5) and C.m.cache_contains(a, 5)
    assert not b.m.cache_contains(5) and not a.m.cache_contains(6)
    assert a.m.cache_get(5) is C.m.cache_get(a, 5) is value
    assert a.m.cache_key(5) == C.m.cache_key(a, 5) != b.m.cache_key(5)
    with pytest.raises(KeyError):
        b.m.cache_get(5)
    a.m.cache_set("set", 5)
    assert C.m(a, 5) == "set"
    C.m.cache_set("again", a, 5)
    assert a.m(5) == "again"
    refreshed = a.m.cache_refresh(5)
    assert refreshed == [1, 5, 0] and a.m(5) is refreshed is C.m.cache_get(a, 5)
    assert b.m.cache_invalidate(5) is False
    assert a.m.cache_invalidate(5) is True
    assert not C.m.cache_contains(a, 5)
    a.m(1, y=2)
    assert C.m.cache_invalidate(a, 1, y=2) is True
    assert not a.m.cache_contains(1, y=2)


def test_controls_of_the_whole_are_the_functions():
    a = C()
    a.m(1), a.m(1)
    assert a.m.cache_info() == C.m.cache_info() == (1, 1, 64, 1)
    assert a.m.cache_parameters() == C.m.cache_parameters()
    a.m.cache_clear()
    assert C.m.cache_info() == (0, 0, 64, 0)


def test_async_methods():
    async def main():
        a = C(1)
        assert inspect.iscoroutinefunction(a.fetch) and inspect.iscoroutinefunction(C.fetch)
        value = await a.fetch(1)
        assert await a.fetch(1) is value is await C.fetch(a, 1)
        assert a.fetch.cache_get(1) is value
        assert await a.fetch.cache_refresh(1) == [1, 1]
        assert a.fetch.cache_invalidate(1) and not C.fetch.cache_contains(a, 1)

    run_async(main)


# ---------------------------------------------------------------- other descriptors and classes


@pytest.mark.memory_only("its objects cannot be pickled")
def test_staticmethod_classmethod_property():
    class D:
        @staticmethod
        @cache
        def static(x):
            return [x]

        @classmethod
        @cache
        def of_class(cls, x):
            return [cls, x]

        @property
        @cache
        def prop(self):
            return [self]

    class E(D):
        pass

    d, e = D(), E()
    assert D.static(1) is d.static(1) is E.static(1) is not D.static(2)
    assert D.static.cache_invalidate(1) and not D.static.cache_contains(1)
    assert D.of_class(1) is d.of_class(1) and D.of_class(1)[0] is D
    assert E.of_class(1) is e.of_class(1) and E.of_class(1)[0] is E
    assert D.of_class.cache_info().currsize == 2
    assert d.prop is d.prop and e.prop is not d.prop and d.prop[0] is d
    assert D.prop.fget.cache_invalidate(d)


@pytest.mark.memory_only("its objects cannot be pickled")
def test_subclasses():
    class Base:
        @cache
        def m(self, x):
            return ("base", type(self).__name__, x)

    class Inherits(Base):
        pass

    class Overrides(Base):
        @cache
        def m(self, x):
            return ("over", *super().m(x))

    inherits, overrides = Inherits(), Overrides()
    assert inherits.m(1) == ("base", "Inherits", 1)
    assert overrides.m(1) == overrides.m(1) == ("over", "base", "Overrides", 1)
    assert Inherits.m is Base.m is not Overrides.m
    assert Base.m.cache_info().currsize == 2
    assert Overrides.m.cache_info() == (1, 1, 128, 1)
    assert super(Overrides, overrides).m.cache_contains(1)


@pytest.mark.memory_only("its objects cannot be pickled")
def test_slots():
    class Slotted:
        __slots__ = ("n",)

        def __init__(self, n):
            self.n = n

        @cache
        def m(self, x):
            return [self.n, x]

    a, b = Slotted(1), Slotted(2)
    assert a.m(1) is a.m(1) == [1, 1] and b.m(1) == [2, 1]
    assert a.m.cache_invalidate(1)


@pytest.mark.memory_only("its objects cannot be pickled")
def test_metaclasses_instances_of_builtins_and_dunder_methods():
    class Meta(type):
        @cache
        def m(cls, x):
            return [cls, x]

    class D(metaclass=Meta):
        pass

    class Number(int):
        @cache
        def m(self, x):
            return [self, x]

        @cache
        def __call__(self, x):
            return [self, x]

        @cache
        def __getitem__(self, x):
            return [self, x]

    assert D.m(1) is D.m(1) and D.m(1)[0] is D
    assert Number(5).m(1) is Number(5).m(1)
    assert Number(5)(1) is Number(5)(1)
    assert Number(5)[1] is Number(5)[1] is not Number(5)[2]


@pytest.mark.memory_only("its objects cannot be pickled")
def test_set_on_a_class_or_an_instance_later():
    class D:
        pass

    body = Counter(lambda *args: list(args))
    D.m = cache(body)
    d = D()
    assert d.m(1) is d.m(1) == [d, 1]
    d.own = cache(body)
    assert d.own(1) == [1], "an instance attribute does not bind"


def test_hot_calls_in_a_loop_do_not_mix_instances():
    instances = [C(i) for i in range(50)]
    for _ in range(3):
        for i, instance in enumerate(instances):
            assert instance.m("x")[0] == i
    assert C.m.cache_info() == (100, 50, 64, 50)
