"""What comes back from shared memory: what went in, type for type, or a fresh computation."""

from __future__ import annotations

import math
import warnings

import pytest
from shared_support import ToldError, posix

from warp_cache import SharedMemory, cache

pytestmark = posix

TYPES = """
    import collections, datetime, decimal, enum, fractions, uuid

    Point = collections.namedtuple("Point", "x y")
    class Level(enum.IntEnum):
        LOW = 1
    class Text(str):
        pass
    class Number(int):
        pass
    class Plain:
        def __init__(self, x): self.x = x
        def __eq__(self, other): return type(other) is Plain and self.x == other.x

    deep = []
    for _ in range(90): deep = [deep]
    deeper = []
    for _ in range(400): deeper = [deeper]
    itself = []; itself.append(itself)
    twice = [1]
    zone = datetime.timezone(datetime.timedelta(hours=2), "X")

    VALUES = {
        "None": None, "bools": (True, False), "ints": (0, -1, 2**30, -2**63, 2**64, -10**200),
        "floats": (0.5, -0.0, float("inf"), 5e-324), "nan": float("nan"), "complex": -0.0 + 1j,
        "str": "a\\u00fc\\u20ac\\U0001f600", "surrogates": "a\\ud800b", "bytes": bytes(range(256)),
        "empty": ("", b"", (), [], {}, set(), frozenset()), "nested": [1, (2, {"a": {3, 4}})],
        "order": {"b": 1, "a": 2}, "frozenset": frozenset(["x", (1, 2)]),
        "datetime": datetime.datetime(2024, 2, 29, 23, 59, 59, 999999, tzinfo=zone, fold=1),
        "date": datetime.date(1, 1, 1), "time": datetime.time(1, 2, 3),
        "timedelta": datetime.timedelta(-3, 2, 1), "utc": datetime.timezone.utc,
        "decimal": decimal.Decimal("-1.200"), "uuid": uuid.UUID(int=5),
        "namedtuple": Point(1, [2]), "IntEnum": Level.LOW, "str subclass": Text("t"),
        "int subclass": Number(7), "instance": Plain(3), "fraction": fractions.Fraction(1, 3),
        "OrderedDict": collections.OrderedDict(a=1), "type": int, "deep": deep, "deeper": deeper,
        "twice": [twice, twice], "bytearray": bytearray(b"x"), "range": range(3),
    }

    calls = []

    @cache(backend="shared", max_size=200)
    def f(name):
        calls.append(name)
        return VALUES[name]

    @cache(backend=SharedMemory(serializer="exact"), max_size=200)
    def exact(name):
        calls.append(name)
        return VALUES[name]

    def shape(value):
        "Types and values, told apart where == does not."
        kind = type(value).__module__ + "." + type(value).__qualname__
        if isinstance(value, (list, tuple)):
            return kind, *map(shape, value)
        if isinstance(value, dict):
            return kind, *((shape(k), shape(v)) for k, v in value.items())
        if isinstance(value, (set, frozenset)):
            return kind, *sorted(map(ascii, value))
        if isinstance(value, Plain):
            return kind, value.x
        return kind, repr(value)
"""
PICKLED = ["namedtuple", "IntEnum", "str subclass", "int subclass", "instance", "fraction",
           "OrderedDict", "type", "deeper", "bytearray", "range"]  # fmt: skip


def test_every_value_comes_back_as_it_went_in(folder):
    first, second = folder.processes(2, TYPES)
    for process in (first, second):
        process.tell("sys.setrecursionlimit(10_000)")
    names = first.tell("list(VALUES)")
    first.tell("for name in VALUES: f(name)")
    for name in names:
        assert second.tell(f"shape(f({name!r})) == shape(VALUES[{name!r}])"), name
    assert second.tell("calls") == []
    assert second.tell("f('twice')[0] is f('twice')[1]")


def test_an_exact_cache_keeps_what_is_exact(folder):
    first, second = folder.processes(2, TYPES)
    first.tell("warnings.simplefilter('ignore')")
    first.tell("for name in VALUES: exact(name)")
    names = second.tell("list(VALUES)")
    kept = [name for name in names if second.tell(f"exact.cache_contains({name!r})")]
    assert set(kept) == set(names) - set(PICKLED)
    for name in kept:
        assert second.tell(f"shape(exact({name!r})) == shape(VALUES[{name!r}])"), name
    assert first.tell("exact.cache_info().errors") == len(PICKLED)


