"""Mistakes; mypy --strict rejects every line marked `# E: code` and no other. Only checked."""
# ruff: noqa: B018, F841

from warp_cache import Strategy, advise, cache, lru_cache


@cache
def f(x: int, y: str = "") -> float:
    return x / 2


@cache(max_size=10)
def g(x: int, *, flag: bool) -> str:
    return str(x)


@lru_cache
def h(x: int) -> str:
    return str(x)


@cache
async def fetch(url: str) -> bytes:
    return url.encode()


class Store:
    @cache
    def rate(self, currency: str) -> float:
        return 1.0

    @cache
    async def fetch(self, url: str) -> bytes:
        return url.encode()


# calls
f("text")  # E: arg-type
f()  # E: call-arg
f(1, 2)  # E: arg-type
f(1, "a", 3)  # E: call-arg
f(1, z=2)  # E: call-arg
g(1)  # E: call-arg
g(1, True)  # E: call-arg|misc
g("x", flag=True)  # E: arg-type
h(b"x")  # E: arg-type
result: str = f(1)  # E: assignment

# controls
f.cache_contains("text")  # E: arg-type
f.cache_get()  # E: call-arg
f.cache_invalidate(1, z=2)  # E: call-arg
f.cache_refresh("text")  # E: arg-type
f.cache_set("not a float", 1)  # E: arg-type
f.cache_set(1.0, "text")  # E: arg-type
f.cache_set(1.0)  # E: call-arg
f.cache_clear(1)  # E: call-arg
f.cache_infos()  # E: attr-defined
got: str = f.cache_get(1)  # E: assignment
f.cache_info().nothing  # E: attr-defined
text: str = f.cache_info().hits  # E: assignment
f.cache_record(5)  # E: arg-type
f.cache_record().hashes  # E: attr-defined
advise(f)  # E: arg-type
advise("calls.rec", sizes=["10"])  # E: list-item
advise("calls.rec", size=10)  # E: call-arg
advise("calls.rec").recommended.size  # E: attr-defined


# methods
def methods(store: Store) -> None:
    store.rate(1)  # E: arg-type
    store.rate()  # E: call-arg
    store.rate("EUR", "USD")  # E: call-arg
    Store.rate("EUR")  # E: call-arg|arg-type
    store.rate.cache_get(1)  # E: arg-type
    store.rate.cache_invalidate(store, "EUR")  # E: call-arg|arg-type
    store.rate.cache_set("x", "EUR")  # E: arg-type
    Store.rate.cache_invalidate("EUR")  # E: call-arg|arg-type
    wrong: str = store.rate("EUR")  # E: assignment


# async
async def use(store: Store) -> None:
    await fetch(1)  # E: arg-type
    text: str = await fetch("u")  # E: assignment
    value: bytes = fetch("u")  # E: assignment
    await fetch.cache_get("u")  # E: misc
    fetch.cache_set("text", "u")  # E: call-overload
    await store.fetch(1)  # E: arg-type
    number: int = await store.fetch("u")  # E: assignment
    await f(1)  # E: misc


# options
cache(max_sise=3)  # E: call-overload
cache(max_size="3")  # E: call-overload
cache(ttl="60")  # E: call-overload
cache(strategy=1.5)  # E: call-overload
cache(typed="yes")  # E: call-overload
cache(key=5)  # E: call-overload
cache(cache_if=5)  # E: call-overload
cache(ignore=1.5)  # E: call-overload
cache("text")  # E: call-overload
lru_cache(max_sise=3)  # E: call-overload
lru_cache("text")  # E: call-overload
Strategy.LRV  # E: attr-defined
