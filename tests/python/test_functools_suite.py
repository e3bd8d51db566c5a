"""CPython's own lru_cache tests, from the running interpreter's library, with ours in its place."""

from __future__ import annotations

import functools
import unittest
import unittest.mock

import pytest

import warp_cache

try:
    from test import test_functools as suite
except ImportError as error:
    pytest.skip(f"this interpreter has no test package: {error}", allow_module_level=True)

# What cannot apply, by name, with the reason. Short, or something is wrong.
NOT_APPLICABLE: dict[str, str] = {}


class Functools:
    """functools, with our lru_cache and our CacheInfo; its C implementation, to whoever asks."""

    lru_cache = staticmethod(warp_cache.lru_cache)
    _CacheInfo = warp_cache.CacheInfo

    def __getattr__(self, name):
        return getattr(functools, name)

    def __eq__(self, other):
        return other is suite.c_functools  # so that tests of the C implementation are run

    __hash__ = None


ours = Functools()


@warp_cache.lru_cache()
def our_cached_func(x, y):
    return 3 * x + y


class TestLRU(suite.TestLRU, unittest.TestCase):
    module = ours
    cached_func = (our_cached_func,)

    @warp_cache.lru_cache()
    def cached_meth(self, x, y):
        return 3 * x + y

    @staticmethod
    @warp_cache.lru_cache()
    def cached_staticmeth(x, y):
        return 3 * x + y

    def setUp(self):
        reason = NOT_APPLICABLE.get(self._testMethodName)
        if reason is not None:
            self.skipTest(reason)
        # Some versions decorate with functools.lru_cache by that name.
        self.enterContextOfPatch("functools", "lru_cache", warp_cache.lru_cache)

    def enterContextOfPatch(self, module, name, value):
        patch = unittest.mock.patch.object(getattr(suite, module), name, value)
        patch.start()
        self.addCleanup(patch.stop)


def test_the_suite_is_what_we_think_it_is():
    names = [name for name in dir(suite.TestLRU) if name.startswith("test_")]
    assert len(names) >= 25, names
    assert set(NOT_APPLICABLE) <= set(names), "an exception for a test that is not there"
    assert len(NOT_APPLICABLE) <= 3
