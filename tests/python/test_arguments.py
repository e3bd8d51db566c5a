"""Wrong arguments are refused at decoration, by a sentence that names the argument."""

from __future__ import annotations

import warnings
from datetime import timedelta
from decimal import Decimal

import pytest
from support import STRATEGIES

from warp_cache import Backend, Strategy, cache, lru_cache

INFINITY, NAN = float("inf"), float("nan")


def function(x, y=0, *, z=None):
    return x


# Each is refused: the options, the exceptions allowed, and what the sentence has to name.
REFUSED = [
    # max_size
    ({"max_size": "10"}, TypeError, "max_size"),
    ({"max_size": 1.5}, TypeError, "max_size"),
    ({"max_size": 128.0}, TypeError, "max_size"),
    ({"max_size": True}, TypeError, "max_size"),
    ({"max_size": False}, TypeError, "max_size"),
    ({"max_size": [1]}, TypeError, "max_size"),
    ({"max_size": Decimal(5)}, TypeError, "max_size"),
    ({"max_size": Strategy.LFU}, TypeError, "strategy=|max_size"),
    ({"maxsize": "10"}, TypeError, "maxsize|max_size"),
    ({"maxsize": True}, TypeError, "maxsize|max_size"),
    ({"max_size": 1, "maxsize": 1}, TypeError, "max_?size"),
    ({"max_size": None, "maxsize": None}, TypeError, "max_?size"),
    # strategy
    ({"strategy": "lruu"}, ValueError, "strategy"),
    ({"strategy": ""}, ValueError, "strategy"),
    ({"strategy": "l r u"}, ValueError, "strategy"),
    ({"strategy": "lru\0"}, ValueError, "strategy"),
    ({"strategy": "ſieve"}, ValueError, "strategy"),
    ({"strategy": "\ud800"}, ValueError, "strategy"),
    ({"strategy": 999}, ValueError, "strategy"),
    ({"strategy": -1}, ValueError, "strategy"),
    ({"strategy": 10**30}, ValueError, "strategy"),
    ({"strategy": 0.0}, TypeError, "strategy"),
    ({"strategy": b"lru"}, TypeError, "strategy"),
    ({"strategy": object()}, TypeError, "strategy"),
    ({"strategy": [Strategy.LRU]}, TypeError, "strategy"),
    # ttl
    ({"ttl": 0}, ValueError, "ttl"),
    ({"ttl": 0.0}, ValueError, "ttl"),
    ({"ttl": -0.0}, ValueError, "ttl"),
    ({"ttl": -1}, ValueError, "ttl"),
    ({"ttl": -1e-9}, ValueError, "ttl"),
    ({"ttl": NAN}, ValueError, "ttl"),
    ({"ttl": INFINITY}, ValueError, "ttl"),
    ({"ttl": -INFINITY}, ValueError, "ttl"),
    ({"ttl": 1e300}, ValueError, "ttl"),
    ({"ttl": 1e20}, ValueError, "ttl"),
    ({"ttl": 10**30}, ValueError, "ttl"),
    ({"ttl": 10**400}, ValueError, "ttl"),
    ({"ttl": timedelta(0)}, ValueError, "ttl"),
    ({"ttl": timedelta(seconds=-1)}, ValueError, "ttl"),
    ({"ttl": timedelta.max}, ValueError, "ttl"),
    ({"ttl": timedelta.min}, ValueError, "ttl"),
    ({"ttl": "60"}, TypeError, "ttl"),
    ({"ttl": [60]}, TypeError, "ttl"),
    ({"ttl": 1j}, TypeError, "ttl"),
    # typed, key, cache_if, single_flight
    ({"typed": "yes"}, TypeError, "typed"),
    ({"typed": None}, TypeError, "typed"),
    ({"key": 5}, TypeError, "key"),
    ({"key": "x"}, TypeError, "key"),
    ({"cache_if": True}, TypeError, "cache_if"),
    ({"cache_if": "x"}, TypeError, "cache_if"),
    ({"single_flight": "yes"}, TypeError, "single_flight"),
    ({"single_flight": 2.5}, TypeError, "single_flight"),
    # ignore
    ({"ignore": "nope"}, ValueError, "ignore"),
    ({"ignore": ("x", "nope")}, ValueError, "nope"),
    ({"ignore": 3}, ValueError, "ignore"),
    ({"ignore": [0, 17]}, ValueError, "ignore"),
    ({"ignore": 10**30}, ValueError, "ignore"),
    ({"ignore": ""}, ValueError, "ignore"),
    ({"ignore": "\ud800"}, ValueError, "ignore"),
    ({"ignore": 1.5}, TypeError, "ignore"),
    ({"ignore": [1.5]}, TypeError, "ignore"),
    ({"ignore": [None]}, TypeError, "ignore"),
    ({"ignore": object()}, TypeError, "ignore"),
    ({"ignore": "y", "key": lambda *a, **k: a}, TypeError, "ignore|key"),
    # backend
    ({"backend": "disk"}, ValueError, "backend"),
    ({"backend": 7}, ValueError, "backend"),
    ({"backend": -1}, ValueError, "backend"),
    ({"backend": 1.5}, TypeError, "backend"),
    ({"backend": object()}, TypeError, "backend"),
    # what only a shared cache uses is checked all the same
    ({"max_key_size": "1"}, TypeError, "max_key_size"),
    ({"max_key_size": True}, TypeError, "max_key_size"),
    ({"max_key_size": -1}, ValueError, "max_key_size"),
    ({"max_value_size": 1.5}, TypeError, "max_value_size"),
    ({"max_value_size": -1}, ValueError, "max_value_size"),
    ({"name": 5}, TypeError, "name"),
    ({"version": object()}, TypeError, "version"),
]


