"""__del__, callbacks and collections at any point, which come back into the cache."""

from __future__ import annotations

import gc
import threading

import pytest
from support import Background, each_strategy, run_python

from warp_cache import cache, lru_cache

# ---------------------------------------------------------------- __del__


@each_strategy
def test_del_of_keys_and_values_that_calls_and_clears(strategy):
    f = cache(max_size=3, strategy=strategy)(lambda x: Mortal())
    deaths = 0

    class Mortal:
        def __del__(self):
            nonlocal deaths
            deaths += 1
            f.cache_info()
            f.cache_contains(1)
            if deaths % 3 == 0:
                f.cache_clear()
            elif deaths < 300:
                f(deaths % 5)

    for i in range(60):
        f(i)
        f(Mortal())
        f.cache_set(Mortal(), i)
        f.cache_invalidate(i)
        assert f.cache_info().currsize <= 3
    f.cache_clear()
    assert deaths >= 100
    f.cache_clear()


def test_a_del_that_raises_or_blocks_is_outside_the_lock():
    inside, go = threading.Event(), threading.Event()

    class Slow:
        def __del__(self):
            inside.set()
            go.wait(20)

    f = cache(max_size=1)(lambda x: x)

    def evict():
        # Made in this thread: without a GIL the thread that made an object finalizes it.
        f.cache_set(Slow(), 0)
        return f(1)

    evicting = Background(evict)
    assert inside.wait(20)
    assert f(1) == 1 and f.cache_info().currsize == 1
    go.set()
    assert evicting.result() == 1


def test_clear_of_many_entries_whose_del_calls():
    f = cache(max_size=None)(lambda x: Value())

    class Value:
        def __del__(self):
            f.cache_contains(0)

    for i in range(500):
        f(i)
    f.cache_clear()
    assert f.cache_info().currsize == 0


def test_dropping_the_cache_whose_values_use_it():
    run_python("""
        def make():
            @cache(max_size=8)
            def f(x): return Value()
            class Value:
                def __del__(self): f.cache_info(); f.cache_clear()
            for i in range(20): f(i)
        for _ in range(50):
            make()
            gc.collect()
        """)


# ---------------------------------------------------------------- callbacks


def test_callbacks_that_come_back_in():
    def again(result):
        f.cache_info()
        f.cache_contains(1)
        if result < 5:
            f(result + 1)
        return True

    f = cache(max_size=3, cache_if=again)(lambda x: x)
    assert f(0) == 0
    assert f.cache_info().misses == 6

    g = cache(max_size=3, ttl=lambda r: (g.cache_clear(), 10)[1])(lambda x: x)
    assert g(1) == 1 and g(1) == 1
    assert g.cache_info().currsize == 0, "cleared between the computation and the keeping"

    h = cache(key=lambda x: (h.cache_info(), h.cache_clear(), x)[2])(lambda x: x)
    assert h(1) == 1 and h(1) == 1


def test_callbacks_that_block_hold_up_nobody():
    for option, answer in (("cache_if", True), ("ttl", 10.0)):
        inside, go = threading.Event(), threading.Event()

        def callback(result, inside=inside, go=go, answer=answer):
            if result == "block":
                inside.set()
                assert go.wait(20)
            return answer

        f = cache(max_size=4, **{option: callback})(lambda x: x)
        blocked = Background(f, "block")
        assert inside.wait(20)
        assert [f(n) for n in (1, 1, 2, 3, 4, 5)] == [1, 1, 2, 3, 4, 5]
        go.set()
        assert blocked.result() == "block"


# ---------------------------------------------------------------- collections


@pytest.mark.parametrize("decorate", [cache(max_size=5), lru_cache(maxsize=5), cache(max_size=0)])
def test_a_collection_at_any_point(decorate, collections_everywhere):
    class Loop:
        def __init__(self):
            self.me = self

    f = decorate(lambda *args, **kwargs: Loop())
    for i in range(60):
        f(i, Loop())
        f((i, [].__class__), a=Loop())
        f(i % 3)
        f.cache_set(Loop(), Loop())
        f.cache_info()
    f.cache_clear()


def test_a_collection_that_frees_what_the_cache_holds_and_calls_it(collections_everywhere):
    f = cache(max_size=4)(lambda x: Loop())

    class Loop:
        def __init__(self):
            self.me = self

        def __del__(self):
            f.cache_contains(1)
            f.cache_invalidate(2)

    for i in range(40):
        f(i)
        f(i % 4)
    f.cache_clear()
    gc.collect()


def test_threads_under_forced_collections():
    run_python("""
        gc.set_threshold(1)
        class Loop:
            def __init__(self, n): self.me, self.n = self, n
            def __hash__(self): return self.n % 3
            def __eq__(self, other): return isinstance(other, Loop) and self.n == other.n
            def __del__(self): f.cache_contains(0)
        f = cache(max_size=4)(lambda x: Loop(1))
        def work():
            for i in range(150):
                f(Loop(i % 7)); f(i % 5)
                if i % 20 == 0: f.cache_clear()
                assert f.cache_info().currsize <= 4
        threads = [threading.Thread(target=work) for _ in range(4)]
        for t in threads: t.start()
        for t in threads: t.join()
        """)
