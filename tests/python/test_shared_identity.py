"""Which functions share a cache: those that would compute the same, and no others."""

from __future__ import annotations

import functools
import math
import operator
from enum import Enum, IntEnum

import pytest
from shared_support import posix

from warp_cache import SharedMemory, cache
from warp_cache._identity import identify

pytestmark = posix

SOURCE = '''
def f(x, y=1, *, z=-0.0):
    """What it does."""
    class Inner:
        """What that is."""
        limit = 300 + y
        def method(self):
            self.a = self.b = self.c = self.d = self.zeta = self.alpha = 5
            return [i for i in range(3)]
        try:
            w = {k: v for k, v in ((1, 2),)}
        except ValueError:
            w = 3
    test = lambda q: q in {"a", "b", "c", 1, None}
    return Inner, test, 1.5, 2**70, b"x", ..., x[1:2]
'''


def made(source=SOURCE, above=0, file="a.py", name="f", module="m", **names):
    namespace = {"__name__": module, **names}
    exec(compile("\n" * above + source, file, "exec"), namespace)
    return namespace[name]


def digest(function, name=None, version=None, configuration=(128, "LRU", None)):
    return identify(function, name=name, version=version, configuration=configuration).digest


@pytest.mark.parametrize(
    "function",
    [
        made(above=1000),
        made(above=70_000),
        made(file="elsewhere/b.py"),
        made(SOURCE.replace("    return Inner", "    # so much\n\n    return Inner")),
        made(SOURCE.replace("What it does.", "Another word for it.")),
        made(SOURCE.replace('    """What it does."""\n', "")),
    ],
    ids=["line", "line of two digits", "file", "comment", "docstring", "no docstring"],
)
def test_what_does_not_count(function):
    assert digest(function) == digest(made())


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("1.5", "1.25"),
        ("-0.0", "0.0"),
        ("y=1", "y=1.0"),
        ("y=1", "y=True"),
        ("y=1", "y=2"),
        ("y=1", "y=(1,)"),
        ("z=", "zz="),
        ("*, z", "z"),
        ('"a"', '"d"'),
        ("i for i", "i + 1 for i"),
        ("limit = 300", "limit = 301"),
        ("self.alpha", "self.beta"),
        ("def f", "async def f"),
        ("2**70", "2**71"),
        ('b"x"', '"x"'),
        ("...,", "None,"),
        ("x[1:2]", "x[1:3]"),
    ],
)
def test_what_counts(old, new):
    assert old in SOURCE
    assert digest(made(SOURCE.replace(old, new))) != digest(made())


@pytest.mark.parametrize(
    "constants",
    [
        ("0.0", "-0.0"),
        ("1", "1.0", "True"),
        ("0", "False", "None", "''", "()", "b''"),
        ("1j", "-1j"),
        ("float('inf')", "float('-inf')"),
        ("(1, (2, 3))", "((1, 2), 3)", "(1, 2, 3)"),
        ("'a'", "b'a'"),
        ("x in {1, 2}", "x in {1, 3}", "x in (1, 2)"),
        ("'\\ud800'", "'\\udfff'"),
    ],
)
def test_constants_count_by_type_and_value(constants):
    digests = {digest(made(f"def f(x): return {constant}")) for constant in constants}
    assert len(digests) == len(constants)


@pytest.mark.parametrize(
    "defaults",
    [
        (0.0, -0.0),
        (1, 1.0, True),
        ([], (), {}, set(), frozenset()),
        ([1, 2], [2, 1]),
        ({"a": 1, "b": 2}, {"b": 2, "a": 1}),
        (math.nan, math.inf),
        (int, float, str),
        (len, abs),
    ],
    ids=str,
)
def test_defaults_count_by_type_and_value(defaults):
    def with_default(value):
        return made("def f(x, y=default): return y", default=value)

    digests = {digest(with_default(value)) for value in defaults}
    assert len(digests) == len(defaults)
    for value in defaults:
        assert digest(with_default(value)) == digest(with_default(value))


