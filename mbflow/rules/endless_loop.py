"""Steps that only the caller can end."""

from __future__ import annotations

from collections.abc import Iterator

from mbflow.flow.control_flow import ending, facts_of, lasts_forever
from mbflow.model.flow import Flow
from mbflow.rules.rule import Finding

MANUAL = """\
A call that reaches a step never ends unless the caller hangs up.

A text in a loop, or a recording that neither a key nor silence nor a maximum length ends, goes on
until the caller hangs up, and costs money all that time.

Fails:

    title: Hold
    steps:
      - action: say
        options: {payload: "Please hold.", language: en-GB, voice: female, loop: true}

Passes:

    title: Hold
    steps:
      - action: say
        options: {payload: "Please hold.", language: en-GB, voice: female, repeat: 10}
      - action: hangup"""


def check(flow: Flow) -> Iterator[Finding]:
    look = facts_of(flow)
    if not any(map(lasts_forever, look.steps)):
        return
    for index in sorted(look.reached - ending(look.program)):
        step = look.steps[index]
        if lasts_forever(step) and _is_plain(step.raw):
            message = (
                "Nothing ends this recording: give it a maxLength, a timeout or a finishOnKey."
                if step.action == "record"
                else "This text repeats forever. Use repeat, or let a key lead on (onKeypressGoto)."
            )
            yield Finding(message, step.path())


def _is_plain(options: object) -> bool:
    """A reference to a variable without a value says nothing yet."""
    return "${" not in str(options)
