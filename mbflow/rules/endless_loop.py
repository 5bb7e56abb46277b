"""Steps that only the caller can end."""

from __future__ import annotations

from collections.abc import Iterator, Set
from typing import TYPE_CHECKING

from mbflow.flow.control_flow import ending, facts_of, lasts_forever
from mbflow.flow.steps import END_OF_FLOW, MISSING, OVER
from mbflow.model.flow import Flow
from mbflow.rules.rule import Finding
from mbflow.rules.space import caller, space_of

if TYPE_CHECKING:
    from mbflow.simulator.space import Space

MANUAL = """\
A call that reaches a step never ends unless the caller hangs up.

A text in a loop, or a recording that neither a key nor silence nor a maximum length ends, goes on
until the caller hangs up, and costs money all that time.

Fails:

    title: Hold
    steps:
      - action: say
        options: {payload: "Please hold.", language: en-GB, voice: female, loop: true}

Passes:

    title: Hold
    steps:
      - action: say
        options: {payload: "Please hold.", language: en-GB, voice: female, repeat: 10}
      - action: hangup"""


def check(flow: Flow) -> Iterator[Finding]:
    look = facts_of(flow)
    loops = [step for step in look.steps if lasts_forever(step) and _is_plain(step.raw)]
    if not loops:
        return
    space = space_of(look)
    endless = dict.fromkeys(look.reached - ending(look.program), "")
    if space is not None:
        endless = _endless(space, endless.keys())
    for step in loops:
        if step.position in endless:
            who = endless[step.position]
            message = (
                f"Nothing ends this recording{who}: "
                "give it a maxLength, a timeout or a finishOnKey."
                if step.action == "record"
                else f"This text repeats forever{who}. "
                "Use repeat, or let a key lead on (onKeypressGoto)."
            )
            yield Finding(message, step.path())


def _endless(space: Space, graph: Set[int]) -> dict[int, str]:
    """The steps that hold calls for ever, each with a caller who comes there.

    Steps of which the plain graph says so need no caller.
    """
    from mbflow.simulator.paths import ways_to_end
    from mbflow.simulator.verdict import Search, every
    from mbflow.simulator.walk import ENDLESS

    found: dict[int, str] = {}
    ends = ways_to_end(space, {END_OF_FLOW, OVER, MISSING})
    come = Search(space, every)
    for number in come.cost:
        position = _place(space, number)
        if position < 0 or number in ends:
            continue
        if position in graph:
            found[position] = ""
        elif all(_place(space, move.to) in (position, ENDLESS) for move in space.moves(number)):
            found.setdefault(position, f" for {caller(come.path(number))}")
    return found


def _place(space: Space, number: int) -> int:
    return space.situation(number).places[0].step


def _is_plain(options: object) -> bool:
    """A reference to a variable without a value says nothing yet."""
    return "${" not in str(options)
