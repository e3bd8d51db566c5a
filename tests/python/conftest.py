"""Fixtures and hypothesis profiles. pytest's own watchdog, set in pyproject, minds the tests."""

from __future__ import annotations

import functools
import gc
import itertools
import os
import sys
import tempfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, settings
from shared_support import Folder

import warp_cache
import warp_cache._warp_cache  # noqa: F401 - the hook is looked up there

#: Modules whose tests are the contract of a cache, whatever it is kept in.
BOTH_BACKENDS = (
    "test_cache_calls",
    "test_keys",
    "test_ignore",
    "test_key_option",
    "test_strategies",
    "test_ttl",
    "test_exceptions",
    "test_methods",
    "test_clear",
    "test_single_flight",
    "test_recursion",
    "test_threads",
    "test_bounds",
    "test_basics",
    "test_async",
    "test_async_awaitable",
    "test_async_cancel",
    "test_async_cycles",
    "test_async_single_flight",
    "test_async_loops",
    "test_record",
    "test_state_machine",
    "test_gc",
)

settings.register_profile(
    "default",
    deadline=None,
    derandomize=True,
    database=None,
    max_examples=100,
    phases=[Phase.explicit, Phase.generate, Phase.shrink],
    suppress_health_check=list(HealthCheck),
)
settings.register_profile("long", settings.get_profile("default"), max_examples=2000)
settings.load_profile("long" if os.environ.get("WARP_CACHE_LONG") else "default")


@pytest.fixture
def folder(monkeypatch):
    """A private place for shared caches, of this process and of those that it starts. In memory
    where that is to be had, and gone at the end: regions take all of their room at once."""
    if sys.platform == "win32":
        pytest.skip("there are no shared caches on Windows")
    memory = Path("/dev/shm")
    with tempfile.TemporaryDirectory(dir=memory if memory.is_dir() else None) as name:
        monkeypatch.setenv("XDG_RUNTIME_DIR", name)
        place = Folder(Path(name))
        yield place
        place.close()


@pytest.fixture(autouse=True)
def kept_in(request, monkeypatch):
    """Makes the caches of a test in memory, or in shared memory, each in a region of its own."""
    kept_in = getattr(request, "param", "memory")
    if kept_in == "memory":
        return kept_in
    folder = request.getfixturevalue("folder")
    numbers = itertools.count()
    decorate = warp_cache._warp_cache.decorate

    def decorate_shared(function, **options):
        if options["region"] is None and options["max_size"] != 0:
            options["region"] = warp_cache._warp_cache.Region(
                digest=b"%d" % next(numbers),
                family=b"test",
                name="test",
                function="test",
                directory=folder.path,
                # Less than an unbounded one takes by itself, and all of it at once.
                size=32 << 20 if options["max_size"] is None else None,
                max_size=options["max_size"],
                strategy=options["strategy"],
                ttl=None,
            )
            options["flight_timeout"] = 60.0
        return decorate(function, **options)

    # Below the facade, so that every way to decorate comes through here.
    monkeypatch.setattr(warp_cache._warp_cache, "decorate", decorate_shared)
    return kept_in


def pytest_generate_tests(metafunc):
    """Runs the contract of a cache over every backend: in the modules that hold it, each test but
    those that say that they are about a cache in memory."""
    if metafunc.module.__name__ not in BOTH_BACKENDS:
        return
    marked = metafunc.definition.get_closest_marker("memory_only")
    backends = ["memory"] if marked or sys.platform == "win32" else ["memory", "shared"]
    metafunc.parametrize("kept_in", backends, indirect=True)


def pytest_collection_modifyitems(config, items):
    """Takes out what asks a strategy for shared memory that has no order there."""

    def is_possible(item):
        given = getattr(item, "callspec", None)
        if given is None or given.params.get("kept_in") != "shared":
            return True
        strategies = (v for v in given.params.values() if isinstance(v, warp_cache.Strategy))
        return all(map(can_share, strategies))

    possible = [item for item in items if is_possible(item)]
    config.hook.pytest_deselected(items=[item for item in items if not is_possible(item)])
    items[:] = possible


@functools.cache
def can_share(strategy):
    """Whether processes can keep the strategy's order together."""
    if sys.platform == "win32":
        return False
    with tempfile.TemporaryDirectory() as directory:
        memory = warp_cache.SharedMemory(name="can share", path=directory)
        try:
            warp_cache.cache(backend=memory, strategy=strategy)(id)
        except ValueError as error:
            assert "no order that processes can share" in str(error)
            return False
        return True


@pytest.fixture
def advance():
    """Moves the cache's clock forward; no test waits to see an expiry."""
    hook = getattr(warp_cache._warp_cache, "_advance_clock", None)
    if hook is None:
        pytest.skip("this build has no clock hook")
    return hook


@pytest.fixture
def collections_everywhere():
    """A garbage collection at (nearly) every allocation."""
    before = gc.get_threshold()
    gc.set_threshold(1)
    yield
    gc.set_threshold(*before)
