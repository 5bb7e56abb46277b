"""Questions about the space of one flow: what calls pass, what they come to, how they end. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from heapq import heappop, heappush
from typing import NamedTuple

from mbflow.flow.control_flow import Way
from mbflow.flow.steps import Program, Step
from mbflow.flow.vocabulary import Reason
from mbflow.simulator.space import Move, Space
from mbflow.simulator.walk import NOTHING

_STEERING = ("loop", "length", "maxLength", "timeout", "finishOnKey", "ifMachine", "machineTimeout")
"""Options that decide which ways lead out of a step."""


MOST_MOVES = 8_000
"""Of a space that is made for every flow of a project: half a second at most."""


def decided_space(program: Program) -> Space | None:
    """All calls of a flow without secrets; None where they are not decided.

    So it is where the space is cut, and where what steers calls is a reference without a value.
    """
    if any(map(_is_open, program.steps)):
        return None
    space = Space([program], MOST_MOVES)
    return None if space.is_cut else space


def _is_open(step: Step) -> bool:
    stated = [step.goto, step.end_key, *(step.text(name) for name in _STEERING)]
    return any("${" in text for text in stated)


class Passed(NamedTuple):
    """What the calls of a space pass."""

    ran: frozenset[int]
    """The steps that some call runs."""
    ways: frozenset[Way]
    """The ways that some call goes."""


def passed(space: Space) -> Passed:
    """What some call runs, and the ways that some call goes."""
    ways = set(space.entries[0])
    ran = set()
    for move in space.every_move():
        for taken in filter(None, move.taken):
            ran.add(taken.step)
            ways.update(taken.ways)
    ran.update(way.step for way in ways if way.why is not Reason.SKIPPED)
    return Passed(frozenset(ran), frozenset(ways))


def ways_to_end(space: Space, ends: Collection[int]) -> dict[int, Move | None]:
    """The situations from which calls can come to such an end, each with the next move there.

    `ends` are targets that end calls. The least that anybody has to do counts.
    """
    back: defaultdict[int, list[Move]] = defaultdict(list)
    for move in space.every_move():
        back[move.to].append(move)
    found: dict[int, Move | None] = {}
    waiting: list[tuple[tuple[int, int], int, int, Move | None]] = [
        ((0, 0), number, number, None)
        for number in range(len(space))
        if space.situation(number).places[0].step in ends
    ]
    order = len(space)
    while waiting:
        (done, steps), _, number, onward = heappop(waiting)
        if number in found:
            continue
        found[number] = onward
        for move in back[number]:
            order += 1
            cost = (done + (move.choice is not NOTHING), steps + 1)
            heappush(waiting, (cost, order, move.origin, move))
    return found
