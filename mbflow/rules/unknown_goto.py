"""Targets of onKeypressGoto."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from mbflow.flow.steps import steps_of
from mbflow.model.flow import Flow
from mbflow.model.text import did_you_mean, shortened
from mbflow.rules.rule import Finding

MANUAL = """\
An `onKeypressGoto` names a step that the flow does not have.

A caller who presses a key there would reach nothing.

Fails:

    title: Menu
    steps:
      - action: say
        options: {payload: "For sales, press 1.", language: en-GB, voice: female}
        onKeypressGoto: sale
      - action: hangup
      - id: sales
        action: transfer
        options: {destination: "442079460123"}

Passes:

    title: Menu
    steps:
      - action: say
        options: {payload: "For sales, press 1.", language: en-GB, voice: female}
        onKeypressGoto: sales
      - action: hangup
      - id: sales
        action: transfer
        options: {destination: "442079460123"}"""


def check(flow: Flow) -> Iterator[Finding]:
    targets = [(place, step["onKeypressGoto"]) for place, step in steps_of(flow) if _jumps(step)]
    if not targets:
        return
    names = {name for _, step in steps_of(flow) if isinstance(name := step.get("id"), str)}
    for place, target in targets:
        if target not in names:
            message = f'No step has the id "{shortened(target, 60)}".' + (
                did_you_mean(target, names) or " Give it to the step that the key leads to."
            )
            yield Finding(message, ("steps", place, "onKeypressGoto"))


def _jumps(step: Mapping[str, Any]) -> bool:
    """A target that is still a reference belongs to a variable without a value."""
    target = step.get("onKeypressGoto")
    return isinstance(target, str) and target != "" and "${" not in target
