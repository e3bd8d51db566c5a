"""The types that users name: strategies, backends and statistics."""

from __future__ import annotations

from enum import IntEnum
from typing import NamedTuple, final


class Strategy(IntEnum):
    """Which entry a full cache evicts."""

    LRU = 0
    """The one that was used longest ago: for most functions."""
    MRU = 1
    """The one that was used last: for loops over more keys than the cache holds."""
    FIFO = 2
    """The one that was kept first: the cheapest hit, as a use changes nothing."""
    LFU = 3
    """The one that was used least often: for keys whose popularity lasts."""
    SIEVE = 4
    """The first without a use since a hand came by: quick to drop what is asked for once."""
    CLOCK = 5
    """The oldest without a use since its last chance: nearly LRU, with a cheaper hit."""
    S3_FIFO = 6
    """One that was not asked for twice in a small queue: where most calls are made only once."""
    TWO_Q = 7
    """One that was not asked for again after a first queue: for calls with scans in them."""
    ARC = 8
    """The oldest of what was asked for once, or of what was asked for again: learns which."""
    LIRS = 9
    """The one with the longest time between its last two uses: for loops and scans."""
    RANDOM = 10
    """Any: no order of calls is worse than another."""
    ADAPTIVE = 11
    """What is asked for less often, within a window that is chosen while the cache runs: W-TinyLFU.
    The best hit ratio over all, for the most upkeep."""


class Backend(IntEnum):
    """Where results are kept."""

    MEMORY = 0
    """In this process."""
    SHARED = 1
    """In shared memory, for all processes of this user on this machine."""


class _Counts(NamedTuple):
    hits: int
    misses: int
    maxsize: int | None
    currsize: int


@final
class CacheInfo(_Counts):
    """Statistics of a cache since it was made or cleared.

    Compares, unpacks and prints as that of ``functools``: ``(hits, misses, maxsize, currsize)``.
    ``hits + misses`` is the number of calls. The other counts are attributes beside the tuple.
    """

    evictions: int = 0
    """Entries evicted to make room."""
    expirations: int = 0
    """Entries given back because their time had passed."""
    errors: int = 0
    """Computations that raised."""
    waits: int = 0
    """Calls that waited for another's computation."""

    def __new__(
        cls,
        hits: int,
        misses: int,
        maxsize: int | None,
        currsize: int,
        evictions: int = 0,
        expirations: int = 0,
        errors: int = 0,
        waits: int = 0,
    ) -> CacheInfo:
        info = super().__new__(cls, hits, misses, maxsize, currsize)
        info.evictions = evictions
        info.expirations = expirations
        info.errors = errors
        info.waits = waits
        return info

    @property
    def max_size(self) -> int | None:
        """The most entries that the cache holds, None without a bound."""
        return self.maxsize

    @property
    def current_size(self) -> int:
        """How many entries there are; an expired one counts until it is met or swept."""
        return self.currsize
