"""What the sources promise: where unsafe may live, that each use says why, and no file too long."""

from __future__ import annotations

import re

import pytest
from support import REPOSITORY

UNSAFE_LIVES_IN = (
    "warp-python/src/ffi/",
    "warp-cache/src/clock/coarse.rs",
    "warp-cache/src/memoize/typed.rs",
    "warp-cache/src/shard/biased.rs",
    "warp-cache/src/sync/local.rs",
    "warp-cache/src/sync/model.rs",
    "warp-cache/src/shm/map.rs",
    # A test that forks, for which nobody offers a safe function.
    "tests/rust/region_processes.rs",
)
FOLDERS = ("warp-macros", "warp-cache", "warp-python", "tests", "examples")
LONGEST = 600


def sources(*suffixes: str) -> dict[str, str]:
    found = {}
    for folder in (*FOLDERS, "python", "bench", "scripts"):
        for path in (REPOSITORY / folder).rglob("*"):
            name = path.relative_to(REPOSITORY).as_posix()
            # What is in tests/ui/fail is never built: the compiler has to refuse it.
            skipped = re.search(
                r"(^|/)(target|\.venv|__pycache__|snapshots|results|ui/fail)/", name
            )
            if path.suffix in suffixes and path.is_file() and not skipped:
                found[name] = path.read_text(encoding="utf-8")
    return found


RUST = sources(".rs")
if not RUST:
    pytest.skip("the sources are not here", allow_module_level=True)

TOKEN = re.compile(
    r"""
      //[^\n]* | /\*.*?\*/                      # comments
    | b?r(\#*)".*?"\1 | b?"(?:\\.|[^"\\])*"     # strings
    | b?'(?:\\.[^']*|[^'\\])'                   # characters, not lifetimes
    """,
    re.DOTALL | re.VERBOSE,
)


def code_of(text: str) -> str:
    """The text with comments, strings and characters blanked, line for line."""
    return TOKEN.sub(lambda match: re.sub(r"[^\n]", " ", match[0]), text)


def test_code_of_blanks_what_is_not_code():
    text = """let a = "unsafe"; // unsafe\n/* unsafe\n */ unsafe { 'u' } r#"unsafe " "# <'a>"""
    code = code_of(text)
    assert code.count("unsafe") == 1 and code.count("\n") == text.count("\n")
    assert "<'a>" in code


def uses_of_unsafe(text: str) -> list[int]:
    """Line numbers (from 0) of the word in code."""
    lines = code_of(text).split("\n")
    return [number for number, line in enumerate(lines) if re.search(r"\bunsafe\b", line)]


def test_unsafe_lives_in_named_places_only():
    strays = [
        f"{name}:{line + 1}"
        for name, text in RUST.items()
        if not name.startswith(UNSAFE_LIVES_IN)
        for line in uses_of_unsafe(text)
    ]
    assert strays == []


def explained(lines: list[str], number: int) -> bool:
    """Whether a `SAFETY:` comment (or a `# Safety` section, for a declaration) stands on the line
    or right above it: above attributes, the rest of a comment, and the start of the statement."""
    above = number
    while above >= 0:
        line = lines[above].strip()
        if "SAFETY:" in line or "# Safety" in line:
            return True
        if above < number:
            opens_or_ends = line == "" or line.endswith((";", "{", "}"))
            if not line.startswith(("//", "#[", "#![")) and opens_or_ends:
                return False
        above -= 1
    return False


def needs_explanation(code: list[str], number: int) -> bool:
    """A block, an impl, or a function whose body is unsafe; not a type, nor a trait's own safe
    method that is declared unsafe."""
    line = code[number]
    if re.search(r"\bunsafe\s*(\{|impl\b|trait\b|$)", line):
        return True
    if not re.search(r"\bunsafe\s+(extern\s+)?(\S+\s+)?fn\s+\w+\s*[(<]", line):
        return False
    indent = line[: len(line) - len(line.lstrip())]
    body = code[number + 1 :]
    end = next((i for i, other in enumerate(body) if other.rstrip() == indent + "}"), len(body))
    return any("unsafe" in other for other in body[:end])


def test_each_use_of_unsafe_says_why_it_is_safe():
    silent = []
    for name, text in RUST.items():
        lines, code = text.split("\n"), code_of(text).split("\n")
        for number in uses_of_unsafe(text):
            if needs_explanation(code, number) and not explained(lines, number):
                silent.append(f"{name}:{number + 1}: {lines[number].strip()}")
    assert silent == []


def test_files_with_unsafe_open_with_the_reason():
    for name, text in RUST.items():
        if uses_of_unsafe(text):
            assert text.startswith("//!"), f"{name} does not begin by saying why it is unsafe"


def test_nothing_is_left_undone():
    unfinished = re.compile(r"\b(todo|unimplemented)!|\bdbg!|\b(FIXME|XXX)\b")
    found = [
        f"{name}:{number}"
        for name, text in (RUST | sources(".py", ".pyi")).items()
        if not name.startswith("tests/")
        for number, line in enumerate(text.split("\n"), 1)
        if unfinished.search(line)
    ]
    assert found == []


def test_no_file_is_too_long():
    everything = sources(".rs", ".py", ".pyi", ".sh")
    long = {name: n for name, text in everything.items() if (n := text.count("\n")) >= LONGEST}
    assert long == {}
