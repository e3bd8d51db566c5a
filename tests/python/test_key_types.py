"""Keys whose class decides what is equal, and hashes that collide."""

from __future__ import annotations

import pytest
from support import same
from user_types import Aloof, CaseBlind, Collides, CountsHash, Modulo7, Plain

from warp_cache import cache, lru_cache


def test_str_subclasses_keep_their_meaning():
    assert same(lambda f: f(CaseBlind("ABC")), lambda f: f(CaseBlind("abc")))
    assert same(lambda f: f("abc"), lambda f: f(CaseBlind("ABC")))
    assert same(lambda f: f("x", a="abc"), lambda f: f("x", a=CaseBlind("ABC")))
    assert not same(lambda f: f("abc"), lambda f: f(CaseBlind("abd")))
    assert same(lambda f: f(Plain("abc")), lambda f: f("abc"))
    assert not same(lambda f: f(Plain("abc")), lambda f: f("abc"), cache(typed=True))


def test_int_subclasses_keep_their_meaning():
    assert same(lambda f: f(Modulo7(3)), lambda f: f(Modulo7(10)))
    assert same(lambda f: f(3), lambda f: f(Modulo7(10)))
    assert not same(lambda f: f(Modulo7(3)), lambda f: f(Modulo7(4)))
    assert not same(lambda f: f(Aloof(3)), lambda f: f(Aloof(3)))
    assert not same(lambda f: f(3), lambda f: f(Aloof(3)))
    me = Aloof(3)
    assert same(lambda f: f(me), lambda f: f(me))


def test_hash_collisions_are_told_apart():
    f = cache(max_size=None)(lambda x: x.name if isinstance(x, Collides) else x)
    for _ in range(2):
        assert [f(Collides(i)) for i in range(50)] == list(range(50))
        assert f(7) == 7
    assert f.cache_info()[:2] == (51, 51)


def test_integers_of_one_hash_are_told_apart():
    modulus = 2**61 - 1
    f = cache(max_size=None)(lambda x: x)
    numbers = [5 + i * modulus for i in range(60)] + [-1, -2]
    assert [f(n) for n in numbers] == numbers == [f(n) for n in numbers]
    assert f.cache_info()[:2] == (62, 62)


def test_tuples_with_equal_hashes_are_told_apart():
    f = cache(max_size=None)(lambda x, y=None: (x, y))
    pairs = [((-1, i), (-2, i)) for i in range(20)]
    for a, b in pairs:
        assert f(a) == (a, None) and f(b) == (b, None)
        assert f(*a) == a and f(*b) == b


@pytest.mark.parametrize("typed", [False, True])
@pytest.mark.parametrize("decorate", [cache, lru_cache], ids=["cache", "lru_cache"])
def test_hash_is_called_once_per_call_and_argument(decorate, typed):
    f = decorate(max_size=1, typed=typed)(lambda *args, **kwargs: 1)
    one, two, three = CountsHash(), CountsHash(), CountsHash()
    for call in range(1, 4):  # a miss, then hits
        f(one, 5, two, name=three)
        assert (one.hashed, two.hashed, three.hashed) == (call, call, call)
    f(0)  # evicts it, without asking again
    assert one.hashed == 3
    f(one)
    f(x=one)
    assert one.hashed == 5


def test_hash_once_with_single_flight_and_ttl():
    for options in ({"single_flight": True}, {"ttl": 60}, {"cache_if": bool}):
        f = cache(**options)(lambda x: 1)
        one = CountsHash()
        f(one)
        f(one)
        assert one.hashed == 2, options
