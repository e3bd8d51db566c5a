"""Which calls are the same call: methods, arguments that do not matter, types, keys of your own.

python examples/python/05_keys.py
"""

from warp_cache import cache


class Shop:
    def __init__(self, rate):
        self.rate = rate

    @cache(max_size=1000)
    def price(self, item):
        return self.rate * len(item)


# The instance is part of the key, and the controls of a method know it.
near, far = Shop(1), Shop(2)
assert (near.price("tea"), far.price("tea")) == (3, 6)
assert near.price.cache_invalidate("tea")
assert not Shop.price.cache_contains(near, "tea") and far.price.cache_contains("tea")


# What does not change the result is left out, however it is passed.
@cache(ignore="log")
def area(width, height=1, log=None):
    return width * height


area(2, 3), area(2, 3, print), area(2, 3, log=print)
assert area.cache_info().hits == 2
# The order of keywords does not matter; by name or by position are two calls.
area(width=4, height=5), area(height=5, width=4), area(4, 5)
print(f"area: {area.cache_info()}")
assert area.cache_info() == (3, 3, 128, 3)


# Equal arguments are the same call, of whatever type they are, unless `typed` says otherwise.
def kind(x):
    return type(x).__name__


equal, typed = cache(kind), cache(typed=True)(kind)
assert [equal(x) for x in (1, 1.0, True)] == ["int", "int", "int"]
assert [typed(x) for x in (1, 1.0, True)] == ["int", "float", "bool"]


# A key of your own, also for arguments that have no hash.
@cache(key=lambda order: (order["id"], order["country"].lower()))
def tax(order):
    return 19 if order["country"].lower() == "de" else 20


assert tax({"id": 7, "country": "DE"}) == tax({"id": 7, "country": "de"}) == 19
print(f"tax: {tax.cache_info()}")
assert tax.cache_info().hits == 1
