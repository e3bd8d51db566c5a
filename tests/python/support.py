"""What several test files share: watchdogs, threads that report, and calls that count."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import textwrap
import threading
import time
from pathlib import Path

import pytest

import warp_cache
from warp_cache import cache

REPOSITORY = Path(__file__).resolve().parents[2]
STRATEGIES = list(warp_cache.Strategy)
FREE_THREADED = not getattr(sys, "_is_gil_enabled", lambda: True)()

each_strategy = pytest.mark.parametrize("strategy", STRATEGIES, ids=lambda s: s.name)

_PREAMBLE = """\
import faulthandler, sys
faulthandler.enable()
faulthandler.dump_traceback_later({dump_after}, exit=True)
import asyncio, gc, os, threading, time
import warp_cache
from warp_cache import Strategy, cache, lru_cache
"""


def run_python(code: str, timeout: float = 30.0, **environment: str) -> str:
    """Runs `code` in an interpreter of its own; fails on a hang, a crash, a signal or an error.

    The child may import nothing: os, sys, gc, time, threading, asyncio and warp_cache's names are
    there. Returns what it printed.
    """
    source = _PREAMBLE.format(dump_after=timeout) + textwrap.dedent(code)
    child = os.environ | {"PYTHONPATH": os.pathsep.join(filter(None, sys.path))} | environment
    try:
        done = subprocess.run(
            [sys.executable, "-X", "faulthandler", "-c", source],
            capture_output=True,
            text=True,
            timeout=timeout + 10,
            env=child,
        )
    except subprocess.TimeoutExpired as late:
        said = (late.stderr or b"").decode(errors="replace")
        pytest.fail(f"still running after {late.timeout} s\n{said}", pytrace=False)
    if done.returncode != 0:
        how = f"killed by signal {-done.returncode}" if done.returncode < 0 else "failed"
        pytest.fail(f"{how} ({done.returncode})\n{done.stdout}\n{done.stderr}", pytrace=False)
    return done.stdout


class Counter:
    """A function's body that counts: `calls` holds the arguments of every real call."""

    def __init__(self, result=lambda *args, **kwargs: args):
        self.result = result
        self.calls: list = []

    def __call__(self, *args, **kwargs):
        self.calls.append((args, kwargs))
        return self.result(*args, **kwargs)

    @property
    def count(self) -> int:
        return len(self.calls)


def in_threads(*targets, timeout: float = 30.0) -> list:
    """Runs the callables at once, each in a thread; returns their results or raises the first
    exception. A thread that does not end in time fails the test."""
    barrier = threading.Barrier(len(targets))
    results: list = [None] * len(targets)
    errors: list[BaseException] = []

    def body(index, target):
        try:
            barrier.wait(timeout)
            results[index] = target()
        except BaseException as error:  # raised again below
            errors.append(error)

    threads = [threading.Thread(target=body, args=item, daemon=True) for item in enumerate(targets)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout)
    if any(thread.is_alive() for thread in threads):
        pytest.fail("a thread hangs")
    if errors:
        raise errors[0]
    return results


class Background:
    """One call in a thread of its own: `with Background(f, 1) as call: ...; call.result()`."""

    def __init__(self, function, *args, **kwargs):
        self._outcome: tuple = ()
        self._thread = threading.Thread(
            target=self._run, args=(function, args, kwargs), daemon=True
        )
        self._thread.start()

    def _run(self, function, args, kwargs):
        try:
            self._outcome = (function(*args, **kwargs), None)
        except BaseException as error:  # result() raises it again
            self._outcome = (None, error)

    def result(self, timeout: float = 20.0):
        self._thread.join(timeout)
        if self._thread.is_alive():
            pytest.fail("the background call hangs")
        value, error = self._outcome
        if error is not None:
            raise error
        return value


class Gate:
    """Holds a computation at a known point: it calls `pass_through`, the test waits until it is
    `entered`, does its mischief, and opens the gate."""

    def __init__(self):
        self._entered = threading.Event()
        self._open = threading.Event()

    def pass_through(self):
        self._entered.set()
        if not self._open.wait(20):
            raise TimeoutError("nobody opened the gate")

    def entered(self):
        if not self._entered.wait(20):
            pytest.fail("the computation never began")

    def open(self):
        self._open.set()


def eventually(condition, seconds: float = 2.0) -> bool:
    """Waits for a condition that other threads bring about; says whether it came."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.001)
    return True


def run_async(main, timeout: float = 20.0):
    """Runs `main()` on a fresh event loop; a hang or an error that the loop reported fails."""
    reported: list[dict] = []

    async def guarded():
        loop = asyncio.get_running_loop()
        loop.set_exception_handler(lambda _, context: reported.append(context))
        return await asyncio.wait_for(main(), timeout)

    result = asyncio.run(guarded())
    assert not reported, reported
    return result


async def settle(turns: int = 20) -> None:
    """Lets every task that can run do so."""
    for _ in range(turns):
        await asyncio.sleep(0)


class Counted:
    """An async function that counts its beginnings, and returns a new object each time."""

    def __init__(self, **options):
        self.started = 0
        self.gate: asyncio.Event | None = None

        async def body(x, *, y=0):
            self.started += 1
            if self.gate is not None:
                await self.gate.wait()
            return [x, y]

        self.plain = body
        self.f = cache(**options)(body)


def same(first, second, decorate=cache, function=None) -> bool:
    """Whether two calls, each a function of the cached one, share an entry; looked at both ways."""
    answers = []
    for a, b in ((first, second), (second, first)):
        f = decorate(function or (lambda *args, **kwargs: object()))
        one, other = a(f), b(f)
        answers.append(one is other)
        assert f.cache_info()[:2] == ((1, 1) if one is other else (0, 2))
    assert answers[0] == answers[1]
    return answers[0]
