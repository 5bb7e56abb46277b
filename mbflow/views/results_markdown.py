"""What became of an apply as Markdown, for a comment: counts, then what is not done, first."""

from __future__ import annotations

import html
from collections.abc import Iterable, Sequence

from mbflow.apply.result import NumberResult, Result, Status
from mbflow.model.text import Line, printable, shortened
from mbflow.plan.model import Plan
from mbflow.views.comment import RESERVE, Entry, fit, size_of
from mbflow.views.plan import place
from mbflow.views.results import results_lines
from mbflow.views.text import BUDGET, code, fence

_SIGNS = {Status.DONE: "✅", Status.SKIPPED: "⏸", Status.FAILED: "❌", Status.UNKNOWN: "❓"}


def results_markdown(
    plan: Plan, outcomes: Sequence[Result], below: Iterable[Line] = (), budget: int = BUDGET
) -> str:
    """`below` is what is said after the counts: what was left, and why."""
    first, *rest = results_lines(plan, outcomes)
    head = [f"### mbflow apply: {code(place(plan))}", f"**{first}**"]
    said = [str(line) for line in (*rest, *below)]
    foot = [fence("\n".join(map(printable, said)))] if said else []
    entries = [_entry(one) for one in sorted(outcomes, key=lambda one: one.status is Status.DONE)]
    room = budget - size_of([*head, *foot]) - RESERVE
    lines = fit(entries, room, "result", "the results file holds them all")
    return "\n\n".join([*head, *lines, *foot])


def _entry(outcome: Result) -> Entry:
    change = outcome.change
    what = f"{outcome.status.value} {change.action} {printable(change.name)}"
    if isinstance(outcome, NumberResult):
        what += f" -> {printable(outcome.change.to.label)}"
    reason = f": {code(shortened(printable(str(outcome.reason)), 400))}" if outcome.reason else ""
    sign = _SIGNS[outcome.status]
    return Entry(f"- {sign} {code(what)}{reason}", html.escape(what))
