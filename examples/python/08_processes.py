"""One cache for all processes: what one has computed, the others find.

python examples/python/08_processes.py
"""

import multiprocessing
import os
import tempfile

from warp_cache import SharedMemory, cache

# A directory of the example's own, to leave nothing behind. Usually nobody has to give one, and
# `backend="shared"` is all that it takes.
folder = tempfile.TemporaryDirectory()


@cache(backend=SharedMemory(path=folder.name), max_size=1000, single_flight=True)
def count(chapter):
    text = "lorem ipsum dolor sit amet " * (chapter * 1000)
    return {"words": len(text.split()), "by": os.getpid()}


def work(_):
    """Asks for all chapters, and says who has counted each."""
    return [count(chapter) for chapter in range(1, 21)]


if __name__ == "__main__":
    # Forked workers have the cache of their parent; others open it by the function's identity.
    context = multiprocessing.get_context("fork")
    with context.Pool(4) as pool:
        said = pool.map(work, range(8), chunksize=1)
    assert all(each == said[0] for each in said), "each chapter was counted once, for all"

    # The statistics are those of all processes, also after their end.
    info = count.cache_info()
    counters = {chapter["by"] for chapter in said[0]}
    print(f"20 chapters, counted by {len(counters)} processes for 8 tasks: {info}")
    assert (info.misses, info.hits) == (20, 140)

    # The parent has counted none, and finds all.
    assert os.getpid() not in counters and count.cache_contains(20)
    assert count(20) == said[0][-1] and count.cache_info().misses == 20

    # A clear is seen by every process at its next call.
    count.cache_clear()
    assert not count.cache_contains(20)
    folder.cleanup()
