"""The garbage collector sees through a cache: cycles go, and what is dropped dies at once."""

from __future__ import annotations

import asyncio
import gc
import sys
import weakref

import pytest
from support import FREE_THREADED, each_strategy, run_async, run_python

from warp_cache import cache, lru_cache


class Thing:
    """Something that can be weakly referenced, hashed, and tied into cycles."""


def collected(*refs) -> bool:
    for _ in range(3):
        gc.collect()
    return all(ref() is None for ref in refs)


each_decorator = pytest.mark.parametrize(
    "decorate",
    [cache, lru_cache, cache(max_size=None), cache(ttl=60), cache(single_flight=True)],
    ids=["cache", "lru_cache", "unbounded", "ttl", "single flight"],
)


# ---------------------------------------------------------------- cycles through the cache


@each_decorator
def test_a_value_that_refers_to_its_function(decorate):
    def make():
        @decorate
        def f(x):
            thing = Thing()
            thing.function = f
            return thing

        return weakref.ref(f), weakref.ref(f(1)), weakref.ref(f(2))

    assert collected(*make())


@pytest.mark.memory_only("its objects cannot be pickled")
@each_decorator
def test_a_key_that_refers_to_its_function(decorate):
    def make():
        f = decorate(lambda x, y=0: 1)
        keys = [Thing(), Thing(), Thing()]
        for key in keys:
            key.function = f
        f(keys[0])
        f(1, y=keys[1])
        f((keys[2], 5))
        return [weakref.ref(f), *map(weakref.ref, keys)]

    assert collected(*make())


def test_a_function_whose_attributes_and_closure_refer_to_it():
    def make():
        thing = Thing()

        @cache
        def f(x):
            return thing, f

        thing.f = f
        f.me = f
        f(1)
        return weakref.ref(f), weakref.ref(thing)

    assert collected(*make())


@pytest.mark.parametrize("option", ["key", "cache_if", "ttl"])
def test_a_callback_that_refers_to_the_function(option):
    def make():
        thing = Thing()

        def callback(value):
            return thing and 5

        f = cache(**{option: callback})(lambda x: x)
        thing.f = f
        f(1)
        return weakref.ref(f), weakref.ref(thing)

    assert collected(*make())


@pytest.mark.skipif(
    not FREE_THREADED or sys.version_info >= (3, 14),
    reason="3.13t alone makes functions immortal",
)
def test_references_are_counted_as_those_to_the_function():
    run_python("""
        import gc, threading, weakref
        code = "@cache\\ndef f(x): return x\\nclass A:\\n @cache\\n def m(self, x): return x"

        def run():
            scope = {"cache": cache, "__name__": "a"}
            exec(code, scope)
            assert scope["f"](1) == scope["A"]().m(1) == 1
            return scope["f"], scope["A"].m

        gone = weakref.ref(run()[0])
        gc.collect()
        assert gone() is None
        before = run()
        threading.Thread(target=print).start()
        immortal = sys.getrefcount(None)
        for f in (*before, *run()):
            assert sys.getrefcount(f) == immortal

        def inside():
            return cache(before[0].__wrapped__)

        assert sys.getrefcount(inside()) < 10
        gc.collect()
    """)


@pytest.mark.memory_only("its objects cannot be pickled")
@pytest.mark.skipif(
    FREE_THREADED and sys.version_info < (3, 14),
    reason="once there was a second thread, CPython 3.13t makes every class immortal",
)
def test_a_class_whose_method_has_its_instances():
    def make():
        class C:
            @cache
            def m(self, x):
                return [self]

        c = C()
        c.m(1)
        c.bound = c.m
        return weakref.ref(C), weakref.ref(c), weakref.ref(C.m)

    assert collected(*make())


@pytest.mark.memory_only("its objects cannot be pickled")
def test_two_caches_that_hold_each_other():
    def make():
        f, g = cache(lambda x: 1), cache(lambda x: 1)
        f(g), g(f)
        f.cache_set(g, 1)
        return weakref.ref(f), weakref.ref(g)

    assert collected(*make())


def test_an_async_function_and_its_awaitables():
    def make():
        @cache
        async def f(x):
            thing = Thing()
            thing.f = f
            return thing

        async def main():
            thing = await f(1)
            thing.pending = f(1)  # a hit that is never awaited
            return weakref.ref(thing)

        return weakref.ref(f), run_async(main)

    assert collected(*make())


