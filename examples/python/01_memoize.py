"""A function's results, kept: each argument is computed once.

python examples/python/01_memoize.py
"""

import functools

from warp_cache import cache, lru_cache

calls = 0


@cache
def letters(word):
    """What takes long, remembered for the last 128 words."""
    global calls
    calls += 1
    return sum(letter.isalpha() for letter in word)


@cache(max_size=None)
def fibonacci(n):
    """Recursion works too: the function may use its own cache."""
    return n if n < 2 else fibonacci(n - 1) + fibonacci(n - 2)


text = "the cat and the dog and the bird"
total = sum(letters(word) for word in text.split())
print(f"{total} letters, {calls} of 8 words looked at")
assert (total, calls) == (25, 5)

print(f"fibonacci(90) = {fibonacci(90)}")
assert fibonacci.cache_info().misses == 91

# It stays the function that it was.
assert letters.__name__ == "letters"
assert letters.__wrapped__("plain") == 5 and not letters.cache_contains("plain")


# lru_cache takes the place of functools.lru_cache, and answers as it does.
def square(x):
    return x * x


ours, theirs = lru_cache(2)(square), functools.lru_cache(2)(square)
for x in (1, 2, 1, 3, 2):
    assert ours(x) == theirs(x)
print(f"ours:   {ours.cache_info()}\ntheirs: {theirs.cache_info()}")
assert ours.cache_info() == theirs.cache_info() == (1, 4, 2, 2)
assert str(ours.cache_info()) == str(theirs.cache_info())

ours.cache_clear()
assert ours.cache_info() == (0, 0, 2, 0)
