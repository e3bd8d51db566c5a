"""Threads that ask for one key share one computation, and never wait for each other in a ring."""

from __future__ import annotations

import random
import threading

import pytest
from support import (
    Background,
    Counter,
    Gate,
    eventually,
    in_threads,
)

from warp_cache import cache

THREADS = 8

# ---------------------------------------------------------------- single flight


def test_one_computation_per_key():
    gate = Gate()
    body = Counter(lambda x: (gate.pass_through(), object())[1])
    f = cache(single_flight=True)(body)
    leader = Background(f, 1)
    gate.entered()
    followers = [Background(f, 1) for _ in range(THREADS - 1)]
    eventually(lambda: f.cache_info().waits == THREADS - 1, seconds=0.5)
    gate.open()
    value = leader.result()
    assert all(follower.result() is value for follower in followers)
    assert body.count == 1
    info = f.cache_info()
    assert info.hits + info.misses == THREADS
    assert info.waits <= THREADS - 1
    assert info.currsize == 1


def test_waits_are_counted():
    gate = Gate()
    f = cache(single_flight=True)(lambda x: gate.pass_through())
    leader = Background(f, 1)
    gate.entered()
    before = threading.active_count()
    follower = Background(f, 1)
    assert eventually(lambda: threading.active_count() > before)
    eventually(lambda: f.cache_info().waits == 1, seconds=1)  # counted at the start or at the end
    gate.open()
    leader.result(), follower.result()
    assert f.cache_info().waits == 1


def test_other_keys_are_not_held_up():
    gate = Gate()
    f = cache(single_flight=True)(lambda x: gate.pass_through() if x == "slow" else x)
    slow = Background(f, "slow")
    gate.entered()
    assert [f(x) for x in range(300)] == list(range(300))
    assert f(1.0) == 1
    gate.open()
    slow.result()


@pytest.mark.memory_only("its results are told apart by identity, and may be decoded twice")
def test_a_race_on_many_keys():
    counts = [Counter(lambda x: object()) for _ in range(200)]
    f = cache(max_size=None, single_flight=True)(lambda x: counts[x](x))
    results = in_threads(*[lambda: [f(x) for x in range(200)]] * THREADS)
    assert all(result == results[0] for result in results)
    assert [counter.count for counter in counts] == [1] * 200
    info = f.cache_info()
    assert info.hits + info.misses == THREADS * 200


@pytest.mark.parametrize("kind", [ValueError, KeyboardInterrupt, SystemExit])
def test_a_raising_leader_keeps_its_exception(kind):
    """Its followers wake, one of them computes, and the rest share that."""
    gate = Gate()
    calls = Counter(None)
    lock = threading.Lock()

    def body(x):
        with lock:
            calls.calls.append(x)
            first = calls.count == 1
        if first:
            gate.pass_through()
            raise kind("the leader's")
        return "fine"

    f = cache(single_flight=True)(body)
    leader = Background(f, 1)
    gate.entered()
    followers = [Background(f, 1) for _ in range(THREADS - 1)]
    eventually(lambda: f.cache_info().waits == THREADS - 1, seconds=0.5)
    gate.open()
    with pytest.raises(kind, match="the leader's"):
        leader.result()
    assert [follower.result() for follower in followers] == ["fine"] * (THREADS - 1)
    assert calls.count == 2
    assert f.cache_info().errors == 1


def test_when_every_computation_raises_each_caller_gets_its_own():
    lock, calls = threading.Lock(), Counter(None)

    def body(x):
        with lock:
            calls.calls.append(x)
            number = calls.count
        raise ValueError(number)

    f = cache(single_flight=True)(body)

    def call():
        try:
            f(1)
        except ValueError as error:
            return error
        raise AssertionError("no exception")

    errors = in_threads(*[call] * THREADS)
    assert sorted(error.args[0] for error in errors) == list(range(1, THREADS + 1))
    assert len({id(error) for error in errors}) == THREADS
    assert f.cache_info()[:2] == (0, THREADS)


def test_what_is_not_kept_goes_to_the_followers_or_is_computed_again():
    """With cache_if or size 0 there may be nothing to share; nobody hangs."""
    for options in ({"cache_if": lambda r: False}, {"max_size": 0}, {"ttl": lambda r: 0}):
        gate = Gate()
        f = cache(single_flight=True, **options)(lambda x: (gate.pass_through(), "value")[1])  # noqa: B023
        calls = [Background(f, 1) for _ in range(4)]
        gate.entered()
        gate.open()
        assert [call.result() for call in calls] == ["value"] * 4
        assert not f.cache_contains(1)


# ---------------------------------------------------------------- waits that would never end


def test_the_same_key_from_within_computes():
    depth = 0

    @cache(single_flight=True)
    def f(x):
        nonlocal depth
        depth += 1
        return depth if depth == 3 else f(x)

    assert f(1) == 3


@pytest.mark.parametrize("same_function", [True, False])
def test_abba(same_function):
    """Two threads, each computing what the other waits for: one of them computes instead."""
    both_inside = threading.Barrier(2)
    local = threading.local()

    def crossing(x):
        if not getattr(local, "inside", False):
            local.inside = True
            both_inside.wait(20)
            (f if x == "b" else g)("a" if x == "b" else "b")
        return x

    f = cache(single_flight=True)(crossing)
    g = f if same_function else cache(single_flight=True)(crossing)
    assert in_threads(lambda: f("a"), lambda: g("b")) == ["a", "b"]


@pytest.mark.parametrize("n", [3, 5])
def test_a_ring_of_threads(n):
    all_inside = threading.Barrier(n)
    local = threading.local()

    def body(i, _n=n):
        if not getattr(local, "inside", False):
            local.inside = True
            all_inside.wait(20)
            ring[(i + 1) % _n]((i + 1) % _n)
        return i

    ring = [cache(single_flight=True)(body) for _ in range(n)]
    assert in_threads(*[lambda i=i: ring[i](i) for i in range(n)]) == list(range(n))


def test_random_nets_of_calls_never_hang():
    """Functions that call each other at random, from many threads: whatever cycles arise."""
    rng = random.Random(11)
    callees = [[rng.randrange(12) for _ in range(3)] for _ in range(12)]
    local = threading.local()

    def body(i):
        local.depth = getattr(local, "depth", 0) + 1
        try:
            if local.depth < 5:
                for j in callees[i]:
                    assert net[j](j) == j
            return i
        finally:
            local.depth -= 1

    net = [cache(single_flight=True, max_size=1)(body) for _ in range(12)]

    def work(seed):
        order = random.Random(seed)
        for _ in range(6):
            i = order.randrange(12)
            assert net[i](i) == i
            if order.random() < 0.3:
                net[i].cache_clear()

    in_threads(*[lambda s=s: work(s) for s in range(THREADS)])


def test_a_follower_of_a_follower():
    """A waits for B, B waits for C: C ends, all end; no cycle, one computation each."""
    gate = Gate()
    counts = [Counter(None) for _ in range(3)]

    def body(i):
        counts[i].calls.append(i)
        if i == 2:
            gate.pass_through()
            return [2]
        return [i, *f(i + 1)]

    f = cache(single_flight=True)(body)
    third = Background(f, 2)
    gate.entered()
    second = Background(f, 1)
    eventually(lambda: counts[1].count == 1)
    first = Background(f, 0)
    eventually(lambda: counts[0].count == 1)
    gate.open()
    assert (third.result(), second.result(), first.result()) == ([2], [1, 2], [0, 1, 2])
    assert [counter.count for counter in counts] == [1, 1, 1]
