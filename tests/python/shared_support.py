"""What the tests of shared caches have in common: processes that do as they are told."""

from __future__ import annotations

import ast
import os
import select
import signal
import subprocess
import sys
import textwrap
import time
from pathlib import Path

import pytest

posix = pytest.mark.skipif(sys.platform == "win32", reason="there are no shared caches on Windows")

#: Reads statements and expressions, one a line and quoted, and answers each by what came of it.
LOOP = """\
import ast, asyncio, faulthandler, functools, os, signal, sys, threading, time, warnings
signal.signal(signal.SIGINT, signal.default_int_handler)
sys.path.insert(0, sys.argv[1])
import warp_cache
from warp_cache import Backend, CacheInfo, SharedMemory, Strategy, cache, lru_cache
from {module} import *
def advance(seconds): warp_cache._warp_cache._advance_clock(seconds)
for line in sys.stdin:
    code = ast.literal_eval(line)
    try:
        try:
            answer = ("value", eval(compile(code, "<told>", "eval")))
        except SyntaxError:
            exec(compile(code, "<told>", "exec"))
            answer = ("value", None)
    except BaseException as error:
        answer = ("raised", type(error).__name__, str(error))
    if os.environ.get("FORKED_FROM") not in (None, str(os.getpid())):
        os._exit(0)
    print(ascii(answer), flush=True)
"""


def environment(directory: Path, **more: str) -> dict[str, str]:
    """The environment of a child whose shared caches are under the directory."""
    path = os.pathsep.join(filter(None, sys.path))
    return os.environ | {"PYTHONPATH": path, "XDG_RUNTIME_DIR": str(directory)} | more


class ToldError(Exception):
    """What a process raised when it did as it was told."""


class Process:
    """A Python process of its own, in which the functions of a module are."""

    def __init__(self, folder: Path, module: str = "functions", python: str = sys.executable):
        self._process = subprocess.Popen(
            [python, "-u", "-c", LOOP.format(module=module), str(folder)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env=environment(folder),
            text=True,
        )
        self.pid = self._process.pid

    def begin(self, code: str) -> None:
        """Tells it to do something, without waiting for an answer."""
        assert self._process.stdin is not None
        print(ascii(textwrap.dedent(code)), file=self._process.stdin, flush=True)

    def answer(self, timeout: float = 20.0):
        """Waits for the answer to what it was told; what it raised is raised here as ToldError."""
        assert self._process.stdout is not None
        ready, _, _ = select.select([self._process.stdout], [], [], timeout)
        if not ready:
            pytest.fail(f"process {self.pid} does not answer", pytrace=False)
        line = self._process.stdout.readline()
        if not line:
            pytest.fail(f"process {self.pid} ended with {self._process.wait(10)}", pytrace=False)
        kind, *rest = ast.literal_eval(line)
        if kind == "raised":
            raise ToldError(": ".join(rest))
        return rest[0]

    def has_answered(self, within: float) -> bool:
        """Whether an answer comes in so many seconds."""
        return bool(select.select([self._process.stdout], [], [], within)[0])

    def tell(self, code: str, timeout: float = 20.0):
        """Tells it to do something, and waits for the answer."""
        self.begin(code)
        return self.answer(timeout)

    def kill(self) -> None:
        """Ends it at once, wherever it is."""
        self._process.kill()
        self._process.wait(10)

    def stop(self) -> None:
        """Suspends it, wherever it is, and waits until it is."""
        os.kill(self.pid, signal.SIGSTOP)
        os.waitpid(self.pid, os.WUNTRACED)

    def go_on(self) -> None:
        """Lets it go on where it was stopped."""
        os.kill(self.pid, signal.SIGCONT)

    def close(self) -> None:
        """Lets it end by itself."""
        if self._process.poll() is None:
            os.kill(self.pid, signal.SIGCONT)
            assert self._process.stdin is not None
            self._process.stdin.close()
            try:
                self._process.wait(10)
            except subprocess.TimeoutExpired:
                self.kill()
        if self._process.stdout is not None:
            self._process.stdout.close()


class Folder:
    """A private place for modules, scripts and regions, and the processes that use it."""

    def __init__(self, path: Path):
        self.path = path
        self._processes: list[Process] = []

    def write(self, code: str, name: str = "functions.py") -> Path:
        """Puts a source file there."""
        file = self.path / name
        file.parent.mkdir(exist_ok=True, parents=True)
        imports = "import os, sys, time, warnings, threading, asyncio\nimport warp_cache\n"
        imports += "from warp_cache import Backend, SharedMemory, Strategy, cache, lru_cache\n"
        file.write_text(imports + textwrap.dedent(code))
        # Else a module of the same second and size is taken for the one before.
        for compiled in self.path.rglob("*.pyc"):
            compiled.unlink()
        return file

    def process(self, code: str | None = None, **options) -> Process:
        """A process with the functions of the code, or of what was written last."""
        if code is not None:
            self.write(code)
        process = Process(self.path, **options)
        self._processes.append(process)
        return process

    def processes(self, count: int, code: str | None = None) -> list[Process]:
        """Several that have the same."""
        return [self.process(code if number == 0 else None) for number in range(count)]

    def run(self, script: Path, *arguments: str, timeout: float = 30.0, **more: str) -> str:
        """Runs a script to its end; returns what it printed."""
        return self.run_python(str(script), *arguments, timeout=timeout, **more)

    def run_python(self, *arguments: str, timeout: float = 30.0, status: int = 0, **more) -> str:
        """Runs Python with the arguments; fails unless it leaves with the status."""
        done = subprocess.run(
            [sys.executable, *arguments],
            env=environment(self.path, **more),
            capture_output=True,
            text=True,
            timeout=timeout,
        )
        assert done.returncode == status, done.stdout + done.stderr
        return done.stdout if status == 0 else done.stdout + done.stderr

    def regions(self) -> list[Path]:
        """The files of all regions."""
        return [path for path in self.path.glob("warp_cache-*/*") if path.is_file()]

    def close(self) -> None:
        for process in self._processes:
            process.close()


def until(condition, seconds: float = 20.0):
    """Waits for what other processes bring about; fails where it does not come."""
    deadline = time.monotonic() + seconds
    while True:
        value = condition()
        if value:
            return value
        assert time.monotonic() < deadline, "it did not come"
        time.sleep(0.002)
