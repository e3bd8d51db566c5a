"""``WARP_CACHE_RECORD``: every function of a program, in real processes that fork, exit and die."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import textwrap

import pytest
from record_support import skewed, traces
from shared_support import posix

from warp_cache import Strategy, advise

PREAMBLE = """\
import os, sys, threading, multiprocessing
from warp_cache import Strategy, cache, lru_cache

@cache(max_size=10, strategy=Strategy.FIFO)
def f(x):
    return x

@lru_cache(maxsize=None)
def g(x):
    return x

@cache
def never(x):
    return x
"""


@pytest.fixture
def run(tmp_path):
    """Runs a program that is recorded, and returns what it printed and its file."""

    def run(code, path=tmp_path / "calls.rec", status=0, **more):
        script = tmp_path / "program.py"
        script.write_text(PREAMBLE + textwrap.dedent(code))
        environment = {k: v for k, v in os.environ.items() if not k.startswith("WARP_CACHE")}
        environment["PYTHONPATH"] = os.pathsep.join(filter(None, sys.path))
        done = subprocess.run(
            [sys.executable, str(script)],
            env=environment | {"WARP_CACHE_RECORD": str(path)} | more,
            cwd=tmp_path,
            capture_output=True,
            text=True,
            timeout=60,
        )
        assert done.returncode == status, done.stdout + done.stderr
        return done.stdout + done.stderr, path

    return run


def files(path):
    return sorted(each.name for each in path.parent.glob("*.rec*"))


def test_every_function_from_start_to_exit(run):
    said, path = run(f"""
        for x in {skewed(500, 50)}:
            f(x)
        g(1), g(1), g(2)

        @cache
        def later(x):
            return x

        later(1)
        print(f.cache_info()[:2])
        """)
    recorded = traces(path)
    assert {name: len(trace) for name, trace in recorded.items()} == {
        "__main__:f": 500, "__main__:g": 3, "__main__:later": 1,
    }  # fmt: skip
    assert f"{recorded['__main__:f'].replay(Strategy.FIFO, 10)[:2]}\n" == said
    assert recorded["__main__:f"].strategy == Strategy.FIFO
    assert recorded["__main__:f"].max_size == 10
    assert recorded["__main__:g"].max_size is None


def test_an_exception_and_an_exit_end_it_in_order(run):
    _, path = run("f(1); f(2); raise SystemExit(3)", status=3)
    assert len(traces(path)["__main__:f"]) == 2
    said, path = run("f(1); f(2); f(3); raise ValueError", status=1)
    assert "ValueError" in said
    assert len(traces(path)["__main__:f"]) == 3


def test_functions_that_are_gone_at_the_end_are_there(run):
    _, path = run("""
        import gc

        def make():
            @cache
            def inner(x):
                return x
            return inner

        for size in (1, 2):
            inner = make()
            for x in range(size):
                inner(x)
            del inner
            gc.collect()
        """)
    names = [f"__main__:make.<locals>.inner{number}" for number in ("", "#2")]
    with pytest.raises(ValueError, match="there are 2 that it could be"):
        advise(path)
    assert [advise(path, function=name).calls for name in names] == [1, 2]


def test_a_program_that_calls_nothing(run):
    _, path = run("")
    assert traces(path) == {}
    with pytest.raises(ValueError, match="holds no calls"):
        advise(path)


def test_a_program_that_caches_nothing_makes_no_file(tmp_path):
    path = tmp_path / "calls.rec"
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    environment["WARP_CACHE_RECORD"] = str(path)
    path.write_bytes(b"what was there")
    subprocess.run([sys.executable, "-c", "import warp_cache"], env=environment, check=True)
    assert path.read_bytes() == b"what was there"


def test_recordings_of_single_functions_work_beside_it(run, tmp_path):
    said, path = run("""
        f(1)
        with f.cache_record("own.rec") as own, f.cache_record() as memory:
            f(2), f(3)
        f(4)
        print(own.calls, memory.calls)
        """)
    assert said == "2 2\n"
    assert len(traces(path)["__main__:f"]) == 4
    assert len(traces(tmp_path / "own.rec")["__main__:f"]) == 2


@pytest.mark.parametrize("place", ["nowhere/calls.rec", "."])
def test_a_file_that_cannot_be_made_is_one_warning(run, tmp_path, place):
    said, _ = run("print(f(1), g(2), f(1))", path=tmp_path / place)
    assert said.count("Warning") == 1 and "cannot be made, and nothing is recorded" in said
    assert said.endswith("1 2 1\n") or said.startswith("1 2 1\n")


@posix
def test_forked_children_write_files_of_their_own(run):
    said, path = run("""
        f(1)
        children = []
        for number in range(3):
            child = os.fork()
            if child == 0:
                for x in range(number):
                    f(x)
                sys.exit()
            children.append(child)
        for child in children:
            os.waitpid(child, 0)
        f(2)
        print(*children)
        """)
    pids = said.split()
    assert len(traces(path)["__main__:f"]) == 2
    assert files(path) == ["calls.rec", *sorted(f"calls.rec.{pid}" for pid in pids[1:])]
    for calls, pid in enumerate(pids[1:], 1):
        own = traces(f"{path}.{pid}")
        assert {name: len(trace) for name, trace in own.items()} == {"__main__:f": calls}


@posix
@pytest.mark.parametrize("method", ["fork", "spawn", "forkserver"])
def test_processes_of_multiprocessing(run, method):
    said, path = run(f"""
        def work(count):
            for x in range(count):
                f(x)
            print(os.getpid(), flush=True)

        if __name__ == "__main__":
            context = multiprocessing.get_context("{method}")
            f(1)
            process = context.Process(target=work, args=(7,))
            process.start(), process.join()
            f(2)
        """)
    (child,) = said.split()
    assert len(traces(path)["__main__:f"]) == 2
    (own,) = traces(f"{path}.{child}").values()
    assert len(own) == 7 and own.name.endswith(":f")


@posix
def test_a_grandchild_and_a_child_that_execs(run, tmp_path):
    said, path = run("""
        import subprocess
        f(1)
        if os.fork() == 0:
            f(1), f(2)
            if os.fork() == 0:
                f(1), f(2), f(3)
                print("grandchild", os.getpid(), flush=True)
                sys.exit()
            os.wait()
            print("child", os.getpid(), flush=True)
            sys.exit()
        os.wait()
        code = "import os, warp_cache; warp_cache.cache(len)(''); print('started', os.getpid())"
        subprocess.run([sys.executable, "-c", code])
        """)
    pids = dict(line.split() for line in said.splitlines())
    calls = {who: [len(t) for t in traces(f"{path}.{pid}").values()] for who, pid in pids.items()}
    assert calls == {"grandchild": [3], "child": [2], "started": [1]}
    assert len(files(path)) == 4


@posix
def test_a_fork_amid_a_recording_leaves_the_file_to_the_parent(run, tmp_path):
    said, path = run("""
        with f.cache_record("own.rec") as own, f.cache_record() as memory:
            f(1)
            child = os.fork()
            f(2), f(3)
            if child == 0:
                f(4)
        if child:
            os.wait()
        print(own.calls, own.lost, memory.calls, flush=True)
        """)
    assert sorted(said.splitlines()) == ["0 3 4", "3 0 3"]
    assert len(traces(tmp_path / "own.rec")["__main__:f"]) == 3


@posix
@pytest.mark.parametrize("end", ["os.kill(os.getpid(), 9)", "os._exit(0)"])
def test_a_killed_process_leaves_a_file_that_is_refused(run, end):
    status = 0 if "_exit" in end else -signal.SIGKILL
    _, path = run(f"for x in range(10_000): f(x)\n{end}", status=status)
    with pytest.raises(ValueError, match="truncated recording") as refused:
        advise(path)
    assert str(path) in str(refused.value)
    with pytest.warns(RuntimeWarning, match="what is intact is taken.*truncated"):
        advice = advise(path, partial=True, sizes=[10])
    assert advice.calls == 3 * 3200  # whole blocks


def test_threads_and_daemons_at_the_exit(run):
    _, path = run("""
        stop = threading.Event()

        def work():
            while not stop.is_set():
                f(1)

        for _ in range(3):
            threading.Thread(target=work).start()
        threading.Thread(target=lambda: [g(1) for _ in iter(int, 1)], daemon=True).start()
        while f.cache_info().hits < 1000 or g.cache_info().hits < 1000:
            pass
        stop.set()
        """)
    recorded = traces(path)
    assert len(recorded["__main__:f"]) > 1000 and len(recorded["__main__:g"]) > 1000
