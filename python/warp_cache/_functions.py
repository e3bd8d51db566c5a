"""What a decorated thing is: a coroutine function, a generator function, a method of some kind."""

from __future__ import annotations

import functools
import inspect
import sys
from collections.abc import Callable
from types import MethodType
from typing import Any, TypeAlias, TypeGuard

from warp_cache._warp_cache import BoundCachedFunction, CachedFunction
from warp_cache._words import describe

#: What the decorators take though it cannot be called by itself.
Method: TypeAlias = "classmethod[Any, Any, Any] | staticmethod[Any, Any]"


class CachedClassMethod(classmethod):  # type: ignore[type-arg]
    """What ``@cache`` above ``@classmethod`` makes: the controls of ``C.method`` supply the class.

    A ``classmethod`` by itself leaves the binding to ``types.MethodType`` from Python 3.13 on,
    whose attributes are those of the function, which has no class to supply.
    """

    def __get__(self, instance: Any, owner: type | None = None) -> BoundCachedFunction[..., Any]:
        bound: BoundCachedFunction[..., Any]
        bound = self.__func__.__get__(type(instance) if owner is None else owner)
        return bound


def is_decorable(thing: object) -> TypeGuard[Callable[..., Any] | Method]:
    """Whether a decorator's first argument is what it is to decorate."""
    return callable(thing) or isinstance(thing, classmethod)


def underlying(function: Callable[..., Any]) -> Any:
    """The function that a call runs, behind partials, methods and callable objects."""
    function = _unbound(function)
    return function if hasattr(function, "__code__") else _unbound(type(function).__call__)


def _unbound(function: Any) -> Any:
    while True:
        if isinstance(function, functools.partial):
            function = function.func
        elif isinstance(function, MethodType):
            function = function.__func__
        else:
            return function


def refuse(function: Callable[..., Any]) -> None:
    """Raise TypeError for what cannot be cached."""
    if isinstance(function, property):
        raise TypeError("function: got a property; put @property above the cache, not below it")
    if not callable(function):
        raise TypeError(f"function: got {describe(function)}; it takes a callable")
    runs = underlying(function)
    if inspect.isasyncgenfunction(runs):
        kind = "an async generator function"
    elif inspect.isgeneratorfunction(runs):
        kind = "a generator function"
    else:
        return
    raise TypeError(
        f"function: got {kind}; a generator runs out when it is used, so that its second caller "
        f"would get nothing: cache a function that returns a list or a tuple"
    )


def is_coroutine_function(function: Callable[..., Any]) -> bool:
    """Whether a call makes a coroutine."""
    return inspect.iscoroutinefunction(function) or inspect.iscoroutinefunction(
        underlying(function)
    )


def coroutine_markers(function: Callable[..., Any]) -> dict[str, Any]:
    """The attributes by which ``inspect`` and ``asyncio`` know a coroutine function.

    They are no entries of the decorated function's ``__dict__``, which ``functools.wraps`` copies
    to functions that are none.
    """
    if sys.version_info >= (3, 12):
        return vars(inspect.markcoroutinefunction(lambda: None))
    # Older versions look for what a function has, and at its code's flags.
    import asyncio.coroutines

    runs = underlying(function)
    names = ("__name__", "__code__", "__defaults__", "__kwdefaults__")
    markers = {name: getattr(runs, name, None) for name in names}
    return markers | {"_is_coroutine": asyncio.coroutines._is_coroutine}  # type: ignore[attr-defined]


def copy_metadata(cached: CachedFunction[..., Any], function: Callable[..., Any]) -> None:
    """As ``functools.update_wrapper``, but for attributes that would hide those of the cache."""
    attributes = getattr(function, "__dict__", {})
    own = vars(CachedFunction)
    vars(cached).update({name: value for name, value in attributes.items() if name not in own})
    functools.update_wrapper(cached, function, updated=())
