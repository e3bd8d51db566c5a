"""One cache for several processes: what one keeps the others find, whatever happens to the one."""

from __future__ import annotations

import os
import sys

import pytest
from shared_support import ToldError, until

SQUARE = """
    calls = []

    @cache(backend="shared", max_size=100)
    def f(x):
        calls.append(x)
        return x * x
"""


def test_what_one_process_computes_the_others_find(folder):
    first, second = folder.processes(2, SQUARE)
    assert first.tell("f(12)") == 144
    assert second.tell("f(12)") == 144
    assert first.tell("calls") == [12]
    assert second.tell("calls") == []


def test_it_outlives_the_process(folder):
    first = folder.process(SQUARE)
    first.tell("f(3)")
    first.close()
    second = folder.process()
    assert second.tell("f(3), calls") == (9, [])


def test_the_same_object_is_returned_as_long_as_its_entry_is_unchanged(folder):
    first, second = folder.processes(2, SQUARE.replace("x * x", "[x]"))
    first.tell("f(1)")
    assert second.tell("f(1) is f(1)")
    second.tell("kept = f(1)")
    first.tell("f.cache_refresh(1)")
    assert second.tell("f(1) == kept and f(1) is not kept")


NUMBERS = """
    from warp_cache import cache

    NUMBERS = [0, -1, 127, -128, 255, 2**30, -2**31, 2**55, -2**56, 2**63 - 1, -2**63, 2**63, 9**99]
    calls = []
    @cache(backend="shared", max_size=100)
    def f(x):
        calls.append(x)
        return NUMBERS[int(x)]
    def all_of(key): return [f(key(x)) for x in range(len(NUMBERS))]
"""


@pytest.mark.parametrize("key", ["int", "str", "lambda x: -x * 10**9", "lambda x: f'{x:025}'"])
def test_ints_that_are_met_again_and_again(folder, key):
    first, second = folder.processes(2, NUMBERS.replace("int(x)", "abs(int(x)) % (10**9 - 1)"))
    first.tell(f"all_of({key})")
    for _ in range(4):
        assert second.tell(f"all_of({key}) == NUMBERS")
        assert second.tell(f"[type(x) for x in all_of({key})] == [int] * len(NUMBERS)")
    assert second.tell("calls") == []
    assert second.tell("f.cache_info()[:2] == (8 * len(NUMBERS), len(NUMBERS))")


@pytest.mark.parametrize("met", range(4))
@pytest.mark.parametrize("change", ["f.cache_set(-7, 1)", "f.cache_invalidate(1)"])
def test_an_int_that_changes_is_seen_however_often_it_was_met(folder, met, change):
    first, second = folder.processes(2, NUMBERS)
    first.tell("all_of(int)")
    for _ in range(met):
        assert second.tell("f(1)") == -1
    first.tell(f"NUMBERS[1] = -7; {change}")
    second.tell("NUMBERS[1] = -7")
    assert [second.tell("f(1)") for _ in range(4)] == [-7] * 4
    assert first.tell("f(1)") == -7
    assert len(second.tell("calls")) == ("invalidate" in change)


def test_a_clear_is_seen_by_the_next_call_everywhere(folder):
    processes = folder.processes(3, SQUARE)
    for process in processes:
        process.tell("f(1), f(2), f(1)")
    processes[0].tell("f.cache_clear()")
    for process in processes:
        assert not process.tell("f.cache_contains(1)")
        assert tuple(process.tell("tuple(f.cache_info())")) == (0, 0, 100, 0)
    assert processes[1].tell("f(1), len(calls)") == (1, 1)
    assert processes[2].tell("f(1), len(calls)") == (1, 0)


@pytest.mark.parametrize(
    "change", ["f.cache_set(-1, 5)", "f.cache_invalidate(5)", "f.cache_refresh(5)"]
)
def test_a_change_of_an_entry_is_seen_by_the_next_call_everywhere(folder, change):
    first, second = folder.processes(2, SQUARE)
    first.tell("f(5)")
    assert second.tell("f(5), calls") == (25, [])
    first.tell(change)
    assert second.tell("f(5)") == (-1 if "set" in change else 25)
    assert second.tell("len(calls)") == (1 if "invalidate" in change else 0)


