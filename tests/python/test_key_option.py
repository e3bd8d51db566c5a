"""key= chooses the key; cache_key shows it."""

from __future__ import annotations

import pytest
from support import Counter
from test_keys import LOOKALIKES, any_order

from warp_cache import cache

# ---------------------------------------------------------------- key=


def test_key_chooses():
    body = Counter(lambda user, lang="en": (user["id"], lang))
    f = cache(key=lambda user, lang="en": (user["id"], lang.lower()))(body)
    assert f({"id": 1}) == (1, "en")
    assert f({"id": 1, "noise": []}, lang="EN") == (1, "en")
    assert f({"id": 1}, "de") == (1, "de")
    assert body.count == 2
    assert f.cache_contains({"id": 1}) and not f.cache_contains({"id": 2})


@pytest.mark.memory_only("its objects cannot be pickled")
def test_key_sees_self():
    class C:
        def __init__(self, group):
            self.group = group

        @cache(key=lambda self, x: (self.group, x))
        def m(self, x):
            return (self, x)

        __hash__ = None

    a, b, c = C("g"), C("g"), C("h")
    assert a.m(1) is b.m(1)
    assert c.m(1) == (c, 1)


@pytest.mark.memory_only("shared memory takes keys without a hash")
def test_an_unhashable_key_counts_nowhere():
    f = cache(key=lambda x: [x])(lambda x: x)
    with pytest.raises(TypeError, match="unhashable"):
        f(1)
    assert f.cache_info()[:2] == (0, 0)


def test_key_results_do_not_mix_with_arguments():
    f = cache(key=lambda *args: args)(lambda *args: object())
    assert f(1, 2) is f(1, 2)
    assert f((1, 2)) is not f(1, 2)
    assert f() is f() is not f(())


# ---------------------------------------------------------------- cache_key


@pytest.mark.memory_only("shared memory takes keys without a hash")
def test_cache_key_is_hashable_and_equal_just_when_calls_share():
    f = cache(any_order)
    assert hash(f.cache_key(1, b=2)) == hash(f.cache_key(1.0, b=True + 1))
    assert f.cache_key(1, b=2) == f.cache_key(1.0, b=2)
    assert f.cache_key(a=1, b=2) == f.cache_key(b=2, a=1)
    assert f.cache_key(1, 2) != f.cache_key((1, 2))
    assert f.cache_key(1) != f.cache_key(2)
    assert len({f.cache_key(i % 10) for i in range(100)}) == 10
    assert f.cache_info() == (0, 0, 128, 0)
    typed = cache(typed=True)(any_order)
    assert typed.cache_key(1) != typed.cache_key(1.0)
    ignoring = cache(ignore="b")(any_order)
    assert ignoring.cache_key(1, 2) == ignoring.cache_key(1, b=3) == ignoring.cache_key(1)
    with_key = cache(key=lambda *a, **k: len(a))(any_order)
    assert with_key.cache_key(1) == with_key.cache_key(2) != with_key.cache_key(1, 2)
    with pytest.raises(TypeError, match="unhashable"):
        hash(f.cache_key([]))


def test_cache_key_of_lookalikes():
    f = cache(lambda *args, **kwargs: None)
    keys = [call(f.cache_key) for call in LOOKALIKES]
    assert len(set(keys)) == len(keys)
    assert keys == [call(f.cache_key) for call in LOOKALIKES]