def test_sets_have_no_order():
    one, other = made("def f(x=d): 0", d={8, 16, 0}), made("def f(x=d): 0", d={0, 16, 8})
    assert digest(one) == digest(other)


class Colour(Enum):
    RED = 1
    GREEN = 2


class Level(IntEnum):
    LOW = 1


def test_members_of_enums_count_by_name():
    digests = {digest(made("def f(x=d): 0", d=value)) for value in (*Colour, Level.LOW, 1)}
    assert len(digests) == 4


def test_functions_as_defaults_count_by_their_code():
    def with_helper(body):
        return made("def f(x, call=helper): 0", helper=made(f"def f(x): {body}"))

    assert digest(with_helper("return 1")) == digest(with_helper("return 1"))
    assert digest(with_helper("return 1")) != digest(with_helper("return 2"))


def test_the_place_counts():
    assert digest(made(module="m")) != digest(made(module="n"))
    assert digest(made("def g(): 0", name="g")) != digest(made("def f(): 0"))
    main = {"module": "__main__"}
    one, other = made(**main, __file__="/one.py"), made(**main, __file__="/other.py")
    assert digest(one) != digest(other)
    # What multiprocessing spawns calls the script's module so.
    assert digest(one) == digest(made(module="__mp_main__", __file__="/one.py"))


def test_the_version_and_the_configuration_count():
    f = made()
    versions = {digest(f, version=version) for version in (None, 1, 2, "1", "")}
    assert len(versions) == 5
    keys = [made("def f(x): return x"), made("def f(x): return -x"), None, len]
    configurations = {
        digest(f, configuration=(size, strategy, ttl, key))
        for size in (1, 2, None)
        for strategy in ("LRU", "LFU")
        for ttl in (None, 1.0, "callable")
        for key in keys
    }
    assert len(configurations) == 3 * 2 * 3 * 4


def by_default(place):
    return lambda *args, n=place: args[n]


@pytest.mark.parametrize(
    "key",
    [
        by_default,
        operator.itemgetter,
        lambda place: operator.attrgetter("ab"[place]),
        lambda place: operator.methodcaller("__getitem__", place),
        lambda place: operator.methodcaller("index", stop=place),
        lambda place: functools.partial(by_default(0), n=place),
        lambda place: functools.partial(by_default(place)),
        lambda place: (str.lower, str.upper)[place],
        lambda place: (str, int)[place],
        lambda place: (len, hash)[place],
        lambda place: (dict.fromkeys, str.maketrans)[place],
        lambda place: made("def f(x): return g(x)", module=f"m{place}"),
    ],
)
def test_keys_count_by_what_they_do(key):
    f = made()
    assert digest(f, configuration=(key(0),)) == digest(f, configuration=(key(0),))
    assert digest(f, configuration=(key(0),)) != digest(f, configuration=(key(1),))


def by_closure(place):
    return lambda *args: args[place]


@pytest.mark.parametrize(
    ("key", "says"),
    [
        (by_closure(1), "a key that reads place of an enclosing function"),
        (functools.partial(by_closure(1)), "a key that reads place"),
        ({1: 2}.get, "a key of type builtin_function_or_method with a state"),
        ("".join, "a key of type builtin_function_or_method with a state"),
        ((1).__add__, "a key of type method-wrapper with a state"),
        (by_default(object()), "a key that has a default without an encoding, of type object"),
        (functools.partial(by_default(0), n=object()), "without an encoding, of type object"),
    ],
    ids=["closure", "of partial", "get", "join", "slot wrapper", "default", "argument of partial"],
)
def test_a_key_that_cannot_be_told_from_others_needs_a_name(folder, key, says):
    with pytest.raises(ValueError, match=rf"^name: got None for .*{says}.*; say name="):
        cache(backend="shared", key=key)(made())
    cache(backend="shared", key=key, name="it")(made())
    assert len(folder.regions()) == 1


def test_methods_of_instances_as_keys_need_a_name():
    for key in (Callable(), Callable().__call__):
        with pytest.raises(ValueError, match="a key of type .* with a state"):
            digest(made(), configuration=(key,))