def test_what_was_computed_before_a_clear_is_not_kept_after_it(folder):
    code = """
        @cache(backend="shared")
        def f(x):
            while not os.path.exists(x):
                time.sleep(0.001)
            return x
    """
    first, second = folder.processes(2, code)
    gate = folder.path / "gate"
    for change in ("f.cache_clear()", f"f.cache_invalidate({str(gate)!r})"):
        gate.unlink(missing_ok=True)
        misses = second.tell("f.cache_info().misses")
        first.begin(f"f({str(gate)!r})")
        until(lambda misses=misses: second.tell("f.cache_info().misses") > misses)
        second.tell(change)
        gate.touch()
        assert first.answer() == str(gate)
        for process in (first, second):
            assert not process.tell(f"f.cache_contains({str(gate)!r})")


def test_an_expiry_is_seen_everywhere(folder):
    first, second = folder.processes(2, SQUARE.replace("max_size=100", "ttl=60"))
    first.tell("f(1)")
    assert second.tell("f(1), calls") == (1, [])
    second.tell("advance(59)")
    assert second.tell("f(1), calls") == (1, [])
    second.tell("advance(2)")
    assert second.tell("f.cache_contains(1)") is False
    assert second.tell("f(1), calls") == (1, [1])
    assert first.tell("f(1), calls") == (1, [1]), "for the first a second has not passed yet"


def test_counts_add_up_over_processes_that_have_ended(folder):
    first, second = folder.processes(2, SQUARE)
    first.tell("[f(x) for x in (1, 2, 1, 1)]")
    second.tell("[f(x) for x in (1, 3)]")
    expected = (3, 3, 100, 3)
    assert tuple(first.tell("tuple(f.cache_info())")) == expected
    first.kill()
    assert tuple(second.tell("tuple(f.cache_info())")) == expected
    second.close()
    third = folder.process()
    assert tuple(third.tell("tuple(f.cache_info())")) == expected
    assert third.tell("repr(f.cache_info())").endswith(
        "(hits=3, misses=3, maxsize=100, currsize=3)"
    )


@pytest.mark.parametrize("strategy", ["LRU", "MRU", "FIFO", "LFU", "SIEVE", "CLOCK"])
def test_the_bound_and_the_order_hold_over_processes(folder, strategy):
    code = f"""
        @cache(backend="shared", max_size=3, strategy="{strategy}")
        def f(x):
            return x
    """
    first, second = folder.processes(2, code)
    first.tell("f(1), f(2)")
    second.tell("f(3), f(1)")
    first.tell("f(4)")
    gone = {"MRU": 1, "FIFO": 1}.get(strategy, 2)
    kept = [x for x in (1, 2, 3, 4) if second.tell(f"f.cache_contains({x})")]
    assert kept == [x for x in (1, 2, 3, 4) if x != gone]
    info = second.tell("f.cache_info().evictions, f.cache_info().currsize")
    assert tuple(info) == (1, 3)


@pytest.mark.parametrize("strategy", ["LRU", "ARC"])
def test_uses_that_the_front_answers_reach_the_order(folder, strategy):
    """The front of one process must not hide from the others what is in use."""
    code = SQUARE.replace("100", f"3, strategy='{strategy}'")
    first, second = folder.processes(2, code)
    first.tell("[f(x) for x in (1, 2, 3)]")
    second.tell("[f(x) for x in (2, 3, 1)]")
    second.tell("[f(1) for _ in range(500)]")
    first.tell("f(4)")
    assert first.tell("f.cache_contains(1), f.cache_contains(2)") == (True, False)


@pytest.mark.parametrize("argument", ["{}", "x={}", "({},)"])
@pytest.mark.parametrize(("uses", "gone"), [(1, 2), (3, 1)])
def test_a_first_meeting_is_one_use(folder, argument, uses, gone):
    """What a process decodes is used by that, and once, whatever the way of the call. Of two that
    were used equally often either may go, as each process has ticks of its own."""
    code = """
        @cache(backend="shared", max_size=2, strategy="lfu")
        def f(x):
            return str(x)
    """

    def calls(*numbers):
        return "; ".join(f"f({argument.format(number)})" for number in numbers)

    first, *others = folder.processes(3, code)
    first.tell(calls(1, 2))
    for other in others:
        other.tell(calls(1))
    first.tell(calls(*[2] * uses))
    first.tell(calls(3))
    contains = [f"f.cache_contains({argument.format(x)})" for x in (1, 2, 3)]
    assert [x for x, ask in enumerate(contains, 1) if not first.tell(ask)] == [gone]


# ---------------------------------------------------------------- what 0.7 got wrong