def test_an_async_computation_that_was_abandoned():
    def make():
        thing = Thing()

        @cache
        async def f(x):
            await asyncio.sleep(0)
            return thing

        async def main():
            task = asyncio.create_task(f(1))
            await asyncio.sleep(0)
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

        run_async(main)
        asyncio.run(f(2))
        thing.f = f
        return weakref.ref(f), weakref.ref(thing)

    assert collected(*make())


def test_the_bound_object_is_traversed():
    class C:
        @cache
        def m(self):
            return 1

    c = C()
    c.bound = c.m
    ref = weakref.ref(c)
    del c
    assert collected(ref)


# ---------------------------------------------------------------- what the collector is told


def test_traversal_shows_what_is_held():
    function, key, value, note = (lambda x, **k: value), Thing(), Thing(), Thing()
    f = cache(function)
    f(key)
    f(1, name=key)
    f.note = note
    assert gc.is_tracked(f)
    held, level = set(), [f]
    for _ in range(4):  # the store, or a key's tuple, may stand between
        level = [r for o in level for r in gc.get_referents(o) if not isinstance(r, (type, dict))]
        held |= set(map(id, level))
    assert {id(function), id(key), id(value)} <= held


def test_traversal_counts_no_reference_twice():
    """A collector that is told of more references than there are frees what is in use."""
    run_python("""
        class Thing: pass
        def make():
            shared = Thing()
            f = cache(max_size=8)(lambda *a, **k: shared)
            for i in range(20):
                f(shared, i); f(i, a=shared); f((shared, shared)); f.cache_set(shared, shared)
            shared.f = f
            return shared
        alive = [make() for _ in range(20)]
        for _ in range(20):
            gc.collect()
            for shared in alive:
                assert shared.f(shared) is shared
                assert shared.f.cache_info().currsize == 8
        """)


# ---------------------------------------------------------------- dropped means dropped


@each_strategy
def test_evicted_values_and_keys_die_at_once(strategy):
    f = cache(max_size=1, strategy=strategy)(lambda key: Thing())
    key = Thing()
    refs = [weakref.ref(key), weakref.ref(f(key))]
    del key
    assert all(ref() is not None for ref in refs)
    f(1)
    assert all(ref() is None for ref in refs), "without a collection"


@pytest.mark.parametrize(
    "drop",
    [
        lambda f, key: f.cache_clear(),
        lambda f, key: f.cache_invalidate(key),
        lambda f, key: f.cache_set(None, key),
        lambda f, key: f.cache_refresh(key),
    ],
    ids=["clear", "invalidate", "set", "refresh"],
)
def test_dropped_values_die_at_once(drop):
    f = cache(lambda key: Thing())
    ref = weakref.ref(f(1))
    assert ref() is not None
    drop(f, 1)
    assert ref() is None


def test_expired_values_die_when_they_are_met(advance):
    f = cache(ttl=10)(lambda key: Thing())
    ref = weakref.ref(f(1))
    advance(11)
    assert not f.cache_contains(1)
    f(1)
    assert ref() is None


def test_the_cache_dies_with_its_last_reference():
    f = cache(lambda x: Thing())
    refs = [weakref.ref(f), weakref.ref(f(1))]
    del f
    assert all(ref() is None for ref in refs), "no cycle of our own making"


@pytest.mark.memory_only("its objects cannot be pickled")
def test_a_method_pins_instances_no_longer_than_their_entries():
    class C:
        @cache(max_size=2)
        def m(self):
            return 1

    c = C()
    ref = weakref.ref(c)
    c.m()
    del c
    gc.collect()
    assert ref() is not None, "a key holds it, as in functools"
    C().m(), C().m()
    gc.collect()
    assert ref() is None


def test_a_look_up_does_not_keep_its_arguments():
    f = cache(lambda x: 1)
    key = Thing()
    ref = weakref.ref(key)
    f.cache_contains(key), f.cache_invalidate(key), f.cache_key(key)
    with pytest.raises(KeyError):
        f.cache_get(key)
    del key
    gc.collect()
    assert ref() is None


def test_a_raising_computation_keeps_nothing():
    class Failure(Exception):
        pass

    @cache(single_flight=True)
    def f(key):
        raise Failure

    key = Thing()
    ref = weakref.ref(key)
    for _ in range(3):
        try:
            f(key)
        except Failure as error:
            failure = weakref.ref(error)
    del key
    assert collected(ref, failure)


def test_weakref_callbacks_may_use_other_caches():
    g = cache(lambda x: x)
    seen = []
    f = cache(lambda x: x)
    ref = weakref.ref(f, lambda _: seen.append(g(1)))
    del f
    gc.collect()
    assert seen == [1] and ref() is None
