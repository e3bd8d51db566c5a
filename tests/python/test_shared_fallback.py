"""Where shared memory cannot be had: a cache of this process with a warning, or an OSError."""

from __future__ import annotations

import sys
import warnings
from datetime import timedelta
from pathlib import Path

import pytest
from conftest import can_share
from shared_support import posix
from support import each_strategy

from warp_cache import Backend, SharedMemory, Strategy, cache, lru_cache


def body(x):
    return [x]


@pytest.mark.skipif(sys.platform != "win32", reason="the shared backend works here")
def test_windows_is_told_at_decoration():
    for backend in ("shared", SharedMemory(name="f")):
        with pytest.raises(RuntimeError, match="backend: the shared backend works on Linux"):
            cache(backend=backend)(body)


@pytest.fixture
def nowhere(folder, monkeypatch):
    """A directory that cannot be trusted in the first place that is looked at."""
    (folder.path / "runtime").mkdir()
    (folder.path / "runtime").chmod(0o777)
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(folder.path / "runtime"))
    return folder


@posix
def test_without_memory_there_is_a_cache_in_the_process(nowhere):
    with pytest.warns(RuntimeWarning, match="backend: there is no shared memory") as caught:
        f = cache(backend="shared", max_size=7)(body)
    assert len(caught) == 1
    assert caught[0].filename == __file__, "the warning points at the decoration"
    assert f(1) is f(1)
    assert f.cache_info() == (1, 1, 7, 1)
    assert f.cache_parameters()["backend"] is Backend.MEMORY
    assert nowhere.regions() == []


@posix
def test_who_insists_gets_an_error(nowhere):
    with pytest.raises(OSError, match="runtime"):
        cache(backend=SharedMemory())(body)
    with pytest.raises(FileNotFoundError):
        cache(backend=SharedMemory(path=nowhere.path / "missing"))(body)


@posix
@pytest.mark.skipif(sys.platform != "linux", reason="other systems reserve in their own way")
def test_no_room_is_no_signal(folder):
    huge = SharedMemory(path=folder.path, size=2**35 + 2**34, name="huge")
    code = """
        import resource
        resource.setrlimit(resource.RLIMIT_FSIZE, (2**20, 2**20))
        import signal
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        try:
            cache(backend=SharedMemory(path=os.environ["XDG_RUNTIME_DIR"], size="8MiB"))(len)
        except OSError as error:
            print("OSError", error)
        warnings.simplefilter("error")
        try:
            cache(backend="shared", max_size=10**6)(len)
        except RuntimeWarning as warning:
            print("RuntimeWarning", warning)
    """
    assert huge.size > 2**35
    out = folder.run(folder.write(code, "no_room.py"))
    first, second = out.splitlines()
    assert first.startswith("OSError") and second.startswith("RuntimeWarning")
    assert folder.regions() == [], "nothing is left of it"


@posix
def test_what_cannot_be_is_a_value_error(folder):
    for size in (1, "1kB", 2**47):
        with pytest.raises(ValueError, match="size"):
            cache(backend=SharedMemory(size=size))(body)


@posix
@each_strategy
def test_a_strategy_is_shared_or_refused_with_those_that_are(folder, strategy):
    if can_share(strategy):
        f = cache(backend=SharedMemory(name=strategy.name), strategy=strategy)(body)
        assert f(1) == f(1) == [1] and f.cache_info().hits == 1
        return
    with pytest.raises(ValueError, match=f"^strategy: {strategy.name} has no order") as caught:
        cache(backend="shared", strategy=strategy)(body)
    able = [other.name for other in Strategy if can_share(other)]
    assert str(caught.value).endswith(f"it takes one of {', '.join(able)}")


@posix
@pytest.mark.parametrize("backend", [Backend.SHARED, 1, "shared", "SHARED", SharedMemory()])
def test_ways_to_say_it(folder, backend):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        f = cache(backend=backend)(body)
        g = lru_cache(backend=backend)(body)
    assert f(1) == g(1) == [1]
    assert f.cache_parameters()["backend"] is Backend.SHARED
    assert g.cache_parameters() == {"maxsize": 128, "typed": False}
    assert len(folder.regions()) in (1, 2)


