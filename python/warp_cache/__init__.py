"""A function's results, kept.

>>> from warp_cache import cache
>>> @cache(max_size=1000, ttl=60.0)
... def square(x):
...     return x * x
>>> square(4), square(4), square.cache_info().hits
(16, 16, 1)

``cache`` is the decorator; ``lru_cache`` is the same with the arguments of ``functools.lru_cache``,
to be put in its place. ``Strategy`` says which entry a full cache evicts, ``Backend`` where results
are kept, ``SharedMemory`` how, if all processes share them, ``CacheInfo`` what was counted.
``advise`` says which strategy and size would suit a function whose calls were recorded.
"""

from warp_cache._advice import Advice, Choice
from warp_cache._advise import advise
from warp_cache._decorator import cache, lru_cache
from warp_cache._shared import SharedMemory
from warp_cache._types import Backend, CacheInfo, Strategy
from warp_cache._warp_cache import BoundCachedFunction, CachedFunction, CacheKey, Recording

__all__ = [
    "Advice",
    "Backend",
    "BoundCachedFunction",
    "CacheInfo",
    "CacheKey",
    "CachedFunction",
    "Choice",
    "Recording",
    "SharedMemory",
    "Strategy",
    "advise",
    "cache",
    "lru_cache",
]
