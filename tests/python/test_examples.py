"""The examples and the README's Python run as they stand."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from support import REPOSITORY

EXAMPLES = sorted((REPOSITORY / "examples" / "python").glob("*.py"))
README = REPOSITORY / "README.md"
BLOCK = re.compile(r"^```python\n(.*?)^```", re.DOTALL | re.MULTILINE)


def run(path: Path) -> None:
    done = subprocess.run(
        [sys.executable, str(path)],
        capture_output=True,
        text=True,
        timeout=60,
        cwd=path.parent,
        env=os.environ | {"PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
    )
    assert done.returncode == 0, f"{path.name}\n{done.stdout}\n{done.stderr}"


@pytest.mark.skipif(not EXAMPLES, reason="the examples are not here")
@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.name)
def test_example_runs(path):
    run(path)


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.name)
def test_example_is_short_asserts_what_it_says_and_has_a_twin(path):
    text = path.read_text(encoding="utf-8")
    assert text.count("\n") <= 60
    assert "assert " in text
    twins = {twin.stem for twin in (REPOSITORY / "examples" / "rust").glob("*.rs")}
    assert not twins or re.match(r"\d\d_", path.name), "numbered as its twin is"


@pytest.mark.skipif(not README.exists(), reason="the README is not here")
def test_readme_blocks_run(tmp_path):
    """All blocks as one program, in order, each line where it stands in the README."""
    text = README.read_text(encoding="utf-8")
    program = [""] * (text.count("\n") + 1)
    blocks = list(BLOCK.finditer(text))
    for block in blocks:
        first = text.count("\n", 0, block.start(1))
        for offset, line in enumerate(block[1].splitlines()):
            program[first + offset] = line
    if not blocks:
        pytest.skip("the README has no Python")
    path = tmp_path / "readme.py"
    path.write_text("\n".join(program) + "\n", encoding="utf-8")
    run(path)
