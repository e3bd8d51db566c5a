from collections.abc import Callable, Coroutine, Generator, Sequence
from inspect import Signature
from os import PathLike
from types import CoroutineType, GenericAlias
from typing import Any, Concatenate, Generic, ParamSpec, TypeVar, final, overload

from typing_extensions import Self

from warp_cache._types import CacheInfo

_P = ParamSpec("_P")
_Q = ParamSpec("_Q")
_R = TypeVar("_R")
_V = TypeVar("_V")

class _Cached(Generic[_P, _R]):
    @property
    def __signature__(self) -> Signature: ...
    def __call__(self, *args: _P.args, **kwargs: _P.kwargs) -> _R: ...
    def cache_contains(self, *args: _P.args, **kwargs: _P.kwargs) -> bool: ...
    # What is kept is what awaiting a coroutine gives. Pyright makes a coroutine function's result
    # a CoroutineType, mypy a Coroutine.
    @overload
    def cache_get(
        self: _Cached[_P, CoroutineType[Any, Any, _V]], *args: _P.args, **kwargs: _P.kwargs
    ) -> _V: ...
    @overload
    def cache_get(
        self: _Cached[_P, Coroutine[Any, Any, _V]], *args: _P.args, **kwargs: _P.kwargs
    ) -> _V: ...
    @overload
    def cache_get(self, *args: _P.args, **kwargs: _P.kwargs) -> _R: ...
    @overload
    def cache_set(
        self: _Cached[_P, CoroutineType[Any, Any, _V]],
        value: _V,
        /,
        *args: _P.args,
        **kwargs: _P.kwargs,
    ) -> None: ...
    @overload
    def cache_set(
        self: _Cached[_P, Coroutine[Any, Any, _V]],
        value: _V,
        /,
        *args: _P.args,
        **kwargs: _P.kwargs,
    ) -> None: ...
    @overload
    def cache_set(self, value: _R, /, *args: _P.args, **kwargs: _P.kwargs) -> None: ...
    def cache_invalidate(self, *args: _P.args, **kwargs: _P.kwargs) -> bool: ...
    def cache_refresh(self, *args: _P.args, **kwargs: _P.kwargs) -> _R: ...
    def cache_key(self, *args: _P.args, **kwargs: _P.kwargs) -> Any: ...
    def cache_info(self) -> CacheInfo: ...
    def cache_clear(self) -> None: ...
    def cache_parameters(self) -> dict[str, Any]: ...
    def cache_record(self, path: str | PathLike[str] | None = None) -> Recording:
        """Record the calls made in a with block, for ``advise``: to memory, or to a file."""
    def __class_getitem__(cls, item: Any, /) -> GenericAlias: ...

@final
class CachedFunction(_Cached[_P, _R]):
    """A function with a cache. The type parameters are its parameters and what a call returns, for
    a coroutine function a coroutine."""

    __name__: str
    __qualname__: str
    __wrapped__: Callable[_P, _R]
    # Type checkers come here also for what is under @staticmethod or @classmethod, and cannot tell
    # them apart: the former they see right by the class, the latter by an instance.
    @overload
    def __get__(self, instance: None, owner: type | None = None, /) -> Self: ...
    @overload
    def __get__(
        self: CachedFunction[Concatenate[Any, _Q], _R],
        instance: object,
        owner: type | None = None,
        /,
    ) -> BoundCachedFunction[_Q, _R]: ...
    def __copy__(self) -> Self: ...
    def __deepcopy__(self, memo: Any, /) -> Self: ...

@final
class BoundCachedFunction(_Cached[_P, _R]):
    """A method with a cache, bound to its instance: the type parameters are those of
    CachedFunction, less the instance."""

    @property
    def __self__(self) -> Any: ...
    @property
    def __func__(self) -> CachedFunction[..., _R]: ...
    @property
    def __wrapped__(self) -> Callable[..., _R]: ...
    @property
    def __name__(self) -> str: ...
    @property
    def __qualname__(self) -> str: ...

@final
class CacheKey:
    """The key of a call, as its cache builds it: compare it with others of the same cache."""

    def __hash__(self) -> int: ...
    def __eq__(self, other: object, /) -> bool: ...

@final
class Ready:
    """The awaitable that a call of a coroutine function returns on a hit."""

    def __await__(self) -> Generator[Any, Any, Any]: ...
    def send(self, value: Any, /) -> Any: ...
    def throw(self, typ: Any, val: Any = None, tb: Any = None, /) -> Any: ...
    def close(self) -> None: ...
    def __iter__(self) -> Self: ...
    def __next__(self) -> Any: ...

@final
class Moment: ...

@final
class Call:
    @property
    def function(self) -> object: ...
    @property
    def key(self) -> CacheKey: ...
    @property
    def is_shared(self) -> bool: ...
    @property
    def flight_timeout(self) -> float: ...
    def find(self) -> tuple[Any] | None: ...
    def look(self) -> tuple[Any] | None: ...
    def claim(self) -> Claim: ...
    def now(self) -> Moment: ...
    def unchanged_since(self, moment: Moment) -> bool: ...
    def compute(self) -> Coroutine[Any, Any, Any]: ...
    def keep(self, value: Any, since: Moment, replace: bool) -> None: ...
    def count(self, *, hits: int = 0, misses: int = 0, errors: int = 0, waits: int = 0) -> None: ...

