"""Who takes part, and how each is asked to keep a function's results.

A library that is not installed, or that cannot do what a row asks, is left out of that row.
"""

from __future__ import annotations

import functools
import sys
from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from typing import Any

import warp_cache

Decorator = Callable[[Any], Any]
REFERENCE = "functools.lru_cache"


class CannotDo(Exception):
    """This library does not offer what the row asks for."""


@dataclass(frozen=True)
class Contender:
    """`make(max_size, ttl)` is the decorator; `ours` are held against the targets."""

    name: str
    make: Callable[[int, float | None], Decorator]
    ours: bool = False
    asynchronous: bool = False
    synchronous: bool = True


def make_lru_cache(max_size: int, ttl: float | None) -> Decorator:
    if ttl is not None:
        raise CannotDo("functools has no ttl")
    return functools.lru_cache(max_size)


def make_cachebox(max_size: int, ttl: float | None) -> Decorator:
    cachebox: Any = import_module("cachebox")
    if ttl is not None:
        return cachebox.cached(cachebox.TTLCache(max_size, ttl))  # type: ignore[no-any-return]
    return cachebox.cached(cachebox.LRUCache(max_size))  # type: ignore[no-any-return]


def make_moka(max_size: int, ttl: float | None) -> Decorator:
    moka: Any = import_module("moka_py")
    return moka.cached(maxsize=max_size, ttl=ttl)  # type: ignore[no-any-return]


def make_cachetools(max_size: int, ttl: float | None) -> Decorator:
    """Without a lock, as its own examples have it: with one it takes longer."""
    cachetools: Any = import_module("cachetools")
    if ttl is not None:
        return cachetools.cached(cachetools.TTLCache(max_size, ttl))  # type: ignore[no-any-return]
    return cachetools.cached(cachetools.LRUCache(max_size))  # type: ignore[no-any-return]


def make_async_lru(max_size: int, ttl: float | None) -> Decorator:
    async_lru: Any = import_module("async_lru")
    return async_lru.alru_cache(max_size, ttl=ttl)  # type: ignore[no-any-return]


def make_ours(strategy: warp_cache.Strategy) -> Callable[[int, float | None], Decorator]:
    def make(max_size: int, ttl: float | None) -> Decorator:
        decorator: Decorator = warp_cache.cache(max_size=max_size, strategy=strategy, ttl=ttl)
        return decorator

    return make


def our_name(strategy: warp_cache.Strategy) -> str:
    return f"warp_cache {strategy.name}"


# `bench.elder` imports this beside a warp_cache that has no strategies.
OURS = [
    Contender(our_name(strategy), make_ours(strategy), ours=True, asynchronous=True)
    for strategy in getattr(warp_cache, "Strategy", ())
]
FUNCTOOLS = Contender(REFERENCE, make_lru_cache)
PEERS = [
    Contender("cachebox", make_cachebox, asynchronous=True),
    Contender("cachetools", make_cachetools),
    Contender("async-lru", make_async_lru, asynchronous=True, synchronous=False),
]
if getattr(sys, "_is_gil_enabled", lambda: True)():
    # Without a GIL its import switches one on, and everyone else's figures would be with it.
    PEERS.insert(1, Contender("moka-py", make_moka))
EVERYONE = [FUNCTOOLS, *OURS, *PEERS]
