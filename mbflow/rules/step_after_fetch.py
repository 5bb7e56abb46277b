"""Steps after a fetchCallFlow step."""

from __future__ import annotations

from collections.abc import Iterator

from mbflow.flow.control_flow import facts_of
from mbflow.model.flow import Flow
from mbflow.rules.rule import Finding
from mbflow.rules.unreachable_step import lost_steps

MANUAL = """\
A step comes after a fetchCallFlow step.

The flow that the web server returns takes over: steps below never run.

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
    if not facts_of(flow).doing("fetchCallFlow"):
        return
    for above, step in lost_steps(flow):
        if above.action == "fetchCallFlow":
            message = (
                "This step never runs: the flow that the step above it fetches takes over. "
                "Remove it, or move it above the fetch."
            )
            yield Finding(message, step.path())
