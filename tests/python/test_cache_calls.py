"""cache_contains, cache_get, cache_set, cache_invalidate, cache_refresh and cache_key."""

from __future__ import annotations

import pytest
from support import Counter, each_strategy, run_async

from warp_cache import Strategy, cache


def make(**options):
    body = Counter(lambda *args, **kwargs: [*args, kwargs])
    return cache(**options)(body), body


def test_contains():
    f, body = make()
    assert f.cache_contains(1) is False
    f(1)
    assert f.cache_contains(1) is True
    assert f.cache_contains(1.0) and not f.cache_contains(x=1) and not f.cache_contains(2)
    assert body.count == 1


def test_get():
    f, body = make()
    with pytest.raises(KeyError):
        f.cache_get(1)
    value = f(1)
    assert f.cache_get(1) is value
    g = cache(lambda: None)
    with pytest.raises(KeyError):
        g.cache_get()
    g()
    assert g.cache_get() is None
    assert body.count == 1


def test_set():
    f, body = make()
    assert f.cache_set("value", 1, a=2) is None
    assert f(1, a=2) == "value" and f.cache_get(1, a=2) == "value"
    assert f.cache_info() == (1, 0, 128, 1)
    f.cache_set("other", 1, a=2)
    assert f(1, a=2) == "other" and f.cache_info().currsize == 1
    f.cache_set("nothing")
    assert f() == "nothing"
    f.cache_set("keyword", value=3)
    assert f(value=3) == "keyword", "value is positional-only"
    assert body.count == 0
    with pytest.raises(TypeError):
        f.cache_set()


def test_set_keeps_whatever_cache_if_says():
    f = cache(cache_if=lambda r: r != "bad")(lambda x: x)
    f.cache_set("bad", 1)
    assert f(1) == "bad"


def test_set_evicts_when_full():
    f, _ = make(max_size=2)
    for i in range(5):
        f.cache_set(i, i)
    assert f.cache_info().currsize == 2
    assert f.cache_info().evictions == 3
    assert f.cache_contains(3) and f.cache_contains(4)


def test_invalidate():
    f, body = make()
    assert f.cache_invalidate(1) is False
    f(1), f(2)
    assert f.cache_invalidate(1) is True
    assert f.cache_invalidate(1) is False
    assert not f.cache_contains(1) and f.cache_contains(2)
    f(1)
    assert body.count == 3
    info = f.cache_info()
    assert (info.evictions, info.expirations) == (0, 0)


def test_refresh():
    f, body = make()
    first = f(1)
    second = f.cache_refresh(1)
    assert second == first and second is not first
    assert f(1) is second and body.count == 2
    third = f.cache_refresh(2)
    assert f(2) is third and body.count == 3


def test_a_refresh_that_raises_leaves_the_old_entry():
    fail = False

    @cache
    def f(x):
        if fail:
            raise ZeroDivisionError
        return [x]

    value = f(1)
    fail = True
    for call in (lambda: f.cache_refresh(1), lambda: f.cache_refresh(2)):
        with pytest.raises(ZeroDivisionError):
            call()
    assert f(1) is value
    assert not f.cache_contains(2)


def test_controls_touch_no_statistics():
    f, _ = make(max_size=4)
    f(1), f(1), f(2)
    before = f.cache_info()
    f.cache_contains(1), f.cache_contains(9)
    f.cache_get(1)
    with pytest.raises(KeyError):
        f.cache_get(9)
    f.cache_key(1), f.cache_key(9)
    f.cache_refresh(1), f.cache_refresh(2)
    f.cache_set("x", 1)
    assert f.cache_info() == before
    f.cache_invalidate(9)
    f.cache_invalidate(2)
    assert f.cache_info()[:2] == before[:2]


@each_strategy
def test_looking_touches_no_order(strategy):
    """After the same calls, the same victim: whatever was looked at in between."""

    def victims(look):
        f, _ = make(max_size=3, strategy=strategy)
        for x in (1, 2, 3, 1, 2, 2):
            f(x)
            look(f)
        f(4)
        look(f)
        f(5)
        return [x for x in range(1, 6) if not f.cache_contains(x)]

    def everything(f):
        for x in range(1, 6):
            f.cache_contains(x), f.cache_key(x)
            if f.cache_contains(x):
                f.cache_get(x)
                f.cache_refresh(x)

    assert victims(everything) == victims(lambda f: None)


