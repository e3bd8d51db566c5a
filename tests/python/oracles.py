"""The strategies as obviously as they can be written: what to evict, from a list of entries.

An oracle keeps keys in two orders, of insertion and of last use; slow, and right. Where a choice
depends on hashes, on chance or on when an expired entry is given back, the engine's own tests say
which it is; here it is observed.
"""

from __future__ import annotations

from warp_cache import Strategy


class Oracle:
    def __init__(self, max_size: int):
        self.max_size = max_size
        self.inserted: list = []  # keys, oldest insertion first
        self.used: list = []  # keys, least recently used first
        self.count: dict = {}  # 1 at insertion, + 1 per use

    def __contains__(self, key) -> bool:
        return key in self.count

    def use(self, key) -> None:
        self.used.remove(key)
        self.used.append(key)
        self.count[key] += 1

    def insert(self, key):
        """Inserts a new key; returns the list of what had to go for it."""
        gone = []
        if len(self.count) >= self.max_size:
            gone.append(self.victim(key))
            self.evicted(gone[0])
            self.remove(gone[0])
        self.inserted.append(key)
        self.used.append(key)
        self.count[key] = 1
        return gone

    def remove(self, key) -> None:
        self.inserted.remove(key)
        self.used.remove(key)
        del self.count[key]

    def evicted(self, key) -> None:
        """Before an eviction."""

    def victim(self, incoming):
        raise NotImplementedError


class Lru(Oracle):
    def victim(self, incoming):
        return self.used[0]


class Mru(Oracle):
    def victim(self, incoming):
        return self.used[-1]


class Fifo(Oracle):
    def victim(self, incoming):
        return self.inserted[0]


class Lfu(Oracle):
    def victim(self, incoming):
        return min(self.used, key=self.count.__getitem__)  # the first of equals: least recent


class Sieve(Oracle):
    def __init__(self, max_size: int):
        super().__init__(max_size)
        self.marked: set = set()
        self.passed = None  # the key that the hand has passed last

    def use(self, key) -> None:
        super().use(key)
        self.marked.add(key)

    def remove(self, key) -> None:
        if self.passed == key:
            before = self.inserted.index(key) - 1
            self.passed = self.inserted[before] if before >= 0 else None
        super().remove(key)
        self.marked.discard(key)

    def evicted(self, key) -> None:
        if key == self.inserted[-1]:
            self.passed = None

    def victim(self, incoming):
        while True:
            place = 0 if self.passed is None else self.inserted.index(self.passed) + 1
            if place == len(self.inserted):
                self.passed = None
                continue
            key = self.inserted[place]
            if key not in self.marked:
                return key
            self.marked.discard(key)
            self.passed = key


class Clock(Oracle):
    def __init__(self, max_size: int):
        super().__init__(max_size)
        self.marked: set = set()

    def use(self, key) -> None:
        super().use(key)
        self.marked.add(key)

    def remove(self, key) -> None:
        super().remove(key)
        self.marked.discard(key)

    def victim(self, incoming):
        while self.inserted[0] in self.marked:
            self.marked.discard(self.inserted[0])
            self.inserted.append(self.inserted.pop(0))
        return self.inserted[0]


class TwoQ(Oracle):
    def __init__(self, max_size: int):
        super().__init__(max_size)
        self.ghosts: list = []
        self.main: set = set()
        self.returning = None

    def insert(self, key):
        gone = super().insert(key)
        if key in self.ghosts or key == self.returning:
            self.main.add(key)
        self.ghosts = [ghost for ghost in self.ghosts if ghost != key]
        self.returning = None
        return gone

    def remove(self, key) -> None:
        super().remove(key)
        self.main.discard(key)

    def evicted(self, key) -> None:
        if key not in self.main:
            self.ghosts = [*self.ghosts, key][-max(1, self.max_size // 2) :]

    def victim(self, incoming):
        if incoming in self.ghosts:
            self.ghosts.remove(incoming)
            self.returning = incoming
        first = [key for key in self.inserted if key not in self.main]
        main = [key for key in self.used if key in self.main]
        return first[0] if len(first) > max(1, self.max_size // 4) or not main else main[0]


class Observed(Oracle):
    """Any one may go, but only one at a time and only for lack of room."""

    kept = staticmethod(lambda key: True)  # whether the cache has a key

    def victim(self, incoming):
        (gone,) = (key for key in self.used if not self.kept(key))
        return gone


ORACLES = {
    Strategy.LRU: Lru,
    Strategy.MRU: Mru,
    Strategy.FIFO: Fifo,
    Strategy.LFU: Lfu,
    Strategy.SIEVE: Sieve,
    Strategy.CLOCK: Clock,
    Strategy.TWO_Q: TwoQ,
}


def oracle_of(f, strategy: Strategy, max_size: float) -> Oracle:
    """What the cached function `f` has to do."""
    oracle = ORACLES.get(strategy, Observed)(max_size)
    if isinstance(oracle, Observed):
        oracle.kept = f.cache_contains
    return oracle
