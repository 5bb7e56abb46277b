"""Diagrams of what a plan changes, with the changes marked."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator
from dataclasses import replace

from mbflow.flow.diagram import LABEL_LENGTH, Box, Drawing, Mark, Shape, draw
from mbflow.flow.step_lines import options_lines
from mbflow.flow.steps import parse_program
from mbflow.model.flow import SafeBody
from mbflow.model.text import shortened
from mbflow.plan.model import Change, ChangeKind

SILENT = (ChangeKind.ADOPT, ChangeKind.MOVE)
"""Changes that no caller hears, so that there is nothing to draw."""

_WHOLE = {ChangeKind.CREATE: Mark.ADDED, ChangeKind.DELETE: Mark.REMOVED}


def draw_change(change: Change, prefix: str) -> Drawing:
    """The flow as it will be; a deleted one as it was. What goes has boxes without arrows."""
    name = f"{change.action} {change.name}"
    body = change.before if change.action is ChangeKind.DELETE else change.after
    drawing = draw(parse_program(name, body or SafeBody({})), prefix)
    whole = _WHOLE.get(change.action)
    if whole is not None:
        return _marked_whole(_with_options(drawing, body), prefix, whole)
    kept = _marked_steps(change, drawing, prefix)
    return replace(drawing, boxes=(*_notes(change, prefix), *kept, *_removed(change, prefix)))


def _with_options(drawing: Drawing, body: SafeBody | None) -> Drawing:
    """The steps with all their options: nothing else of a change shows those that come or go."""
    options = list(options_lines(body or SafeBody({}), LABEL_LENGTH))
    steps, outside = drawing.boxes[: len(options)], drawing.boxes[len(options) :]
    told = (
        replace(box, lines=(*box.lines, *(part for line in of for part in _wrap(line))))
        for box, of in zip(steps, options, strict=True)
    )
    return replace(drawing, boxes=(*told, *outside))


def _wrap(text: str) -> list[str]:
    return textwrap.wrap(text, LABEL_LENGTH, break_on_hyphens=False)


def _marked_whole(drawing: Drawing, prefix: str, mark: Mark) -> Drawing:
    boxes = [
        box if box.shape is Shape.OUTSIDE else replace(box, mark=mark) for box in drawing.boxes
    ]
    nothing = Box(f"{prefix}n0", ("no steps",), Shape.STEP, mark=mark)
    return replace(drawing, boxes=tuple(boxes) or (nothing,))


def _marked_steps(change: Change, drawing: Drawing, prefix: str) -> Iterator[Box]:
    """A step that both moved and changed counts as changed, and still says where it was."""
    marks: dict[str, Mark] = {}
    places: dict[str, int] = {}
    for edit in change.edits:
        if edit.desired is None:
            continue
        box_id = f"{prefix}s{edit.desired}"
        if edit.kind == "insert":
            marks[box_id] = Mark.ADDED
        elif edit.kind == "change":
            marks[box_id] = Mark.CHANGED
        elif edit.kind == "move" and edit.live is not None:
            marks.setdefault(box_id, Mark.MOVED)
            places[box_id] = edit.live
    whole = _with_options(drawing, change.after)
    for plain, full in zip(drawing.boxes, whole.boxes, strict=True):
        box = full if marks.get(plain.id) is Mark.ADDED else plain
        was = (f"was step {places[box.id] + 1}",) if box.id in places else ()
        yield replace(box, lines=(*box.lines, *was), mark=marks.get(box.id))


def _removed(change: Change, prefix: str) -> Iterator[Box]:
    """The steps that go, with the numbers that they have now."""
    gone = {edit.live for edit in change.edits if edit.kind == "remove"}
    was = draw(parse_program(change.name, change.before or SafeBody({})), f"{prefix}r")
    for number, box in enumerate(_with_options(was, change.before).boxes):
        if number in gone and box.shape is not Shape.OUTSIDE:
            head, *rest = box.lines
            yield replace(box, lines=(f"was {head}", *rest), reached=True, mark=Mark.REMOVED)


def _notes(change: Change, prefix: str) -> Iterator[Box]:
    """What changes of the flow as a whole has no step to stand at."""
    whole = [edit for edit in change.edits if edit.live is None and edit.desired is None]
    for number, edit in enumerate(whole):
        lines = (shortened(edit.text, LABEL_LENGTH),)
        yield Box(f"{prefix}n{number}", lines, Shape.OUTSIDE, mark=Mark.CHANGED)
