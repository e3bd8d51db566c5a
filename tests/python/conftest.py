"""Fixtures and hypothesis profiles. pytest's own watchdog, set in pyproject, minds the tests."""

from __future__ import annotations

import gc
import os

import pytest
from hypothesis import HealthCheck, Phase, settings

import warp_cache
import warp_cache._warp_cache  # noqa: F401 - the hook is looked up there

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
