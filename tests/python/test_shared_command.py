"""``python -m warp_cache``: lists and manages the shared caches of this user."""

from __future__ import annotations

import json
import os

import pytest
from shared_support import posix

from warp_cache import SharedMemory, cache
from warp_cache._command import main

pytestmark = posix

FIELDS = {
    "name", "function", "path", "bytes", "entries", "max_size", "strategy", "ttl", "hits",
    "misses", "evictions", "recoveries", "processes", "stale",
}  # fmt: skip


def made(name="numbers", **options):
    return cache(backend="shared", name=name, **options)(lambda x: x)


@pytest.fixture
def run(capsys, folder):
    """Runs the command here; returns its status and what it printed. It looks in the test's own
    directory, as this user may have caches elsewhere."""

    def run(*arguments, path=folder.path):
        capsys.readouterr()
        status = main([*arguments, *([] if path is None else ["--path", str(path)])])
        out, err = capsys.readouterr()
        return status, out, err

    return run


def test_it_runs_as_a_module(folder):
    here = ("--path", str(folder.path))
    assert folder.run_python("-m", "warp_cache", "ls", *here) == "no shared caches\n"
    assert folder.run_python("-m", "warp_cache", "ls", "--json", *here) == "[]\n"
    assert "usage" in folder.run_python("-m", "warp_cache", "--help")
    assert "usage" in folder.run_python("-m", "warp_cache", status=2)
    missing = folder.run_python("-m", "warp_cache", "info", "x", *here, status=1)
    assert "no shared cache 'x'" in missing


def test_ls_shows_every_region(folder, run):
    f = made(max_size=10, strategy="lfu", ttl=60)
    g = made("texts", max_size=None)
    for x in (1, 2, 1, 1):
        f(x)
    status, out, err = run("ls", "--json")
    assert (status, err) == (0, "")
    numbers, texts = json.loads(out)
    assert numbers.keys() == texts.keys() == FIELDS
    assert numbers["name"] == "numbers"
    assert numbers["function"].endswith("test_shared_command:made.<locals>.<lambda>")
    assert numbers["path"].startswith(str(folder.path))
    expected = {"entries": 2, "max_size": 10, "strategy": "LFU", "ttl": 60.0, "hits": 2}
    expected |= {"misses": 2, "evictions": 0, "recoveries": 0, "processes": 1}
    assert expected.items() <= numbers.items()
    asked = json.loads(folder.run_python("-m", "warp_cache", "ls", "--json"))
    ours = [region for region in asked if region["path"].startswith(str(folder.path))]
    assert [region["processes"] for region in ours] == [1, 1], "to ask is not to use"
    assert (texts["max_size"], texts["ttl"], texts["entries"]) == (None, None, 0)
    assert f(1) == g(1) == 1

    status, out, err = run("ls")
    heading, *rows = out.splitlines()
    assert heading.split()[:2] == ["NAME", "ENTRIES"]
    assert [row.split()[:2] for row in rows] == [["numbers", "2/10"], ["texts", "1/-"]]
    assert "60.0%" in rows[0] and "60 s" in rows[0]


def test_info_by_name_and_by_function(folder, run):
    f = made()
    f(1)
    function = "test_shared_command:made.<locals>.<lambda>"
    for name in ("numbers", f.__module__ + ":made.<locals>.<lambda>"):
        status, out, _ = run("info", name)
        assert status == 0
        assert "name:       numbers" in out and function in out and "misses:     1" in out
        status, out, _ = run("info", name, "--json")
        assert status == 0 and len(json.loads(out)) == 1


def test_clear_is_seen_by_who_uses_it(folder, run):
    f = made()
    f(1)
    assert f.cache_contains(1)
    status, out, _ = run("clear", "numbers")
    assert status == 0 and out.startswith("cleared numbers")
    assert not f.cache_contains(1)
    assert f.cache_info() == (0, 0, 128, 0)


def test_rm_leaves_who_uses_it_alone(folder, run):
    f = made()
    f(1)
    assert run("rm", "numbers", "--json")[0] == 0
    assert folder.regions() == []
    assert f(1) == 1 and f.cache_info().hits == 1
    assert run("ls", "--json")[1] == "[]\n"
    assert not made().cache_contains(1), "the next one begins anew"


@pytest.mark.parametrize("command", ["clear", "rm"])
def test_several_configurations_ask_for_all(folder, run, command):
    one, other = made(max_size=1), made(max_size=2)
    one(1), other(1)
    status, out, err = run(command, "numbers")
    assert status == 2
    assert "say --all" in err and out.count("numbers") == 2
    assert one.cache_contains(1) and other.cache_contains(1)
    status, out, err = run(command, "numbers", "--all")
    assert (status, err) == (0, "")
    assert len(out.splitlines()) == 2
    assert len(folder.regions()) == (2 if command == "clear" else 0)
    assert run("info", "numbers")[0] == (0 if command == "clear" else 1)


def test_info_shows_all_that_match(folder, run):
    made(max_size=1), made(max_size=2)
    status, out, _ = run("info", "numbers", "--json")
    assert status == 0
    assert sorted(region["max_size"] for region in json.loads(out)) == [1, 2]


@pytest.mark.parametrize("command", ["info", "clear", "rm"])
def test_no_such_cache(folder, run, command):
    made()
    status, out, err = run(command, "number")
    assert (status, out) == (1, "")
    assert err == "warp_cache: there is no shared cache 'number'\n"


@pytest.mark.parametrize(
    "arguments",
    [
        (),
        ("list",),
        ("info",),
        ("ls", "x"),
        ("rm", "a", "b"),
        ("rm",),
        ("rm", "a", "--stale"),
        ("ls", "--all"),
        ("ls", "--path", ""),
    ],
    ids=" ".join,
)
def test_bad_arguments(folder, run, arguments):
    status, out, err = run(*arguments, path=None)
    assert (status, out) == (2, "")
    assert err


def test_what_cannot_be_looked_at_is_told(folder, run):
    made(), made("texts")
    listed = json.loads(run("ls", "--json")[1])
    (numbers,) = (region["path"] for region in listed if region["name"] == "numbers")
    os.chmod(numbers, 0o644)
    status, out, err = run("ls", "--json")
    assert status == 0
    assert [region["name"] for region in json.loads(out)] == ["texts"]
    assert err.startswith(f"warp_cache: shared: {numbers} has mode 0644; it takes 0600")
    os.chmod(numbers, 0o600)
    os.chmod(os.path.dirname(numbers), 0o755)
    for command in ("ls", "rm --stale"):
        status, out, err = run(*command.split(), "--json")
        assert (status, out) == (0, "[]\n")
        assert "has mode 0755; it takes 0700" in err
    os.chmod(os.path.dirname(numbers), 0o700)


def test_a_directory_of_ones_own(folder, run):
    elsewhere = folder.path / "elsewhere"
    elsewhere.mkdir()
    f = cache(backend=SharedMemory(name="numbers", path=elsewhere))(lambda x: x)
    f(1)
    assert run("ls", "--json")[1] == "[]\n"
    (region,) = json.loads(run("ls", "--json", path=elsewhere)[1])
    assert region["path"].startswith(str(elsewhere))
    assert run("rm", "numbers", path=elsewhere)[0] == 0
    assert run("ls", "--json", path=elsewhere)[1] == "[]\n"
