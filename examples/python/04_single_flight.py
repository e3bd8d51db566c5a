"""Many ask for the same at the same time: one computes, the others wait for its result.

python examples/python/04_single_flight.py
"""

import asyncio
import time
from concurrent.futures import ThreadPoolExecutor

from warp_cache import cache

queries = []


# Coroutine functions share a computation unless told not to.
@cache(max_size=256, ttl=60.0)
async def fetch(page):
    queries.append(page)
    await asyncio.sleep(0)
    return f"<{page}>"


async def visit():
    pages = await asyncio.gather(*(fetch("home") for _ in range(8)))
    assert pages == ["<home>"] * 8 and queries == ["home"]
    assert await fetch("home") == "<home>"  # a hit: nothing runs

    # Whoever gives up does so alone.
    impatient, patient = (asyncio.create_task(fetch("news")) for _ in range(2))
    await asyncio.sleep(0)
    impatient.cancel()
    assert await patient == "<news>" and impatient.cancelled()
    assert queries == ["home", "news"]


asyncio.run(visit())
print(f"await: {len(queries)} queries, {fetch.cache_info().waits} waits")
# It goes on in another loop.
assert asyncio.run(fetch("home")) == "<home>"


# For threads one asks for it.
@cache(single_flight=True)
def report(day):
    while report.cache_info().waits < 7:  # slow enough for the seven others to come
        time.sleep(0.001)
    queries.append(day)
    return [1, 2, 3]


with ThreadPoolExecutor(8) as pool:
    reports = list(pool.map(report, ["monday"] * 8))
info = report.cache_info()
print(f"threads: {info}, {info.waits} waits")
assert reports == [[1, 2, 3]] * 8 and queries.count("monday") == 1
assert (info.misses, info.hits, info.waits) == (1, 7, 7)
