"""Typical uses; mypy --strict accepts every line. Never run, only checked."""

from collections.abc import Coroutine
from datetime import timedelta
from pathlib import Path
from typing import Any, TypeVar

from typing_extensions import assert_type

from warp_cache import (
    Advice,
    Backend,
    CacheInfo,
    Choice,
    Recording,
    Strategy,
    advise,
    cache,
    lru_cache,
)


@cache
def bare(x: int, y: str = "") -> float:
    return x / 2


@cache()
def called(x: int) -> str:
    return str(x)


@cache(500)
def sized(x: int) -> str:
    return str(x)


@cache(
    max_size=1024,
    strategy=Strategy.LFU,
    ttl=60.0,
    typed=True,
    ignore=("connection", 1),
    backend=Backend.MEMORY,
    single_flight=True,
    cache_if=lambda result: bool(result),
)
def options(name: str, connection: object = None) -> dict[str, int]:
    return {name: 1}


@cache(max_size=None, strategy="lfu", ttl=timedelta(minutes=1), backend="memory", ignore="y")
def more_options(x: int, y: int = 0) -> int:
    return x


@cache(ttl=lambda result: 5, key=lambda x: x % 10)
def callbacks(x: int) -> int:
    return x


@cache(strategy=3, ttl=60, ignore=0)
def numbers(x: int, /, *rest: int, flag: bool = False) -> int:
    return x


@lru_cache
def lru_bare(x: int) -> str:
    return str(x)


@lru_cache(maxsize=32, typed=True)
def lru_options(x: int) -> str:
    return str(x)


@lru_cache(32, True)
def lru_positional(x: int) -> str:
    return str(x)


@lru_cache(None)
def lru_unbounded(x: int) -> str:
    return str(x)


T = TypeVar("T")


@cache
def generic(x: T) -> list[T]:
    return [x]


@cache
def itself(x: T) -> T:
    return x


@cache
async def fetch(url: str, *, retries: int = 3) -> bytes:
    return url.encode()


@cache(max_size=256)
async def fetch_sized(url: str) -> bytes:
    return url.encode()


class Store:
    @cache
    def rate(self, currency: str, day: int = 0) -> float:
        return 1.0

    @cache(max_size=10)
    def sized(self, currency: str) -> float:
        return 1.0

    @lru_cache
    def lru(self, currency: str) -> float:
        return 1.0

    @cache
    async def fetch(self, url: str) -> bytes:
        return url.encode()

    @staticmethod
    @cache
    def static(x: int) -> str:
        return str(x)

    @classmethod
    @cache
    def make(cls, x: int) -> str:
        return str(x)

    @property
    @cache
    def total(self) -> int:
        return 1


assert_type(bare(1), float)
assert_type(bare(1, y="a"), float)
assert_type(called(1), str)
assert_type(sized(1), str)
assert_type(options("a", connection=None), dict[str, int])
assert_type(more_options(1, y=2), int)
assert_type(callbacks(1), int)
assert_type(numbers(1, 2, 3, flag=True), int)
assert_type(generic("a"), list[str])
assert_type(itself("a"), str)
assert_type(lru_bare(1), str)
assert_type(lru_options(x=1), str)
assert_type(lru_positional(1), str)
assert_type(lru_unbounded(1), str)

assert_type(bare.cache_contains(1), bool)
assert_type(bare.cache_get(1, y="a"), float)
assert_type(bare.cache_invalidate(1), bool)
assert_type(bare.cache_refresh(1), float)
bare.cache_set(1.5, 1, y="a")
bare.cache_key(1)
bare.cache_clear()
assert_type(bare.cache_info(), CacheInfo)
assert_type(bare.cache_info().hits, int)
assert_type(bare.cache_info().max_size, int | None)
assert_type(bare.cache_info().evictions, int)
hits, misses, maxsize, currsize = bare.cache_info()
assert_type(hits, int)
bare.cache_parameters()["maxsize"]
bare.__wrapped__(1, "a")
name: str = bare.__name__

with bare.cache_record() as recording:
    bare(1)
assert_type(recording, Recording)
assert_type(recording.calls, int)
assert_type(recording.path, str | None)
bare.cache_record("calls.rec"), bare.cache_record(path=Path("calls.rec"))
advice = advise(recording, strategies=["lru", Strategy.ARC, 3], sizes=range(10, 100, 10))
assert_type(advice, Advice)
assert_type(advice.recommended, Choice)
assert_type(advice.with_more_room, Choice | None)
assert_type(advice.recommended.strategy, Strategy)
assert_type(advice.smaller, Choice | None)
advise("calls.rec", function="bare", progress=lambda done, total: print(done / total))
advise(Path("calls.rec"), progress=False, partial=True).plot("curves.svg")
chart: str = advice.chart(width=80)


async def use() -> None:
    assert_type(await fetch("u"), bytes)
    assert_type(await fetch("u", retries=1), bytes)
    assert_type(await fetch_sized("u"), bytes)
    assert_type(await fetch.cache_refresh("u"), bytes)
    assert_type(fetch.cache_get("u"), bytes)
    fetch.cache_set(b"", "u", retries=1)
    assert_type(fetch.cache_invalidate("u"), bool)
    coroutine: Coroutine[Any, Any, bytes] = fetch("u")
    await coroutine
    store = Store()
    assert_type(await store.fetch("u"), bytes)
    assert_type(store.fetch.cache_get("u"), bytes)
    assert_type(await store.fetch.cache_refresh("u"), bytes)


def methods(store: Store) -> None:
    assert_type(store.rate("EUR"), float)
    assert_type(store.rate("EUR", day=1), float)
    assert_type(Store.rate(store, "EUR"), float)
    assert_type(store.sized("EUR"), float)
    assert_type(store.lru("EUR"), float)
    assert_type(store.rate.cache_contains("EUR"), bool)
    assert_type(store.rate.cache_get("EUR", day=1), float)
    assert_type(store.rate.cache_invalidate("EUR"), bool)
    assert_type(Store.rate.cache_invalidate(store, "EUR"), bool)
    assert_type(store.rate.cache_refresh("EUR"), float)
    store.rate.cache_set(2.0, "EUR", day=1)
    Store.rate.cache_set(2.0, store, "EUR")
    assert_type(store.rate.cache_info(), CacheInfo)
    store.rate.cache_clear()
    assert_type(store.rate.cache_record(), Recording)
    assert_type(Store.static(1), str)  # by the class: mypy binds a static descriptor's object
    assert_type(Store.static.cache_get(1), str)
    # by an instance: type checkers do not bind a descriptor's object to its class
    assert_type(store.make(1), str)
    assert_type(store.make.cache_get(1), str)
    assert_type(store.total, int)


applied = cache(max_size=3)(len)
applied("text")
assert_type(int(Strategy.LRU), int)
for strategy in Strategy:
    cache(strategy=strategy)