@posix
def test_a_size_of_zero_needs_no_memory(folder):
    f = cache(backend="shared", max_size=0)(body)
    assert [f(1), f(1)] == [[1], [1]]
    assert f.cache_info() == (0, 2, 0, 0)
    assert folder.regions() == []


@posix
def test_what_only_a_shared_cache_uses_does_not_warn(folder):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        f = cache(backend="shared", name="f", version=2, max_key_size=1000, max_value_size=1000)(
            body
        )
    assert f(1) == [1] and f.cache_contains(1)


def test_a_name_given_twice():
    with pytest.raises(TypeError, match="name: got twice"):
        cache(backend=SharedMemory(name="f"), name="f")(body)
    with pytest.raises(TypeError, match="version: got twice"):
        cache(backend=SharedMemory(version=1), version=2)(body)


# ---------------------------------------------------------------- SharedMemory itself


def test_the_configuration_is_a_value():
    one = SharedMemory(name="a", size="1.5MiB", path=Path("x"), flight_timeout=timedelta(seconds=2))
    assert (one.name, one.size, one.serializer, one.version) == ("a", 3 << 19, "pickle", None)
    assert one.path == str(Path("x").resolve())
    assert one.flight_timeout == 2.0
    assert one == SharedMemory(name="a", size=3 << 19, path="x", flight_timeout=2)
    assert hash(one) == hash(SharedMemory(name="a", size=3 << 19, path="x", flight_timeout=2))
    assert one != SharedMemory(name="b")
    assert repr(SharedMemory()) == "SharedMemory()"
    assert repr(SharedMemory(name="a", size="1kB")) == "SharedMemory(name='a', size=1000)"
    with pytest.raises(AttributeError):
        one.name = "b"


@pytest.mark.parametrize(
    ("text", "size"),
    [("5", 5), ("5B", 5), (" 2 kB ", 2000), ("2KiB", 2048), ("256MiB", 2**28), ("256 mib", 2**28)]
    + [("1GB", 10**9), ("1.5GiB", 3 << 29), ("1TB", 10**12), ("1k", None), ("", None), ("x", None)]
    + [("-1", None), ("1 000", None), ("0", None), ("0.1B", None), ("1e9", None), ("٣", None)],
)
def test_sizes(text, size):
    if size is None:
        with pytest.raises(ValueError, match="size: got"):
            SharedMemory(size=text)
    else:
        assert SharedMemory(size=text).size == size


@pytest.mark.parametrize(
    ("options", "error", "says"),
    [
        ({"size": True}, TypeError, "size"),
        ({"size": 1.5}, TypeError, "size"),
        ({"size": 0}, ValueError, "size"),
        ({"size": -1}, ValueError, "size"),
        ({"size": 2**60}, ValueError, "size"),
        ({"path": 5}, TypeError, "path"),
        ({"path": b"x"}, TypeError, "path"),
        ({"path": ""}, ValueError, "path"),
        ({"path": "a\0b"}, ValueError, "path"),
        ({"serializer": "json"}, ValueError, "serializer"),
        ({"serializer": None}, TypeError, "serializer"),
        ({"version": 1.5}, TypeError, "version"),
        ({"version": True}, TypeError, "version"),
        ({"name": 5}, TypeError, "name"),
        ({"name": ""}, ValueError, "name"),
        ({"name": " "}, ValueError, "name"),
        ({"name": "a\nb"}, ValueError, "name"),
        ({"flight_timeout": 0}, ValueError, "flight_timeout"),
        ({"flight_timeout": -1.0}, ValueError, "flight_timeout"),
        ({"flight_timeout": float("nan")}, ValueError, "flight_timeout"),
        ({"flight_timeout": float("inf")}, ValueError, "flight_timeout"),
        ({"flight_timeout": 10**400}, ValueError, "flight_timeout"),
        ({"flight_timeout": None}, TypeError, "flight_timeout"),
        ({"flight_timeout": "5"}, TypeError, "flight_timeout"),
        ({"flight_timeout": timedelta(0)}, ValueError, "flight_timeout"),
    ],
    ids=str,
)
def test_what_it_refuses(options, error, says):
    with pytest.raises(error, match=f"^{says}: got .*; it takes ") as raised:
        SharedMemory(**options)
    assert type(raised.value) is error
