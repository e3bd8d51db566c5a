"""``advise``: what it says of calls whose best cache is known, and what it refuses."""

from __future__ import annotations

import dataclasses
import io
import json
import random
import re
import sys

import pytest
from record_support import skewed
from support import each_strategy

from warp_cache import Advice, Choice, Strategy, advise, cache


def recorded(keys, path=None, **options):
    """A recording of a function that is called with the keys, and its hits and misses."""
    f = cache(**options)(lambda x: x)
    with f.cache_record(*([] if path is None else [path])) as recording:
        for key in keys:
            f(key)
    return recording, f.cache_info()


def loop(times=40, keys=300):
    return list(range(keys)) * times


def with_scans(seed=1):
    """A few keys that are asked for again and again, amid many that are asked for once."""
    chance = random.Random(seed)
    once = iter(range(1000, 10**9))
    return [chance.randrange(80) if chance.random() < 0.5 else next(once) for _ in range(12_000)]


def test_a_loop_that_does_not_fit():
    recording, info = recorded(loop(), max_size=200)
    assert info.hits == 0
    advice = advise(recording)
    assert isinstance(advice, Advice)
    assert (advice.calls, advice.keys, advice.verdict) == (12_000, 300, "change")
    assert advice.today == Choice(Strategy.LRU, 200, 0.0, 0.0)
    assert advice.recommended.max_size == 200
    assert advice.recommended.strategy is not Strategy.LRU
    assert advice.recommended.hit_ratio > 0.6
    assert advice.with_more_room is not None
    assert advice.with_more_room.max_size == 300
    assert advice.with_more_room.hit_ratio == pytest.approx(1 - 300 / 12_000)


def test_what_is_recommended_is_the_same_everywhere():
    recording, _ = recorded(loop(), max_size=200)
    advice = advise(recording)
    recommended, more = advice.recommended, advice.with_more_room
    assert recommended not in (advice.today, more)
    first, second, *_ = advice.sentence.split(": ")
    assert first == f"Take {recommended.strategy.name} with max_size 200"
    assert second.endswith(
        f"If there is room for more, take {more.strategy.name} with max_size 300"
    )
    assert advice.highlights[0] is recommended.strategy
    held = advice.as_dict()
    assert (held["recommended"]["strategy"], held["recommended"]["max_size"]) == (
        recommended.strategy.name, 200,
    )  # fmt: skip
    assert held["with_more_room"]["max_size"] == 300
    _, heading, *rows, legend = advice.table().splitlines()
    assert legend == "* recommended   + today   ^ with more room"
    assert marked(rows, heading) == {
        "*": (recommended.strategy.name, "200"),
        "+": ("LRU", "200"),
        "^": (more.strategy.name, "300"),
    }


def marked(rows, heading):
    """The strategies and sizes that a table marks, by their marks."""
    found = {}
    for row in rows:
        name, *cells = row.split()
        for size, cell in zip(heading.split()[1:], cells, strict=True):
            if cell[-1] in "*+^":
                assert found.setdefault(cell[-1], (name, size)) == (name, size)
    return found


def test_scans_ask_for_another_strategy():
    recording, _ = recorded(with_scans(), max_size=100)
    advice = advise(recording, sizes=[100])
    assert advice.verdict == "change"
    assert advice.recommended.strategy not in (Strategy.LRU, Strategy.FIFO, Strategy.MRU)
    assert advice.recommended.hit_ratio > advice.today.hit_ratio + 0.05
    best = max(advice.points, key=lambda point: point.hit_ratio)
    assert best.hit_ratio - advice.recommended.hit_ratio < 0.02


def test_what_is_well_is_kept():
    recording, info = recorded(loop(), max_size=300)
    advice = advise(recording)
    assert advice.verdict == "keep" and advice.recommended == advice.today
    assert advice.with_more_room is None
    assert advice.table().splitlines()[-1] == "* recommended, as today"
    assert advice.today.hit_ratio == info.hits / 12_000
    assert advice.sentence.startswith("Keep LRU")


