"""Every step has an id of its own, and the flow has no title.

mbflow marks a live flow as its own with the ids of steps that have none in the file. Where all
have one, only the lock and the title tell which live flow the file belongs to; without a title
a lost lock cannot be mended. Give the flow a title, or remove an id that nothing jumps to.

Fails:

    steps:
      - {id: one, action: pause, options: {length: 1}}
      - {id: two, action: hangup}

Passes:

    steps:
      - {action: pause, options: {length: 1}}
      - {id: two, action: hangup}
"""

from __future__ import annotations

from collections.abc import Iterator

from mbflow.model import Flow
from mbflow.printable import shortened
from mbflow.problem import Problem, Severity
from mbflow.rules.reading import steps_of

ID = "no-place-for-marker"
SEVERITY = Severity.WARNING


def check(flow: Flow) -> Iterator[Problem]:
    if flow.body.get("title") or not all(step.get("id") for _, step in steps_of(flow)):
        return
    targets = {step.get("onKeypressGoto") for _, step in steps_of(flow)}
    spare = next((step["id"] for _, step in steps_of(flow) if step["id"] not in targets), None)
    way = (
        f', or remove the id "{shortened(str(spare), 60)}", which nothing jumps to'
        if spare is not None
        else ""
    )
    message = (
        "Every step has an id, so mbflow cannot mark the live flow as its own. "
        f"Give the flow a title{way}."
    )
    yield Problem(ID, SEVERITY, message, path=("steps",))
