"""``advise``: recorded calls, read, simulated and made an ``Advice``."""

from __future__ import annotations

import os
import shutil
import sys
import warnings
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, nullcontext
from typing import TypeAlias

from warp_cache import _warp_cache
from warp_cache._advice import Advice, Choice
from warp_cache._options import check_max_size, check_strategy, outside
from warp_cache._types import Strategy
from warp_cache._warp_cache import Recording, Trace
from warp_cache._words import describe

#: What a recording is given as.
Recorded: TypeAlias = Recording | str | os.PathLike[str]
#: Shown or not, or called with how many calls are replayed, and of how many.
Progress: TypeAlias = bool | Callable[[int, int], object] | None

#: Of more calls than this, samples are replayed.
EXACT_CALLS = 5_000_000
#: How many samples there are of each point then.
SEEDS = 5


def advise(
    recording: Recorded,
    *,
    function: str | None = None,
    strategies: Iterable[Strategy | str | int] | None = None,
    sizes: Iterable[int] | None = None,
    progress: Progress = None,
    exact_calls: int = EXACT_CALLS,
    seeds: int = SEEDS,
    partial: bool = False,
) -> Advice:
    """Say which strategy and ``max_size`` to take for a function whose calls were recorded.

    The calls are replayed through the engine's own strategies, each at several sizes: without time,
    so that a ttl expires nothing, and as if every result were kept. Some tens of nanoseconds per
    call, strategy and size: 2 million calls take about half a minute.

    Args:
        recording: What ``cache_record()`` returned, or the file that it or ``WARP_CACHE_RECORD``
            wrote.
        function: The function, by module and qualified name or by the latter alone, where several
            were recorded.
        strategies: Those to compare; all by default. Today's is always among them.
        sizes: The sizes to try; by default about ten, from 16 to the number of different keys.
            Today's is always among them.
        progress: Whether to show a bar on stderr, by default if that is a terminal; or what to call
            with the number of calls that are replayed, and of how many.
        exact_calls: Up to so many calls are replayed exactly; of more, samples, which give an error
            too. What takes no longer for it stays exact, and MRU and LFU, of which no sample tells.
        seeds: How many samples there are of each point.
        partial: Take of a file that is truncated or damaged what is intact, with a warning, instead
            of refusing it.

    Raises:
        ValueError: The file is no recording, or is truncated or damaged; nothing was recorded; or
            an argument has a value that it does not take, such as no ``function`` where there are
            several.
        TypeError: An argument has the wrong type.
        OSError: The file cannot be read.
    """
    traces, fault = read(recording, partial=partial)
    if fault is not None:
        warnings.warn(
            f"recording: what is intact is taken. {fault}", RuntimeWarning, stacklevel=outside()
        )
    if not traces:
        raise ValueError(f"recording: {_place_of(recording)} holds no calls")
    names = ", ".join(traces)
    chosen = matching(traces, function)
    if not chosen:
        raise ValueError(f"function: got {describe(function)}; what was recorded is {names}")
    if len(chosen) > 1:
        raise ValueError(
            f"function: there are {len(chosen)} that it could be; it takes one of {names}"
        )
    ((name, trace),) = chosen.items()
    return simulate(
        name,
        trace,
        strategies=check_strategies(strategies),
        sizes=check_sizes(sizes),
        progress=progress,
        exact_calls=_check_count("exact_calls", exact_calls, 0),
        seeds=_check_count("seeds", seeds, 1),
    )


def read(recording: Recorded, *, partial: bool) -> tuple[dict[str, Trace], str | None]:
    """The functions of a recording that were called, by name, and what is wrong with it, if that
    may be. Of several with one name, as closures are, the later ones have a number behind it."""
    if isinstance(recording, Recording):
        trace = recording._trace()
        if trace is not None:
            return ({trace.name: trace} if len(trace) else {}), None
        assert recording.path is not None, "what is not in memory is in a file"
        recording = recording.path
    if not isinstance(recording, str | os.PathLike):
        raise TypeError(
            f"recording: got {describe(recording)}; it takes what cache_record() returned, or the "
            f"name of a file as a str or a Path"
        )
    traces, fault = _warp_cache.open_recording(recording, partial=partial)
    named: dict[str, Trace] = {}
    for trace in traces:
        name, number = trace.name, 1
        while name in named:
            number += 1
            name = f"{trace.name}#{number}"
        if len(trace):
            named[name] = trace
    return named, fault


