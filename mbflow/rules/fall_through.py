"""Callers who press no key, and the branches of a menu."""

from __future__ import annotations

from collections.abc import Iterator

from mbflow.flow.control_flow import FlowFacts, facts_of, listens, reasons
from mbflow.flow.steps import Step
from mbflow.flow.vocabulary import Reason
from mbflow.model.flow import Flow
from mbflow.model.text import shortened
from mbflow.rules.rule import Finding

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
        above = look.steps[branch - 1]
        if above.jump != branch and _runs_on(look, above) and not _lets_pass(look, branch):
            name = shortened(look.steps[branch].id, 60)
            message = (
                f'Callers who press nothing run into "{name}" from the step above it. '
                "Put a hangup between the two."
            )
            yield Finding(message, look.steps[branch].path())


def _is_far(step: Step) -> bool:
    return step.jump is not None and step.jump > step.position + 1 and listens(step)


def _runs_on(look: FlowFacts, above: Step) -> bool:
    """Whether calls come to that step, and go on below it without a key."""
    return above.position in look.reached and not _ON.isdisjoint(reasons(above))


def _lets_pass(look: FlowFacts, index: int) -> bool:
    """Whether conditions skip everything from there to the end of the flow."""
    return all(step.conditions for step in look.steps[index:])