def shown(value):
    text = ascii(value)
    return type(value).__name__ if " at 0x" in text else text[:40]


@pytest.mark.parametrize(
    ("options", "error", "says"),
    REFUSED,
    ids=[", ".join(f"{k}={shown(v)}" for k, v in options.items()) for options, *_ in REFUSED],
)
def test_refused_at_decoration(options, error, says):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for decorate in (
            lambda: cache(**options)(function),
            lambda: cache(function, **options),
        ):
            with pytest.raises(error, match=says) as caught:
                decorate()
            assert type(caught.value) is error, "not a subclass such as UnicodeEncodeError"
            assert len(str(caught.value)) > 15, "a sentence, not a word"


def test_lru_cache_refuses_the_same():
    lru_options = [row for row in REFUSED if not {"strategy", "typed"} & row[0].keys()]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for options, error, says in lru_options:
            if isinstance(options.get("max_size", options.get("maxsize")), bool):
                continue  # functools takes a bool for a size
            with pytest.raises(error, match=says):
                lru_cache(**options)(function)


@pytest.mark.parametrize("size", ["10", 1.5, [1], object()])
def test_a_bad_positional_size(size):
    for decorate in (cache, lru_cache):
        with pytest.raises(TypeError):
            decorate(size)(function)


@pytest.mark.parametrize("size", [2**63, 2**64, 10**30])
def test_a_size_beyond_the_machine_works_or_is_refused(size):
    try:
        f = cache(size)(function)
    except ValueError as refusal:
        assert "max_size" in str(refusal)
    else:
        assert f(1) == 1 and f.cache_info().hits == 0


def test_the_size_given_twice():
    for decorate in (
        lambda: cache(5, max_size=5),
        lambda: cache(5, maxsize=5),
        lambda: lru_cache(5, max_size=5),
        lambda: lru_cache(5, maxsize=5),
        lambda: lru_cache(maxsize=5, max_size=5),
    ):
        with pytest.raises(TypeError, match="max_?size"):
            decorate()(function)


def test_a_strategy_is_not_a_size():
    for decorate in (lambda: cache(Strategy.LFU), lambda: cache(Strategy.LRU)):
        with pytest.raises(TypeError, match="strategy="):
            decorate()(function)


def test_true_is_not_a_size():
    for size in (True, False):
        with pytest.raises(TypeError, match="max_size|size"):
            cache(size)(function)


@pytest.mark.parametrize("strategy", STRATEGIES)
def test_a_strategy_by_member_name_and_number(strategy):
    for given in (
        strategy,
        int(strategy),
        strategy.name,
        strategy.name.lower(),
        "".join(c.upper() if i % 2 else c.lower() for i, c in enumerate(strategy.name)),
    ):
        f = cache(max_size=2, strategy=given)(function)
        assert [f(1), f(1)] == [1, 1]


