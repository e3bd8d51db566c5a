"""Nothing leaks: after a loop of anything, references, objects and memory are as before it."""

from __future__ import annotations

import contextlib
import gc
import sys

import pytest
from support import FREE_THREADED, run_async, run_python

from warp_cache import cache, lru_cache

ROUNDS = 2000


class Thing:
    def __init__(self, name=""):
        self.name = name


class Fails(Exception):
    pass


def raising(x):
    raise Fails(x)


def swallow(call, error=Exception):
    with contextlib.suppress(error):
        call()


class C:
    @cache(max_size=4)
    def m(self, x, y=0):
        return Thing()


def cases():
    """name -> a function that does one round of something, given a round's number."""
    key, value = Thing("key"), Thing("value")
    small = cache(max_size=4)(lambda *args, **kwargs: value)
    lru = lru_cache(maxsize=4)(lambda *args, **kwargs: value)
    typed = cache(max_size=4, typed=True)(lambda *args, **kwargs: value)
    ignoring = cache(max_size=4, ignore="b")(lambda a, b=None, c=0: value)
    keyed = cache(max_size=4, key=lambda *a, **k: (a, tuple(k)))(lambda *a, **k: value)
    picky = cache(max_size=4, cache_if=lambda r: False)(lambda x: Thing())
    expiring = cache(max_size=4, ttl=lambda r: 10.5)(lambda x: Thing())
    single = cache(max_size=4, single_flight=True)(lambda x: Thing())
    nothing = cache(max_size=0)(lambda x: Thing())
    fails = cache(max_size=4)(raising)
    lone = cache(max_size=4, single_flight=True)(raising)
    c = C()
    return {
        "hits": lambda i: (small(key), small(1), small("a"), small((1, key)), small(1.5)),
        "misses": lambda i: (small(i), small((i, key)), small(str(i)), small(Thing())),
        "keywords": lambda i: (small(key, a=1, b=key), small(b=i, a=key), typed(i, a=key)),
        "lru_cache": lambda i: (lru(key), lru(i), lru(i, a=key)),
        "typed": lambda i: (typed(i), typed(float(i)), typed(key)),
        "ignore": lambda i: (ignoring(key, i), ignoring(i, b=Thing(), c=key)),
        "key": lambda i: (keyed(key, i), keyed(a=key)),
        "not kept": lambda i: (picky(i), picky(key), nothing(key), nothing(i)),
        "ttl": lambda i: (expiring(i), expiring(key)),
        "single flight": lambda i: (single(i), single(key)),
        "raising": lambda i: (swallow(lambda: fails(key)), swallow(lambda: lone(i))),
        "unhashable": lambda i: (swallow(lambda: small([key])), swallow(lambda: small(a=[]))),
        "wrong arguments": lambda i: (swallow(lambda: c.m()), swallow(lambda: ignoring())),
        "methods": lambda i: (c.m(key), c.m(i, y=key), C.m(c, i), c.m, c.m.cache_info()),
        "controls": lambda i: (
            small.cache_contains(key, a=i),
            small.cache_set(value, key, i),
            small.cache_get(key, i),
            swallow(lambda: small.cache_get(key, a=-1), KeyError),
            small.cache_refresh(key),
            small.cache_key(key, a=i),
            small.cache_invalidate(key),
            small.cache_info(),
            small.cache_parameters(),
            c.m.cache_set(value, key),
            c.m.cache_get(key),
            c.m.cache_invalidate(key),
        ),
        "clear": lambda i: (small(key), small(i), small.cache_clear()),
        "decorate": lambda i: cache(max_size=i + 1)(raising),
        "decorate and call": lambda i: cache(lambda x: [x])(key),
        "attributes": lambda i: (setattr(small, "note", key), repr(small), repr(c.m), hash(c.m)),
        "refused": lambda i: (
            swallow(lambda: cache(strategy="nope")(raising), ValueError),
            swallow(lambda: cache(ignore="nope")(raising), ValueError),
        ),
    }, (key, value, c)


NAMES = list(cases()[0])


def settle():
    for _ in range(3):
        gc.collect()
    return sys.getallocatedblocks()


@pytest.mark.parametrize("name", NAMES)
def test_no_object_is_left_behind(name):
    """One block per round would be ROUNDS of them; caches and free lists may take a few."""
    rounds, (key, value, c) = cases()
    run = rounds[name]
    for i in range(50):
        run(i)
    before, references = settle(), [sys.getrefcount(thing) for thing in (key, value, c)]
    for i in range(50, 50 + ROUNDS):
        run(i)
    grown = settle() - before
    assert grown < ROUNDS // 4, f"{grown} more blocks after {ROUNDS} rounds"
    if not FREE_THREADED:  # where a count may be spread over threads
        after = [sys.getrefcount(thing) for thing in (key, value, c)]
        assert all(abs(a - b) <= 24 for a, b in zip(after, references, strict=True))


def test_no_object_is_left_behind_by_coroutines():
    key = Thing()

    @cache(max_size=4)
    async def f(x, y=0):
        return Thing()

    @cache(max_size=4)
    async def fails(x):
        raise Fails

    async def rounds(n):
        for i in range(n):
            await f(key)
            await f(i)
            await f(i, y=key)
            f(key).close()
            with contextlib.suppress(Fails):
                await fails(key)
            with contextlib.suppress(Fails):
                f(key).throw(Fails())

    async def main():
        await rounds(50)
        before, references = settle(), sys.getrefcount(key)
        await rounds(ROUNDS // 2)
        grown = settle() - before
        assert grown < ROUNDS // 4, f"{grown} more blocks"
        if not FREE_THREADED:
            assert abs(sys.getrefcount(key) - references) <= 8

    run_async(main, timeout=60)


MEMORY = """
    import resource
    def peak():
        for _ in range(2): gc.collect()
        used = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        return used // 1024 if sys.platform == "darwin" else used
    value = object()
    f = cache(max_size=1000{options})(lambda *a, **k: value)
    def work(n):
        for i in range(n):
            {body}
    work(20_000)
    before = peak()
    work(150_000)
    grown = peak() - before
    assert grown < 6_000, f"{{grown}} KiB more"
    """


@pytest.mark.parametrize(
    ("options", "body"),
    [
        ("", "f(i)"),
        ("", "f(str(i), a=i)"),
        (", strategy='lfu'", "f(i % 3000); f(i % 7)"),
        (", strategy='mru'", "f(i)"),
        (", strategy='fifo'", "f(i % 1500)"),
        ("", "f(i); f.cache_invalidate(i)"),
        ("", "f.cache_set(i, i); i % 5000 or f.cache_clear()"),
        (", ttl=1e-6", "f(i)"),
        (", single_flight=True", "f(i)"),
    ],
)
def test_memory_outside_the_interpreter_is_flat_too(options, body):
    """What the interpreter's own count of blocks does not see: the engine's tables."""
    pytest.importorskip("resource", reason="no way to ask for the peak memory on this platform")
    run_python(MEMORY.format(options=options, body=body), timeout=90)
