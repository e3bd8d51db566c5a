"""Regions of functions that have changed since: found, and removed once nobody needs them."""

from __future__ import annotations

import json
import time

import pytest
from shared_support import posix

from warp_cache import cache
from warp_cache._command import main

pytestmark = posix

MINUTE, WEEK = 60, 7 * 24 * 3600
#: Where a region says when it was opened or closed last; FORMAT.md draws it.
USED_LAST = (512 + 16 + 1) * 8


def age(path, seconds):
    """Makes a region one that was used so long ago."""
    boot = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)
    # May be before the machine was started: it wraps around.
    moment = (time.clock_gettime_ns(boot) - seconds * 10**9) % 2**64
    with open(path, "r+b") as file:
        file.seek(USED_LAST)
        file.write(moment.to_bytes(8, "little"))


def listed(folder, *more):
    out = folder.run_python("-m", "warp_cache", *more, "--json", "--path", str(folder.path))
    return json.loads(out)


OLD = """
    @cache(backend="shared")
    def f(x):
        return ("old", x)

    @cache(backend="shared")
    def g(x):
        return ("g", x)
"""
NEW = OLD.replace('"old"', '"new"')


def test_changed_code_takes_the_place_of_what_nobody_uses(folder):
    old = folder.process(OLD)
    assert (old.tell("f(1)"), old.tell("g(1)")) == (("old", 1), ("g", 1))
    before = folder.regions()
    assert len(before) == 2
    old.close()
    # A while ago; both, but only the code of one of them changes.
    for path in before:
        age(path, 11 * MINUTE)
    new = folder.process(NEW)
    assert (new.tell("f(1)"), new.tell("g(1)")) == (("new", 1), ("g", 1))
    assert new.tell("g.cache_info().hits") == 1, "its code is as it was"
    regions = folder.regions()
    assert len(regions) == 2
    assert len(set(before) & set(regions)) == 1, "the old one is gone"


@pytest.mark.parametrize("change", ["code", "default", "max_size", "version", "ttl"])
def test_whatever_makes_it_another(folder, change):
    code = """
        @cache(backend="shared", max_size=100, version=1, ttl=1000)
        def f(x, y=1):
            return x + y
    """
    changed = {
        "code": code.replace("x + y", "x - y"),
        "default": code.replace("y=1", "y=2"),
        "max_size": code.replace("100,", "101,"),
        "version": code.replace("version=1", "version=2"),
        "ttl": code.replace("ttl=1000", "ttl=1001"),
    }[change]
    folder.run(folder.write(code, "script.py"))
    (before,) = folder.regions()
    age(before, 11 * MINUTE)
    folder.run(folder.write(changed, "script.py"))
    (after,) = folder.regions()
    assert before != after


def test_what_is_in_use_stays_however_old(folder):
    old = folder.process(OLD)
    old.tell("f(1)")
    before = folder.regions()
    for path in before:
        age(path, 8 * 24 * 60 * MINUTE)
    new = folder.process(NEW)
    assert new.tell("f(1)") == ("new", 1)
    assert set(before) < set(folder.regions())
    assert listed(folder, "rm", "--stale") == []
    # It is no copy of its own that the old one has: who comes to it finds the same.
    folder.write(OLD)
    again = folder.process()
    assert again.tell("f(1)") == ("old", 1)
    asked = "tuple(f.cache_info())"
    assert again.tell(asked) == old.tell(asked) == (1, 1, 128, 1)


def test_what_was_used_just_now_stays(folder):
    folder.run(folder.write(OLD, "script.py"))
    folder.run(folder.write(NEW, "script.py"))
    assert len(folder.regions()) == 3, "two programs that take turns keep what they have"
    assert [region["stale"] for region in listed(folder, "ls")] == [False] * 3


def test_other_functions_of_that_name_are_none_of_its_affair(folder):
    for number in range(3):
        script = folder.write(OLD, f"{number}/script.py")
        folder.run(script)
        for path in folder.regions():
            age(path, 11 * MINUTE)
    assert len(folder.regions()) == 6


def test_the_command_shows_and_removes_them(folder, capsys):
    folder.run(folder.write(OLD, "script.py"))
    old = folder.regions()
    folder.run(folder.write(NEW, "script.py"))
    for path in old:
        age(path, 11 * MINUTE)
    regions = listed(folder, "ls")
    stale = [region for region in regions if region["stale"]]
    assert [region["name"] for region in stale] == ["__main__:f"], "g has not changed"
    here = ("--path", str(folder.path))
    assert main(["ls", *here]) == 0
    assert capsys.readouterr().out.count("stale") == 1
    assert main(["info", "__main__:f", *here]) == 0
    assert capsys.readouterr().out.count("0, stale") == 1
    assert main(["rm", "--stale", *here]) == 0
    assert capsys.readouterr().out == f"removed __main__:f ({stale[0]['path']})\n"
    assert len(folder.regions()) == 2
    assert main(["rm", "--stale", *here]) == 0
    assert capsys.readouterr().out == "", "nothing is"


def test_what_nobody_has_used_for_a_week(folder):
    f = cache(backend="shared", name="weekly")(lambda x: x)
    f(1)
    (path,) = folder.regions()
    assert listed(folder, "rm", "--stale") == [], "this process has it open"
    folder.run(folder.write(OLD, "script.py"))
    before = folder.regions()
    for region in before:
        age(region, WEEK + MINUTE)
    assert len(listed(folder, "rm", "--stale")) == 2
    assert folder.regions() == [path]
