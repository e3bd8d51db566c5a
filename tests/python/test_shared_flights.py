"""One computation for all processes: who waits, for how long, and what ends a wait."""

from __future__ import annotations

import pytest
from shared_support import ToldError, posix, until

pytestmark = posix

# A call waits for the file of its name, so that a test can hold it in the middle.
SYNC = """
    calls = []
    folder = os.path.dirname(__file__)

    @cache(backend=SharedMemory(flight_timeout={timeout}), single_flight=True)
    def f(x):
        calls.append(x)
        if isinstance(x, str):
            open(os.path.join(folder, x + "-began"), "w").close()
            while not os.path.exists(os.path.join(folder, x)):
                time.sleep(0.001)
        if x == "raises":
            raise ZeroDivisionError
        return [x]

    def told(x):
        return f(x)
"""
ASYNC = (
    SYNC.replace("def f(x)", "async def f(x)")
    .replace("time.sleep", "await asyncio.sleep")
    .replace("return f(x)", "return asyncio.run(several(x))")
    .replace(", single_flight=True", "")
    + """
    async def several(x):
        results = await asyncio.gather(*(f(x) for _ in range(3)))
        assert all(result is results[0] for result in results)
        return results[0]
"""
)


def code(source, timeout=60):
    return source.format(timeout=timeout)


both = pytest.mark.parametrize("source", [SYNC, ASYNC], ids=["sync", "async"])


@both
def test_one_process_computes_for_all(folder, source):
    processes = folder.processes(3, code(source))
    processes[0].begin("told('gate')")
    until((folder.path / "gate-began").exists)
    for process in processes[1:]:
        process.begin("told('gate')")
    fourth = folder.process()
    until(lambda: fourth.tell("f.cache_info().waits") >= 2)
    (folder.path / "gate").touch()
    assert [process.answer() for process in processes] == [["gate"]] * 3
    assert sum(process.tell("len(calls)") for process in processes) == 1
    hits, misses, *_ = fourth.tell("tuple(f.cache_info())")
    assert misses == 1
    assert hits + misses == (9 if source is ASYNC else 3)


@both
def test_a_failure_is_the_leaders_own(folder, source):
    first, second = folder.processes(2, code(source))
    first.begin("told('raises')")
    until((folder.path / "raises-began").exists)
    second.begin("told('raises')")
    watch = folder.process()
    until(lambda: watch.tell("f.cache_info().waits") >= 1)
    (folder.path / "raises").touch()
    for process in (first, second):
        with pytest.raises(ToldError, match="ZeroDivisionError"):
            process.answer()
        assert process.tell("len(calls) > 0")


@both
def test_a_dead_leader_is_followed_at_once(folder, source):
    first, second = folder.processes(2, code(source, timeout=600))
    first.begin("told('gate')")
    until((folder.path / "gate-began").exists)
    second.begin("told('gate')")
    assert not second.has_answered(within=0.2)
    (folder.path / "gate-began").unlink()
    first.kill()
    until((folder.path / "gate-began").exists)
    (folder.path / "gate").touch()
    assert second.answer() == ["gate"]


@both
def test_a_stopped_leader_holds_others_for_a_while(folder, source):
    first, second = folder.processes(2, code(source, timeout=0.3))
    first.begin("told('gate')")
    until((folder.path / "gate-began").exists)
    first.stop()
    (folder.path / "gate").touch()
    assert second.tell("told('gate')") == ["gate"]
    assert second.tell("len(calls)") == 1
    first.go_on()
    assert first.answer() == ["gate"]
    assert second.tell("told('gate')") == ["gate"]


@both
def test_a_clear_lets_newcomers_compute(folder, source):
    first, second = folder.processes(2, code(source, timeout=600))
    first.begin("told('gate')")
    until((folder.path / "gate-began").exists)
    second.tell("f.cache_clear()")
    (folder.path / "gate").touch()
    assert first.answer() == ["gate"]
    assert second.tell("f.cache_contains('gate')") is False
    assert second.tell("told('gate'), len(calls)") == (["gate"], 1)


@both
def test_changes_of_other_keys_part_nobody(folder, source):
    first, second, third = folder.processes(3, code(source, timeout=600))
    first.begin("told('gate')")
    until((folder.path / "gate-began").exists)
    second.tell("for x in range(3000): f.cache_set(x, x), f.cache_invalidate(x)")
    third.begin("told('gate')")
    until(lambda: second.tell("f.cache_info().waits") >= (3 if source is ASYNC else 1))
    (folder.path / "gate").touch()
    assert first.answer() == third.answer() == ["gate"]
    assert third.tell("len(calls)") == 0
    assert second.tell("f.cache_contains('gate')")


