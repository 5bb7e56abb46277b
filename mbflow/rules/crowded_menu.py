"""The number of choices in a menu."""

from __future__ import annotations

from collections.abc import Iterator

from mbflow.flow.control_flow import facts_of
from mbflow.model.flow import Flow
from mbflow.rules.rule import Finding

MANUAL = """\
A menu has more choices than callers can remember.

With more than seven, callers have forgotten the first by the time they hear the last. Split the
menu in two.

Fails:

    title: Menu
    steps:
      - action: say
        options: {payload: "Please choose.", language: en-GB, voice: female}
        onKeypressVar: key
      - {action: hangup, conditions: [{variable: key, operator: "==", value: "1"}]}
      - {action: hangup, conditions: [{variable: key, operator: "==", value: "2"}]}
      - {action: hangup, conditions: [{variable: key, operator: "==", value: "3"}]}
      - {action: hangup, conditions: [{variable: key, operator: "==", value: "4"}]}
      - {action: hangup, conditions: [{variable: key, operator: "==", value: "5"}]}
      - {action: hangup, conditions: [{variable: key, operator: "==", value: "6"}]}
      - {action: hangup, conditions: [{variable: key, operator: "==", value: "7"}]}
      - {action: hangup, conditions: [{variable: key, operator: "==", value: "8"}]}
      - action: hangup

Passes:

    title: Menu
    steps:
      - action: say
        options: {payload: "Please choose.", language: en-GB, voice: female}
        onKeypressVar: key
      - {action: hangup, conditions: [{variable: key, operator: "==", value: "1"}]}
      - {action: hangup, conditions: [{variable: key, operator: "==", value: "2"}]}
      - action: hangup"""

MOST_CHOICES = 7


def check(flow: Flow) -> Iterator[Finding]:
    values: dict[str, set[str]] = {}
    look = facts_of(flow)
    if len(look.conditional) <= MOST_CHOICES:
        return
    for step in look.conditional:
        for condition in step.conditions:
            if len(condition.value) == 1:  # longer ones are codes, and not read out one by one
                values.setdefault(condition.variable, set()).add(condition.value)
    for name, choices in values.items():
        if len(choices) > MOST_CHOICES:
            place = next((step.position for step in look.asking if step.variable == name), 0)
            message = (
                f"This menu has {len(choices)} choices; callers can remember up to {MOST_CHOICES}. "
                "Split it in two."
            )
            yield Finding(message, ("steps", place))
