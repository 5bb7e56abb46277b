"""A plan as Markdown for a pull request: it never grows beyond what a comment can hold.

Counts are always there, deletes and hazards before all else.
"""

from __future__ import annotations

import hashlib
import html
from functools import partial
from typing import TYPE_CHECKING

from mbflow.model.text import Command, printable
from mbflow.plan.calls import calls_of_changes
from mbflow.plan.model import AnyChange, Change, ChangeKind, NumberChange, Plan
from mbflow.views.comment import BUDGET, RESERVE, Entry, cut_lines, fit, size_of
from mbflow.views.plan import (
    VALIDATE,
    acknowledgement,
    calendars_lines,
    calls_lines,
    change_body,
    change_head,
    number_body,
    number_head,
    outcome,
    place,
    told_problems,
    warnings_lines,
    what_is_missing,
)
from mbflow.views.problems import problems_text
from mbflow.views.text import code, fence

if TYPE_CHECKING:
    from mbflow.plan.call_comparison import ChangedCalls

_PROBLEMS = 5_000
_NOTES = 3_000


def plan_markdown(plan: Plan, budget: int = BUDGET, *, see: Command = VALIDATE) -> str:
    """The plan in at most `budget` characters; `see` is the command that shows the warnings."""
    told = outcome(plan)
    head = [f"### mbflow plan: {code(place(plan))}", *(f"**{line}**" for line in told)]
    calendars = calendars_lines(plan)
    head += [fence("\n".join(calendars))] if calendars else []
    problems = told_problems(plan)
    if problems:
        head.append(fence(cut_lines(problems_text(problems).splitlines(), _PROBLEMS)))
    missing = " ".join(what_is_missing(plan))
    head += [f"**{missing}**"] if missing else []
    notes = [printable(note) for note in plan.notes]
    head += [fence(cut_lines(notes, _NOTES))] if notes else []
    warnings = warnings_lines(plan, see)
    head += [f"{warnings[0]} {code(warnings[1].strip())}"] if warnings else []
    is_long = plan.everything or plan.notes or problems
    hazards = acknowledgement(plan)
    foot = [fence("\n".join(hazards))] if hazards else []
    foot += [f"{code(place(plan))}: {told[0]}"] if is_long else []
    entries = [_entry(*pair) for pair in calls_of_changes(plan.changes, plan.options)]
    entries += [_number_entry(change) for change in plan.numbers]
    room = budget - size_of([*head, *foot]) - RESERVE
    changes = fit(entries, room, "change", f"the plan file holds it all ({_checksum(plan)})")
    return "\n\n".join([*head, *changes, *foot]) + "\n"


def _checksum(plan: Plan) -> str:
    """Of both sides of the changes: tells two plans apart that are cut to the same text."""
    sides = [(change.name, change.digest, change.preconditions.digest) for change in plan.changes]
    numbers = [(change.number, *change.to, *(change.former or ())) for change in plan.numbers]
    text = repr((sides, numbers) if numbers else sides)
    return f"checksum {hashlib.sha256(text.encode()).hexdigest()[:8]}"


def _number_entry(change: NumberChange) -> Entry:
    kinds = _kinds(change)
    head = number_head(change)
    return Entry(
        f"- {code(head)}{kinds}",
        f"<code>{html.escape(head)}</code>{kinds[:2]}",
        partial(number_body, change) if change.hazards else None,
        is_open=bool(kinds),
    )


def _kinds(change: AnyChange) -> str:
    kinds = ", ".join(hazard.kind.value for hazard in change.hazards)
    return f" ⚠ {kinds}" if kinds else ""


def _entry(change: Change, calls: ChangedCalls | None) -> Entry:
    kinds = _kinds(change)
    head = change_head(change)
    return Entry(
        f"- {code(head)}{kinds}",
        f"<code>{html.escape(head)}</code>{kinds[:2]}",
        lambda: change_body(change, calls_lines(change, calls)),
        is_open=bool(kinds) or change.action is ChangeKind.DELETE,
    )
