"""``cache_record``: what is recorded, in which order, and what becomes of the file."""

from __future__ import annotations

import asyncio
import gc
import signal
import sys
import threading
import warnings
import weakref
from contextlib import contextmanager

import pytest
from record_support import hashes, key_hash, skewed, trace_of
from support import Counter, each_strategy, in_threads, run_async

from warp_cache import Recording, Strategy, advise, cache, lru_cache


@pytest.fixture(params=["memory", "file"])
def to(request, tmp_path):
    """Where recordings go: nothing for memory, or a file."""
    return () if request.param == "memory" else (tmp_path / "calls.rec",)


@each_strategy
def test_a_replay_counts_as_the_cache_did(strategy, to):
    @cache(max_size=50, strategy=strategy)
    def f(x):
        return x

    with f.cache_record(*to) as recording:
        for x in skewed(3000, 400):
            f(x)
    info = f.cache_info()
    assert recording.calls == 3000 and recording.lost == 0
    replayed = trace_of(recording).replay(int(strategy), 50)
    assert replayed == (info.hits, info.misses, info.evictions)


def test_another_cache_hits_as_the_replay_says(to):
    f = cache(max_size=10)(lambda x: x)
    keys = skewed(5000, 300)
    with f.cache_record(*to) as recording:
        for x in keys:
            f(x)
    for size in (1, 17, 100):
        other = cache(max_size=size)(lambda x: x)
        for x in keys:
            other(x)
        hits, misses, _ = trace_of(recording).replay(int(Strategy.LRU), size)
        assert (hits, misses) == other.cache_info()[:2]


def test_every_shape_of_call_is_recorded_once_and_in_order(tmp_path):
    @cache(max_size=1000)
    def f(*args, **kwargs):
        return args, kwargs

    calls = [
        ((), {}), ((1,), {}), (("a",), {}), ((1.5,), {}), (((1, "b"),), {}), ((None,), {}),
        ((1, 2), {}), ((1, 2, 3), {}), ((), {"x": 1}), ((1,), {"x": 2}), ((), {"y": 1, "x": 2}),
        ((2**70,), {}), ((b"bytes",), {}), (("a", (1, 2.5)), {}), ((frozenset((1,)),), {}),
    ]  # fmt: skip
    path = tmp_path / "calls.rec"
    for _ in range(2):  # as misses, and as hits
        with f.cache_record(path) as recording:
            for args, kwargs in calls:
                f(*args, **kwargs)
        assert recording.calls == len(calls)
        expected = [key_hash(f, *args, **kwargs) for args, kwargs in calls]
        assert hashes(path) == {0: expected}
    assert f.cache_info()[:2] == (len(calls), len(calls))


@pytest.mark.parametrize(
    ("options", "pattern"),
    [
        ({}, [0, 0, 1, 2, 0]),
        ({"typed": True}, [0, 1, 2, 3, 0]),
        ({"key": lambda x, y=0: x}, [0, 0, 1, 1, 0]),
        ({"ignore": "y"}, [0, 0, 1, 1, 0]),
        ({"single_flight": True}, [0, 0, 1, 2, 0]),
        ({"ttl": 60.0}, [0, 0, 1, 2, 0]),
        ({"max_size": None}, [0, 0, 1, 2, 0]),
    ],
    ids=lambda given: next(iter(given), "plain") if isinstance(given, dict) else "",
)
def test_calls_are_the_same_if_the_cache_takes_them_for_the_same(options, pattern, tmp_path):
    f = cache(**options)(lambda x, y=0: (x, y))
    with f.cache_record(tmp_path / "calls.rec") as recording:
        f(1), f(1.0), f(2, y=5), f(2, y=6), f(1)
    numbers: dict[int, int] = {}
    recorded = hashes(recording.path)[0]
    assert [numbers.setdefault(key, len(numbers)) for key in recorded] == pattern


def test_a_cache_that_keeps_nothing_is_recorded_too(tmp_path):
    f = cache(max_size=0)(lambda x: None)
    with f.cache_record(tmp_path / "calls.rec") as recording:
        f(1), f(1), f([]), f(x=2)
    assert hashes(recording.path) == {0: [key_hash(f, 1), key_hash(f, 1), key_hash(f, x=2)]}


@pytest.mark.memory_only(reason="shared memory takes arguments without a hash")
def test_calls_without_a_key_are_left_out():
    f = cache(lambda x: x)
    with f.cache_record() as recording:
        for x in (1, [], {}, 2):
            try:
                f(x)
            except TypeError as error:
                assert "unhashable" in str(error)
    assert recording.calls == 2


class Key:
    """Counts how often it is hashed."""

    hashed = 0

    def __hash__(self):
        Key.hashed += 1
        return 7


def test_recording_hashes_nothing_a_second_time(to):
    f = cache(lambda key: 1)
    key = Key()
    f(key)
    before = Key.hashed
    f(key)
    unrecorded = Key.hashed - before
    with f.cache_record(*to) as recording:
        before = Key.hashed
        f(key)
        assert Key.hashed - before == unrecorded
    assert recording.calls == 1


