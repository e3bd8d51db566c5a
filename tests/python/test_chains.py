"""Long chains of functions that keep functions end without a long stack."""

from __future__ import annotations

import os

import pytest
from support import run_python

CHAIN = """
def chain(links, keep):
    function = None
    for _ in range(links):
        longer = decorate(body)
        keep(longer, function)
        function = longer
    return function

def body(x):
    return x

decorate = cache(max_size=1)

def value(longer, function):
    longer.cache_set(function, 1)

def wrapped_value(longer, function):
    longer.cache_set([(function,)], 1)

def attribute(longer, function):
    longer.note = function
"""


@pytest.mark.parametrize("keep", ["value", "wrapped_value", "attribute"])
@pytest.mark.parametrize("end", ["globals().pop('function')", "function.cache_clear()"])
def test_a_long_chain_ends(keep, end):
    """In a thread with a small stack, so that not all too many links are a long chain."""
    links = 200_000 if os.environ.get("WARP_CACHE_LONG") else 10_000
    code = f"""
threading.stack_size(512 * 1024)
function = chain({links}, {keep})
thread = threading.Thread(target=lambda: {end})
thread.start()
thread.join()
del thread
gc.collect()
print("ended")
"""
    assert run_python(CHAIN + code, timeout=100) == "ended\n"


def test_every_link_is_told_of_its_end():
    code = """
import weakref
ended = []
functions = []
decorate = lambda function: functions.append(cache(max_size=1)(function)) or functions[-1]
function = chain(1000, value)
references = [weakref.ref(link, ended.append) for link in functions]
functions.clear()
del function
gc.collect()
print(len(ended), {reference() for reference in references})
"""
    assert run_python(CHAIN + code) == "1000 {None}\n"
