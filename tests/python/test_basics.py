"""The decorator's forms, its numbers, and the object that it makes."""

from __future__ import annotations

import copy
import functools
import gc
import inspect
import pickle
import weakref

import pytest
from support import Counter

import warp_cache
from warp_cache import Backend, CacheInfo, Strategy, cache, lru_cache


@cache(max_size=4)
def module_level(x):
    """A docstring."""
    return x


@lru_cache
def lru_module_level(x):
    return x


class Holder:
    @cache
    def method(self, x):
        return x

    @staticmethod
    @cache
    def static(x):
        return x


# ---------------------------------------------------------------- forms


@pytest.mark.parametrize(
    "decorate",
    [cache, cache(), cache(128), cache(max_size=128), cache(maxsize=128), lru_cache, lru_cache()],
    ids=["bare", "called", "positional", "max_size", "maxsize", "lru bare", "lru called"],
)
def test_every_form_decorates(decorate):
    body = Counter(lambda x: x * 10)
    f = decorate(body)
    assert [f(1), f(2), f(1)] == [10, 20, 10]
    assert body.count == 2
    assert f.cache_info() == (1, 2, 128, 2)


def test_a_function_first_takes_options_too():
    f = cache(lambda x: x, max_size=3, strategy="fifo")
    assert f(1) == 1
    assert f.cache_info().max_size == 3


def test_lru_cache_takes_functools_positions():
    f = lru_cache(2, True)(lambda x: x)
    assert f.cache_parameters() == {"maxsize": 2, "typed": True}
    assert f(1) == 1 and f(1.0) == 1.0
    assert f.cache_info().misses == 2


def test_lru_cache_takes_the_options_of_cache():
    f = lru_cache(max_size=2, ttl=60, cache_if=lambda r: r != 7)(lambda x: x)
    assert [f(7), f(7), f(8), f(8)] == [7, 7, 8, 8]
    assert f.cache_info() == (1, 3, 2, 1)


def test_none_is_unbounded():
    f = cache(max_size=None)(lambda x: x)
    for x in range(1000):
        f(x)
    assert f.cache_info() == (0, 1000, None, 1000)
    assert lru_cache(None)(lambda x: x).cache_info().maxsize is None


@pytest.mark.parametrize("size", [0, -1, -(10**12)])
def test_zero_and_negative_store_nothing(size):
    body = Counter(lambda x: x)
    f = cache(size)(body)
    assert [f(1), f(1), f(2)] == [1, 1, 2]
    assert body.count == 3
    assert f.cache_info() == (0, 3, 0, 0)
    f.cache_set(99, 1)
    assert not f.cache_contains(1)
    assert f(1) == 1
    assert f.cache_refresh(1) == 1
    assert f.cache_info().currsize == 0


def test_size_one():
    f = cache(1)(lambda x: x)
    for x in (1, 1, 2, 2, 1):
        f(x)
    assert f.cache_info() == (2, 3, 1, 1)
    assert f.cache_info().evictions == 2


def test_none_is_a_result_like_any_other():
    body = Counter(lambda x: None)
    f = cache(body)
    assert f(1) is None and f(1) is None
    assert body.count == 1


def test_results_come_back_as_the_same_object():
    f = cache(lambda x: [x])
    assert f(1) is f(1)


@pytest.mark.parametrize(
    "callable_object",
    [abs, functools.partial(pow, 2), str, Counter(lambda x: x), "x".__mul__, lambda x: x],
    ids=["builtin", "partial", "class", "instance", "slot wrapper", "lambda"],
)
def test_any_callable(callable_object):
    f = cache(max_size=4)(callable_object)
    assert f(3) == f(3) == callable_object(3)
    assert f.cache_info()[:2] == (1, 1)
    assert f.__wrapped__ is callable_object
    assert repr(f)


# ---------------------------------------------------------------- numbers


def test_cache_info_is_functools_tuple():
    f = cache(max_size=2)(lambda x: x)
    g = functools.lru_cache(maxsize=2)(lambda x: x)
    for x in (1, 2, 1, 3, 3, 2):
        f(x)
        g(x)
    info = f.cache_info()
    assert isinstance(info, CacheInfo)
    assert info == g.cache_info() == tuple(g.cache_info())
    assert repr(info) == repr(g.cache_info()) == str(info)
    hits, misses, maxsize, currsize = info
    assert (info.hits, info.misses, info.maxsize, info.currsize) == (hits, misses, 2, 2)
    assert (info.max_size, info.current_size) == (maxsize, currsize)
    assert len(info) == 4
    assert hash(info) == hash(tuple(info))


def test_cache_info_extra_fields_start_at_zero():
    info = cache(lambda x: x).cache_info()
    assert (info.evictions, info.expirations, info.errors, info.waits) == (0, 0, 0, 0)


