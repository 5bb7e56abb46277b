"""Reading until something shows: a service may show a write a little later than it took it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import chain, repeat
from typing import TypeVar

Value = TypeVar("Value")


def poll(
    read: Callable[[], Value],
    until: Callable[[Value], bool],
    pauses: Iterable[float],
    sleep: Callable[[float], object],
) -> Value:
    """What was read last: what fits `until`, or what there was when the pauses were at their end.

    `pauses` are the seconds before each read, at least one (0 to read at once); they may go on for
    ever. Raises what `read` raises.
    """
    for pause in pauses:
        sleep(pause)
        value = read()
        if until(value):
            break
    return value


def pauses_within(seconds: float, pauses: Sequence[float]) -> Iterator[float]:
    """None at first, then the pauses, the last of them again and again, `seconds` in all."""
    yield 0.0
    for pause in chain(pauses, repeat(pauses[-1])):
        if seconds <= 0:
            return
        yield min(pause, seconds)
        seconds -= pause