def test_a_killed_writer_hangs_nobody(folder):
    code = """
        @cache(backend="shared", max_size=50, strategy="lfu")
        def f(x):
            return "v" * (x % 400)
    """
    survivor = folder.process(code)
    for round_ in range(15):
        victim = folder.process()
        victim.tell("f(0)")
        victim.begin("[f(x) for _ in range(10**6) for x in range(1000)]")
        survivor.tell(f"time.sleep({round_ * 0.001})")
        victim.kill()
        assert survivor.tell("all(f(x) == 'v' * (x % 400) for x in range(300))")
    assert survivor.tell("f.cache_info().currsize") <= 50


def test_a_stopped_writer_hangs_nobody(folder):
    code = """
        @cache(backend="shared", max_size=50)
        def f(x):
            return "v" * (x % 400)
    """
    first, second = folder.processes(2, code)
    first.tell("f(0)")
    for pause in range(10):
        first.begin("[f(x) for _ in range(10**6) for x in range(1000)]")
        second.tell(f"time.sleep({pause * 0.001})")
        first.stop()
        assert second.tell("all(f(x) == 'v' * (x % 400) for x in range(300))")
        second.tell("f.cache_info() and f.cache_contains(1), f.cache_invalidate(1)")
        first.kill()
        first = folder.process()
    assert second.tell("f.cache_clear(), f(1)") == (None, "v")


def hold_the_lock(region, pid):
    """Makes it look as if a process that was stopped held the lock of a region's only shard; None
    gives it back. See FORMAT.md."""
    started = 0
    if pid is not None:
        with open(f"/proc/{pid}/stat") as stat:
            started = int(stat.read().rpartition(")")[2].split()[19])
    with open(region, "r+b", buffering=0) as file:
        file.seek(8 * (512 + 16 + 16 + 256 + 64 * 8 + 8 + 8))
        file.write((started << 24 | (pid or 0)).to_bytes(8, "little"))


@pytest.mark.skipif(sys.platform != "linux", reason="/proc tells when a process started")
@pytest.mark.parametrize(
    "change",
    ["f.cache_set('new', 5)", "f.cache_invalidate(5)", "f.cache_refresh(5)", "f.cache_clear()"],
)
def test_a_change_is_seen_while_a_stopped_process_holds_the_lock(folder, change):
    code = """
        calls = []
        @cache(backend="shared")
        def f(x):
            calls.append(x)
            return os.getpid(), len(calls)
    """
    first, second = folder.processes(2, code)
    old = first.tell("f(5)")
    assert second.tell("f(5)") == first.tell("f(5)") == old
    (region,) = folder.regions()
    hold_the_lock(region, os.getpid())
    second.tell(change)
    for process in (first, second):
        assert process.tell("f(5)") != old
    hold_the_lock(region, None)
    new = first.tell("f(5)")
    assert second.tell("f(5)") == new != old


def test_another_configuration_is_another_region(folder):
    """A second process with another max_size killed the first by SIGBUS in 0.7."""
    first = folder.process(SQUARE)
    first.tell("[f(x) for x in range(100)]")
    second = folder.process(SQUARE.replace("100", "100_000"))
    second.tell("[f(x) for x in range(1000)]")
    assert first.tell("[f(x) for x in range(100)]") == [x * x for x in range(100)]
    assert tuple(first.tell("tuple(f.cache_info())")) == (100, 100, 100, 100)
    assert second.tell("f.cache_info().currsize") == 1000


def test_scripts_of_one_name_do_not_share(folder):
    code = """
        @cache(backend="shared")
        def f(x):
            return os.path.basename(os.path.dirname(__file__)), x
        print(f(1), tuple(f.cache_info()))
    """
    one, other = folder.write(code, "one/script.py"), folder.write(code, "other/script.py")
    assert folder.run(one) == "('one', 1) (0, 1, 128, 1)\n"
    assert folder.run(other) == "('other', 1) (0, 1, 128, 1)\n"
    assert folder.run(one) == "('one', 1) (1, 1, 128, 1)\n"


def test_changed_code_starts_anew(folder):
    code = """
        @cache(backend="shared")
        def f(x, y=1):
            return x + 1
    """
    assert folder.process(code).tell("f(1)") == 2
    assert folder.process(code.replace("+ 1", "+ 2")).tell("f(1)") == 3
    assert folder.process(code.replace("y=1", "y=2")).tell("f.cache_contains(1)") is False
    assert folder.process(code).tell("f.cache_contains(1)") is True
    moved = "\n\n\n" + code.replace("x + 1", "x + 1  # so it is")
    assert folder.process(moved).tell("f.cache_contains(1)") is True


def test_another_version_starts_anew(folder):
    assert folder.process(SQUARE).tell("f(1)") == 1
    versioned = SQUARE.replace("max_size=100", "max_size=100, version=2")
    assert folder.process(versioned).tell("f.cache_contains(1)") is False


