"""Steps after a fetchCallFlow step."""

from __future__ import annotations

from collections.abc import Iterator

from mbflow.flow.control_flow import facts_of
from mbflow.model.flow import Flow
from mbflow.rules.rule import Finding

MANUAL = """\
A step stands below a fetchCallFlow step.

The flow that the web server gives takes over: what stands below is never executed.

Fails:

    title: Orders
    steps:
      - action: fetchCallFlow
        options: {url: "https://calls.example.com/orders"}
      - action: say
        options: {payload: "Something went wrong.", language: en-GB, voice: female}

Passes:

    title: Orders
    steps:
      - action: say
        options: {payload: "One moment, please.", language: en-GB, voice: female}
      - action: fetchCallFlow
        options: {url: "https://calls.example.com/orders"}"""


def check(flow: Flow) -> Iterator[Finding]:
    look = facts_of(flow)
    if len(look.reached) == len(look.steps) or not look.is_sound:
        return
    for step in look.steps[1:]:
        above = look.steps[step.position - 1]
        lost = step.position not in look.reached
        if lost and above.position in look.reached and above.action == "fetchCallFlow":
            message = (
                "This step is never executed: the flow that is fetched above it takes over. "
                "Remove it, or put it above the fetch."
            )
            yield Finding(message, step.path())
