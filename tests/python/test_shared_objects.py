"""Code of the user's that runs in the middle of a call: in keys, in values, in callbacks; methods
and cycles of references."""

from __future__ import annotations

import gc
import pickle
import weakref

import pytest
from shared_support import posix
from support import Background, Gate, in_threads

from warp_cache import cache

pytestmark = posix


#: What a Hostile object does in its methods. No attribute of the class: CPython does not bear it
#: that finalizers look one up while it is replaced.
MISCHIEF = []


def mischief(when):
    if MISCHIEF:
        MISCHIEF[-1](when)


class Hostile:
    """A key or a value whose every method may do mischief."""

    def __init__(self, x):
        self.x = x

    def __eq__(self, other):
        mischief("eq")
        return isinstance(other, Hostile) and self.x == other.x

    def __hash__(self):
        mischief("hash")
        return hash(self.x)

    def __reduce__(self):
        mischief("reduce")
        return Hostile, (self.x,)

    def __del__(self):
        mischief("del")


@pytest.fixture(autouse=True)
def harmless():
    yield
    MISCHIEF.clear()


def shared(body, **options):
    return cache(backend="shared", name="f", **options)(body)


@pytest.mark.parametrize("when", ["eq", "hash", "reduce", "del"])
@pytest.mark.parametrize("what", ["call", "clear", "invalidate", "set", "info", "gc"])
def test_keys_and_values_that_use_the_same_cache(folder, when, what):
    f = shared(lambda x: Hostile(x.x if isinstance(x, Hostile) else x), max_size=8)
    do = {
        "call": lambda: f(1),
        "clear": f.cache_clear,
        "invalidate": lambda: f.cache_invalidate(1),
        "set": lambda: f.cache_set(5, 2),
        "info": f.cache_info,
        "gc": gc.collect,
    }[what]
    depth = []

    def once(now):
        if now == when and not depth:
            depth.append(1)
            try:
                do()
            finally:
                depth.pop()

    MISCHIEF.append(once)
    for _ in range(3):
        for x in range(12):
            assert f(Hostile(x)).x == x
            f.cache_contains(Hostile(x))
    assert f.cache_info().currsize <= 8


@pytest.mark.parametrize("when", ["eq", "hash", "reduce"])
def test_what_they_raise(folder, when):
    f = shared(lambda x: 1)
    f(Hostile(1))
    MISCHIEF.append(lambda now: 1 // (now != when))
    if when == "reduce":
        with pytest.raises(TypeError, match="pickling raised"):
            f(Hostile(2))
    else:
        with pytest.raises(ZeroDivisionError):
            f(Hostile(1))
    MISCHIEF.clear()
    assert f(Hostile(1)) == 1
    assert f.cache_info().hits == 1


def test_an_equality_that_sleeps_holds_nobody(folder):
    gate = Gate()
    f = shared(lambda x: 1)
    f(Hostile(1))
    MISCHIEF.append(lambda now: gate.pass_through() if now == "eq" else None)
    call = Background(f, Hostile(1))
    gate.entered()
    assert f(2) == f(2) == 1
    f.cache_clear()
    gate.open()
    assert call.result() == 1


def test_callbacks_that_use_the_same_cache(folder):
    g = shared(
        lambda x: x,
        ttl=lambda result: 60 if g.cache_info() else None,
        cache_if=lambda result: not g.cache_contains(result),
    )
    assert [g(x) for x in (1, 2, 1)] == [1, 2, 1]
    assert g.cache_info()[:2] == (1, 2)


def test_threads_with_hostile_keys(folder):
    f = shared(lambda x: x.x, max_size=16)

    def work():
        for n in range(300):
            x = n % 40
            assert f(Hostile(x)) == x
            if n % 50 == 0:
                f.cache_invalidate(Hostile(3))
                gc.collect(0)

    in_threads(*[work] * 4)
    assert f.cache_info().currsize <= 16
    assert sum(f.cache_info()[:2]) == 4 * 300


# ---------------------------------------------------------------- methods


class Store:
    def __init__(self, rate):
        self.rate = rate
        self.calls = 0

    def __reduce__(self):
        return Store, (self.rate,)


def method(self, x):
    self.calls += 1
    return self.rate * x


def test_methods_by_what_the_instance_is(folder):
    Store.price = shared(method)
    try:
        one, twin, other = Store(2), Store(2), Store(3)
        assert (one.price(5), one.price(5), twin.price(5), other.price(5)) == (10, 10, 10, 15)
        assert (one.calls, twin.calls, other.calls) == (1, 0, 1)
        assert one.price.cache_contains(5) and Store.price.cache_contains(twin, 5)
        assert one.price.cache_invalidate(5)
        assert not twin.price.cache_contains(5)
        one.price.cache_set(7, 5)
        assert twin.price(5) == one.price.cache_get(5) == 7
        assert one.price.cache_refresh(5) == 10 == twin.price(5)
    finally:
        del Store.price


def test_a_class_method_and_a_static_one(folder):
    class Local:
        @classmethod
        @cache(backend="shared", name="class", ignore="cls")
        def of_class(cls, x):
            return [x]

        @staticmethod
        @cache(backend="shared", name="static")
        def static(x):
            return [x]

    assert Local.of_class(1) is Local().of_class(1)
    assert Local.static(1) is Local().static(1)


# ---------------------------------------------------------------- references


class Node:
    def __init__(self):
        self.other = None


def test_a_cycle_through_the_cache_is_collected(folder):
    def make():
        node = Node()

        def body(x):
            return node

        f = cache(backend="shared", name=f"cycle {id(node)}")(body)
        f(1)
        assert f(1) is node
        return weakref.ref(f), weakref.ref(node)

    references = make()
    gc.collect()
    assert [reference() for reference in references] == [None, None]


def test_the_front_lets_go_of_what_is_gone(folder):
    f = shared(lambda x: Node(), max_size=4)
    kept = [weakref.ref(f(x)) for x in range(50)]
    gc.collect()
    assert sum(reference() is not None for reference in kept) <= 4
    f.cache_clear()
    gc.collect()
    assert all(reference() is None for reference in kept)
    kept = weakref.ref(f(1))
    f.cache_invalidate(1)
    gc.collect()
    assert kept() is None


@cache(backend="memory")
def module_level(x):
    return x


def test_a_shared_function_is_pickled_by_name(folder, monkeypatch):
    f = cache(backend="shared", name="f")(module_level.__wrapped__)
    monkeypatch.setitem(globals(), "module_level", f)
    assert pickle.loads(pickle.dumps(f)) is f
    assert repr(f).startswith("<warp_cache.cache of <function module_level")