def matching(traces: dict[str, Trace], function: str | None) -> dict[str, Trace]:
    """The functions that a name means: all for None."""
    if function is None or function in traces:
        return traces if function is None else {function: traces[function]}
    return {name: trace for name, trace in traces.items() if name.partition(":")[2] == function}


def simulate(
    name: str,
    trace: Trace,
    *,
    strategies: list[int] | None = None,
    sizes: list[int] | None = None,
    progress: Progress = None,
    exact_calls: int = EXACT_CALLS,
    seeds: int = SEEDS,
) -> Advice:
    """The advice for one function; the arguments have been checked."""
    if progress is None:
        progress = sys.stderr is not None and sys.stderr.isatty()
    is_bar = bool(progress) and not callable(progress)
    told = _bar(name) if is_bar else nullcontext(progress if callable(progress) else None)
    with told as tell:
        curves = trace.curves(
            strategies=strategies, sizes=sizes, exact_calls=exact_calls, seeds=seeds, progress=tell
        )
    advice = curves.advice()
    return Advice(
        function=name,
        calls=advice["calls"],
        keys=advice["keys"],
        sentence=advice["sentence"],
        verdict=advice["verdict"],
        today=_choice(**advice["today"]),
        recommended=_choice(**advice["recommended"]),
        with_more_room=_choice(**advice["with_more_room"]) if advice["with_more_room"] else None,
        smaller=_choice(**advice["smaller"]) if advice["smaller"] else None,
        points=tuple(_choice(*point) for point in curves.points),
    )


@contextmanager
def _bar(label: str) -> Iterator[Callable[[int, int], object]]:
    """Shows how far it is, in one line of stderr that is gone at the end."""

    def show(done: int, total: int) -> None:
        share = done / max(total, 1)
        width = max(10, min(40, shutil.get_terminal_size().columns - len(label) - 12))
        bar = ("#" * round(share * width)).ljust(width, ".")
        print(f"\r{label} [{bar}] {share:4.0%}", end="", file=sys.stderr, flush=True)

    try:
        yield show
    finally:
        print("\r\x1b[K", end="", file=sys.stderr, flush=True)


def check_strategies(strategies: Iterable[object] | None) -> list[int] | None:
    """The numbers of strategies."""
    if strategies is None:
        return None
    if isinstance(strategies, str) or not isinstance(strategies, Iterable):
        raise TypeError(
            f"strategies: got {describe(strategies)}; it takes several strategies, or None for all"
        )
    return [int(check_strategy(strategy)) for strategy in strategies]


def check_sizes(sizes: Iterable[object] | None) -> list[int] | None:
    """Sizes above zero."""
    if sizes is None:
        return None
    takes = "it takes several ints above zero, or None for fitting ones"
    if isinstance(sizes, str) or not isinstance(sizes, Iterable):
        raise TypeError(f"sizes: got {describe(sizes)}; {takes}")
    checked = []
    for size in sizes:
        if isinstance(size, bool) or not isinstance(size, int):
            raise TypeError(f"sizes: got {describe(size)}; {takes}")
        if size <= 0:
            raise ValueError(f"sizes: got {describe(size)}; {takes}")
        checked.append(check_max_size(size) or 0)
    return checked


def _check_count(argument: str, count: object, least: int) -> int:
    takes = f"it takes an int >= {least}"
    if isinstance(count, bool) or not isinstance(count, int):
        raise TypeError(f"{argument}: got {describe(count)}; {takes}")
    if not least <= count < 2**32:
        raise ValueError(f"{argument}: got {describe(count)}; {takes}, and below 2**32")
    return count


def _choice(strategy: int, max_size: int | None, hit_ratio: float, error: float) -> Choice:
    return Choice(Strategy(strategy), max_size, hit_ratio, error)


def _place_of(recording: Recorded) -> str:
    if isinstance(recording, Recording):
        return recording.path or f"that of {recording.function}"
    return os.fspath(recording)
