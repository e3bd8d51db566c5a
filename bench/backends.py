"""Who keeps results outside of a process: the shared backend, and stores that a function's results
are often put into by hand, each with the least code that its own documentation would have.

Everything is kept under one temporary folder, on shared memory where there is some, and goes with
it.
"""

from __future__ import annotations

import functools
import itertools
import os
import pickle
import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from importlib import import_module
from pathlib import Path
from typing import Any

import warp_cache
from bench.contenders import FUNCTOOLS, CannotDo, Contender, Decorator

SHARED = "warp_cache shared"
_numbers = itertools.count()


@contextmanager
def folder() -> Iterator[Path]:
    """A folder for all that is kept, in memory where the system has such a place."""
    memory = Path("/dev/shm")
    with tempfile.TemporaryDirectory(dir=memory if memory.is_dir() else None) as name:
        yield Path(name)


def make_shared(max_size: int, path: Path, name: str = "", size: int | None = None) -> Decorator:
    """Ours; every call makes a cache of its own, unless it is given a name."""
    memory = warp_cache.SharedMemory(
        name=name or f"bench {next(_numbers)}", path=str(path), size=size
    )
    decorator: Decorator = warp_cache.cache(max_size=max_size, backend=memory)
    return decorator


def by_hand(
    get: Callable[[bytes], bytes | None], put: Callable[[bytes, bytes], object]
) -> Decorator:
    """What people write around a store of bytes: the call pickled, the result pickled."""

    def decorate(function: Any) -> Any:
        @functools.wraps(function)
        def call(*args: Any) -> Any:
            key = pickle.dumps(args, 5)
            kept = get(key)
            if kept is not None:
                return pickle.loads(kept)
            result = function(*args)
            put(key, pickle.dumps(result, 5))
            return result

        return call

    return decorate


def make_diskcache(path: Path) -> Decorator:
    diskcache: Any = import_module("diskcache")
    store = diskcache.Cache(str(path / f"diskcache {next(_numbers)}"))
    return store.memoize(name="f")  # type: ignore[no-any-return]


def make_lmdb(path: Path) -> Decorator:
    lmdb: Any = import_module("lmdb")
    environment = lmdb.open(str(path / f"lmdb {next(_numbers)}"), map_size=64 << 20)

    def get(key: bytes) -> bytes | None:
        with environment.begin() as transaction:
            return transaction.get(key)  # type: ignore[no-any-return]

    def put(key: bytes, value: bytes) -> None:
        with environment.begin(write=True) as transaction:
            transaction.put(key, value)

    return by_hand(get, put)


def make_redis(socket: Path) -> Decorator:
    redis: Any = import_module("redis")
    client = redis.Redis(unix_socket_path=str(socket))
    prefix = b"%d " % next(_numbers)
    return by_hand(
        lambda key: client.get(prefix + key), lambda key, value: client.set(prefix + key, value)
    )


def find_redis() -> str | None:
    """The server's program; it is installed where that can be done without asking anyone."""
    if not shutil.which("redis-server") and shutil.which("apt-get") and os.geteuid() == 0:
        for command in (["update", "-q"], ["install", "-y", "-q", "redis-server"]):
            subprocess.run(["apt-get", *command], capture_output=True, check=False)
    return shutil.which("redis-server")


@contextmanager
def redis_server(path: Path) -> Iterator[Path | None]:
    """The socket of a server that runs meanwhile; none where there is no server."""
    program = find_redis()
    if program is None:
        yield None
        return
    socket = path / "redis.sock"
    options = ["--port", "0", "--unixsocket", str(socket), "--save", "", "--appendonly", "no"]
    server = subprocess.Popen([program, *options, "--dir", str(path)], stdout=subprocess.DEVNULL)
    try:
        deadline = time.monotonic() + 10
        while not socket.exists() and server.poll() is None and time.monotonic() < deadline:
            time.sleep(0.01)
        yield socket if socket.exists() else None
    finally:
        server.terminate()
        server.wait()


@contextmanager
def everyone(path: Path) -> Iterator[list[Contender]]:
    """All contenders, for as long as their servers run; says which are missing."""
    with ExitStack() as stack:
        socket = stack.enter_context(redis_server(path))
        if socket is None:
            print("SKIP redis: there is no redis-server, and none could be installed")

        def contender(name: str, make: Callable[[int], Decorator], ours: bool = False) -> Contender:
            def make_without_ttl(max_size: int, ttl: float | None) -> Decorator:
                if ttl is not None:
                    raise CannotDo("not asked here")
                return make(max_size)

            return Contender(name, make_without_ttl, ours=ours)

        found = [
            FUNCTOOLS,
            contender(SHARED, lambda max_size: make_shared(max_size, path), ours=True),
            contender("diskcache", lambda _: make_diskcache(path)),
            contender("lmdb", lambda _: make_lmdb(path)),
        ]
        if socket is not None:
            found.append(contender("redis", lambda _: make_redis(socket)))
        yield found
