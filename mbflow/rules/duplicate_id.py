"""Ids of steps are unique within a flow."""

from __future__ import annotations

from collections.abc import Iterator

from mbflow.flow.steps import steps_of
from mbflow.model.flow import Flow
from mbflow.model.text import shortened
from mbflow.rules.rule import Finding

MANUAL = """\
Two steps of a flow have the same id.

An `onKeypressGoto` that names it would lead to one of them, and it is not defined which.

Fails:

    steps:
      - {id: bye, action: pause, options: {length: 1}}
      - {id: bye, action: hangup}

Passes:

    steps:
      - {id: wait, action: pause, options: {length: 1}}
      - {id: bye, action: hangup}"""


def check(flow: Flow) -> Iterator[Finding]:
    first: dict[str, int] = {}
    for place, step in steps_of(flow):
        name = step.get("id")
        if not isinstance(name, str) or not name:
            continue
        if name in first:
            message = (
                f'Step {first[name] + 1} has the id "{shortened(name, 60)}" too. '
                "Ids must be unique within a flow: change one of them."
            )
            yield Finding(message, ("steps", place, "id"))
        first.setdefault(name, place)
