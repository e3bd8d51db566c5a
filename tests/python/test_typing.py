"""Arguments, methods and the cache_* attributes all check, under mypy --strict and stubtest."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest
from support import FREE_THREADED, REPOSITORY

pytest.importorskip("mypy", reason="mypy is not installed")

CASES = Path(__file__).parent / "typing_cases"
ERROR = re.compile(r"^(?P<file>.+?\.py):(?P<line>\d+): error: (?P<text>.*)\[(?P<code>[\w-]+)\]$")
EXPECTED = re.compile(r"# E: ([\w|-]+)$")


def python_m(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", *arguments],
        capture_output=True,
        text=True,
        timeout=150,
        cwd=REPOSITORY,
    )


@pytest.fixture(scope="module")
def report() -> list[tuple[str, int, str, str]]:
    """One run over both files: (file, line, code, message) of every error."""
    done = python_m(
        "mypy",
        "--strict",
        "--config-file=",
        "--no-warn-unused-ignores",
        "--cache-dir=.mypy_cache/typing_cases",
        str(CASES / "ok.py"),
        str(CASES / "bad.py"),
    )
    assert done.returncode in (0, 1), done.stdout + done.stderr
    errors = []
    for line in done.stdout.splitlines():
        match = ERROR.match(line)
        if match:
            errors.append(
                (Path(match["file"]).name, int(match["line"]), match["code"], match["text"])
            )
        else:
            assert ": error:" not in line, line
    return errors


def test_typical_uses_are_accepted(report):
    assert [error for error in report if error[0] == "ok.py"] == []
    assert {error[0] for error in report} <= {"ok.py", "bad.py"}, "the package itself is clean"


def expected_errors() -> dict[int, set[str]]:
    lines = (CASES / "bad.py").read_text().splitlines()
    found = {}
    for number, line in enumerate(lines, 1):
        match = EXPECTED.search(line)
        if match:
            found[number] = set(match[1].split("|"))
    return found


def test_mistakes_are_rejected(report):
    marked = expected_errors()
    assert len(marked) > 40
    missed = {}
    for line, codes in marked.items():
        got = {code for file, number, code, _ in report if file == "bad.py" and number == line}
        if not got & codes:
            missed[line] = f"expected {codes}, got {got or 'nothing'}"
    assert missed == {}


def test_nothing_else_is_rejected(report):
    marked = expected_errors()
    stray = [error for error in report if error[0] == "bad.py" and error[1] not in marked]
    assert stray == []


@pytest.mark.skipif(
    FREE_THREADED, reason="the stubs are the same for every build; stubtest checks the others"
)
def test_stubs_agree_with_the_extension():
    allowlist = REPOSITORY / "scripts" / "stubtest-allowlist.txt"
    options = ["--allowlist", str(allowlist)] if allowlist.exists() else []
    done = python_m("mypy.stubtest", *options, "warp_cache")
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_package_says_that_it_is_typed():
    import warp_cache

    folder = Path(warp_cache.__file__).parent
    assert (folder / "py.typed").exists()
    assert (folder / "_warp_cache.pyi").exists()