def test_a_key_of_a_named_cache_counts_by_its_code_wherever_it_is():
    def of(source, module="m"):
        return digest(abs, name="n", configuration=(made(source, module=module),))

    assert of("def f(x): return x") == of("def f(x): return x", "other")
    assert of("def f(x): return x") != of("def f(x): return -x")
    assert of("def f(x, y=1): return y") != of("def f(x, y=2): return y")


def test_a_name_takes_the_place_of_the_function():
    def closure(n):
        return lambda x: x * n

    assert digest(closure(1), name="n") == digest(closure(2), name="n") == digest(abs, name="n")
    assert digest(made(), name="n") != digest(made(), name="m") != digest(made())
    assert digest(made(), name="n") != digest(made(), name="n", version=2)
    identity = identify(made(), name="n", version=None, configuration=())
    assert (identity.name, identity.function) == ("n", "m:f")
    assert identify(made(), name=None, version=None, configuration=()).name == "m:f"


class Callable:
    def __call__(self, x):
        return x

    def method(self, x):
        return super().__init__(), x


def recursive_factory():
    def fib(n):
        return n if n < 2 else fib(n - 1) + fib(n - 2)

    return fib


def with_default(x, y=object()):  # noqa: B008
    return x


def test_what_is_free_but_harmless():
    assert digest(Callable.method) == digest(Callable.method), "super() reads __class__"
    assert digest(recursive_factory()) == digest(recursive_factory()), "it reads itself"


def doubled(f):
    """Its wrapper's name is that of the free variable, and says nothing about it."""

    @functools.wraps(f)
    def inner(x):
        return 2 * f(x)

    return inner


@pytest.mark.parametrize(
    ("function", "says"),
    [
        (doubled(made()), "reads f of an enclosing function"),
        ((lambda n: lambda x: x * n)(2), "reads n of an enclosing function"),
        (functools.partial(pow, 2), "partial with a state"),
        (Callable(), "Callable with a state"),
        (Callable().method, "method with a state"),
        ("x".__mul__, "method-wrapper with a state"),
        (with_default, "default without an encoding, of type object"),
    ],
    ids=["wrapper", "closure", "partial", "instance", "bound method", "slot wrapper", "default"],
)
def test_what_needs_a_name(folder, function, says):
    with pytest.raises(ValueError, match=rf"^name: got None for .*{says}.*; say name=") as raised:
        cache(backend="shared")(function)
    assert "\n" not in str(raised.value)
    with pytest.raises(ValueError, match="say name="):
        cache(function, backend=SharedMemory())
    assert folder.regions() == []
    f = cache(backend="shared", name="it")(function)
    assert f.cache_info().maxsize == 128


def test_a_default_that_holds_itself_needs_a_name():
    loop = []
    loop.append(loop)
    with pytest.raises(ValueError, match="nested too deeply"):
        digest(made("def f(x=d): 0", d=loop))


def test_it_is_the_same_in_every_run(folder):
    code = f"""
        from warp_cache._identity import identify
        SOURCE = {SOURCE!r}
        namespace = {{"__name__": "m"}}
        exec(compile(SOURCE, "a.py", "exec"), namespace)
        identity = identify(
            namespace["f"], name=None, version=None, configuration=(1, ("a", "b"), None)
        )
        print(identity.digest.hex())
    """
    script = folder.write(code, "identity.py")
    runs = {folder.run(script, PYTHONHASHSEED=seed) for seed in ("1", "2", "3", "4")}
    assert len(runs) == 1


def test_a_script_without_a_file_is_told_by_its_text(folder):
    code = "from warp_cache import cache\nN = {}\n@cache(backend='shared')\ndef f(x): return x * N"
    code += "\nprint(f(1), f.cache_info().hits)"
    assert folder.run_python("-c", code.format(2)) == "2 0\n"
    assert folder.run_python("-c", code.format(3)) == "3 0\n"
    assert folder.run_python("-c", code.format(2)) == "2 1\n"