def test_a_bad_strategy_name_lists_the_good_ones():
    with pytest.raises(ValueError) as caught:
        cache(strategy="lruu")(function)
    for strategy in STRATEGIES:
        assert strategy.name.lower() in str(caught.value).lower()
    assert "lruu" in str(caught.value)


def test_good_values_are_taken():
    for options in (
        {"ttl": 1},
        {"ttl": 1e-9},
        {"ttl": 0.5},
        {"ttl": 10**8},
        {"ttl": timedelta(days=365 * 50)},
        {"ttl": timedelta(microseconds=1)},
        {"ttl": lambda result: None},
        {"ttl": None},
        {"ignore": ()},
        {"ignore": []},
        {"ignore": "y"},
        {"ignore": 1},
        {"ignore": ("y", "z")},
        {"ignore": ["y", 2]},
        {"ignore": {"y"}},
        {"ignore": (i for i in ("y", 0))},
        {"ignore": ("y", "y", 1)},
        {"key": None},
        {"cache_if": None},
        {"backend": Backend.MEMORY},
        {"backend": "memory"},
        {"backend": 0},
        {"single_flight": None},
        {"single_flight": False},
        {"single_flight": True},
        {"max_size": 10**12},
    ):
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            f = cache(**options)(function)
        assert f(1) == 1, options


@pytest.mark.parametrize(
    "options",
    [
        {"name": "shared-name"},
        {"version": "2"},
        {"version": 2},
        {"max_key_size": 100},
        {"max_value_size": 100},
    ],
    ids=lambda options: next(iter(options)),
)
def test_what_only_a_shared_cache_uses_warns(options):
    with pytest.warns(match=next(iter(options))) as caught:
        f = cache(**options)(function)
    assert len(caught) == 1
    assert caught[0].filename == __file__, "the warning points at the decoration"
    assert f(1) == 1


def test_unknown_options_are_refused():
    with pytest.raises(TypeError, match="max_sise"):
        cache(max_sise=3)
    with pytest.raises(TypeError, match="lifetime"):
        lru_cache(lifetime=3)
    with pytest.raises(TypeError):
        cache(function, 5)
    with pytest.raises(TypeError):
        cache(5, 5)


@pytest.mark.parametrize("thing", ["text", 1.5, [], {}, object()], ids=repr)
def test_what_is_not_callable_cannot_be_cached(thing):
    with pytest.raises(TypeError):
        cache(max_size=3)(thing)
    with pytest.raises(TypeError):
        cache()(None)


def test_a_property_is_refused():
    for decorate in (cache, cache(max_size=3)):
        with pytest.raises(TypeError, match="property"):
            decorate(property(function))


def test_generators_are_refused_with_the_reason():
    def generator(x):
        yield x

    async def async_generator(x):
        yield x

    class CallableGenerator:
        def __call__(self, x):
            yield x

    for thing in (generator, async_generator, CallableGenerator()):
        for decorate in (cache, cache(max_size=3), lru_cache, lru_cache()):
            with pytest.raises(TypeError, match="generator"):
                decorate(thing)


def test_ignore_needs_to_know_the_parameters():
    class Opaque:
        __signature__ = "none"

        def __call__(self, *args):
            return args

    with pytest.raises((TypeError, ValueError), match="ignore"):
        cache(ignore="x")(Opaque())
    with pytest.raises((TypeError, ValueError), match="ignore"):
        cache(ignore="x")(dict)


def test_refusals_leave_the_function_untouched():
    before = dict(vars(function))
    with pytest.raises(ValueError):
        cache(ignore="nope")(function)
    assert vars(function) == before and function(3) == 3


@pytest.mark.parametrize(
    ("member", "says"),
    [
        (Strategy.LFU, "strategy=Strategy.LFU"),
        (Backend.SHARED, "backend=Backend.SHARED"),
    ],
)
def test_a_member_in_the_place_of_a_size_is_called_by_its_name(member, says):
    for decorate in (cache, lru_cache):
        with pytest.raises(TypeError, match=says):
            decorate(member)
    with pytest.raises(TypeError, match=f"got {type(member).__name__}.{member.name};"):
        cache(max_size=member)
