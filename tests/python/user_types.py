"""Keys with a mind of their own: what users' classes do in __eq__ and __hash__."""

from __future__ import annotations


class CaseBlind(str):
    __slots__ = ()

    def __eq__(self, other):
        if type(other) not in (str, CaseBlind):
            return NotImplemented
        return self.lower() == other.lower()

    def __ne__(self, other):
        return not self == other

    def __hash__(self):
        return hash(self.lower())


class Modulo7(int):
    def __eq__(self, other):
        if type(other) not in (int, bool, Modulo7):
            return NotImplemented
        return int(self) % 7 == int(other) % 7

    def __hash__(self):
        return int(self) % 7


class Aloof(int):
    def __eq__(self, other):
        return self is other if isinstance(other, int) else NotImplemented

    __hash__ = int.__hash__


class Plain(str):
    pass


class Collides:
    def __init__(self, name):
        self.name = name

    def __hash__(self):
        return 7

    def __eq__(self, other):
        return isinstance(other, Collides) and self.name == other.name


class CountsHash:
    def __init__(self):
        self.hashed = 0

    def __hash__(self):
        self.hashed += 1
        return 11
