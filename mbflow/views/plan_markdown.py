"""A plan as Markdown for a pull request: it never grows beyond what a comment can hold.

Counts, hazards and deletes are always there; what does not fit is cut from the middle.
"""

from __future__ import annotations

import html

from mbflow.model.problem import Severity
from mbflow.model.text import printable
from mbflow.plan.model import Change, ChangeKind, Plan
from mbflow.views.plan import (
    acknowledgement,
    change_body,
    change_head,
    outcome,
    place,
    what_is_missing,
)
from mbflow.views.problems import problems_text
from mbflow.views.text import code, fence

BUDGET = 60_000
"""Characters. GitHub refuses comments of more than 65,536."""
_PROBLEMS = 5_000
_NOTES = 3_000
_BLOCK = 4_000
_LEAST = 60
"""What a block has more than a line, at the least."""


def plan_markdown(plan: Plan, budget: int = BUDGET) -> str:
    """The plan in at most `budget` characters."""
    told = outcome(plan)
    head = [f"### mbflow plan: {code(place(plan))}", *(f"**{line}**" for line in told)]
    errors = [problem for problem in plan.problems if problem.severity is Severity.ERROR]
    if errors:
        head.append(fence(problems_text(errors)[:_PROBLEMS]))
    missing = " ".join(what_is_missing(plan))
    head += [f"**{missing}**"] if missing else []
    notes = "\n".join(printable(note) for note in plan.notes)
    head += [fence(notes[:_NOTES])] if notes else []
    is_long = plan.changes or plan.notes or errors
    hazards = acknowledgement(plan)
    foot = [fence("\n".join(hazards))] if hazards else []
    foot += [f"{code(place(plan))}: {told[0]}"] if is_long else []
    room = budget - sum(len(part) + 2 for part in [*head, *foot]) - 200
    return "\n\n".join([*head, *_changes(plan.changes, room), *foot]) + "\n"


def _changes(changes: tuple[Change, ...], room: int) -> list[str]:
    """First a line a change, deletes and hazards before all others; blocks while there is room."""
    lines: list[str] = []
    more: list[str] = []
    for change in changes:
        line = _line(change)
        if len(line) + 2 > room:
            left = len(changes) - len(lines)
            more = [f"*{left} more changes do not fit here; the plan file holds them all.*"]
            break
        room -= len(line) + 2
        lines.append(line)
    for number, change in enumerate(changes[: len(lines)]):
        if room < _LEAST:
            break
        block = _block(change)
        if len(block) - len(lines[number]) <= room:
            room -= len(block) - len(lines[number])
            lines[number] = block
    return [*lines, *more]


def _line(change: Change) -> str:
    kinds = ", ".join(hazard.kind.value for hazard in change.hazards)
    return f"- {code(change_head(change))}{f' ⚠ {kinds}' if kinds else ''}"


def _block(change: Change) -> str:
    lines = "\n".join(change_body(change))
    if len(lines) > _BLOCK:
        lines = lines[:_BLOCK].rpartition("\n")[0] + "\n    … more in the plan file"
    opened = " open" if change.hazards or change.action is ChangeKind.DELETE else ""
    summary = f"<code>{html.escape(change_head(change))}</code>"
    warning = " ⚠" if change.hazards else ""
    return f"<details{opened}><summary>{summary}{warning}</summary>\n\n{fence(lines)}\n\n</details>"
