"""Which strategy and size suit a function: its calls are recorded, and replayed.

python examples/python/10_advise.py
"""

import os
import tempfile

from warp_cache import Strategy, advise, cache


# A page of a catalogue. There are front pages that everybody reads, and a crawler that reads one
# page after the other.
@cache(max_size=100)
def page(number):
    return f"the page {number}"


def visits():
    for visit in range(60_000):
        yield visit // 3 % 5000 if visit % 3 == 0 else visit * 7 % 97


# What is called within the block is recorded: the hash of each call's key.
with page.cache_record() as recording:
    for number in visits():
        page(number)
assert recording.calls == 60_000

# Every strategy, at two sizes and today's; without sizes= about ten that fit the calls.
advice = advise(recording, sizes=[50, 200])
print(advice.sentence, advice.table(), advice.chart(), sep="\n\n")

# Today's figure is what the cache itself has counted, and the advice beats it.
info = page.cache_info()
assert advice.today.hit_ratio == info.hits / 60_000
assert advice.recommended.strategy is not Strategy.LRU
assert advice.recommended.hit_ratio > advice.today.hit_ratio + 0.3

# It keeps what it promises.
better = cache(page.__wrapped__, max_size=100, strategy=advice.recommended.strategy)
for number in visits():
    better(number)
assert better.cache_info().hits == round(advice.recommended.hit_ratio * 60_000)

# A file can be asked later, or elsewhere: `python -m warp_cache advise FILE`. A whole program, all
# of its cached functions, is recorded by `WARP_CACHE_RECORD=FILE python program.py`.
with tempfile.TemporaryDirectory() as folder:
    path = os.path.join(folder, "page.rec")
    with page.cache_record(path):
        for number in visits():
            page(number)
    advice = advise(path, strategies=["lru", "sieve"], sizes=[100])
    assert {point.strategy for point in advice.points} == {Strategy.LRU, Strategy.SIEVE}
