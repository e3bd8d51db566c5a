"""The recording of a whole program: ``WARP_CACHE_RECORD=path python program.py``."""

from __future__ import annotations

import atexit
import os
import sys
from typing import Any

from warp_cache import _warp_cache

#: The variable that names the file.
VARIABLE = "WARP_CACHE_RECORD"
#: The process that has the file for itself: those that it starts inherit this with the variable.
FIRST = "WARP_CACHE_RECORD_PROCESS"


def record_program() -> None:
    """Record what is decorated from now on, where the environment asks for it.

    The process that is started so writes to the path; each that it forks or starts writes to
    ``path.PID``, and nothing if it calls no cached function. A file is complete when its process
    exits in order. One that cannot be made is a warning, and the program goes on.
    """
    path = os.environ.get(VARIABLE)
    if not path:
        return
    this = str(os.getpid())
    first = os.environ.setdefault(FIRST, this)
    _warp_cache._record_program(os.path.abspath(path), first == this)
    atexit.register(_warp_cache._finish_program)
    _mind_multiprocessing()


def forked() -> None:
    """Leave the parent's file to it; to be called in a child process right after a fork."""
    _warp_cache._forked()
    if os.environ.get(VARIABLE):
        _mind_multiprocessing()


def _mind_multiprocessing() -> None:
    """End the recording also where multiprocessing ends the process: it does not look at atexit,
    but has finalizers of its own."""
    util: Any = sys.modules.get("multiprocessing.util")
    if util is None:
        return

    def finalize(_registered: object) -> None:
        util.Finalize(None, _warp_cache._finish_program, exitpriority=0)

    # A process that it starts forgets the finalizers that there are, and then calls this.
    util.register_after_fork(_mind_multiprocessing, finalize)
    if sys.modules["multiprocessing.process"].parent_process() is not None:
        finalize(None)