def decorated(body, **options):
    return cache(backend="shared", name="f", **options)(body)


def test_a_result_that_cannot_be_encoded_is_returned_and_told_once(folder):
    f = decorated(lambda x: lambda: x)
    with pytest.warns(RuntimeWarning, match="cannot be encoded, and is not kept") as caught:
        assert f(1)() == 1
    assert len(caught) == 1
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert f(1)() == 1
        assert f(2)() == 2
    info = f.cache_info()
    assert (info, info.errors) == ((0, 3, 128, 0), 3)


def test_a_value_that_cannot_be_encoded_is_not_kept_over_another(folder):
    f = decorated(lambda x: x)
    assert f(1) == 1
    with pytest.warns(RuntimeWarning, match="cannot be encoded"):
        f.cache_set(lambda: 0, 1)
    assert not f.cache_contains(1), "what was there is out of date"
    assert f.cache_info().errors == 1


def test_what_pickling_raises_is_told_and_an_exit_is_raised(folder):
    class Hostile:
        def __init__(self, error):
            self.error = error

        def __reduce__(self):
            raise self.error

    f = decorated(lambda error: Hostile(error), key=repr)
    with pytest.warns(RuntimeWarning, match="pickling raised"):
        assert isinstance(f(OSError("no")), Hostile)
    with pytest.raises(KeyboardInterrupt):
        f(KeyboardInterrupt())
    assert f.cache_info()[:2] == (0, 2)


def test_a_value_that_no_longer_decodes_is_replaced(folder):
    code = """
        calls = []
        class Thing:
            pass
        @cache(backend="shared", name="things")
        def f(x):
            calls.append(x)
            return Thing()
    """
    first = folder.process(code)
    first.tell("f(1) and None")
    second = folder.process(code.replace("class Thing", "class Other").replace("Thing()", "5"))
    second.tell("warnings.simplefilter('error')")
    with pytest.raises(ToldError, match="RuntimeWarning: f has a kept result that does not decode"):
        second.tell("f(1)")
    assert second.tell("f(1), f(1), calls") == (5, 5, [1]), "told once, and replaced"
    assert second.tell("f.cache_info().errors") == 2
    assert tuple(second.tell("tuple(f.cache_info())")) == (1, 3, 128, 1)
    assert first.tell("f(1)") == 5


def test_a_size_of_a_value_or_a_key_is_kept_to(folder):
    f = decorated(lambda x: "v" * x if isinstance(x, int) else 0, max_value_size=100)
    assert f(90) == "v" * 90
    assert f.cache_contains(90)
    with pytest.warns(RuntimeWarning, match=r"more than 100 bytes") as caught:
        assert f(200) == "v" * 200
        assert f(300) == "v" * 300
    assert len(caught) == 1
    assert (f.cache_info(), f.cache_info().errors) == ((0, 3, 128, 1), 2)

    g = cache(backend="shared", name="g", max_key_size=50)(lambda x: len(x))
    assert [g("k" * 20), g("k" * 20)] == [20, 20]
    with pytest.warns(RuntimeWarning, match=r"arguments take more than 50 bytes") as caught:
        assert [g("k" * 60), g("k" * 60)] == [60, 60]
    assert len(caught) == 1
    assert (g.cache_info(), g.cache_info().errors) == ((1, 3, 128, 1), 2)
    assert not g.cache_contains("k" * 60)
    assert not g.cache_invalidate("k" * 60)
    with pytest.raises(KeyError):
        g.cache_get("k" * 60)
    assert g.cache_refresh("k" * 60) == 60
    g.cache_set(1, "k" * 60)
    assert not g.cache_contains("k" * 60)


