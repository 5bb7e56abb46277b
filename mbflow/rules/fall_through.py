"""Callers who press no key, and the branches of a menu."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from mbflow.flow.control_flow import FlowFacts, facts_of, listens, reasons
from mbflow.flow.steps import OVER, Step
from mbflow.flow.vocabulary import Reason
from mbflow.model.flow import Flow
from mbflow.model.text import shortened
from mbflow.rules.rule import Finding
from mbflow.rules.space import caller, sentence, space_of

if TYPE_CHECKING:
    from mbflow.simulator.space import Move

MANUAL = """\
Callers who press no key run into the branch of a menu.

The step that a key press leads to comes right after the steps for callers who press nothing, and
nothing ends the call between the two. Put a hangup, or another ending, above the branch.

Fails:

    title: Menu
    steps:
      - action: say
        options: {payload: "For sales, press 1.", language: en-GB, voice: female}
        onKeypressGoto: sales
      - action: say
        options: {payload: "You pressed no key. Goodbye.", language: en-GB, voice: female}
      - id: sales
        action: transfer
        options: {destination: "447700900123"}

Passes:

    title: Menu
    steps:
      - action: say
        options: {payload: "For sales, press 1.", language: en-GB, voice: female}
        onKeypressGoto: sales
      - action: say
        options: {payload: "You pressed no key. Goodbye.", language: en-GB, voice: female}
      - action: hangup
      - id: sales
        action: transfer
        options: {destination: "447700900123"}"""

_ON = frozenset({Reason.NEXT, Reason.UNANSWERED, Reason.UNFETCHED})


def check(flow: Flow) -> Iterator[Finding]:
    """Jumps backwards repeat a menu, and jumps to the step below skip a text: both are meant so."""
    look = facts_of(flow)
    branches = {step.jump for step in look.asking if step.jump is not None and _is_far(step)}
    for branch in sorted(branches):
        who = _who(look, branch)
        if who:
            name = shortened(look.steps[branch].id, 60)
            message = f'{who} into "{name}" from the step above it. Put a hangup between the two.'
            yield Finding(message, look.steps[branch].path())


def _who(look: FlowFacts, branch: int) -> str:
    above = look.steps[branch - 1]
    by_graph = _runs_on(look, above) and not _lets_pass(look, branch)
    if above.jump == branch or not (by_graph or above.conditions):
        return ""
    space = space_of(look)
    if space is None:
        return _NOBODY if by_graph else ""
    from mbflow.simulator.verdict import Search

    found = [move for move in space.every_move() if _falls(look, move, branch)]
    silent = Search(space, lambda move: move.choice.why is not Reason.KEYS).cost
    meant = [move for move in found if _is_run_past(move, branch) or move.origin in silent]
    if not meant:
        return ""
    first = min(meant, key=space.cost)
    path = [*space.path(first.origin), first]
    if all(move.choice.why is not Reason.KEYS for move in path):
        return _NOBODY
    return f"{sentence(caller(path))}, and then nothing, runs"


_NOBODY = "Callers who press nothing run"


def _ways_in(move: Move, branch: int) -> Iterator[Reason]:
    """How the call comes to the branch from the step above it, unless a key leads there."""
    for taken in filter(None, move.taken):
        for way in taken.ways:
            if (way.step, way.to) == (branch - 1, branch) and way.why is not Reason.KEYS:
                yield way.why


def _is_run_past(move: Move, branch: int) -> bool:
    """Whether the step above is run, and not skipped."""
    return any(why in _ON for why in _ways_in(move, branch))


def _falls(look: FlowFacts, move: Move, branch: int) -> bool:
    """Whether the call then runs what is not meant for callers who press nothing."""
    to = move.taken[0].to.step if move.taken[0] is not None else OVER
    if to < branch or not any(_ways_in(move, branch)):
        return False
    return all(condition.value for condition in look.steps[to].conditions)


def _is_far(step: Step) -> bool:
    return step.jump is not None and step.jump > step.position + 1 and listens(step)


def _runs_on(look: FlowFacts, above: Step) -> bool:
    """Whether calls come to that step, and go on below it without a key."""
    return above.position in look.reached and not _ON.isdisjoint(reasons(above))


def _lets_pass(look: FlowFacts, index: int) -> bool:
    """Whether conditions skip everything from there to the end of the flow."""
    return all(step.conditions for step in look.steps[index:])
