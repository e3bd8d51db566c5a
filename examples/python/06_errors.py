"""A computation that fails: its exception is raised and not kept, the next call tries again.

python examples/python/06_errors.py
"""

from warp_cache import cache


@cache
def parse(text):
    return int(text)


assert (parse("42"), parse("42")) == (42, 42)
for _ in range(2):
    try:
        parse("many")
    except ValueError as error:
        print(error)
info = parse.cache_info()
print(info)
assert (info.hits, info.misses, info.errors, info.currsize) == (1, 3, 2, 1)

# None is a value like any other: that there is nothing is kept too.
OWNERS = {"house": "Ada"}
owner = cache(OWNERS.get)
assert (owner("moon"), owner("moon")) == (None, None)
assert owner.cache_info().hits == 1
assert owner.cache_get("moon") is None
try:
    owner.cache_get("sun")
except KeyError:
    print("nothing is kept for the sun")

# Unless it is told which results to keep.
found = cache(cache_if=lambda result: result is not None)(OWNERS.get)
assert (found("house"), found("moon")) == ("Ada", None)
OWNERS["moon"] = "Neil"
assert found("moon") == "Neil"
assert owner("moon") is None

# A refresh that fails leaves the old result.
parse.cache_set(-1, "none")
try:
    parse.cache_refresh("none")
except ValueError as error:
    print(error)
assert parse("none") == -1

# What cannot be is refused when the function is decorated.
try:
    cache(max_size="many")
except TypeError as error:
    print(error)
    assert "max_size" in str(error)
