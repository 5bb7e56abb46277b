"""Calls that run past the last step."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from mbflow.flow.control_flow import Way, facts_of, reasons, target
from mbflow.flow.steps import END_OF_FLOW, Step
from mbflow.flow.vocabulary import Reason
from mbflow.model.flow import Flow
from mbflow.rules.rule import Finding
from mbflow.rules.space import caller, sentence, space_of

if TYPE_CHECKING:
    from mbflow.simulator.space import Move, Space

MANUAL = """\
A call can run past the last step.

What the service does after the last step is not documented. End the flow with a hangup.

Fails:

    title: Opening hours
    steps:
      - action: say
        options: {payload: "We open at nine.", language: en-GB, voice: female}

Passes:

    title: Opening hours
    steps:
      - action: say
        options: {payload: "We open at nine.", language: en-GB, voice: female}
      - action: hangup"""


def check(flow: Flow) -> Iterator[Finding]:
    """A last transfer that nobody answers is as good as an ending: there is nobody to talk to."""
    look = facts_of(flow)
    last = look.steps[-1]
    if last.position not in look.reached:
        return
    if not any(
        why in _PAST and target(look.program, last, why) == END_OF_FLOW for why in reasons(last)
    ):
        return
    space = space_of(look)
    who = "Calls can run" if space is None else _who(space, last)
    if who:
        yield Finding(f"{who} past this last step. Put a hangup below it.", last.path())


def _who(space: Space, last: Step) -> str:
    """The call that does least, of those that run past the last step."""
    moves = [move for move in space.every_move() if any(_is_past(way, last) for way in _ways(move))]
    if moves:
        move = min(moves, key=space.cost)
        return f"{sentence(caller([*space.path(move.origin), move]))} runs"
    return "Calls run" if any(_is_past(way, last) for way in space.entries[0]) else ""


def _ways(move: Move) -> Iterator[Way]:
    return (way for taken in move.taken if taken is not None for way in taken.ways)


def _is_past(way: Way, last: Step) -> bool:
    return way.step == last.position and way.to == END_OF_FLOW and way.why in _PAST


_PAST = frozenset({Reason.NEXT, Reason.KEYS, Reason.SKIPPED})
