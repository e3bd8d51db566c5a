"""``python -m warp_cache advise FILE``."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest
from record_support import skewed

from warp_cache import Strategy, advise, cache
from warp_cache._command import main

NAME = f"{__name__}:calls.<locals>.square"


@pytest.fixture
def calls(tmp_path):
    """A recording of one function."""

    @cache(max_size=20)
    def square(x):
        return x * x

    path = tmp_path / "calls.rec"
    with square.cache_record(path):
        for x in skewed(3000, 200):
            square(x)
    return path


@pytest.fixture
def run(capsys):
    """Runs the command here; returns its status and what it printed."""

    def run(*arguments):
        capsys.readouterr()
        status = main(["advise", *map(str, arguments)])
        out, err = capsys.readouterr()
        return status, out, err

    return run


def of_a_program(path, code):
    """Records a program."""
    environment = {k: v for k, v in os.environ.items() if not k.startswith("WARP_CACHE")}
    environment["PYTHONPATH"] = os.pathsep.join(filter(None, sys.path))
    environment["WARP_CACHE_RECORD"] = str(path)
    subprocess.run([sys.executable, "-c", code], env=environment, check=True, timeout=60)


TWO = """
from warp_cache import cache
@cache(max_size=5)
def f(x): return x
@cache(max_size=50)
def g(x): return x
for x in range(3000):
    f(x % 7), g(x % 90)
"""


def test_it_runs_as_a_module(calls):
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    # The variable does no harm to the recording that is read.
    environment["WARP_CACHE_RECORD"] = str(calls)
    done = subprocess.run(
        [sys.executable, "-m", "warp_cache", "advise", str(calls), "--sizes", "20,40"],
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert NAME in done.stdout and "with max_size 20" in done.stdout


def test_it_prints_what_advise_says(run, calls):
    status, out, err = run(calls, "--sizes", "10,40", "--strategies", "lru,arc")
    assert (status, err) == (0, "")
    said = advise(calls, sizes=[10, 40], strategies=["lru", "arc"])
    assert out == f"{NAME}\n{said}\n"
    status, out, _ = run(calls, "--chart", "--sizes", "10")
    assert status == 0 and "misses, % of" in out


def test_json(run, calls):
    status, out, err = run(calls, "--json", "--sizes", "10")
    assert (status, err) == (0, "")
    (one,) = json.loads(out)
    assert one == advise(calls, sizes=[10]).as_dict()
    assert (one["function"], one["calls"]) == (NAME, 3000)


def test_several_functions_and_one_of_them(run, tmp_path):
    path = tmp_path / "calls.rec"
    of_a_program(path, TWO)
    status, out, _ = run(path, "--json", "--strategies", "lru")
    assert [each["function"] for each in json.loads(out)] == ["__main__:f", "__main__:g"]
    for name in ("g", "__main__:g"):
        status, out, _ = run(path, "--json", "--function", name, "--sizes", "9")
        (one,) = json.loads(out)
        assert status == 0 and one["function"] == "__main__:g" and one["today"]["max_size"] == 50
    status, out, _ = run(path, "--sizes", "9")
    assert status == 0 and out.count("* recommended") == 2
    status, out, err = run(path, "--plot", tmp_path / "x.svg", "--sizes", "9")
    assert (status, out) == (2, "") and "say --function, of __main__:f, __main__:g" in err


def test_it_draws(run, calls, tmp_path):
    pytest.importorskip("matplotlib", reason="matplotlib, which draws, is not installed")
    path = tmp_path / "curves.svg"
    status, _, err = run(calls, "--plot", path, "--sizes", "10,50")
    assert (status, err) == (0, "") and "misses, % of calls" in path.read_text()
    for wrong in (tmp_path / "nowhere" / "x.svg", tmp_path / "x.nothing"):
        status, out, err = run(calls, "--plot", wrong, "--sizes", "10")
        assert (status, out) == (2, "") and err.startswith("warp_cache: ")


def test_without_matplotlib(run, calls, tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    status, out, err = run(calls, "--plot", tmp_path / "curves.svg", "--sizes", "10")
    assert (status, out) == (2, "") and "install warp_cache[plot]" in err


def test_nothing_there_is_1(run, calls, tmp_path):
    status, out, err = run(calls, "--function", "cube")
    assert (status, out) == (1, "")
    assert err == f"warp_cache: 'cube' was not recorded; {NAME} was\n"
    empty = tmp_path / "empty.rec"
    with cache(lambda x: x).cache_record(empty):
        pass
    status, out, err = run(empty)
    assert (status, out, err) == (1, "", f"warp_cache: {empty} holds no calls\n")


def test_a_file_that_is_refused_is_2(run, calls, tmp_path):
    calls.write_bytes(calls.read_bytes()[:-9])
    status, out, err = run(calls)
    assert (status, out) == (2, "") and "truncated recording" in err
    status, out, err = run(calls, "--partial", "--sizes", "10")
    assert status == 0 and NAME in out
    assert err.startswith("warp_cache: what is intact is taken. ") and "truncated" in err
    foreign = tmp_path / "foreign"
    foreign.write_text("def f(): pass\n" * 10)
    status, out, err = run(foreign)
    assert (status, out) == (2, "") and "is no recording" in err
    status, out, err = run(tmp_path / "nothing")
    assert (status, out) == (2, "") and "nothing" in err
    assert run(tmp_path)[0] == 2


@pytest.mark.parametrize(
    "arguments",
    [
        (),
        ("FILE", "x"),
        ("FILE", "--sizes", "many"),
        ("FILE", "--sizes", "0"),
        ("FILE", "--sizes", "-5"),
        ("FILE", "--strategies", "lruu"),
        ("FILE", "--path", "x"),
    ],
    ids=" ".join,
)
def test_bad_arguments(run, calls, arguments):
    status, out, err = run(*(str(calls) if word == "FILE" else word for word in arguments))
    assert (status, out) == (2, "")
    assert err


def test_the_strategies_are_named_where_one_is_wrong(run, calls):
    _, _, err = run(calls, "--strategies", "lru,lruu")
    assert all(strategy.name in err for strategy in Strategy)
