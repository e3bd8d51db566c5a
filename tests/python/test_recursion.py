"""A cached function may call itself, for the same key too, and as deep as the plain one."""

from __future__ import annotations

import pytest
from support import run_async, run_python

from warp_cache import cache, lru_cache

each_decorator = pytest.mark.parametrize(
    "decorate",
    [cache(max_size=None), lru_cache(maxsize=None), cache(max_size=None, single_flight=True)],
    ids=["cache", "lru_cache", "single flight"],
)


@each_decorator
def test_fibonacci(decorate):
    @decorate
    def fib(n):
        return n if n < 2 else fib(n - 1) + fib(n - 2)

    assert fib(100) == 354224848179261915075
    assert fib.cache_info() == (98, 101, None, 101)


def test_fibonacci_in_a_cache_too_small():
    for size in (1, 2, 3):

        @cache(max_size=size)
        def fib(n):
            return n if n < 2 else fib(n - 1) + fib(n - 2)  # noqa: B023

        assert fib(15) == 610
        assert fib.cache_info().currsize == size


@each_decorator
def test_the_same_key_from_within(decorate):
    depth = 0

    @decorate
    def f(x):
        nonlocal depth
        depth += 1
        mine = depth
        return (mine, f(x)) if depth < 5 else (mine, None)

    assert f("same") == (1, (2, (3, (4, (5, None)))))
    assert f.cache_info().currsize == 1
    assert f.cache_info().misses == 5
    assert f("same")[0] in range(1, 6) and f.cache_info().hits == 1


@each_decorator
def test_two_functions_that_call_each_other(decorate):
    @decorate
    def even(n):
        return True if n == 0 else odd(n - 1)

    @decorate
    def odd(n):
        return False if n == 0 else even(n - 1)

    assert even(60) is True and odd(60) is False


CODE = """
    import sys
    decorate = {decorate}
    sys.setrecursionlimit({limit})

    @decorate
    def f(n):
        return f(n + 1)

    @decorate
    def same(n):
        return same(n)

    @decorate
    def keywords(*, n):
        return keywords(n=n + 1)

    class C:
        @decorate
        def method(self, n):
            return self.method(n + 1)

    def body():
        for call in (lambda: f(0), lambda: same(0), lambda: keywords(n=0), lambda: C().method(0)):
            for _ in range(2):
                try:
                    call()
                except RecursionError as error:
                    assert "recursion" in str(error), error
                else:
                    raise SystemExit("no RecursionError")
        assert f.cache_info().currsize == same.cache_info().currsize == 0
        f.cache_set("kept", 7)
        assert f(7) == "kept"
        same.cache_set("kept", 1)
        assert same(1) == "kept"

    threading.stack_size({stack} << 20)
    thread = threading.Thread(target=body)
    thread.start()
    thread.join()
    print("done")
    """


@pytest.mark.parametrize("decorate", ["cache", "lru_cache", "cache(single_flight=True)"])
@pytest.mark.parametrize(("limit", "stack"), [(1000, 16), (5000, 256)])
def test_endless_recursion_is_a_recursion_error(decorate, limit, stack):
    code = CODE.format(decorate=decorate, limit=limit, stack=stack)
    assert run_python(code).strip() == "done"


def test_endless_recursion_through_callbacks_is_a_recursion_error():
    run_python("""
        f = cache(key=lambda x: f.cache_key(x))(lambda x: x)
        g = cache(cache_if=lambda r: g(r + 1))(lambda x: x)
        h = cache(ttl=lambda r: h(r + 1))(lambda x: x)
        for call in (f, g, h):
            try:
                call(1)
            except RecursionError:
                pass
            else:
                raise SystemExit("no RecursionError")
        class Deep:
            def __hash__(self): return 1
            def __eq__(self, other): return e(Deep())
        e = cache(lambda x: x)
        e(Deep())
        try:
            e(Deep())
        except RecursionError:
            pass
        """)


def test_a_deep_but_finite_recursion_works():
    # 3.12 allows about 800 calls through C, however high the limit is set.
    run_python("""
        sys.setrecursionlimit(20_000)
        threading.stack_size(512 << 20)
        @cache(max_size=None)
        def depth(n): return 0 if n == 0 else depth(n - 1) + 1
        results = []
        thread = threading.Thread(target=lambda: results.append(depth(500)))
        thread.start(); thread.join()
        assert results == [500]
        assert depth.cache_info().currsize == 501
        """)


def test_async_recursion():
    async def main():
        @cache(max_size=None)
        async def fib(n):
            return n if n < 2 else await fib(n - 1) + await fib(n - 2)

        assert await fib(60) == 1548008755920
        assert fib.cache_info().misses == 61

    run_async(main)


def test_endless_async_recursion_is_a_recursion_error_or_ends_with_the_task():
    run_python("""
        async def main():
            @cache
            async def f(n):
                if n > 3000:
                    return "deep"      # computations in tasks of their own use no stack
                return await f(n + 1)
            try:
                await f(0)
            except RecursionError:
                pass
        asyncio.run(main())
        """)
