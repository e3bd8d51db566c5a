"""The interpreter exits while daemon threads are anywhere in their calls."""

from __future__ import annotations

import pytest
from support import run_python

THREADS = """
def idle(x):
    for _ in range(50): pass
    return x
class Key:
    def __init__(self, x): self.x = x
    def __hash__(self): return idle(hash(self.x))
    def __eq__(self, other): return idle(self.x == other.x)
class Truth:
    def __bool__(self): return idle(True)
class Mortal:
    def __del__(self): idle(self)
class Pickled:
    def __reduce__(self): return idle, (1,)
new = time.time
at_work = threading.Barrier(7)
def hammer():
    work()
    at_work.wait(20)
    while True: work()
def start():
    for _ in range(6): threading.Thread(target=hammer, daemon=True).start()
    at_work.wait(20)
"""

WORK = {
    "the function": """
        f = cache(idle)
        def work(): f(new())""",
    "hits": """
        f = cache(idle)
        def work(): f(1), f(1), f(x=1)""",
    "__hash__ and __eq__": """
        f = cache(idle)
        def work(): f(Key(1)), f(Key(new()))""",
    "key": """
        f = cache(idle, key=idle)
        def work(): f(1), f(new())""",
    "cache_if": """
        f = cache(idle, cache_if=lambda result: Truth())
        def work(): f(new())""",
    "ttl": """
        f = cache(idle, ttl=lambda result: idle(5))
        def work(): f(new())""",
    "__del__": """
        f = cache(lambda x: Mortal())
        def work(): f(1), f(new())""",
    "__del__ of what is cleared": """
        f = cache(lambda x: Mortal())
        def work(): f(new()), f.cache_clear()""",
    "control": """
        f = cache(idle)
        def work(): f.cache_refresh(1), f.cache_set(Mortal(), 2), f.cache_invalidate(2)""",
    "waits": """
        f = cache(idle, max_size=1, single_flight=True)
        def work(): f(1), f(2)""",
    "coroutines": """
        @cache
        async def f(x):
            await asyncio.sleep(0)
            return idle(x)
        async def some():
            await asyncio.gather(f(1), f(1), f(new()))
        def work(): asyncio.run(some())""",
    "pickles": """
        f = cache(lambda x: Pickled(), backend="shared", max_size=8)
        def work(): f(1), f(new())""",
    "waits for other processes' sake": """
        f = cache(idle, backend="shared", max_size=8, name="waits", single_flight=True)
        def work(): f(1), f(new())""",
}


@pytest.mark.parametrize("work", WORK.values(), ids=WORK.keys())
def test_daemon_threads_at_work(work, folder):
    run_python(THREADS + work.replace("\n        ", "\n") + "\nstart()")


def test_a_leader_and_its_follower():
    run_python("""
        started = threading.Barrier(2)
        @cache(single_flight=True)
        def f(x):
            started.wait(20)
            threading.Event().wait()
        threading.Thread(target=f, args=(1,), daemon=True).start()
        started.wait(20)
        threading.Thread(target=f, args=(1,), daemon=True).start()
        while f.cache_info().waits == 0: pass
        """)


@pytest.mark.parametrize("where", ["", ", backend='shared', name='gone'"], ids=["memory", "shared"])
def test_nobody_waits_for_a_leader_that_is_gone(where, folder):
    """What runs while the interpreter exits computes for itself."""
    said = run_python(f"""
        started = threading.Event()
        main = threading.get_ident()
        @cache(single_flight=True{where})
        def f(x, me=main, ident=threading.get_ident, started=started, forever=threading.Event()):
            if ident() != me:
                started.set()
                forever.wait()
            return x + 1
        class Last:
            def __del__(self, f=f, write=os.write):
                write(1, b"%d" % f(1))
        threading.Thread(target=f, args=(1,), daemon=True).start()
        started.wait(20)
        sys.last = Last()
        """)
    assert said == "2"
