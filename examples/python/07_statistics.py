"""What a cache counts, and what that says about its size.

python examples/python/07_statistics.py
"""

import random

from warp_cache import cache

dice = random.Random(1)
# Requests for 200 keys, of which the lower ones are more popular.
requests = [min(dice.randrange(200), dice.randrange(200)) for _ in range(20_000)]


def negate(x):
    return -x


print(f"{'max_size':>8} {'hits':>9} {'misses':>9} {'evictions':>9} {'hit ratio':>9}")
ratios = []
for max_size in (0, 4, 16, 64, 256):
    cached = cache(max_size)(negate)
    for request in requests:
        assert cached(request) == -request
    info = cached.cache_info()
    assert info.hits + info.misses == 20_000, "each call is the one or the other"
    assert info.maxsize == info.max_size == max_size
    assert info.currsize <= max_size
    ratios.append(info.hits / len(requests))
    print(f"{max_size:>8} {info.hits:>9} {info.misses:>9} {info.evictions:>9} {ratios[-1]:>9.3f}")
assert ratios == sorted(ratios), "more room, more hits"

# It unpacks as that of functools does; the other counts are attributes.
hits, misses, maxsize, currsize = info
assert info == (hits, misses, maxsize, currsize)
assert (info.evictions, info.expirations, info.errors, info.waits) == (0, 0, 0, 0)

# Looking without using: counts nothing and keeps the order.
known = cache(max_size=2)(negate)
known.cache_set(-1, 1)
known.cache_set(-2, 2)
assert known.cache_get(1) == -1 and not known.cache_contains(3)
assert known.cache_info() == (0, 0, 2, 2)
known(3)
assert not known.cache_contains(1), "it was not used"

# A clear starts again.
known.cache_clear()
assert known.cache_info() == (0, 0, 2, 0)