def test_hits_and_misses_are_calls_also_when_raising():
    f = cache(max_size=2)(lambda x: 1 // x)
    for calls, x in enumerate((1, 0, 1, 0, 2, 3, 1, 0), 1):
        try:
            f(x)
        except ZeroDivisionError:
            assert x == 0
        info = f.cache_info()
        assert info.hits + info.misses == calls
    assert info.errors == 3
    assert info.evictions == 2


@pytest.mark.memory_only("shared memory takes keys without a hash")
@pytest.mark.parametrize("decorate", [cache, lru_cache, cache(max_size=None)])
def test_unhashable_counts_nowhere(decorate):
    f = decorate(lambda *args, **kwargs: 1)
    for call in (lambda: f([]), lambda: f(1, {}), lambda: f(a=set()), lambda: f(([],))):
        with pytest.raises(TypeError, match="unhashable"):
            call()
    assert f.cache_info()[:2] == (0, 0)
    assert f.cache_info().errors == 0


def test_size_zero_takes_unhashable_arguments_as_functools_does():
    f = lru_cache(maxsize=0)(lambda x: x)
    assert f([1]) == [1]
    assert f.cache_info() == (0, 1, 0, 0)


def test_wrong_arguments_raise_as_the_function_does():
    f = cache(lambda x: x)
    for call in (lambda: f(), lambda: f(1, 2), lambda: f(y=1)):
        with pytest.raises(TypeError, match="argument"):
            call()
    assert f.cache_info().currsize == 0
    assert f.cache_info().misses == 3


def test_clear_resets_everything(advance):
    f = cache(max_size=1, ttl=10)(lambda x: 1 // x)
    for x in (1, 2, 2):
        f(x)
    with pytest.raises(ZeroDivisionError):
        f(0)
    advance(11)
    f(2)
    assert f.cache_info() != (0, 0, 1, 0)
    f.cache_clear()
    info = f.cache_info()
    assert info == (0, 0, 1, 0)
    assert (info.evictions, info.expirations, info.errors, info.waits) == (0, 0, 0, 0)
    f(2)
    assert f.cache_info() == (0, 1, 1, 1)


def test_cache_parameters():
    assert lru_cache(lambda: 1).cache_parameters() == {"maxsize": 128, "typed": False}
    parameters = cache(max_size=7, typed=True)(lambda: 1).cache_parameters()
    assert parameters["maxsize"] == 7 and parameters["typed"] is True
    f = cache(lambda: 1)
    f.cache_parameters()["maxsize"] = 1
    assert f.cache_parameters()["maxsize"] == 128


# ---------------------------------------------------------------- the object


def test_metadata_as_update_wrapper_gives_it():
    def orig(a: int, /, b: str = "x", *, c: bool = True) -> str:
        """Says so."""
        return b

    orig.mark = "kept"
    for f in (cache(orig), lru_cache(orig)):
        assert f.__wrapped__ is orig
        for name in functools.WRAPPER_ASSIGNMENTS:
            assert getattr(f, name, None) == getattr(orig, name, None), name
        assert f.mark == "kept"
        assert inspect.signature(f) == inspect.signature(orig)
        assert str(inspect.signature(f.cache_info)) == str(inspect.signature(f.cache_clear)) == "()"
        assert callable(f)


def test_attributes_can_be_set():
    f = cache(lambda x: x)
    f.note = 1
    assert f.note == 1
    f.__doc__ = "changed"
    assert f.__doc__ == "changed"
    del f.note
    assert not hasattr(f, "note")


def test_repr_is_useful():
    text = repr(module_level)
    assert "module_level" in text
    assert "cache" in text
    assert "Holder.method" in repr(Holder.method)


@pytest.mark.parametrize("f", [module_level, lru_module_level, Holder.method, Holder.static])
def test_copied_as_itself_and_pickled_by_name(f):
    assert copy.copy(f) is f
    assert copy.deepcopy(f) is f
    assert copy.deepcopy([f, f]) == [f, f]
    for protocol in range(pickle.HIGHEST_PROTOCOL + 1):
        assert pickle.loads(pickle.dumps(f, protocol)) is f


def test_a_local_function_cannot_be_pickled():
    f = cache(lambda x: x)
    with pytest.raises((pickle.PicklingError, AttributeError)):
        pickle.dumps(f)


def test_weakly_referencable():
    f = cache(lambda x: x)
    ref = weakref.ref(f)
    assert ref() is f
    assert weakref.WeakKeyDictionary({f: 1})[f] == 1
    del f
    gc.collect()
    assert ref() is None


def test_identity_is_equality():
    f, g = cache(abs), cache(abs)
    assert f == f and f != g
    assert len({f, g, f}) == 2


def test_two_functions_never_share():
    f, g = (cache(lambda x, n=n: (n, x)) for n in range(2))
    assert (f(1), g(1)) == ((0, 1), (1, 1))
    f.cache_clear()
    assert g.cache_contains(1)


def test_caches_stack():
    inner = cache(max_size=1)(lambda x: x)
    outer = cache(max_size=8)(inner)
    assert outer(1) == 1 and outer.__wrapped__ is inner
    for x in range(8):
        outer(x)
    assert [outer(x) for x in range(8)] == list(range(8))
    assert inner.cache_info().misses == 8


# ---------------------------------------------------------------- enums and names


def test_strategy_is_an_int_enum():
    assert [(s.name, int(s)) for s in list(Strategy)[:4]] == [
        ("LRU", 0),
        ("MRU", 1),
        ("FIFO", 2),
        ("LFU", 3),
    ]
    assert isinstance(Strategy.LRU, int)
    assert Strategy(3) is Strategy.LFU is Strategy["LFU"]
    assert [int(s) for s in Strategy] == list(range(len(Strategy)))
    assert pickle.loads(pickle.dumps(Strategy.LFU)) is Strategy.LFU
    assert copy.deepcopy(Strategy.LFU) is Strategy.LFU


def test_backend_is_an_int_enum():
    assert (int(Backend.MEMORY), int(Backend.SHARED)) == (0, 1)
    assert isinstance(Backend.MEMORY, int)


def test_public_names():
    for name in ("cache", "lru_cache", "Strategy", "Backend", "CacheInfo"):
        assert name in warp_cache.__all__
        assert hasattr(warp_cache, name)
