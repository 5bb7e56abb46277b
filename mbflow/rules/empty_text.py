"""Say steps without text."""

from __future__ import annotations

from collections.abc import Iterator

from mbflow.flow.control_flow import facts_of
from mbflow.model.flow import Flow
from mbflow.rules.rule import Finding

MANUAL = """\
A say step has no text.

Callers hear nothing, or the service refuses the flow. For silence, use a `pause` step.

Fails:

    title: Welcome
    steps:
      - action: say
        options: {payload: "", language: en-GB, voice: female}
      - action: hangup

Passes:

    title: Welcome
    steps:
      - action: say
        options: {payload: "Welcome.", language: en-GB, voice: female}
      - action: hangup"""


def check(flow: Flow) -> Iterator[Finding]:
    for step in facts_of(flow).doing("say"):
        if not step.raw_text("payload").strip():
            message = "There is nothing to say here. Write a text, or use a pause for silence."
            yield Finding(message, step.path("options", "payload"))
