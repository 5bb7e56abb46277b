"""Variables that nothing reads."""

from __future__ import annotations

from collections.abc import Iterator

from mbflow.flow.control_flow import asks_for_flow, facts_of
from mbflow.flow.steps import Step
from mbflow.model.flow import Flow
from mbflow.model.text import did_you_mean, shortened
from mbflow.rules.rule import Finding

MANUAL = """\
The keys that a caller presses are stored, and nothing reads them.

No condition compares the variable, and no `fetchCallFlow` or `onFinish` sends it to a web server.
Either the conditions are missing, or they name another variable.

Fails:

    title: Menu
    steps:
      - action: say
        options: {payload: "For sales, press 1.", language: en-GB, voice: female}
        onKeypressGoto: sales
        onKeypressVar: chioce
      - action: hangup
      - id: sales
        action: transfer
        options: {destination: "447700900123"}
        conditions: [{variable: choice, operator: "==", value: "1"}]

Passes:

    title: Menu
    steps:
      - action: say
        options: {payload: "For sales, press 1.", language: en-GB, voice: female}
        onKeypressGoto: sales
        onKeypressVar: choice
      - action: hangup
      - id: sales
        action: transfer
        options: {destination: "447700900123"}
        conditions: [{variable: choice, operator: "==", value: "1"}]"""


def check(flow: Flow) -> Iterator[Finding]:
    look = facts_of(flow)
    set_first: dict[str, Step] = {}
    for step in look.asking:
        if step.variable:
            set_first.setdefault(step.variable, step)
    read = {condition.variable for step in look.conditional for condition in step.conditions}
    if set_first.keys() <= read or any(map(asks_for_flow, look.steps)):
        return
    for name, step in set_first.items():
        if name not in read:
            guess = did_you_mean(name, read) or " Compare it in conditions, or remove it."
            message = f'Nothing reads the variable "{shortened(name, 60)}".{guess}'
            yield Finding(message, step.path("onKeypressVar"))
