"""Results that are good for a while only.

python examples/python/03_ttl.py
"""

from datetime import timedelta

from warp_cache import cache


# Kept for a minute from the moment it was computed. A timedelta says the same.
@cache(ttl=60.0)
def price(item):
    price.computed += 1
    return price.computed


price.computed = 0
assert (price("tea"), price("tea")) == (1, 1)

# Before its time is over, one entry can be dropped, or computed anew in its place.
assert price.cache_invalidate("tea")
assert price("tea") == 2
assert price.cache_refresh("tea") == 3
assert price("tea") == 3
print(f"price: {price.cache_info()}")

# Each result for as long as it says itself: None is for good, 0 is not kept at all.
VALID = {"guest": timedelta(minutes=5), "member": 3600, "owner": None, "used once": 0}


@cache(ttl=lambda token: token["valid"])
def token(user):
    return {"user": user, "valid": VALID[user]}


for user in VALID:
    token(user)
kept = [user for user in VALID if token.cache_contains(user)]
print(f"kept: {kept}")
assert kept == ["guest", "member", "owner"]
assert token("guest") is token("guest")
assert token("used once") is not token("used once")

# A time that cannot be is refused where it is written.
for wrong in (0, -1, float("nan"), timedelta(0)):
    try:
        cache(ttl=wrong)
    except ValueError as error:
        print(error)
    else:
        raise AssertionError(f"{wrong} is no time to live")