def test_no_cache_helps_where_nothing_repeats():
    recording, _ = recorded(range(5000))
    advice = advise(recording)
    assert advice.verdict == "nothing repeats" and "No cache would help" in advice.sentence


def test_too_few_calls():
    recording, _ = recorded([1, 2, 1])
    advice = advise(recording)
    assert advice.verdict == "too few calls" and "3 calls are too few" in advice.sentence
    assert advice.recommended == advice.today and advice.with_more_room is None
    assert advice.table().splitlines()[-1] == "+ today", "nothing is recommended"


@each_strategy
def test_each_point_is_what_a_cache_counts(strategy):
    keys = skewed(4000, 500)
    recording, _ = recorded(keys, max_size=30, strategy=strategy)
    advice = advise(recording, strategies=[strategy], sizes=[5, 80])
    assert advice.sizes == [5, 30, 80] and advice.strategies == [strategy]
    for point in advice.points:
        _, info = recorded(keys, max_size=point.max_size, strategy=strategy)
        assert point.hit_ratio == info.hits / 4000
        assert point.error == 0.0
    assert advice.today == advice.curve(strategy)[1]


def test_strategies_by_any_name_and_todays_always():
    recording, _ = recorded(skewed(2000, 100), max_size=10, strategy="fifo")
    advice = advise(recording, strategies=["arc", Strategy.SIEVE, 3], sizes=[20])
    assert set(advice.strategies) == {Strategy.ARC, Strategy.SIEVE, Strategy.LFU, Strategy.FIFO}
    assert advice.sizes == [10, 20]
    everything = advise(recording)
    assert set(everything.strategies) == set(Strategy)
    assert everything.sizes[-1] == everything.keys and 10 in everything.sizes


@pytest.mark.parametrize("max_size", [None, 0, 10**12], ids=str)
def test_todays_size_may_be_any(max_size, tmp_path):
    recording, info = recorded(skewed(2000, 100), max_size=max_size)
    advice = advise(recording, strategies=["lru"])
    assert advice.today.max_size == max_size
    assert advice.today.hit_ratio == info.hits / 2000
    assert "LRU" in advice.table() and "LRU" in advice.chart()


def test_a_file_and_memory_say_the_same(tmp_path):
    path = tmp_path / "calls.rec"
    in_memory, _ = recorded(with_scans())
    in_file, _ = recorded(with_scans(), path)
    by_memory = advise(in_memory, sizes=[50])
    assert by_memory == advise(in_file, sizes=[50])
    assert by_memory == advise(path, sizes=[50]) == advise(str(path), sizes=[50])


def test_samples_are_near_what_is_exact():
    recording, _ = recorded(skewed(150_000, 30_000), max_size=4000)
    exact = advise(recording, strategies=["lru"], sizes=[8000], progress=False)
    sampled = advise(
        recording, strategies=["lru"], sizes=[8000], exact_calls=60_000, seeds=2, progress=False
    )
    assert all(point.error == 0 for point in exact.points)
    assert any(point.error > 0 for point in sampled.points)
    for point, other in zip(exact.points, sampled.points, strict=True):
        assert abs(point.hit_ratio - other.hit_ratio) < 0.03
    assert "±" in sampled.table() and "±" not in exact.table()


def test_it_prints_a_sentence_and_a_table():
    recording, _ = recorded(with_scans(), max_size=100)
    advice = advise(recording, sizes=[50, 200])
    sentence, empty, title, heading, *rows, legend = str(advice).splitlines()
    assert sentence == advice.sentence and empty == ""
    assert title == f"hits, % of 12000 calls of {advice.function} with {advice.keys} keys"
    assert heading.split() == ["max_size", "50", "100", "200"]
    assert {row.split()[0] for row in rows} == {strategy.name for strategy in Strategy}
    assert legend.startswith("* recommended   + today")
    assert set(marked(rows, heading)) == {words.split()[0] for words in legend.split("   ")}
    assert len({len(row.rstrip("*+^ ")) for row in rows}) <= 2, "the columns are straight"
    (today,) = (row for row in rows if row.startswith("LRU"))
    assert f"{100 * advice.today.hit_ratio:.1f}+" in today