def test_closures_of_one_factory_are_refused_without_a_name(folder):
    code = """
        def factory(n):
            @cache(backend="shared", name=None if n is None else f"times {n}")
            def f(x):
                return x * (n or 1)
            return f
    """
    process = folder.process(code)
    with pytest.raises(ToldError, match=r"ValueError: name: got None for .*f, which reads n of an"):
        process.tell("factory(None)")
    assert process.tell("factory(2)(5), factory(3)(5), factory(2)(5)") == (10, 15, 10)


def test_a_name_shares_on_purpose(folder):
    code = """
        @cache(backend=SharedMemory(name="numbers"))
        def f(x):
            return x

        @cache(backend="shared", name="numbers")
        def g(x):
            raise AssertionError("f has it")
    """
    process = folder.process(code)
    assert process.tell("f(5), g(5)") == (5, 5)


# ---------------------------------------------------------------- fork and spawn


@pytest.mark.parametrize("method", ["fork", "spawn", "forkserver"])
def test_a_pool_shares_with_its_parent(folder, method):
    script = folder.write(
        """
        import multiprocessing

        @cache(backend="shared", max_size=1000)
        def f(x):
            return x, os.getpid()

        def task(x):
            return f(x), os.getpid()

        if __name__ == "__main__":
            context = multiprocessing.get_context(sys.argv[1])
            mine = f(0)
            with context.Pool(2) as pool:
                found = pool.map(task, [0] * 20 + list(range(20)), chunksize=1)
            assert all(result == mine for (result, pid) in found if result[0] == 0), found
            info = f.cache_info()
            assert info.hits + info.misses == 41, info
            assert f(7)[1] != os.getpid(), "a worker computed it"
            print("done")
        """,
        "pool.py",
    )
    assert folder.run(script, method, timeout=60).endswith("done\n")


def test_a_forked_child_goes_on_by_itself(folder):
    process = folder.process(SQUARE)
    told = process.tell("""
        f(1)
        pids = []
        for n in range(5):
            pid = os.fork()
            if pid == 0:
                ok = f(1) == 1 and f(100 + n) == (100 + n) ** 2
                os._exit(0 if ok and len(calls) == 2 else 1)
            pids.append(pid)
        statuses = [os.waitpid(pid, 0)[1] for pid in pids]
        """)
    assert told is None
    assert process.tell("statuses, calls, [f(100 + n) for n in range(5)]") == (
        [0] * 5,
        [1],
        [(100 + n) ** 2 for n in range(5)],
    )
    assert process.tell("len(calls)") == 1


def test_a_fork_in_the_middle_of_a_computation(folder):
    code = """
        @cache(backend="shared", single_flight=True)
        def f(x):
            if x == 1:
                pid = os.fork()
                if pid == 0:
                    f(2)
                    os._exit(0 if f(2) == 2 and f.cache_contains(2) else 1)
                assert os.waitpid(pid, 0)[1] == 0
            return x
    """
    process = folder.process(code)
    assert process.tell("f(1), f(1), f.cache_contains(2)") == (1, 1, True)


def test_workers_that_come_and_go_leave_their_results(folder):
    parent = folder.process(SQUARE)
    for number in range(8):
        child = folder.process()
        child.tell(f"f({number})")
        (child.kill if number % 2 else child.close)()
    assert parent.tell("[f(x) for x in range(8)], calls") == ([x * x for x in range(8)], [])


def test_many_processes_at_once(folder):
    code = """
        @cache(backend="shared", max_size=64, strategy="lru")
        def f(x):
            return x, str(x) * (x % 50)

        def work():
            import random
            for _ in range(3000):
                x = random.randrange(200)
                assert f(x) == (x, str(x) * (x % 50))
                if x == 7: f.cache_invalidate(7)
            return f.cache_info().currsize
    """
    processes = folder.processes(4, code)
    for process in processes:
        process.begin("work()")
    assert all(process.answer(60) <= 64 for process in processes)
    hits, misses, *_ = processes[0].tell("tuple(f.cache_info())")
    assert hits + misses == 4 * 3000


def test_nothing_is_left_but_the_region(folder):
    folder.process(SQUARE).tell("f(1)")
    assert len(folder.regions()) == 1
    (region,) = folder.regions()
    assert os.stat(region).st_mode & 0o777 == 0o600
    assert os.stat(region.parent).st_mode & 0o777 == 0o700
    assert "f" not in region.name.split("."), "names tell nothing"