def test_the_controls_are_no_calls(to):
    f = cache(lambda x: x)
    with f.cache_record(*to) as recording:
        f.cache_set(1, 1)
        assert f.cache_contains(1) and f.cache_get(1) == 1
        f.cache_refresh(1), f.cache_key(1), f.cache_invalidate(1), f.cache_info()
        f.cache_clear()
    assert recording.calls == 0


def test_only_what_is_called_within_the_block_is_recorded(to):
    f = cache(lambda x: x)
    f(1)
    recording = f.cache_record(*to)
    f(2)
    with recording as entered:
        assert entered is recording and recording.calls == 0
        f(3), f(1)
        assert recording.calls == 2
    f(4)
    assert recording.calls == 2
    assert f.cache_info()[:2] == (1, 4)


def test_what_raises_is_recorded_and_what_ends_the_block_does_no_harm(to):
    body = Counter(lambda x: 1 // x)
    f = cache(body)
    with pytest.raises(ZeroDivisionError), f.cache_record(*to) as recording:
        f(1)
        f(0)
        f(2)
    assert recording.calls == 2 and len(trace_of(recording)) == 2
    f(3)
    assert recording.calls == 2


def test_recursion_is_recorded_as_it_looks_up(tmp_path):
    @cache(max_size=None)
    def fib(n):
        return n if n < 2 else fib(n - 1) + fib(n - 2)

    with fib.cache_record(tmp_path / "calls.rec") as recording:
        fib(4)
    expected = [key_hash(fib, n) for n in (4, 3, 2, 1, 0, 1, 2)]
    assert hashes(recording.path) == {0: expected}


def test_several_recordings_of_a_function_each_have_all(tmp_path):
    f = cache(lambda x: x)
    outer = f.cache_record(tmp_path / "outer.rec")
    inner, crossing = f.cache_record(tmp_path / "inner.rec"), f.cache_record()
    with outer:
        f(1)
        with inner:
            f(2)
            crossing.__enter__()
            f(3)
        f(4)
    f(5)
    crossing.__exit__(None, None, None)
    f(6)
    expected = [key_hash(f, x) for x in range(7)]
    assert hashes(outer.path) == {0: expected[1:5]}
    assert hashes(inner.path) == {0: expected[2:4]}
    assert crossing.calls == 3


def test_a_recording_is_made_once():
    f = cache(lambda x: x)
    recording = f.cache_record()
    with recording:
        f(1)
        with pytest.raises(RuntimeError, match="call cache_record\\(\\) for another"):
            recording.__enter__()
    with pytest.raises(RuntimeError, match="call cache_record\\(\\) for another"), recording:
        pass
    assert recording.calls == 1
    with f.cache_record() as another:
        f(1)
    assert another.calls == 1


def test_many_calls_pass_through_several_blocks(to):
    f = cache(max_size=100)(lambda x: x)
    keys = skewed(20_000, 1000)
    with f.cache_record(*to) as recording:
        for x in keys[:9999]:
            f(x)
        assert recording.calls == 9999
        for x in keys[9999:]:
            f(x)
    assert recording.calls == 20_000
    hits, misses, _ = trace_of(recording).replay(int(Strategy.LRU), 100)
    assert (hits, misses) == f.cache_info()[:2]


def test_threads_lose_nothing_and_keep_their_order(to):
    f = cache(max_size=64)(lambda thread, x: x)

    def work(thread):
        def run():
            for x in range(6000):
                f(thread, x % 97)

        return run

    with f.cache_record(*to) as recording:
        in_threads(*(work(thread) for thread in range(4)))
    assert recording.calls == 24_000
    assert len(trace_of(recording)) == 24_000
    if to:
        # Each thread's own calls are in their order.
        recorded = hashes(recording.path)[0]
        for thread in range(4):
            own = [key_hash(f, thread, x) for x in range(97)]
            place = {key: x for x, key in enumerate(own)}
            seen = [place[key] for key in recorded if key in place]
            assert seen == [x % 97 for x in range(6000)]


def test_recordings_come_and_go_while_threads_call(to):
    f = cache(max_size=64)(lambda x: x)
    is_over = threading.Event()

    def call():
        calls = 0
        while not is_over.is_set():
            f(calls % 100)
            calls += 1
        return calls

    def record():
        recorded = 0
        for _ in range(50):
            with f.cache_record(*to) as recording:
                for x in range(200):
                    f(x)
            assert recording.calls >= 200 and recording.lost == 0
            recorded += len(trace_of(recording))
        is_over.set()
        return recorded

    *calls, recorded = in_threads(call, call, record)
    assert 50 * 200 <= recorded <= 50 * 200 + sum(calls)
    assert sum(f.cache_info()[:2]) == 50 * 200 + sum(calls)


class Shop:
    """Pickles, so that shared memory takes it as an argument."""

    def __init__(self, number):
        self.number = number

    def rate(self, x):
        return x


def test_methods_are_recorded_through_their_instances(tmp_path, monkeypatch):
    monkeypatch.setattr(Shop, "rate", cache(Shop.rate))
    one, other = Shop(1), Shop(2)
    with one.rate.cache_record(tmp_path / "calls.rec") as recording:
        one.rate(1), other.rate(1), Shop.rate(one, 1)
        bound = one.rate
        bound(2)
    keys = [(one, 1), (other, 1), (one, 1), (one, 2)]
    assert hashes(recording.path) == {0: [key_hash(Shop.rate, *key) for key in keys]}
    assert recording.function.endswith("Shop.rate")


@pytest.mark.memory_only(reason="the class is made here, and has no encoding")
def test_static_and_class_methods():
    class Store:
        @staticmethod
        @cache
        def static(x):
            return x

        @cache
        @classmethod
        def made(cls, x):
            return x

    for method in (Store.static, Store.made):
        with method.cache_record() as recording:
            method(1), method(1)
        assert recording.calls == 2


@pytest.mark.parametrize("single_flight", [True, False], ids=["flight", "plain"])
def test_async_calls_are_recorded_where_they_look_up(single_flight, to):
    @cache(single_flight=single_flight)
    async def f(x):
        await asyncio.sleep(0)
        return x

    async def main():
        with f.cache_record(*to) as recording:
            await asyncio.gather(*(f(x % 3) for x in range(12)))
            assert recording.calls == 12
            await f(0)
        return recording

    recording = run_async(main)
    assert recording.calls == 13
    hits, misses, _ = trace_of(recording).replay(int(Strategy.LRU), 128)
    assert (hits, misses) == (10, 3)


def test_functions_that_are_collected_leave_nothing_behind():
    f = cache(lambda x: x)
    with f.cache_record() as recording:
        f(1)
    alive = weakref.ref(f)
    del f
    gc.collect()
    assert alive() is not None, "the recording knows its function"
    del recording
    gc.collect()
    assert alive() is None


def test_what_a_recording_says_of_itself(tmp_path):
    @lru_cache(maxsize=10)
    def f(x):
        return x

    path = tmp_path / "calls.rec"
    for name in (path, str(path)):
        recording = f.cache_record(path=name)
        assert isinstance(recording, Recording)
        assert recording.path == str(path)
    with recording:
        f(1)
    qualified = f"{f.__module__}:{f.__qualname__}"
    assert recording.function == qualified
    assert repr(recording) == f"<warp_cache recording of {qualified}, 1 calls in {path}>"
    assert f.cache_record().path is None
    assert repr(f.cache_record()).endswith("0 calls in memory>")


def test_wrong_arguments():
    f = cache(lambda x: x)
    with pytest.raises(TypeError, match="path: got 5"):
        f.cache_record(5)
    for arguments, keywords in [((1, 2), {}), ((), {"file": "x"}), (("x",), {"path": "y"})]:
        with pytest.raises(TypeError, match="takes one argument at most: path"):
            f.cache_record(*arguments, **keywords)


def test_a_file_that_cannot_be_made_is_the_callers_matter(tmp_path):
    f = cache(lambda x: x)
    for path in (tmp_path / "nowhere" / "calls.rec", tmp_path):
        with pytest.raises(OSError) as raised, f.cache_record(path):
            pytest.fail("the block is not entered")
        assert raised.value.filename == str(path)
    with pytest.raises(FileNotFoundError), f.cache_record(tmp_path / "nowhere" / "calls.rec"):
        pass
    assert f(1) == 1


@contextmanager
def small_files(size):
    """Lets files grow to a number of bytes only, as a disk that fills up does. Those of the test's
    own runner too, so it has to end before the runner has something to write."""
    resource = pytest.importorskip("resource", reason="there are no limits of resources here")
    before = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
        signal.signal(signal.SIGXFSZ, before)


def test_a_disk_that_fills_up_is_one_warning_and_a_count(tmp_path):
    f = cache(max_size=100)(lambda x: x)
    path = tmp_path / "calls.rec"
    with warnings.catch_warnings(record=True) as caught, small_files(20_000):
        warnings.simplefilter("always")
        with f.cache_record(path) as recording:
            for x in range(30_000):
                assert f(x % 200) == x % 200
            assert recording.calls == 2 * 3200  # whole blocks
    (warning,) = caught
    assert warning.category is RuntimeWarning
    assert "calls.rec cannot be written, and is not complete" in str(warning.message)
    assert recording.calls + recording.lost == sum(f.cache_info()[:2]) == 30_000
    with pytest.raises(ValueError, match="truncated recording"):
        advise(path)


def test_trouble_is_never_raised_in_a_call(tmp_path, monkeypatch):
    f = cache(max_size=100)(lambda x: x)
    seen = []
    monkeypatch.setattr(sys, "unraisablehook", lambda unraisable: seen.append(unraisable.exc_value))
    with warnings.catch_warnings(), small_files(1000):
        warnings.simplefilter("error")
        with f.cache_record(tmp_path / "calls.rec") as recording:
            for x in range(10_000):
                f(x)
    assert [type(error) for error in seen] == [RuntimeWarning]
    assert recording.lost == 10_000
