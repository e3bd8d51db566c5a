"""Beside warp_cache 0.7: of the same name, and therefore never in the same process.

Both are measured by the same code, each against functools in its own process, the processes
taking turns. The old release is installed into a folder of its own, which goes before everything
on the path.
"""

from __future__ import annotations

import asyncio
import functools
import itertools
import json
import os
import statistics
import subprocess
import sys
import sysconfig
from pathlib import Path
from typing import Any

import warp_cache
from bench import backends, hits, measure, shared
from bench.contenders import FUNCTOOLS, REFERENCE, Contender, Decorator
from bench.measure import QUICK, THOROUGH, Effort
from bench.report import ELDER, Progress, Row

RELEASE = "warp_cache==0.7.0"
OURS = "warp_cache LRU"
_numbers = itertools.count()


def make_default(max_size: int, ttl: float | None) -> Decorator:
    """What both releases understand."""
    decorator: Decorator = warp_cache.cache(max_size=max_size, ttl=ttl)
    return decorator


def make_shared(max_size: int, ttl: float | None) -> Decorator:
    """The same in shared memory. The old release tells caches apart by the name of the function."""
    number = next(_numbers)

    def decorate(function: Any) -> Any:
        function.__module__, function.__qualname__ = "bench.elder", f"f{os.getpid()}_{number}"
        return warp_cache.cache(max_size=max_size, backend="shared")(function)

    return decorate


def measure_here(effort: Effort) -> dict[str, float]:
    """Ratios to functools of the warp_cache that this process has; runs in the child."""
    contender = Contender("it", make_default, asynchronous=True)
    pair = [FUNCTOOLS, contender]
    ratios: dict[str, float] = {}

    def note(label: str, runners: dict[str, measure.Runner]) -> None:
        if contender.name in runners:
            times = measure.alternate(runners, effort)
            ratios[label] = times[contender.name].ratio(times[REFERENCE])

    for shape in hits.SHAPES:
        note(shape.label, hits.gather(pair, functools.partial(hits.hit_runner, shape)))
    note("miss with eviction", hits.gather(pair, hits.miss_runner))
    events = asyncio.new_event_loop()
    runners = hits.gather([FUNCTOOLS], functools.partial(hits.hit_runner, hits.SHAPES[0]))
    runners.update(hits.gather([contender], lambda c: hits.await_runner(c, events)))
    note("await of a hit", runners)
    events.close()
    pair = [FUNCTOOLS, Contender("it", make_shared)]
    for shape in shared.SHAPES:
        runners = hits.gather(pair, functools.partial(hits.hit_runner, shape))
        note(f"shared, {shape.label}", runners)
    return ratios


def install() -> Path | None:
    """The folder with the old release; None where there is no build of it for this interpreter."""
    abi = sysconfig.get_config_var("SOABI") or sys.implementation.cache_tag
    folder = Path(".venv", f"elder-{abi}").resolve()
    if not (folder / "warp_cache").exists():
        command = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--target"]
        options = ["--only-binary", ":all:", "--disable-pip-version-check"]
        done = subprocess.run([*command, str(folder), *options, RELEASE], capture_output=True)
        if done.returncode != 0:
            return None
    return folder


def elder_rows(quick: bool, progress: Progress) -> list[Row]:
    """Empty where the old release cannot be had."""
    folder = install()
    if folder is None:
        return []
    repeats = 1 if quick else 5
    inherited = os.environ.get("PYTHONPATH", "")
    paths = {ELDER: os.pathsep.join([str(folder), inherited]), OURS: inherited}
    collected: dict[str, dict[str, list[float]]] = {}
    show = progress.on(f"processes beside {ELDER}")
    command = [sys.executable, "-m", "bench.elder", "quick" if quick else "thorough"]
    with backends.folder() as memory:
        # Where both keep what processes share.
        places = {"XDG_RUNTIME_DIR": str(memory), "TMPDIR": str(memory)}
        for repeat in range(repeats):
            for name, path in paths.items():
                environment = {**os.environ, **places, "PYTHONPATH": path}
                child = subprocess.run(
                    command, env=environment, capture_output=True, text=True, check=True
                )
                for label, ratio in json.loads(child.stdout).items():
                    collected.setdefault(label, {}).setdefault(name, []).append(ratio)
            show((repeat + 1) / repeats)
    # The old release has one place for its files, and leaves them there.
    for left in Path("/dev/shm").glob("warp_cache_bench.elder_*"):
        left.unlink()
    return [
        Row(label, {name: statistics.median(values) for name, values in by_name.items()})
        for label, by_name in collected.items()
    ]


if __name__ == "__main__":
    # Five processes each: a third of the rounds in each of them is enough.
    chosen = QUICK if sys.argv[1] == "quick" else Effort(THOROUGH.seconds, THOROUGH.rounds // 3)
    print(json.dumps(measure_here(chosen)))
