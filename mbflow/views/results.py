"""What became of the changes, as text and as a document."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from mbflow.apply.outcome import ALREADY, Outcome, Status, outcome_json
from mbflow.model import Json
from mbflow.plan.document import plan_json
from mbflow.plan.value import Action, Plan
from mbflow.printable import printable, shortened
from mbflow.views.plan import place
from mbflow.views.style import Style

_COLOURS = {
    Status.DONE: "green",
    Status.FAILED: "red",
    Status.UNKNOWN: "red",
    Status.SKIPPED: "yellow",
}


def outcome_line(outcome: Outcome, style: Style | None = None) -> str:
    """`done     create  support  0c3…`, with the reason below where there is one."""
    style = style or Style()
    change = outcome.change
    status = style.paint(f"{outcome.status.value:<8}", _COLOURS[outcome.status])
    flow_id = printable(outcome.id)
    line = f"{status} {change.action.value}  {printable(change.key)}  {flow_id}".rstrip()
    if outcome.reason:
        line += f"\n         {shortened(outcome.reason, 400)}"
    return line


def results_text(plan: Plan, outcomes: Sequence[Outcome], style: Style | None = None) -> str:
    """The end of an apply: counts, what to do next, and where it was."""
    style = style or Style()
    counts = Counter(outcome.status for outcome in outcomes)
    already = sum(1 for outcome in outcomes if outcome.reason == ALREADY)
    words = [f"{counts[status]} {status.value}" for status in Status if counts[status]]
    if already:
        words[0] = f"{already} done already"
        fresh = counts[Status.DONE] - already
        words[:0] = [f"{fresh} done"] if fresh else []
    lines = [style.paint(f"{', '.join(words) or 'Nothing to do'}. {place(plan)}", "bold")]
    if any(outcome.unmarked for outcome in outcomes):
        lines.append(
            "This service does not keep step ids, so flows are known by mbflow.lock.yaml alone:\n"
            "commit it."
        )
    recreated = [o for o in outcomes if o.status is Status.DONE and _is_recreated(o)]
    for outcome in recreated:
        lines.append(
            f"{printable(outcome.change.key)} has the new id {printable(outcome.id)}: assign its "
            "numbers again."
        )
    if counts[Status.FAILED] + counts[Status.UNKNOWN] + counts[Status.SKIPPED]:
        lines += ["What is done stays done. To see what is left:", "    mbflow plan"]
    return "\n".join(lines)


def results_json(plan: Plan, outcomes: Sequence[Outcome], exit_code: int) -> dict[str, Json]:
    """The document of `apply --format json`."""
    counts = Counter(outcome.status for outcome in outcomes)
    return {
        "plan": plan_json(plan),
        "results": [outcome_json(outcome) for outcome in outcomes],
        "summary": {status.value: counts[status] for status in Status},
        "exit_code": int(exit_code),
    }


def _is_recreated(outcome: Outcome) -> bool:
    hazards = {hazard.kind.value for hazard in outcome.change.hazards}
    return outcome.change.action is Action.CREATE and "recreate" in hazards
