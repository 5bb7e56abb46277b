"""Time to press a key in a menu."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from mbflow.flow.control_flow import facts_of, lasts_forever, listens
from mbflow.flow.steps import Step
from mbflow.flow.vocabulary import Reason
from mbflow.model.flow import Flow
from mbflow.rules.rule import Finding
from mbflow.rules.space import caller, space_of

if TYPE_CHECKING:
    from mbflow.simulator.space import Space

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
    asking = [step for step in look.asking if listens(step) and step.jump != step.position + 1]
    above = {step.position - 1 for step in look.conditional}
    space = space_of(look) if any(step.position in above for step in asking) else None
    for step in asking:
        if space is not None:
            yield from _by_calls(space, step)
        elif not _asks_on(step, *look.steps[step.position + 1 : step.position + 2]):
            yield from _of_last(step)


def _by_calls(space: Space, step: Step) -> Iterator[Finding]:
    """What callers of the step hear next, where conditions decide that."""
    left = [
        move
        for move in space.every_move()
        for taken in move.taken
        if taken is not None and (taken.step, taken.why) == (step.position, Reason.NEXT)
    ]
    short = [move for move in left if not _asks_on(step, *space.steps(space.situation(move.to)))]
    if short:
        first = min(short, key=space.cost)
        one = caller(space.path(first.origin))
        who = f": no pause follows for {one}" if len(short) < len(left) else ""
        yield from _of_last(step, who)


def _asks_on(step: Step, below: Step | None = None) -> bool:
    if below is None or not listens(below):
        return False
    return (step.goto, step.variable) == (below.goto, below.variable)


def _of_last(step: Step, who: str = "") -> Iterator[Finding]:
    """The last step that asks for these keys must leave some time."""
    if step.action in ("say", "play") and not lasts_forever(step):
        message = (
            f"Keys count only while this step runs{who}. Put a pause below it, with the same "
            f"{_keys_of(step)}."
        )
        yield Finding(message, step.path())
    elif step.action == "pause" and step.raw.get("length") == 0:
        message = "This pause is over at once: nobody can press a key in it. Give it a few seconds."
        yield Finding(message, step.path("options", "length"))


def _keys_of(step: Step) -> str:
    stated = {"onKeypressGoto": step.goto, "onKeypressVar": step.variable}
    return " and ".join(name for name, value in stated.items() if value)