def test_a_value_may_take_an_eighth_of_the_region(folder):
    size = 1 << 20
    f = cache(backend=SharedMemory(name="f", size=size), max_size=10)(lambda x: b"v" * x)
    assert len(f(size // 9)) == size // 9
    assert f.cache_contains(size // 9)
    with pytest.warns(RuntimeWarning, match="is not kept"):
        assert len(f(size // 8 + 1)) == size // 8 + 1
    assert not f.cache_contains(size // 8 + 1)
    for x in range(size // 9, size // 9 + 200):
        assert len(f(x)) == x
    assert f.cache_info().currsize <= 10


# ---------------------------------------------------------------- keys


def test_keys_follow_equality_within_and_between_processes(folder):
    code = """
        calls = []
        @cache(backend="shared")
        def f(x, **more):
            calls.append(x)
            return x
        @cache(backend="shared", typed=True)
        def typed(x):
            calls.append(x)
            return x
        def shape(x):
            "The types of what is compared by typed: an argument's own, as in functools."
            return type(x).__name__
    """
    first, second = folder.processes(2, code)
    equal = [
        ("1", "1.0", "True", "1 + 0j"),
        ("0.0", "-0.0", "False"),
        ("{1, 2, 3}", "{3, 2, 1}", "frozenset([2, 1, 3])"),
        ("{'a': 1, 'b': 2}", "{'b': 2, 'a': 1}"),
        ("(1, (2.0, 'x'))", "(1.0, (2, 'x'))"),
        ("2**70", "float(2**70)"),
    ]
    for keys in equal:
        for process in (first, second):
            process.tell("f.cache_clear(); calls.clear()")
        first.tell(f"f({keys[0]})")
        for key in keys:
            second.tell(f"f({key})")
            first.tell(f"f({key})")
        assert second.tell("calls") == [], keys
        assert first.tell("len(calls)") == 1, keys
        # -0.0 is of the same type as 0.0, and so are sets and dicts in another order.
        kinds = first.tell(f"len({{shape(x) for x in ({', '.join(keys)},)}})")
        for process in (first, second):
            process.tell("calls.clear()")
            process.tell(f"for x in ({', '.join(keys)},): typed(x)")
        assert first.tell("len(calls)") == kinds, keys
        assert second.tell("calls") == [], keys


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("f(1, a=2)", "f((1,), (('a', 2),))"),
        ("f(1, 'a', 2)", "f(1, a=2)"),
        ("f('1')", "f(1)"),
        ("f(b'a')", "f('a')"),
        ("f((1, 2), 3)", "f((1, 2, 3))"),
        ("f([1])", "f((1,))"),
        ("f(())", "f()"),
        ("f(a=1, b=2)", "f(a=2, b=1)"),
        ("f([])", "f({})"),
        ("f(None)", "f('None')"),
    ],
)
def test_different_calls_are_different_keys(folder, one, other):
    process = folder.process("""
        @cache(backend="shared", name="f")
        def f(*args, **kwargs):
            return repr((args, kwargs))
    """)
    assert process.tell(one) != process.tell(other)
    assert process.tell("tuple(f.cache_info())") == (0, 2, 128, 2)


def test_unhashable_arguments_are_taken_where_they_encode(folder):
    calls = []
    f = decorated(lambda x, **more: calls.append(x) or len(calls))
    for x in ([1, 2], {"a": [1]}, {1, 2}, ([1],), bytearray(b"x")):
        assert f(x) == f(x) == f(x, **{})
        assert f.cache_contains(x)
        assert f.cache_get(x) == f(x)
        assert f.cache_key(x) == f.cache_key(x) != f.cache_key([])
        hash(f.cache_key(x))
        f.cache_set(-1, x)
        assert f(x) == -1
        assert f.cache_invalidate(x) and not f.cache_contains(x)
    assert len(calls) == 5
    with pytest.raises(KeyError):
        f.cache_get([1, 2])
    exact = cache(backend=SharedMemory(name="exact", serializer="exact"))(lambda x: 0)
    assert exact([1]) == 0
    with pytest.raises(TypeError, match="bytearray"):
        exact(bytearray(b"x"))
    with pytest.raises(TypeError, match="arguments: processes cannot share") as raised:
        f(lambda: 0)
    assert "say key=" in str(raised.value)
    assert f.cache_info().errors == 0


def test_what_a_hash_raises_is_raised(folder):
    class Hostile:
        def __hash__(self):
            raise TypeError("not today")

    f = decorated(lambda x: 0)
    with pytest.raises(TypeError, match="not today"):
        f(Hostile())
    assert f.cache_info()[:2] == (0, 0)


def test_nan_is_found_again_by_the_same_object(folder):
    calls = []
    f = decorated(lambda x: calls.append(x) or 1)
    nan = math.nan
    assert f(nan) == f(nan) == 1
    assert len(calls) == 1
