"""The interpreter ends in peace, whatever the caches still hold."""

from __future__ import annotations

import pytest
from support import run_python


@pytest.mark.parametrize(
    "code",
    [
        "f = cache(lambda x: x); f(1)",
        "f = cache(lambda x: x); f(1); f.me = f; f.cache_set(f, 1)",
        "caches = [cache(max_size=10)(lambda x: x) for _ in range(100)]; caches.append(caches)",
        "sys.kept = cache(lambda x: object()); sys.kept(1); sys.loop = [sys.kept]",
        "import builtins; builtins.kept = [cache(max_size=None)(lambda x: [x])]; kept[0](1)",
        "f = cache(ttl=60, strategy='lfu')(lambda x: object()); [f(i) for i in range(500)]",
        "import threading; t = threading.local(); t.f = cache(lambda x: x); t.f(1)",
    ],
)
def test_with_entries(code):
    run_python(code)


def test_values_whose_del_uses_the_cache():
    run_python("""
        class Value:
            deaths = 0
            def __del__(self):
                Value.deaths += 1
                f.cache_info()
                if Value.deaths < 50:
                    f(2)
                    f.cache_clear()
        f = cache(max_size=4)(lambda x: Value())
        for i in range(10): f(i)
        sys.kept = f
        """)


def test_a_del_that_uses_a_cache_of_a_module_that_is_gone():
    run_python("""
        class Value:
            def __init__(self): self.cache, self.me = g, self
            def __del__(self):
                for call in (self.cache, self.cache.cache_contains, self.cache.cache_invalidate):
                    try: call(1)
                    except Exception: pass
        g = cache(lambda x: [x])
        g(1)
        sys.kept = Value()
        other = Value()
        """)


def test_atexit():
    run_python("""
        import atexit
        f = cache(lambda x: [x])
        atexit.register(f.cache_clear)
        atexit.register(f, 1)
        atexit.register(lambda: f.cache_info())
        f(2)
        """)


def test_methods_and_bound_objects():
    run_python("""
        class C:
            @cache
            def m(self, x): return [self, x]
            def __del__(self): self.m(3)
        c = C(); c.m(1); c.bound = c.m
        sys.kept = c.m
        """)


def test_coroutines():
    run_python("""
        @cache
        async def f(x):
            await asyncio.sleep(0)
            return [x]
        asyncio.run(f(1))
        sys.kept = [f(1), f(1), f(2)]
        loop = asyncio.new_event_loop()
        loop.set_exception_handler(lambda *_: None)
        task = loop.create_task(f(3))
        loop.run_until_complete(asyncio.sleep(0))
        """)


def test_sys_exit_from_within_a_computation():
    run_python("""
        @cache(single_flight=True)
        def f(x): sys.exit(0)
        f(1)
        """)


def test_subinterpreters_import_it_or_are_refused():
    """One interpreter is what it is made for; another gets an ImportError, not a crash."""
    run_python(
        """
        try:
            import _interpreters as interpreters
        except ImportError:
            try:
                import _xxsubinterpreters as interpreters
            except ImportError:
                sys.exit(0)
        interpreter = interpreters.create()
        code = '''
        try:
            import warp_cache
            f = warp_cache.cache(lambda x: x)
            assert f(1) == f(1) == 1
        except ImportError:
            pass
        '''
        import textwrap
        run = getattr(interpreters, "run_string", None) or interpreters.exec
        run(interpreter, textwrap.dedent(code))
        interpreters.destroy(interpreter)
        f = cache(lambda x: x)
        assert f(1) == 1
        """,
        timeout=10,
    )


def test_importing_it_again():
    run_python("""
        import importlib
        f = cache(lambda x: x)
        f(1)
        for name in [n for n in sys.modules if n.startswith("warp_cache")]:
            del sys.modules[name]
        try:
            again = importlib.import_module("warp_cache")
        except ImportError:
            pass
        else:
            g = again.cache(lambda x: x)
            assert g(1) == 1
        assert f(1) == 1
        """)
