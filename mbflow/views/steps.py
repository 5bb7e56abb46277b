"""Flows and edits as lines of text, each step with everything that it holds."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from mbflow.flow.canonical import canonical
from mbflow.flow.edits import Edit
from mbflow.flow.step_lines import steps_lines, values_lines
from mbflow.flow.vocabulary import spelled
from mbflow.flow.words import is_told
from mbflow.model.flow import LiveFlow, SafeBody
from mbflow.model.text import printable
from mbflow.plan.model import Change
from mbflow.schema.validator import SERVICE_FIELDS, SETTINGS
from mbflow.views.text import DiffLine, wrap

TITLE = 40
"""Characters of a title beside the name."""
NO_DIFFERENCE = "callers hear no difference"
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


_SIGNS = {"insert": "+", "remove": "-", "move": "!", "change": "!"}
"""Of edits in a `diff` fence: `!` is neither red nor green."""


def edits_lines(change: Change) -> Iterator[DiffLine]:
    """The lines of all edits of a change, not indented; without edits none."""
    steps = _whole_steps(change)
    for edit in change.edits:
        yield from _edit(edit, steps)


def _whole_steps(change: Change) -> dict[tuple[bool, int | None], tuple[str, list[str]]]:
    """The steps with all that they hold: (whether it is one that goes, its index) to its lines."""
    if all(edit.kind == "change" for edit in change.edits):
        return {}
    old = enumerate(steps_lines(change.before or SafeBody({}), "old step"))
    new = enumerate(steps_lines(change.after or SafeBody({})))
    return {**{(True, i): lines for i, lines in old}, **{(False, j): lines for j, lines in new}}


def _edit(
    edit: Edit, steps: Mapping[tuple[bool, int | None], tuple[str, list[str]]]
) -> Iterator[DiffLine]:
    """A sentence, and the texts that differ, or all of a step that comes, goes or moves."""
    words, details = edit.text, list[str]()
    is_old = edit.kind == "remove"
    step = steps.get((is_old, edit.live if is_old else edit.desired))
    if edit.kind != "change" and step is not None:
        words, details = f"{edit.text.partition(': ')[0]}: {step[0]}", step[1]
    lines = wrap(printable(words), "", "  ")
    for detail in details:
        lines += wrap(detail, "  ", "    ")
    for line in lines:
        yield DiffLine(line, f"{_SIGNS[edit.kind]} {line}")
    if edit.needs_diff:
        from mbflow.views.text_diff import text_diff

        yield from text_diff(edit.before, edit.after)