def test_threads_of_a_process_wait_as_one(folder):
    first, second = folder.processes(2, code(SYNC))
    first.begin("told('gate')")
    until((folder.path / "gate-began").exists)
    second.begin("""
        results = []
        threads = [threading.Thread(target=lambda: results.append(f("gate"))) for _ in range(8)]
        for thread in threads: thread.start()
        for thread in threads: thread.join()
        """)
    watch = folder.process()
    until(lambda: watch.tell("f.cache_info().waits") >= 8)
    (folder.path / "gate").touch()
    assert first.answer() == ["gate"]
    second.answer()
    assert second.tell("len(results), results[0], len(calls)") == (8, ["gate"], 0)
    assert second.tell("all(result is results[0] for result in results)")
    assert tuple(watch.tell("tuple(f.cache_info())"))[:2] == (8, 1)


def test_recursion_under_single_flight(folder):
    process = folder.process("""
        @cache(backend="shared", single_flight=True)
        def fib(n):
            return n if n < 2 else fib(n - 1) + fib(n - 2)

        @cache(backend="shared", single_flight=True)
        def itself(n, depth=[0]):
            depth[0] += 1
            return itself(n) if depth[0] < 3 else n
    """)
    assert process.tell("fib(60)") == 1548008755920
    assert process.tell("itself(1), itself(1)") == (1, 1)
    assert process.tell("sum(itself.cache_info()[:2])") == 4


def test_a_cycle_between_processes_ends(folder):
    """Each waits for what the other is computing: the bound ends it."""
    source = """
        @cache(backend=SharedMemory(flight_timeout=0.2), single_flight=True)
        def f(x):
            open(os.path.join(os.path.dirname(__file__), f"{x}-began"), "w").close()
            other = 3 - x
            while not os.path.exists(os.path.join(os.path.dirname(__file__), f"{other}-began")):
                time.sleep(0.001)
            return f(other) if x == started else x
        started = 0
    """
    first, second = folder.processes(2, source)
    for x, process in ((1, first), (2, second)):
        process.tell(f"import functions; functions.started = {x}")
        process.begin(f"f({x})")
    # One of them at least computes the other's by itself in the end.
    assert {first.answer(), second.answer()} <= {1, 2}


def test_ctrl_c_ends_a_wait(folder):
    first, second = folder.processes(2, code(SYNC, timeout=600))
    first.begin("told('gate')")
    until((folder.path / "gate-began").exists)
    second.begin("told('gate')")
    watch = folder.process()
    until(lambda: watch.tell("f.cache_info().waits") >= 1)
    watch.tell(f"os.kill({second.pid}, signal.SIGINT)")
    with pytest.raises(ToldError, match="KeyboardInterrupt"):
        second.answer()
    (folder.path / "gate").touch()
    assert first.answer() == ["gate"]
    assert second.tell("told('gate'), len(calls)") == (["gate"], 0)
    assert tuple(watch.tell("tuple(f.cache_info())"))[:2] == (1, 2)


def test_a_wait_of_a_task_lets_the_loop_run(folder):
    first, second = folder.processes(2, code(ASYNC, timeout=600))
    first.begin("told('gate')")
    until((folder.path / "gate-began").exists)
    second.tell("""
        async def race():
            waiting = asyncio.ensure_future(f("gate"))
            ticks = 0
            while ticks < 20:
                await asyncio.sleep(0.002)
                ticks += 1
            assert not waiting.done()
            waiting.cancel()
            try:
                await waiting
            except asyncio.CancelledError:
                return "cancelled"
        """)
    assert second.tell("asyncio.run(race())") == "cancelled"
    (folder.path / "gate").touch()
    assert first.answer() == ["gate"]
    hits, misses, *_ = second.tell("tuple(f.cache_info())")
    assert (hits, misses) == (2, 2)


def test_without_single_flight_nobody_waits(folder):
    source = code(SYNC).replace(", single_flight=True", "")
    first, second = folder.processes(2, source)
    first.begin("f('gate')")
    until((folder.path / "gate-began").exists)
    (folder.path / "gate-began").unlink()
    second.begin("f('gate')")
    until((folder.path / "gate-began").exists)
    (folder.path / "gate").touch()
    assert first.answer() == second.answer() == ["gate"]
    assert second.tell("len(calls)") + first.tell("len(calls)") == 2