SET_ON_PRESENT = {
    # f(1), f(2), f(3), then set on 1, then a fourth key: who goes?
    Strategy.LRU: [2],
    Strategy.MRU: [1],
    Strategy.FIFO: [1],
    Strategy.LFU: [2],
    Strategy.SIEVE: [2],
    Strategy.CLOCK: [2],
}


@pytest.mark.parametrize("strategy", SET_ON_PRESENT, ids=lambda s: s.name)
def test_set_counts_as_a_use(strategy):
    f, _ = make(max_size=3, strategy=strategy)
    f(1), f(2), f(3)
    f.cache_set("new", 1)
    f(4)
    assert [x for x in (1, 2, 3, 4) if not f.cache_contains(x)] == SET_ON_PRESENT[strategy]


def test_arguments_that_do_not_fit_the_function():
    """The key is made of the arguments as given, whether or not the function takes them."""
    f = cache(lambda x: x)
    assert f.cache_contains(1, 2, 3) is False
    assert f.cache_invalidate(y=1) is False
    with pytest.raises(TypeError):
        f.cache_refresh(1, 2, 3)
    assert f.cache_info().currsize == 0


@pytest.mark.memory_only("shared memory takes keys without a hash")
def test_unhashable_arguments():
    f, _ = make()
    for call in (f.cache_contains, f.cache_get, f.cache_invalidate, f.cache_refresh):
        with pytest.raises(TypeError, match="unhashable"):
            call([])
    with pytest.raises(TypeError, match="unhashable"):
        f.cache_set(1, [])
    f.cache_set([], 1)
    assert f(1) == []


def test_with_ttl(advance):
    f, body = make(ttl=10)
    value = f(1)
    advance(6)
    f.cache_set("set", 2)
    f.cache_refresh(3)
    assert f.cache_get(1) is value
    advance(6)
    assert not f.cache_contains(1)
    with pytest.raises(KeyError):
        f.cache_get(1)
    assert f.cache_invalidate(1) is False, "it was no longer live"
    assert f.cache_contains(2) and f.cache_contains(3)
    advance(6)
    assert not f.cache_contains(2) and not f.cache_contains(3)


def test_set_and_refresh_start_the_ttl_anew(advance):
    for renew in (lambda f: f.cache_set("x", 1), lambda f: f.cache_refresh(1)):
        f, _ = make(ttl=10)
        f(1)
        advance(6)
        renew(f)
        advance(6)
        assert f.cache_contains(1)
        advance(6)
        assert not f.cache_contains(1)


def test_async_controls():
    async def main():
        calls = 0

        @cache
        async def f(x):
            nonlocal calls
            calls += 1
            return [x, calls]

        assert not f.cache_contains(1)
        with pytest.raises(KeyError):
            f.cache_get(1)
        value = await f(1)
        assert f.cache_contains(1) and f.cache_get(1) is value
        f.cache_set("set", 2)
        assert await f(2) == "set" and calls == 1
        assert await f.cache_refresh(1) == [1, 2]
        assert await f(1) == [1, 2]
        assert f.cache_invalidate(1) is True and not f.cache_contains(1)
        assert f.cache_key(1) == f.cache_key(1.0)
        assert f.cache_info()[:2] == (2, 1)

    run_async(main)


def test_async_refresh_that_raises_leaves_the_old_entry():
    async def main():
        @cache
        async def f(x):
            return 1 // x

        f.cache_set("old", 0)
        with pytest.raises(ZeroDivisionError):
            await f.cache_refresh(0)
        assert await f(0) == "old"

    run_async(main)


def test_async_refresh_that_is_not_awaited_does_nothing():
    async def main():
        body = Counter()

        @cache
        async def f(x):
            body(x)
            return "new"

        f.cache_set("old", 1)
        pending = f.cache_refresh(1)
        assert body.count == 0
        assert await f(1) == "old"
        assert await pending == "new"
        assert await f(1) == "new"

    run_async(main)
