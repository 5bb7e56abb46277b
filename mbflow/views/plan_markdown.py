"""A plan as Markdown for a pull request: it never grows beyond what a comment can hold.

Counts, hazards and deletes are always there; what does not fit is cut from the middle.
"""

from __future__ import annotations

import hashlib
import html
from collections.abc import Collection, Iterable

from mbflow.model.problem import Severity
from mbflow.model.text import Command, printable
from mbflow.plan.model import Change, ChangeKind, Plan
from mbflow.views.plan import (
    VALIDATE,
    change_body,
    change_head,
    outcome,
    place,
    warnings_lines,
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


def plan_markdown(plan: Plan, budget: int = BUDGET, *, see: Command = VALIDATE) -> str:
    """The plan in at most `budget` characters; `see` is the command that shows the warnings."""
    told = outcome(plan)
    head = [f"### mbflow plan: {code(place(plan))}", *(f"**{line}**" for line in told)]
    errors = [problem for problem in plan.problems if problem.severity is Severity.ERROR]
    if errors:
        head.append(fence(problems_text(errors)[:_PROBLEMS]))
    missing = " ".join(what_is_missing(plan))
    head += [f"**{missing}**"] if missing else []
    notes = "\n".join(printable(note) for note in plan.notes)
    head += [fence(notes[:_NOTES])] if notes else []
    warnings = warnings_lines(plan, see)
    head += [f"{warnings[0]} {code(warnings[1].strip())}"] if warnings else []
    is_long = plan.changes or plan.notes or errors
    foot = [f"{code(place(plan))}: {told[0]}"] if is_long else []
    room = budget - sum(len(part) + 2 for part in [*head, *foot]) - 200
    return "\n\n".join([*head, *_changes(plan.changes, plan.allowed, room), *foot]) + "\n"


def _changes(changes: tuple[Change, ...], allowed: Collection[str], room: int) -> list[str]:
    """First a line a change, deletes and hazards before all others; blocks while there is room."""
    lines: list[str] = []
    more: list[str] = []
    for change in changes:
        line = _line(change)
        if len(line) + 2 > room:
            left = len(changes) - len(lines)
            more = [_left_out(f"{left} more changes", changes)]
            break
        room -= len(line) + 2
        lines.append(line)
    whole = 0
    for number, change in enumerate(changes[: len(lines)]):
        if room < _LEAST:
            break
        block = _block(change, change.name in allowed)
        if len(block) - len(lines[number]) <= room:
            room -= len(block) - len(lines[number])
            lines[number] = block
            whole += 1
    if whole < len(changes) and not more:
        more = [_left_out(f"What {len(changes) - whole} changes do", changes)]
    return [*lines, *more]


def _left_out(what: str, changes: Collection[Change]) -> str:
    verb = "does" if what.startswith("What") else "do"
    rest = f"the plan file holds it all (digest {_digest(changes)})"
    return f"*{what} {verb} not fit here; {rest}.*"


def _digest(changes: Iterable[Change]) -> str:
    """Of both sides of the changes: tells two plans apart that are cut to the same text."""
    sides = [(change.name, change.digest, change.preconditions.digest) for change in changes]
    return hashlib.sha256(repr(sides).encode()).hexdigest()[:8]


def _line(change: Change) -> str:
    kinds = ", ".join(hazard.kind.value for hazard in change.hazards)
    return f"- {code(change_head(change))}{f' ⚠ {kinds}' if kinds else ''}"


def _block(change: Change, is_allowed: bool) -> str:
    lines = "\n".join(change_body(change, is_allowed=is_allowed))
    if len(lines) > _BLOCK:
        kept = lines[:_BLOCK].rpartition("\n")[0]
        lines = f"{kept}\n    … more in the plan file (digest {_digest([change])})"
    opened = " open" if change.hazards or change.action is ChangeKind.DELETE else ""
    summary = f"<code>{html.escape(change_head(change))}</code>"
    warning = " ⚠" if change.hazards else ""
    return f"<details{opened}><summary>{summary}{warning}</summary>\n\n{fence(lines)}\n\n</details>"
