"""A whole flow as lines of text, each step with everything that it holds."""

from __future__ import annotations

from mbflow.flow.canonical import canonical
from mbflow.flow.step_lines import steps_lines, values_lines
from mbflow.flow.vocabulary import spelled
from mbflow.flow.words import is_told
from mbflow.model.flow import LiveFlow, SafeBody
from mbflow.schema.validator import SERVICE_FIELDS, SETTINGS
from mbflow.views.text import wrap

TITLE = 40
"""Characters of a title beside the name."""
_ELSEWHERE = {"title", "steps", SETTINGS, *SERVICE_FIELDS}


def flow_lines(body: SafeBody) -> list[str]:
    """The lines of a flow, not indented; texts are whole."""
    fields, form = spelled(body), canonical(body)
    settings = {name: value for name, value in fields.items() if name not in _ELSEWHERE}
    title = fields.get("title")
    if title and not (title == LiveFlow("", body).title and is_told(title, TITLE)):
        settings = {"title": title, **settings}
    lines = values_lines(settings, form)
    steps = list(steps_lines(body))
    width = len(str(len(steps)))
    for number, (words, details) in enumerate(steps, 1):
        head = f"{number:>{width}} "
        indent = " " * (len(head) + 2)
        lines += wrap(words, head, indent)
        for detail in details:
            lines += wrap(detail, indent, f"{indent}  ")
    return lines
