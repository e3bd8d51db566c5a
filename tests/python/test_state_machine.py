"""Any sequence of anything the cache can do, with and without expiry, against a plain model."""

from __future__ import annotations

import os

import hypothesis.strategies as st
import pytest
from hypothesis import settings
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from oracles import oracle_of
from support import STRATEGIES

import warp_cache
from warp_cache import cache

UNIVERSE = range(7)
keys = st.sampled_from(UNIVERSE)
TTL = 1000.0  # so long that the seconds a test takes are nothing beside it
TTL_OF_VALUE = {"short": 400.0, "long": 2500.0, "never": None, "not kept": 0}


class Machine(RuleBasedStateMachine):
    """`model` maps each live key to (value, when it expires on the virtual clock or None)."""

    strategy = warp_cache.Strategy.LRU
    kept_in = "memory"

    @initialize(
        max_size=st.sampled_from([0, 1, 2, 3, 5, None]),
        expiry=st.sampled_from(["none", "fixed", "per entry"]),
        single_flight=st.booleans(),
        seed=st.integers(0, 3),
    )
    def begin(self, max_size, expiry, single_flight, seed):
        self.max_size, self.expiry, self.serial, self.now = max_size, expiry, seed, 0.0
        self.raising = False
        self.model: dict = {}
        self.hits = self.misses = self.evictions = self.errors = self.failed_refreshes = 0
        ttl = {"none": None, "fixed": TTL, "per entry": lambda result: TTL_OF_VALUE[result[1]]}
        self.f = cache(
            max_size=max_size,
            strategy=self.strategy,
            ttl=ttl[expiry],
            cache_if=lambda result: result[0] % 5 != 0,
            single_flight=single_flight,
        )(self.body)
        bound = float("inf") if max_size is None else max_size
        self.oracle = oracle_of(self.f, self.strategy, bound)

    # ------------------------------------------------------------ the model

    def body(self, key, **_):
        if self.raising:
            raise ZeroDivisionError
        self.serial += 1
        return (self.serial, list(TTL_OF_VALUE)[self.serial % 4], key)

    def expire(self):
        for key, (_, expires) in list(self.model.items()):
            if expires is not None and expires <= self.now:
                del self.model[key]
                self.oracle.remove(key)

    def keep(self, key, value, *, is_use):
        ttl = {"none": None, "fixed": TTL, "per entry": TTL_OF_VALUE[value[1]]}[self.expiry]
        if self.max_size == 0 or (ttl is not None and ttl <= 0):
            return False
        if key not in self.oracle:
            for gone in self.oracle.insert(key):
                del self.model[gone]
                self.evictions += 1
        elif is_use:
            self.oracle.use(key)
        self.model[key] = (value, None if ttl is None else self.now + ttl)
        return True

    # ------------------------------------------------------------ what a user does

    @rule(key=keys)
    def call(self, key):
        expected = self.serial
        result = self.f(key)
        if key in self.model:
            assert result == self.model[key][0]
            self.hits += 1
            self.oracle.use(key)
        else:
            assert result[0] == expected + 1 and result[2] == key
            self.misses += 1
            if result[0] % 5 != 0:
                self.keep(key, result, is_use=False)

    @rule(key=keys)
    def call_that_raises(self, key):
        self.raising = True
        try:
            result = self.f(key)
        except ZeroDivisionError:
            assert key not in self.model
            self.misses += 1
            self.errors += 1
        else:
            assert result == self.model[key][0]
            self.hits += 1
            self.oracle.use(key)
        finally:
            self.raising = False

    @rule(key=keys, kind=st.sampled_from(["short", "long", "never"]))
    def set(self, key, kind):
        self.serial += 1
        value = (self.serial, kind, key)
        self.f.cache_set(value, key)
        self.keep(key, value, is_use=True)

    @rule(key=keys)
    def get(self, key):
        if key in self.model:
            assert self.f.cache_get(key) == self.model[key][0]
        else:
            with pytest.raises(KeyError):
                self.f.cache_get(key)

    @rule(key=keys)
    def invalidate(self, key):
        assert self.f.cache_invalidate(key) == (key in self.model)
        if key in self.model:
            del self.model[key]
            self.oracle.remove(key)

    @precondition(lambda self: self.expiry != "per entry")
    @rule(key=keys)
    def refresh(self, key):
        if (self.serial + 1) % 5 == 0:
            self.serial += 1  # what a refresh that cache_if refuses does is not laid down
        value = self.f.cache_refresh(key)
        assert value[0] == self.serial
        self.keep(key, value, is_use=False)

    @rule(key=keys)
    def refresh_that_raises(self, key):
        self.raising = True
        with pytest.raises(ZeroDivisionError):
            self.f.cache_refresh(key)
        self.raising = False
        self.failed_refreshes += 1  # whether they count as errors is not laid down

    @precondition(lambda self: self.max_size != 0 and self.kept_in == "memory")
    @rule()
    def unhashable(self):
        with pytest.raises(TypeError):
            self.f([])

    @rule(days=st.sampled_from([0, 0, 0, 1]))
    def clear(self, days):
        if days:
            self.f.cache_clear()
            self.model.clear()
            self.oracle = oracle_of(self.f, self.strategy, self.oracle.max_size)
            self.hits = self.misses = self.evictions = self.errors = self.failed_refreshes = 0

    @precondition(lambda self: self.expiry != "none")
    @rule(seconds=st.sampled_from([150.0, 350.0, 1100.0]))
    def time_passes(self, seconds):
        warp_cache._warp_cache._advance_clock(seconds)
        self.now += seconds
        self.expire()

    # ------------------------------------------------------------ what always holds

    @invariant()
    def the_same_entries_are_live(self):
        if hasattr(self, "f"):
            assert {k for k in UNIVERSE if self.f.cache_contains(k)} == set(self.model)

    @invariant()
    def the_numbers_add_up(self):
        if hasattr(self, "f"):
            info = self.f.cache_info()
            assert (info.hits, info.misses) == (self.hits, self.misses)
            assert info.evictions == self.evictions
            assert info.errors - self.errors in (0, self.failed_refreshes)
            assert len(self.model) <= info.currsize
            assert self.max_size is None or info.currsize <= self.max_size
            if self.expiry == "none":
                assert info.currsize == len(self.model) and info.expirations == 0


@pytest.mark.parametrize("strategy", STRATEGIES, ids=lambda s: s.name)
def test_any_sequence(strategy, advance, kept_in):
    chosen = {"strategy": strategy, "kept_in": kept_in}
    machine = type(f"Machine{strategy.name}", (Machine,), chosen)
    long = bool(os.environ.get("WARP_CACHE_LONG"))
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=1000 if long else 50, stateful_step_count=80 if long else 40
        ),
    )
