"""Benchmarks: `make bench`, or `python -m bench` where the group `bench` is installed.

A figure is a ratio to functools.lru_cache, from one process in which the contenders take turns,
as the median over the rounds. Nanoseconds are printed for orientation only: the next machine has
others.

`measure` says how a figure is made, `contenders` who takes part, `targets` what we promise
ourselves; `hits`, `growth`, `memory`, `threads` and `elder` are the questions asked; `report` and
`picture` show the answers.
"""
