"""A region whose file somebody has been at: a miss or a sentence, no signal and no wrong value."""

from __future__ import annotations

import random
import shutil
import subprocess
import sys
import warnings
from pathlib import Path

import pytest
from shared_support import environment, posix
from support import REPOSITORY

import warp_cache
from warp_cache import SharedMemory, cache

pytestmark = posix

#: Values of many lengths that follow from their keys, and come back as the types that they are.
VALUES = """
    import datetime, decimal

    def value(x):
        return [x, "v" * (x * 37 % 500), {x: decimal.Decimal(x)}, datetime.timedelta(x), (x, b"")]

    @cache(backend=SharedMemory(size="256KiB"), max_size=300)
    def f(x):
        return value(x)

    def wrong(rounds):
        "The keys for which it returned something else."
        keys = [x for _ in range(rounds) for x in range(200)]
        return [x for x in keys if f(x) != value(x)]
"""


def test_flipped_bits_mislead_nobody(folder):
    first, second = folder.processes(2, VALUES)
    assert first.tell("wrong(1)") == []
    (path,) = folder.regions()
    size = path.stat().st_size
    draw = random.Random(1)
    with open(path, "r+b", buffering=0) as file:
        for _ in range(40):
            # At places that are in use, mostly, and while both look.
            first.begin("wrong(3)")
            second.begin("wrong(3)")
            for _ in range(50):
                # The first page is read at the opening alone.
                place = draw.randrange(4096, size)
                file.seek(place)
                byte = file.read(1)[0] ^ 1 << draw.randrange(8)
                file.seek(place)
                file.write(bytes([byte]))
            assert first.answer() == second.answer() == []
    info = first.tell("tuple(f.cache_info())")
    assert info[2] == 300 and info[3] <= 300
    first.tell("f.cache_clear()")
    assert second.tell("[f(1), f(1)] and f.cache_info().hits") == 1


def body(x):
    return [x]


def decorated():
    return cache(backend="shared", name="f")(body)


def truncate(path: Path):
    with open(path, "r+b") as file:
        file.truncate(path.stat().st_size // 2)


def fill(path: Path):
    path.write_bytes(b"\xff" * path.stat().st_size)


def empty(path: Path):
    path.write_bytes(b"")


@pytest.mark.parametrize("damage", [truncate, fill, empty])
def test_a_file_of_no_use_is_replaced(folder, damage):
    f = decorated()
    assert f(1) == [1]
    (path,) = folder.regions()
    del f
    # In the place of the one that is open, as to cut that is outside of what is promised.
    copy = path.with_suffix(".copy")
    shutil.copyfile(path, copy)
    damage(copy)
    copy.chmod(0o600)
    copy.replace(path)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        g = decorated()
    assert not g.cache_contains(1)
    assert g(2) == [2] and g.cache_contains(2)
    assert folder.regions() == [path]


def share(path: Path):
    path.chmod(0o644)


def link(path: Path):
    path.rename(path.with_suffix(".moved"))
    path.symlink_to(path.with_suffix(".moved"))


def name_twice(path: Path):
    path.with_suffix(".second").hardlink_to(path)


def put_a_directory(path: Path):
    path.unlink()
    path.mkdir()


@pytest.mark.parametrize(
    ("damage", "says"),
    [
        (share, "has mode 0644; it takes 0600"),
        (link, "is a symbolic link; it takes a regular file"),
        (name_twice, "has 2 names; it takes a file with one"),
        (put_a_directory, "is no regular file"),
    ],
    ids=["share", "link", "name_twice", "put_a_directory"],
)
def test_what_we_would_not_have_put_there_is_told(folder, damage, says):
    decorated()(1)
    (path,) = folder.regions()
    damage(path)
    with pytest.warns(RuntimeWarning, match=f"backend: there is no shared memory for f, .*{says}"):
        f = decorated()
    assert f(1) is f(1), "it has a cache all the same"
    with pytest.raises(OSError, match=says):
        cache(backend=SharedMemory(), name="f")(body)


def test_another_python_has_a_region_of_its_own(folder):
    script = folder.write("""
        @cache(backend="shared")
        def f(x):
            return sys.version_info[:2]

        print(f(1), f.cache_info().hits)
    """)
    ours = f"{sys.version_info[:2]}"
    package = environment(folder.path, PYTHONPATH=str(Path(warp_cache.__file__).parent.parent))
    for python in REPOSITORY.glob(".venv/*/bin/python"):
        done = subprocess.run([python, script], env=package, capture_output=True, text=True)
        # The extension may not be built for it.
        if done.returncode == 0 and not done.stdout.startswith(ours):
            break
    else:
        pytest.skip("the extension is built for no other version of Python")
    assert done.stdout.endswith(" 0\n")
    regions = len(folder.regions())
    assert folder.run(script) in (f"{ours} 0\n", f"{ours} 1\n"), "never the other's"
    assert len(folder.regions()) >= max(regions, 2)
