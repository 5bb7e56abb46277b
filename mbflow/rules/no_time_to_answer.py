"""Time to press a key in a menu."""

from __future__ import annotations

from collections.abc import Iterator

from mbflow.flow.control_flow import facts_of, lasts_forever, listens
from mbflow.flow.steps import Step
from mbflow.model.flow import Flow
from mbflow.rules.rule import Finding

MANUAL = """\
A menu leaves no time to press a key.

Keys count while a step runs. Where the text of a menu is all that listens, only a caller who
presses while it is still being read is understood. Put a pause with the same `onKeypressGoto` and
`onKeypressVar` below it.

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
            "Keys count only while this text is read. Put a pause below it, with the same "
            f"{_keys_of(step)}."
        )
        yield Finding(message, step.path())
    elif step.action == "pause" and step.options.get("length") == 0:
        message = (
            "This pause is over at once, so nobody can press a key in it. Give it some seconds."
        )
        yield Finding(message, step.path("options", "length"))


def _keys_of(step: Step) -> str:
    found = [name for name, value in _named(step) if value]
    return " and ".join(found)


def _named(step: Step) -> tuple[tuple[str, str], ...]:
    return ("onKeypressGoto", step.goto), ("onKeypressVar", step.variable)
