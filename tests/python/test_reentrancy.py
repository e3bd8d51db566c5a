"""User code is never run under a lock: comparisons may raise, block, come back in, or clear."""

from __future__ import annotations

import gc
import threading

import pytest
from support import Background, each_strategy, in_threads, run_python

from warp_cache import cache


class Key:
    """A key of a fixed hash whose comparison first does something else."""

    def __init__(self, name, during_eq=None, during_hash=None, number=7):
        self.name = name
        self.during_eq = during_eq
        self.during_hash = during_hash
        self.number = number

    def __hash__(self):
        if self.during_hash is not None:
            self.during_hash()
        return self.number

    def __eq__(self, other):
        if self.during_eq is not None:
            self.during_eq()
        return isinstance(other, Key) and self.name == other.name


def boom():
    raise ZeroDivisionError("from user code")


# ---------------------------------------------------------------- raising


@each_strategy
def test_eq_that_raises_propagates_and_harms_nothing(strategy):
    f = cache(max_size=4, strategy=strategy)(lambda x: x.name)
    bad = Key("bad")
    f(bad)
    bad.during_eq = boom
    for call in (f, f.cache_contains, f.cache_get, f.cache_invalidate, f.cache_refresh):
        with pytest.raises(ZeroDivisionError):
            call(Key("other"))
    with pytest.raises(ZeroDivisionError):
        f.cache_set(1, Key("other"))
    bad.during_eq = None
    assert f(bad) == "bad" and f(Key("other")) == "other"
    info = f.cache_info()
    assert info.currsize == 2 and info.hits == 1


def test_hash_that_raises_propagates_and_counts_nowhere():
    f = cache(lambda x: 1)
    for call in (f, f.cache_contains, f.cache_get, f.cache_invalidate, f.cache_refresh):
        with pytest.raises(ZeroDivisionError):
            call(Key("x", during_hash=boom))
    with pytest.raises(ZeroDivisionError):
        f.cache_set(1, Key("x", during_hash=boom))
    assert f.cache_info() == (0, 0, 128, 0)


def test_hash_and_eq_that_return_nonsense():
    class Nonsense:
        def __hash__(self):
            return "no number"

    class Unsure:
        def __hash__(self):
            return 7

        def __eq__(self, other):
            return Truth()

    class Truth:
        def __bool__(self):
            raise ZeroDivisionError

    f = cache(lambda x: 1)
    with pytest.raises(TypeError):
        f(Nonsense())
    f(Unsure())
    with pytest.raises(ZeroDivisionError):
        f(Unsure())
    assert f.cache_info().currsize == 1


def test_an_eq_that_always_says_yes_and_one_that_never_does():
    class Yes:
        def __hash__(self):
            return 1

        def __eq__(self, other):
            return True

    class No(Yes):
        def __eq__(self, other):
            return False

        __hash__ = Yes.__hash__

    f = cache(max_size=3)(lambda x: object())
    assert f(Yes()) is f(Yes())
    f.cache_clear()
    for _ in range(10):
        f(No())
    assert f.cache_info() == (0, 10, 3, 3)
    assert f.cache_info().evictions == 7


# ---------------------------------------------------------------- coming back in


@each_strategy
@pytest.mark.parametrize("where", ["during_eq", "during_hash"])
@pytest.mark.parametrize(
    "what",
    ["call", "clear", "insert colliding", "fill", "invalidate", "set", "info", "contains", "gc"],
)
def test_comparison_and_hash_that_use_the_same_cache(strategy, where, what):
    f = cache(max_size=3, strategy=strategy)(lambda x: x.name if isinstance(x, Key) else x)
    busy, budget = False, 4 if what == "gc" else 100

    def mischief():
        nonlocal busy, budget
        budget -= 1
        if busy or budget < 0:
            return
        busy = True
        try:
            if what == "call":
                f(Key("a")), f(1)
            elif what == "clear":
                f.cache_clear()
            elif what == "insert colliding":
                for name in "pqr":
                    f(Key(name))
            elif what == "fill":
                for number in range(10):
                    f(number)
            elif what == "invalidate":
                f.cache_invalidate(Key("a")), f.cache_invalidate(Key("b"))
            elif what == "set":
                f.cache_set("b", Key("b"))
            elif what == "info":
                f.cache_info()
            elif what == "contains":
                f.cache_contains(Key("b"))
            elif what == "gc":
                gc.collect()
        finally:
            busy = False

    for _ in range(3):
        for name in "abcab":
            key = Key(name, **{where: mischief})
            assert f(key) == name
            assert f.cache_info().currsize <= 3
            assert f.cache_contains(Key(name, **{where: mischief})) in (True, False)
    f.cache_clear()
    assert f.cache_info() == (0, 0, 3, 0)


def test_an_eq_that_blocks_holds_up_nobody_else():
    inside, go = threading.Event(), threading.Event()

    def block():
        inside.set()
        assert go.wait(20)

    f = cache(max_size=8)(lambda x: x if isinstance(x, int) else x.name)
    blocker = Key("a")
    f(blocker)
    blocker.during_eq = block
    with_block = Background(f, Key("b"))
    assert inside.wait(20)
    # The comparison is under way in the other thread; all of this must not wait for it.
    assert [f(n) for n in range(10, 30)] == list(range(10, 30))
    f.cache_info()
    f.cache_clear()
    assert f(3) == 3
    blocker.during_eq = None
    go.set()
    assert with_block.result() == "b"


def test_the_entry_found_is_gone_when_the_comparison_ends():
    """The comparison says equal, but meanwhile the entry was dropped, or replaced."""
    f = cache(max_size=8)(lambda x: [x.name])
    stored = Key("same")
    first = f(stored)
    stored.during_eq = lambda: (setattr(stored, "during_eq", None), f.cache_clear())
    second = f(Key("same"))
    assert second == first
    assert f.cache_info().currsize == (0 if second is first else 1), "found before, or not at all"

    f.cache_clear()
    f(stored)

    def replace():
        stored.during_eq = None
        f.cache_set("replaced", stored)

    stored.during_eq = replace
    assert f(Key("same")) in ("replaced", ["same"])
    assert f(Key("same")) == "replaced"


def test_an_eq_that_changes_the_cache_three_thousand_times():
    """However often the look-up has to begin again, it neither gives up nor overflows the stack."""
    run_python("""
        f = cache(max_size=4)(lambda x: 1)
        class Restless:
            count, busy = 0, False
            def __hash__(self): return 7
            def __eq__(self, other):
                Restless.count += 1
                if Restless.count < 3000 and not Restless.busy:
                    Restless.busy = True
                    f.cache_set(0, Restless.count)
                    f.cache_clear()
                    f.cache_set(0, Other())
                    Restless.busy = False
                return False
        class Other:
            def __hash__(self): return 7
            def __eq__(self, other):
                if isinstance(other, Restless): return other == self
                return self is other
        f(Other())
        assert f(Restless()) == 1
        """)


def test_threads_with_hostile_keys():
    """Comparisons that call the cache, from four threads, on one bucket."""
    f = cache(max_size=4)(lambda x: x.name)
    local = threading.local()

    def mischief():
        if not getattr(local, "busy", False):
            local.busy = True
            try:
                f(Key(0))
                f.cache_invalidate(Key(1))
            finally:
                local.busy = False

    def work():
        for i in range(100):
            name = i % 6
            assert f(Key(name, during_eq=mischief)) == name
            assert f.cache_info().currsize <= 4

    in_threads(*[work] * 4)
