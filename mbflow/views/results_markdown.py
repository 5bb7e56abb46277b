"""What became of an apply as Markdown, for a comment: counts, then what is not done, first."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from mbflow.apply.result import NumberResult, Result, Status
from mbflow.model.text import Line, printable, shortened
from mbflow.plan.model import Plan
from mbflow.views.comment import RESERVE, fit_lines, size_of
from mbflow.views.plan import place
from mbflow.views.results import counts_line, next_lines
from mbflow.views.text import BUDGET, code, fence

_SIGNS = {Status.DONE: "✅", Status.SKIPPED: "⏸", Status.FAILED: "❌", Status.UNKNOWN: "❓"}


def results_markdown(
    plan: Plan,
    outcomes: Sequence[Result],
    below: Iterable[Line] = (),
    *,
    verb: str = "apply",
    budget: int = BUDGET,
) -> str:
    """`below` is what is said after the counts: what was left, and why."""
    head = [f"### mbflow {verb}: {code(place(plan))}", f"**{counts_line(plan, outcomes)}**"]
    said = [str(line) for line in (*next_lines(plan, outcomes), *below)]
    foot = [fence("\n".join(map(printable, said)))] if said else []
    in_order = sorted(outcomes, key=lambda one: one.status is Status.DONE)
    room = budget - size_of([*head, *foot]) - RESERVE
    lines, more = fit_lines([*map(_line, in_order)], room, "result", "the results file has all")
    return "\n\n".join(filter(None, [*head, "\n".join(lines), more, *foot]))


def _line(outcome: Result) -> str:
    change = outcome.change
    what = f"{outcome.status.value} {change.action} {printable(change.name)}"
    if isinstance(outcome, NumberResult):
        what += f" -> {printable(outcome.change.to.label)}"
    reason = f": {code(shortened(printable(str(outcome.reason)), 400))}" if outcome.reason else ""
    return f"- {_SIGNS[outcome.status]} {code(what)}{reason}"