def test_advice_is_data():
    recording, _ = recorded(with_scans(), max_size=100)
    advice = advise(recording, sizes=[50])
    held = advice.as_dict()
    assert json.loads(json.dumps(held)) == held
    assert held["today"] == {
        "strategy": "LRU", "max_size": 100, "hit_ratio": advice.today.hit_ratio, "error": 0.0,
    }  # fmt: skip
    assert len(held["points"]) == 2 * len(Strategy)
    with pytest.raises(dataclasses.FrozenInstanceError):
        advice.calls = 5


@pytest.mark.parametrize("width", [50, 80, 120])
def test_the_chart_fits_and_names_what_it_draws(width):
    recording, _ = recorded(with_scans(), max_size=100)
    advice = advise(recording)
    chart = advice.chart(width=width, height=12)
    lines = chart.splitlines()
    assert len(lines) == 12 + 5
    assert max(map(len, lines[1:])) <= width
    assert "misses, %" in lines[0] and "max_size, entries" in chart
    for strategy in advice.highlights:
        assert strategy.name in lines[-1]


def test_progress_is_told(capsys, monkeypatch):
    recording, _ = recorded(skewed(200_000, 20_000), max_size=100)
    told = []
    advise(recording, strategies=["lru"], sizes=[1000], progress=lambda *at: told.append(at))
    assert told and all(0 < done <= total for done, total in told)
    assert told == sorted(told)
    advise(recording, strategies=["lru"], sizes=[1000])
    assert capsys.readouterr().err == "", "no terminal, no bar"
    advise(recording, strategies=["lru"], sizes=[1000], progress=True)
    assert "%" in capsys.readouterr().err

    class Terminal(io.StringIO):
        def isatty(self):
            return True

    terminal = Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)
    advise(recording, strategies=["lru"], sizes=[1000])
    assert "[#" in terminal.getvalue() and terminal.getvalue().endswith("\r\x1b[K")
    terminal.truncate(0)
    advise(recording, strategies=["lru"], sizes=[1000], progress=False)
    assert terminal.getvalue().strip("\0") == ""


def test_what_progress_raises_ends_it():
    recording, _ = recorded(skewed(200_000, 20_000), max_size=100)

    def stop(done, total):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        advise(recording, progress=stop)


def test_several_functions_in_one_file(tmp_path):
    path = tmp_path / "calls.rec"
    recording, _ = recorded(loop(5), path)
    name = recording.function
    for given in (name, name.partition(":")[2]):
        assert advise(path, function=given, sizes=[9]).function == name
    with pytest.raises(ValueError, match=f"function: got 'g'.*what was recorded is {name}"):
        advise(path, function="g")


def test_nothing_recorded(tmp_path):
    for path in (None, tmp_path / "calls.rec"):
        recording, _ = recorded([], path)
        with pytest.raises(ValueError, match="recording: .* holds no calls"):
            advise(recording)


def test_a_recording_that_has_not_ended():
    f = cache(lambda x: x)
    recording = f.cache_record()
    with pytest.raises(RuntimeError, match="has not ended"):
        advise(recording)
    with recording, pytest.raises(RuntimeError, match="has not ended"):
        advise(recording)


