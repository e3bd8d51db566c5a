"""What a call costs: hits of every shape, a miss that evicts, and an awaited hit."""

from __future__ import annotations

import asyncio
import functools
import itertools
import random
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from bench import measure, targets
from bench.contenders import EVERYONE, FUNCTOOLS, REFERENCE, CannotDo, Contender
from bench.measure import CALLS_PER_TURN, Effort, Runner, Times
from bench.report import Progress, Row
from bench.targets import Target

MAX_SIZE = 128
KEYS = range(CALLS_PER_TURN)


@dataclass(frozen=True)
class Shape:
    """A function, and sixteen different calls of it that are all resident in a cache of 128."""

    label: str
    parameters: str
    result: str
    call: str
    keys: Callable[[int], Any]
    target: Target | None
    ttl: float | None = None
    method: bool = False
    # The objects to ask with, where they are not those that were kept.
    asked_with: Callable[[int], Any] | None = field(default=None)

    def expressions(self) -> list[str]:
        return [self.call.replace("#", str(i)) for i in KEYS]

    def names(self, keys: Callable[[int], Any]) -> dict[str, Any]:
        return {f"k{i}": keys(i) for i in KEYS}


def equal_text(i: int) -> str:
    """Equal to `text(i)`, another object, and hashed already, as a str from a file soon is."""
    other = "".join(["key ", str(i), " of them"])
    hash(other)
    return other


def text(i: int) -> str:
    return f"key {i} of them"


def number(i: int) -> int:
    return 1_000_003 * (i + 1)


def pair(i: int) -> tuple[int, str]:
    return (number(i), text(i))


SHAPES = [
    Shape("hit: int", "x", "x", "f(k#)", number, targets.SIMPLE_HIT),
    Shape("hit: str", "x", "x", "f(k#)", text, targets.SIMPLE_HIT),
    Shape("hit: str, an equal object", "x", "x", "f(k#)", text, None, asked_with=equal_text),
    Shape("hit: tuple (int, str)", "x", "x", "f(k#)", pair, targets.SIMPLE_HIT),
    Shape("hit: two positional", "x, y", "x", "f(k#, k0)", number, targets.TWO_POSITIONAL),
    Shape("hit: one keyword", "x", "x", "f(x=k#)", number, targets.KEYWORD),
    Shape("hit: two keywords", "x, y", "x", "f(x=k#, y=k0)", number, targets.KEYWORD),
    Shape("hit: int, with a ttl", "x", "x", "f(k#)", number, targets.WITH_TTL, ttl=3600.0),
    Shape("hit: method", "self, x", "x", "o.f(k#)", number, targets.METHOD, method=True),
]


def define(shape: Shape, contender: Contender, body: str) -> dict[str, Any]:
    """The names that the calls need: `f`, or `o` with a method `f`, cached by this contender."""
    ttl = None if contender is FUNCTOOLS else shape.ttl
    scope: dict[str, Any] = {"cached": contender.make(MAX_SIZE, ttl), "ran": []}
    if shape.method:
        # Without the slots of a plain object there is nothing unusual about this one.
        source = f"class C:\n  @cached\n  def f({shape.parameters}): {body}\no = C()"
    else:
        source = f"@cached\ndef f({shape.parameters}): {body}"
    exec(source, scope)
    return scope


def really_hits(shape: Shape, contender: Contender) -> bool:
    """Runs the calls twice over a body that counts: who computes again cannot take part."""
    scope = define(shape, contender, f"ran.append(1); return {shape.result}")
    scope.update(shape.names(shape.keys))
    for expression in shape.expressions() * 2:
        exec(expression, scope)
    return len(scope["ran"]) == CALLS_PER_TURN


def hit_runner(shape: Shape, contender: Contender) -> Runner:
    if not really_hits(shape, contender):
        raise CannotDo("computes again")
    scope = define(shape, contender, f"return {shape.result}")
    exec("\n".join(shape.expressions()), {**scope, **shape.names(shape.keys)})
    asked = shape.names(shape.asked_with or shape.keys)
    callee = "o" if shape.method else "f"
    loop: Runner = measure.hit_loop(shape.expressions(), {callee: scope[callee], **asked})
    return loop


