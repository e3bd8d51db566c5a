"""Which entry goes when a cache is full: the same calls, one strategy after the other.

python examples/python/02_strategies.py
"""

from warp_cache import Strategy, cache


def hits(strategy, calls):
    """How many of the calls are hits in a cache of 4."""

    @cache(max_size=4, strategy=strategy)
    def square(x):
        return x * x

    for call in calls:
        square(call)
    return square.cache_info().hits


# Two favourites, among what is asked for once.
favourites = [call for once in range(10, 40) for call in (1, 2, 1, 2, once, once + 100)]
# A loop over one key more than there is room for.
loop = [call % 5 for call in range(100)]

print(f"{'':10} favourites  loop")
for strategy in Strategy:
    print(f"{strategy.name:10} {hits(strategy, favourites):>10} {hits(strategy, loop):>5}")
assert hits(Strategy.LFU, favourites) > hits(Strategy.FIFO, favourites)
assert hits(Strategy.LRU, loop) == 0
assert hits(Strategy.MRU, loop) > 70

# By member, by name, as from a configuration file, or by number.
assert hits("lfu", favourites) == hits(3, favourites) == hits(Strategy.LFU, favourites)
try:
    cache(strategy="lifo")
except ValueError as error:
    print(error)
else:
    raise AssertionError("there is no such strategy")


# A use keeps an entry under LRU: 2 goes, as 1 was used after it.
@cache(max_size=2)
def cube(x):
    return x**3


cube(1), cube(2), cube(1), cube(3)
assert [x for x in (1, 2, 3) if cube.cache_contains(x)] == [1, 3]
assert cube.cache_info().evictions == 1
