"""Conditions that can never be true."""

from __future__ import annotations

from collections.abc import Iterator

from mbflow.flow.control_flow import FlowFacts, facts_of, listens
from mbflow.flow.steps import Condition, Step
from mbflow.model.flow import Flow
from mbflow.model.text import did_you_mean, listed, shortened
from mbflow.rules.rule import Finding
from mbflow.rules.space import passed_in

MANUAL = """\
A condition can never be true, so its step is always skipped.

No step sets the variable, or none sets it to that value: it has more digits than are collected, or
characters that no telephone has. Or two conditions of one step exclude each other. Or no call that
comes to the step has that value then: another one was pressed on every way to it.

Fails:

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
        conditions: [{variable: choice, operator: "==", value: "one"}]

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

_KEYS = frozenset("0123456789*#")


def check(flow: Flow) -> Iterator[Finding]:
    look = facts_of(flow)
    if not look.conditional:
        return
    setters: dict[str, list[Step]] = {}
    for step in look.asking:
        if step.variable and listens(step):
            setters.setdefault(step.variable, []).append(step)
    for step in look.conditional:
        found = list(_of_step(step, setters))
        yield from found or _never_here(look, step)


def _of_step(step: Step, setters: dict[str, list[Step]]) -> Iterator[Finding]:
    """What is wrong whatever calls come to the step."""
    values: dict[str, str] = {}
    for place, condition in enumerate(step.conditions):
        why = _why_not(condition, setters)
        first = values.setdefault(condition.variable, condition.value)
        if not why and first != condition.value and "${" not in first + condition.value:
            why = "This excludes another condition of the step; all must be true. Remove one."
        if why:
            yield Finding(why, step.path("conditions", place))


def _never_here(look: FlowFacts, step: Step) -> Iterator[Finding]:
    """Calls come to the step, and each of them passes over it."""
    passed = passed_in(look)
    if passed is None or step.position in passed.ran:
        return
    if all(way.step != step.position for way in passed.ways):
        return  # no call comes here at all, as another rule tells
    message = (
        f"No call comes to this step with {_wanted(step)}, so it is always skipped. "
        "Remove the step, or lead those callers to it."
    )
    yield Finding(message, step.path("conditions", 0))


def _wanted(step: Step) -> str:
    named = [(shortened(one.variable, 60), shortened(one.value, 60)) for one in step.conditions]
    texts = [f'"{value}" in "{name}"' if value else f'"{name}" unset' for name, value in named]
    return listed(texts, last="and")


def _why_not(condition: Condition, setters: dict[str, list[Step]]) -> str:
    """Nothing is said of values with references: they may be secret, or not known yet."""
    name, value = condition.variable, condition.value
    if "${" in name or "${" in value or value == "":
        return ""
    if name not in setters:
        guess = did_you_mean(name, setters) or " Name it in an onKeypressVar."
        return f'No step sets the variable "{shortened(name, 60)}".{guess}'
    if not set(value) <= _KEYS:
        return "No caller can press that: a telephone has the keys 0 to 9, * and #."
    if not any(_can_give(step, value) for step in setters[name]):
        most = max(_most_keys(step) for step in setters[name])
        return f"No step collects that many keys: at most {most}. Raise its maxNumKeys."
    return ""


def _can_give(step: Step, value: str) -> bool:
    most = _most_keys(step)
    return not most or len(value) <= most


def _most_keys(step: Step) -> int:
    """0: any number. The same as the simulator's choice: one key where nothing else is said."""
    return step.max_keys or (0 if step.end_key else 1)