def miss_runner(contender: Contender) -> Runner:
    """Every key is new, so that every call computes, keeps, and evicts. A trivial body."""
    cached = contender.make(MAX_SIZE, None)(lambda x: x)
    loop = measure.chunk_loop({"f": cached})
    fresh = itertools.count(1_000_000)
    loop(measure.chunks_of(list(itertools.islice(fresh, 2 * MAX_SIZE))))

    def run(turns: int) -> float:
        keys = list(itertools.islice(fresh, turns * CALLS_PER_TURN))
        return float(loop(measure.chunks_of(keys)))

    return run


def await_runner(contender: Contender | None, events: asyncio.AbstractEventLoop) -> Runner:
    """`await f(k)` inside one running coroutine; None is the coroutine itself, uncached."""

    async def f(x: int) -> int:
        return x

    async def ask(function: Any) -> None:
        for key in KEYS:
            await function(number(key))

    cached = f if contender is None else contender.make(MAX_SIZE, None)(f)
    events.run_until_complete(ask(cached))
    names = {"f": cached, **{f"k{i}": number(i) for i in KEYS}}
    loop = measure.hit_loop([f"f(k{i})" for i in KEYS], names, awaiting=True)
    return lambda turns: events.run_until_complete(loop(turns))


def gather(
    contenders: Iterable[Contender], make: Callable[[Contender], Runner]
) -> dict[str, Runner]:
    """The runners of all who can do it. A peer may fail in its own way; ours may not."""
    runners: dict[str, Runner] = {}
    for contender in contenders:
        try:
            runners[contender.name] = make(contender)
        except Exception:
            if contender.ours or contender is FUNCTOOLS:
                raise
    return runners


def to_row(label: str, times: dict[str, Times], target: Target | None) -> Row:
    reference = times[REFERENCE]
    ratios = {name: own.ratio(reference) for name, own in times.items()}
    return Row(label, ratios, target, reference.nanoseconds)


def hit_rows(effort: Effort, progress: Progress) -> Iterator[Row]:
    synchronous = [c for c in EVERYONE if c.synchronous]
    for shape in SHAPES:
        runners = gather(synchronous, functools.partial(hit_runner, shape))
        times = measure.alternate(runners, effort, progress.on(shape.label))
        yield to_row(shape.label, times, shape.target)
    label = "miss with eviction"
    runners = gather(synchronous, miss_runner)
    yield to_row(label, measure.alternate(runners, effort, progress.on(label)), targets.MISS)


def await_rows(effort: Effort, progress: Progress) -> Iterator[Row]:
    label = "await of a hit"
    shape = SHAPES[0]
    events = asyncio.new_event_loop()
    try:
        runners = {REFERENCE: hit_runner(shape, FUNCTOOLS)}
        able = (c for c in EVERYONE if c.asynchronous)
        runners.update(gather(able, lambda c: await_runner(c, events)))
        runners["plain coroutine"] = await_runner(None, events)
        times = measure.alternate(runners, effort, progress.on(label))
        yield to_row(label, times, targets.await_hit())
    finally:
        events.close()


def many_keys_row(size: int, effort: Effort, progress: Progress) -> Row:
    """Hits all over a large cache, where the processor's caches miss: the cost of memory itself."""
    label = f"hit: {size:,} entries, random keys"
    keys = [random.Random(1).getrandbits(60) + i for i in range(size)]
    order = random.Random(2).choices(keys, k=200_000)
    chunks = measure.chunks_of(order)

    def runner(contender: Contender) -> Runner:
        cached = contender.make(size, None)(lambda x: x)
        for key in keys:
            cached(key)
        loop = measure.chunk_loop({"f": cached})
        endless = itertools.cycle(chunks)

        def run(turns: int) -> float:
            return float(loop(itertools.islice(endless, turns)))

        return run

    ours_first = [c for c in EVERYONE if c is FUNCTOOLS or c.ours]
    runners = gather(ours_first, runner)
    return to_row(label, measure.alternate(runners, effort, progress.on(label)), None)
