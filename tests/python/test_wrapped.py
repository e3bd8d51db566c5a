"""What a decorated function takes over from the one that it wraps, and what it passes on."""

from __future__ import annotations

import asyncio
import contextlib
import functools
import inspect
import warnings

import pytest
from support import run_async

from warp_cache import CacheInfo, cache, lru_cache


def is_coroutine_function(function):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # asyncio's is on its way out
        answers = {
            inspect.iscoroutinefunction(function),
            asyncio.iscoroutinefunction(function),
        }
    assert len(answers) == 1, "both say the same"
    return answers.pop()


# ---------------------------------------------------------------- generators


def test_a_function_that_wraps_a_generator_is_none():
    def generator(x):
        yield x

    @functools.wraps(generator)
    def function(x):
        return list(generator(x))

    f = cache(function)
    assert f(1) is f(1) == [1]

    @contextlib.contextmanager
    def manager(x):
        yield x

    with cache(manager)(1) as x:
        assert x == 1


def test_a_function_that_says_to_wrap_itself():
    def function(x):
        return [x]

    function.__wrapped__ = function
    f = cache(function)
    assert f(1) is f(1) == [1]
    assert f.__wrapped__ is function


class Generator:
    def __call__(self, x):
        yield x

    def method(self, x):
        yield x

    async def asynchronous(self, x):
        yield x


@pytest.mark.parametrize("make", [lambda f: f, lambda f: functools.partial(functools.partial(f))])
def test_generators_behind_partials_methods_and_objects_are_refused(make):
    thing = Generator()
    for function in (thing, thing.method, Generator.method, thing.asynchronous):
        with pytest.raises(TypeError, match="generator"):
            cache(make(function))


# ---------------------------------------------------------------- coroutine functions


def test_partials_of_coroutine_functions_of_every_kind():
    class Callable:
        async def __call__(self, x, y):
            return [x, y]

        async def method(self, x, y):
            return [x, y]

        @staticmethod
        async def static(x, y):
            return [x, y]

    async def main():
        thing = Callable()
        for function in (thing, thing.method, thing.static):
            f = cache(functools.partial(functools.partial(function, 1)))
            value = await f(2)
            assert value == [1, 2] and await f(2) is value
            assert f.cache_info()[:2] == (1, 1)
            assert is_coroutine_function(f)

    run_async(main)


def test_what_wraps_a_cached_coroutine_function_is_not_one_by_that():
    @cache
    async def f(x):
        return [x]

    @functools.wraps(f)
    def function(x):
        return asyncio.run(f(x))

    assert is_coroutine_function(f) and not is_coroutine_function(function)
    assert function(1) == [1]
    assert cache(function)(1) == [1]
    assert not {"__code__", "_is_coroutine", "_is_coroutine_marker"} & vars(f).keys()


def test_markers_of_methods_partials_and_plain_functions():
    class C:
        @cache
        async def m(self):
            pass

        @cache
        def plain(self):
            pass

    c = C()
    for function in (C.m, c.m, functools.partial(C.m), functools.partial(c.m)):
        assert is_coroutine_function(function)
    for function in (C.plain, c.plain, functools.partial(C.plain)):
        assert not is_coroutine_function(function)
        assert not hasattr(function, "nothing")
    assert is_coroutine_function(cache(C.m)) and is_coroutine_function(cache(c.m))
    with pytest.raises(AttributeError, match="nothing"):
        _ = C.m.nothing


# ---------------------------------------------------------------- attributes


@pytest.mark.parametrize("inner", [functools.lru_cache, functools.lru_cache(maxsize=7), cache])
@pytest.mark.parametrize("outer", [cache(max_size=5), lru_cache(maxsize=5)])
def test_the_controls_of_a_cache_of_a_cache_are_its_own(inner, outer):
    @inner
    def function(x):
        return [x]

    f = outer(function)
    f(1), f(1)
    assert isinstance(f.cache_info(), CacheInfo)
    assert f.cache_info() == (1, 1, 5, 1)
    assert f.cache_parameters()["maxsize"] == 5
    f.cache_clear()
    assert f.cache_info() == (0, 0, 5, 0)
    assert function.cache_info()[:2] == (0, 1)
    assert f.__wrapped__ is function


def test_attributes_of_the_function_come_along_but_for_those_of_the_cache():
    def function(x):
        return [x]

    function.note = "seen"
    function.cache_key = function.cache_get = function.__get__ = None
    f = cache(function)
    assert f.note == "seen"
    assert f(1) is f.cache_get(1)
    assert f.cache_key(1) == f.cache_key(1)
    assert vars(f).keys() == {"note", "__wrapped__"} | (
        vars(f).keys()
        & {
            "__module__",
            "__name__",
            "__qualname__",
            "__doc__",
            "__annotations__",
            "__annotate__",
            "__type_params__",
        }
    )


# ---------------------------------------------------------------- keyword order


def test_a_made_up_signature_hides_no_keyword_order():
    def function(**kwargs):
        return list(kwargs)

    function.__signature__ = inspect.signature(lambda a=0, b=0: None)

    class Callable:
        def __call__(self, **kwargs):
            return list(kwargs)

    for hiding in (function, functools.partial(function), Callable().__call__, Callable()):
        f = cache(hiding)
        assert f(a=1, b=2) == ["a", "b"]
        assert f(b=2, a=1) == ["b", "a"]


def test_keyword_order_does_not_matter_where_it_cannot_be_seen():
    class Callable:
        def __call__(self, a, b):
            return [a, b]

        def method(self, a, b):
            return [a, b]

    for function in (Callable(), Callable().method, functools.partial(Callable().method)):
        f = cache(function)
        assert f(a=1, b=2) is f(b=2, a=1)
