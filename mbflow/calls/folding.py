"""What a call says again and again told once: an endless flow must not bury its own message."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace

from mbflow.calls.durations import clock
from mbflow.calls.telling import event_line
from mbflow.simulator.transcript import Event

LONGEST = 12
"""Events of a round that is recognised: a menu with its keys."""
FEWEST = 4
"""Rounds that are worth a line of their own."""


def short_lines(
    events: Sequence[Event], flow: str, keep: Collection[int] = ()
) -> Iterator[tuple[int, str]]:
    """The number of each event with its line; -1 with a line that stands for the rounds left out.

    Events in `keep` are always told.
    """
    sayings = [replace(event, at=0) for event in events]
    number = 0
    while number < len(events):
        length, rounds = _rounds(sayings, number, keep)
        for told in range(number, number + length):
            yield told, event_line(events[told], flow)
        number += length * rounds
        if rounds > 1:
            yield -1, _again(length, rounds - 1, events[number - 1])


def _rounds(sayings: Sequence[Event], start: int, keep: Collection[int]) -> tuple[int, int]:
    """How many events the shortest round that begins here has, and how often it comes."""
    for length in range(1, LONGEST + 1):
        once = sayings[start : start + length]
        rounds = 1
        while True:
            again = start + length * rounds
            kept = any(again <= number < again + length for number in keep)
            if kept or sayings[again : again + length] != once:
                break
            rounds += 1
        if rounds >= FEWEST:
            return length, rounds
    return 1, 1


def _again(length: int, times: int, last: Event) -> str:
    lines = "The line" if length == 1 else f"The {length} lines"
    return f"{'…':>7}       {lines} above {times:,} times more, up to {clock(last.at)}."