@final
class Claim:
    @property
    def follows(self) -> bool: ...
    def renew(self) -> None: ...
    def __enter__(self) -> Self: ...
    def __exit__(self, *_error: object) -> None: ...

@final
class Recording:
    """The calls of one cached function, of all threads, made within ``with f.cache_record():``.

    The hash of each call's key is noted, in the order of the calls: to memory, or to the file that
    was given, in 2 bytes for a key that was asked for lately and in 10 for another. Such hashes
    mean something within one recording only, as those of texts differ from process to process.
    Calls without a key, as an argument has no hash, are left out, and so are the ``cache_*`` calls;
    a method's are those of all instances. A hit costs about 1.2 times as much meanwhile, 1.3 to a
    file. Several recordings of one function at a time have every call each.
    """

    def __enter__(self) -> Self: ...
    def __exit__(self, *_error: object) -> None: ...
    @property
    def function(self) -> str:
        """The function's module and qualified name."""
    @property
    def path(self) -> str | None:
        """The file, None for one in memory."""
    @property
    def calls(self) -> int:
        """How many calls are recorded."""
    @property
    def lost(self) -> int:
        """How many were made after the file could not be written any more."""
    def _trace(self) -> Trace | None: ...

@final
class Trace:
    def __new__(
        cls, name: str, strategy: int, max_size: int | None, hashes: Sequence[int]
    ) -> Self: ...
    @property
    def name(self) -> str: ...
    @property
    def strategy(self) -> int: ...
    @property
    def max_size(self) -> int | None: ...
    def __len__(self) -> int: ...
    def replay(self, strategy: int, max_size: int) -> tuple[int, int, int]: ...
    def curves(
        self,
        *,
        strategies: Sequence[int] | None = None,
        sizes: Sequence[int] | None = None,
        exact_calls: int | None = None,
        seeds: int | None = None,
        progress: Callable[[int, int], object] | None = None,
    ) -> Curves: ...

@final
class Curves:
    @property
    def calls(self) -> int: ...
    @property
    def keys(self) -> int: ...
    @property
    def is_sampled(self) -> bool: ...
    @property
    def points(self) -> list[tuple[int, int, float, float]]: ...
    def advice(self) -> dict[str, Any]: ...

@final
class Region:
    def __new__(
        cls,
        *,
        digest: bytes,
        family: bytes,
        name: str,
        function: str,
        directory: str | PathLike[str] | None,
        size: int | None,
        max_size: int | None,
        strategy: int,
        ttl: float | None,
    ) -> Self: ...

ENCODING: int

def regions(
    directory: str | PathLike[str] | None = None,
) -> tuple[list[dict[str, Any]], list[str]]: ...
def remove_stale_regions(
    directory: str | PathLike[str] | None = None,
) -> tuple[list[dict[str, Any]], list[str]]: ...
def clear_region(path: str | PathLike[str]) -> None: ...
def remove_region(path: str | PathLike[str]) -> bool: ...
def decorate(
    wrapped: Callable[..., Any],
    *,
    strategy: int,
    max_size: int | None,
    ttl: int | Callable[[Any], Any] | None,
    typed: bool,
    ordered: bool,
    key: Callable[..., Any] | None,
    ignore: tuple[list[int], int | None, list[str], list[str] | None] | None,
    cache_if: Callable[[Any], Any] | None,
    single_flight: bool,
    awaiter: Callable[[Call], Coroutine[Any, Any, Any]] | None,
    markers: dict[str, Any] | None,
    parameters: dict[str, Any],
    region: Region | None,
    exact: bool,
    max_key_size: int | None,
    max_value_size: int | None,
    flight_timeout: float,
) -> CachedFunction[..., Any]: ...
def strategies() -> list[str]: ...
def open_recording(
    path: str | PathLike[str], *, partial: bool = False
) -> tuple[list[Trace], str | None]: ...
def read_recording(bytes: bytes, name: str) -> list[Trace]: ...
def _record_program(path: str, is_first: bool) -> None: ...
def _record_decorated(function: CachedFunction[..., Any]) -> None: ...
def _finish_program() -> None: ...
def _forked() -> None: ...
def _advance_clock(seconds: float) -> None: ...

# What values and keys of shared caches are written as, for tests.
_ENCODING_VERSION: int

def _encode(value: object, exact: bool = False, limit: int | None = None) -> bytes: ...
def _decode(data: bytes, pickle: bool = True) -> Any: ...
def _encode_key(
    args: tuple[Any, ...],
    kwargs: dict[str, Any],
    typed: bool = False,
    ordered: bool = False,
    exact: bool = False,
    limit: int | None = None,
) -> bytes: ...
