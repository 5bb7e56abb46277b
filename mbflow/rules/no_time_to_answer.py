"""Time to press a key in a menu."""

from __future__ import annotations

from collections.abc import Iterator

from mbflow.flow.control_flow import facts_of, lasts_forever, listens
from mbflow.flow.steps import Step
from mbflow.model.flow import Flow
from mbflow.rules.rule import Finding

MANUAL = """\
A menu leaves no time to press a key.

A key press counts only while a step that takes keys is running. Where that is just the text of the
menu, callers have to press a key before the text ends. Put a pause with the same `onKeypressGoto`
and `onKeypressVar` below it.

Fails:

    title: Menu
    steps:
      - action: say
        options: {payload: "For sales, press 1.", language: en-GB, voice: female}
        onKeypressGoto: sales
      - action: hangup
      - id: sales
        action: transfer
        options: {destination: "447700900123"}

Passes:

    title: Menu
    steps:
      - action: say
        options: {payload: "For sales, press 1.", language: en-GB, voice: female}
        onKeypressGoto: sales
      - action: pause
        options: {length: 5}
        onKeypressGoto: sales
      - action: hangup
      - id: sales
        action: transfer
        options: {destination: "447700900123"}"""


def check(flow: Flow) -> Iterator[Finding]:
    """Where keys only lead to the step below, as they skip a text, nothing is lost without one."""
    look = facts_of(flow)
    for step in look.asking:
        next_one = step.position + 1
        if not listens(step) or step.jump == next_one:
            continue
        below = look.steps[next_one] if next_one < len(look.steps) else None
        if below is None or not _asks_on(step, below):
            yield from _of_last(step)


def _asks_on(step: Step, below: Step) -> bool:
    return listens(below) and (step.goto, step.variable) == (below.goto, below.variable)


def _of_last(step: Step) -> Iterator[Finding]:
    """The last step that asks for these keys must leave some time."""
    if step.action in ("say", "play") and not lasts_forever(step):
        message = (
            "Keys count only while this step runs. Put a pause below it, with the same "
            f"{_keys_of(step)}."
        )
        yield Finding(message, step.path())
    elif step.action == "pause" and step.raw.get("length") == 0:
        message = "This pause is over at once: nobody can press a key in it. Give it a few seconds."
        yield Finding(message, step.path("options", "length"))


def _keys_of(step: Step) -> str:
    stated = {"onKeypressGoto": step.goto, "onKeypressVar": step.variable}
    return " and ".join(name for name, value in stated.items() if value)
