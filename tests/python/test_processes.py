"""Signals, forks and the end of the interpreter, while threads compute and wait."""

from __future__ import annotations

import os
import sys

import pytest
from support import (
    run_python,
)

posix = pytest.mark.skipif(sys.platform == "win32", reason="needs POSIX signals")


@posix
def test_ctrl_c_ends_a_wait():
    run_python("""
        import signal
        entered, leave = threading.Event(), threading.Event()
        @cache(single_flight=True)
        def f(x):
            entered.set()
            leave.wait(20)
            return x
        leader = threading.Thread(target=f, args=(1,), daemon=True)
        leader.start()
        entered.wait(10)
        def interrupt():
            deadline = time.monotonic() + 1
            while f.cache_info().waits == 0 and time.monotonic() < deadline: time.sleep(0.01)
            os.kill(os.getpid(), signal.SIGINT)
        threading.Thread(target=interrupt, daemon=True).start()
        try:
            f(1)
        except KeyboardInterrupt:
            print("interrupted")
        leave.set()
        leader.join(10)
        assert f(1) == 1 and f.cache_get(1) == 1
        """)


@posix
def test_a_signal_handler_that_returns_lets_the_wait_go_on():
    run_python("""
        import signal
        entered, leave = threading.Event(), threading.Event()
        handled = []
        def handler(*_):
            handled.append(1)
            f.cache_info()        # a handler may use the cache
            if len(handled) == 3: leave.set()
        signal.signal(signal.SIGUSR1, handler)
        calls = []
        @cache(single_flight=True)
        def f(x):
            calls.append(x)
            entered.set()
            leave.wait(20)
            return x
        leader = threading.Thread(target=f, args=(1,), daemon=True)
        leader.start()
        entered.wait(10)
        def poke():
            deadline = time.monotonic() + 1
            while f.cache_info().waits == 0 and time.monotonic() < deadline: time.sleep(0.01)
            for n in (1, 2, 3):
                os.kill(os.getpid(), signal.SIGUSR1)
                while len(handled) < n: time.sleep(0.001)
        threading.Thread(target=poke, daemon=True).start()
        assert f(1) == 1
        assert calls == [1] and len(handled) == 3
        """)


fork = pytest.mark.skipif(not hasattr(os, "fork"), reason="this platform cannot fork")

FORK = """
    import signal, warnings
    warnings.simplefilter("ignore")
    def in_child(body):
        pid = os.fork()
        if pid == 0:
            try:
                signal.alarm(15)  # a child that hangs dies of it
                body()
            except BaseException as error:
                import traceback; traceback.print_exc()
                os._exit(1)
            os._exit(0)
        assert os.waitpid(pid, 0)[1] == 0, "the child failed"
    """


@fork
@pytest.mark.parametrize("single_flight", [True, False])
def test_fork_during_a_computation(single_flight):
    """The child has no thread that computes: it does not wait for one."""
    run_python(
        FORK
        + f"""
    entered, leave = threading.Event(), threading.Event()
    parent = os.getpid()
    @cache(single_flight={single_flight})
    def f(x):
        if os.getpid() == parent and x == 1:
            entered.set(); leave.wait(20)
        return (os.getpid(), x)
    f(2)
    leader = threading.Thread(target=f, args=(1,)); leader.start()
    entered.wait(10)
    def child():
        me = os.getpid()
        assert f(1) == (me, 1)
        assert f(1) == (me, 1)
        assert f(2) == (parent, 2), "entries are inherited"
        assert f(3) == (me, 3)
        f.cache_clear()
        assert f(1) == (me, 1)
    in_child(child)
    leave.set(); leader.join()
    assert f(1) == (parent, 1)
    """
    )


@fork
@pytest.mark.parametrize("backend", ["memory", "shared"])
def test_fork_while_threads_use_the_cache(folder, backend):
    run_python(
        FORK
        + f"""
    f = cache(max_size=50, backend={backend!r})(lambda x: x)
    g = cache(max_size=5000, single_flight=True, ttl=100, backend={backend!r})(lambda x: x)
    stop = threading.Event()
    def hammer(seed):
        i = seed
        while not stop.is_set():
            i += 7
            assert f(i % 90) == i % 90 and g(i % 7000) == i % 7000
    threads = [threading.Thread(target=hammer, args=(n,)) for n in range(3)]
    for t in threads: t.start()
    def child():
        for i in range(200):
            assert f(i) == i and g(i) == i
        f.cache_clear(); g.cache_clear(); f.cache_info()
    try:
        for _ in range(20): in_child(child)
    finally:
        stop.set()
        for t in threads: t.join()
    """
    )
