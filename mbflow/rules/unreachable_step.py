"""Steps that no call reaches."""

from __future__ import annotations

from collections.abc import Iterator, Set
from itertools import pairwise

from mbflow.flow.control_flow import FlowFacts, facts_of
from mbflow.flow.steps import Step
from mbflow.model.flow import Flow
from mbflow.rules.rule import Finding
from mbflow.rules.space import passed_in

MANUAL = """\
No call can reach a step.

The step above it ends the call, and no key leads to it. It is a leftover, or an `onKeypressGoto`
is missing. Conditions count: a hangup that no call passes over ends every call.

Fails:

    title: Desk
    steps:
      - action: hangup
      - action: transfer
        options: {destination: "447700900123"}

Passes:

    title: Desk
    steps:
      - action: transfer
        options: {destination: "447700900123"}
      - action: hangup"""


def check(flow: Flow) -> Iterator[Finding]:
    for above, step in lost_steps(flow):
        if above.action != "fetchCallFlow":  # another rule tells of these
            message = (
                f"No call reaches this {step.action} step: step {above.position + 1} above it "
                f"({above.action}) never leads on. Remove it, or let a key lead to it."
            )
            yield Finding(message, step.path())


def lost_steps(flow: Flow) -> Iterator[tuple[Step, Step]]:
    """The first of each run of steps that no call reaches, behind the step above it."""
    look = facts_of(flow)
    reached = _reached(look)
    if len(reached) < len(look.steps) and look.is_sound:
        for above, step in pairwise(look.steps):
            if above.position in reached and step.position not in reached:
                yield above, step


def _reached(look: FlowFacts) -> Set[int]:
    """The steps that some call comes to, if only to skip them."""
    passed = passed_in(look)
    return look.reached if passed is None else passed.ran | {way.step for way in passed.ways}
