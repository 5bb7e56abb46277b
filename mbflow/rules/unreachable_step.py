"""Steps that no call reaches."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

from mbflow.flow.control_flow import facts_of
from mbflow.flow.steps import Step
from mbflow.model.flow import Flow
from mbflow.rules.rule import Finding

MANUAL = """\
No call can reach a step.

The step above it ends the call, and no key leads to it. It is a leftover, or an `onKeypressGoto`
is missing.

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
    if len(look.reached) < len(look.steps) and look.is_sound:
        for above, step in pairwise(look.steps):
            if above.position in look.reached and step.position not in look.reached:
                yield above, step
