"""Calls that run past the last step."""

from __future__ import annotations

from collections.abc import Iterator

from mbflow.flow.control_flow import facts_of, reasons, target
from mbflow.flow.steps import END_OF_FLOW
from mbflow.flow.vocabulary import Reason
from mbflow.model.flow import Flow
from mbflow.rules.rule import Finding

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
    for why in reasons(last):
        if why in _PAST and target(look.program, last, why) == END_OF_FLOW:
            message = "Calls can run past this last step. Put a hangup below it."
            yield Finding(message, last.path())
            return


_PAST = frozenset({Reason.NEXT, Reason.KEYS, Reason.SKIPPED})
