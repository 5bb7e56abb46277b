"""Markers of mbflow, copied into a file."""

from __future__ import annotations

import re
from collections.abc import Iterator

from mbflow.flow.steps import steps_of
from mbflow.model.flow import Flow
from mbflow.rules.rule import Finding

MANUAL = """\
A step has an id that is a marker of mbflow.

mbflow writes markers into live flows: they say which file a live flow belongs to. In a file, a
marker would make two files claim one live flow. Remove it; where an `onKeypressGoto` needs an id,
choose a name.

Fails:

    title: Copied
    steps:
      - id: babf8f9e-5ec0-86bf-9a87-bd4fde7c0000
        action: hangup

Passes:

    title: Copied
    steps:
      - id: bye
        action: hangup"""


_MARKER = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-86bf-[89ab][0-9a-f]{3}-[0-9a-f]{12}", re.IGNORECASE)


def check(flow: Flow) -> Iterator[Finding]:
    for place, step in steps_of(flow):
        name = step.get("id")
        if isinstance(name, str) and len(name) == 36 and _MARKER.fullmatch(name):
            message = (
                "This id is a marker of mbflow, copied from a live flow. Remove it, or choose a "
                "name if an onKeypressGoto needs one."
            )
            yield Finding(message, ("steps", place, "id"))
