"""The strategies as obviously as they can be written: what to evict, from a list of entries.

An oracle keeps (key, uses) pairs in two orders, of insertion and of last use; slow, and right.
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
            gone.append(self.victim())
            self.remove(gone[0])
        self.inserted.append(key)
        self.used.append(key)
        self.count[key] = 1
        return gone

    def remove(self, key) -> None:
        self.inserted.remove(key)
        self.used.remove(key)
        del self.count[key]

    def victim(self):
        raise NotImplementedError


class Lru(Oracle):
    def victim(self):
        return self.used[0]


class Mru(Oracle):
    def victim(self):
        return self.used[-1]


class Fifo(Oracle):
    def victim(self):
        return self.inserted[0]


class Lfu(Oracle):
    def victim(self):
        return min(self.used, key=self.count.__getitem__)  # the first of equals: least recent


ORACLES = {
    Strategy.LRU: Lru,
    Strategy.MRU: Mru,
    Strategy.FIFO: Fifo,
    Strategy.LFU: Lfu,
}
