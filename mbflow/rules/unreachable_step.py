"""Steps that no call reaches."""

from __future__ import annotations

from collections.abc import Iterator

from mbflow.flow.control_flow import facts_of
from mbflow.model.flow import Flow
from mbflow.rules.rule import Finding

MANUAL = """\
No call can come to a step.

The step above it ends the call, and no key leads to it. It was forgotten, or an `onKeypressGoto`
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
    """Of steps that follow each other only the first is told; after a fetch another rule tells."""
    look = facts_of(flow)
    if len(look.reached) == len(look.steps) or not look.is_sound:
        return
    for step in look.steps[1:]:
        above = look.steps[step.position - 1]
        lost = step.position not in look.reached
        if lost and above.position in look.reached and above.action != "fetchCallFlow":
            message = (
                f"No call comes to this {step.action} step: step {above.position + 1} above it "
                f"({above.action}) never leads on. Remove it, or let a key lead to it."
            )
            yield Finding(message, step.path())