def test_files_that_are_refused(tmp_path):
    path = tmp_path / "calls.rec"
    recorded(loop(), path)
    whole = path.read_bytes()
    for count in (0, 10, 16, 100, len(whole) // 2, len(whole) - 1):
        path.write_bytes(whole[:count])
        with pytest.raises(ValueError, match="truncated recording|is no recording"):
            advise(path)
    middle = len(whole) // 2
    path.write_bytes(whole[:middle] + bytes([whole[middle] ^ 1]) + whole[middle + 1 :])
    with pytest.raises(ValueError, match="damaged"):
        advise(path)
    path.write_bytes(b"a text, and no recording of any calls")
    with pytest.raises(ValueError, match=r"calls\.rec: is no recording"):
        advise(path)
    with pytest.raises(FileNotFoundError):
        advise(tmp_path / "nothing.rec")
    with pytest.raises(OSError):
        advise(tmp_path)


def test_wrong_arguments():
    recording, _ = recorded(loop())
    for options, error, says in [
        ({"strategies": ["lruu"]}, ValueError, "strategy: got 'lruu'"),
        ({"strategies": "lru"}, TypeError, "strategies: got 'lru'"),
        ({"strategies": 5}, TypeError, "strategies: got 5"),
        ({"sizes": [0]}, ValueError, "sizes: got 0"),
        ({"sizes": [1.5]}, TypeError, "sizes: got 1.5"),
        ({"sizes": [True]}, TypeError, "sizes: got True"),
        ({"sizes": 5}, TypeError, "sizes: got 5"),
        ({"seeds": 0}, ValueError, "seeds: got 0"),
        ({"seeds": "5"}, TypeError, "seeds: got '5'"),
        ({"exact_calls": -1}, ValueError, "exact_calls: got -1"),
    ]:
        with pytest.raises(error, match=says):
            advise(recording, **options)
    with pytest.raises(TypeError, match="recording: got 5"):
        advise(5)


def test_pictures(tmp_path):
    pytest.importorskip("matplotlib", reason="matplotlib, which draws, is not installed")
    recording, _ = recorded(with_scans(), max_size=100)
    advice = advise(recording)
    advice.plot(tmp_path / "curves.png")
    assert (tmp_path / "curves.png").read_bytes().startswith(b"\x89PNG")
    advice.plot(str(tmp_path / "curves.svg"))
    drawn = (tmp_path / "curves.svg").read_text()
    labels = ("misses, % of calls", "max_size, entries", "today", "LRU, 100: ")
    assert all(text in drawn for text in (*labels, *(strategy.name for strategy in Strategy)))
    advice.plot(tmp_path / "again.svg")
    assert (tmp_path / "again.svg").read_text() == drawn
    kept, _ = recorded(skewed(2000, 100), max_size=None)
    advise(kept, strategies=["lru"]).plot(tmp_path / "kept.svg")
    drawn = (tmp_path / "kept.svg").read_text()
    assert "keep" in drawn and "LRU, no bound: 5.0 %" in drawn


def test_a_picture_marks_what_is_recommended(tmp_path):
    pytest.importorskip("matplotlib", reason="matplotlib, which draws, is not installed")
    recording, _ = recorded(loop(), max_size=200)
    advice = advise(recording)
    advice.plot(tmp_path / "curves.svg")
    lines = re.findall(">([^<>]+)</text>", (tmp_path / "curves.svg").read_text())
    for says, choice in [
        ("today", advice.today), ("take", advice.recommended), ("more room", advice.with_more_room),
    ]:  # fmt: skip
        (place,) = (place for place, line in enumerate(lines) if line.endswith(says))
        what = f"{choice.strategy.name}, {choice.max_size}: {100 - 100 * choice.hit_ratio:.1f} %"
        assert lines[place + 1] == what


def test_without_matplotlib_it_says_what_to_install(monkeypatch, tmp_path):
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    recording, _ = recorded(loop(5))
    with pytest.raises(ImportError, match=r"install warp_cache\[plot\]"):
        advise(recording, sizes=[9]).plot(tmp_path / "curves.png")
    assert not (tmp_path / "curves.png").exists()
