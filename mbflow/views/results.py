"""What became of the changes, as text and as a document."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import datetime

from mbflow.apply.result import ChangeResult, KnownReason, NumberResult, Result, Status, result_json
from mbflow.model.flow import Json
from mbflow.model.route import CalendarState
from mbflow.model.text import Command, Line, printable, shortened
from mbflow.plan.document import plan_json
from mbflow.plan.model import (
    AnyChange,
    CalendarAt,
    ChangeKind,
    HazardKind,
    NumberChange,
    Plan,
    Refusal,
)
from mbflow.views.calendar import minute_text
from mbflow.views.plan import place
from mbflow.views.text import Style, wrap

_COLOURS = {
    Status.DONE: "green",
    Status.FAILED: "red",
    Status.UNKNOWN: "red",
    Status.SKIPPED: "yellow",
}
MOST_CUT_OFF = 10
"""Changes that an interruption left which are named; the results file and JSON have all."""
_CUT_OFF = {KnownReason.UNCHECKED: "written", KnownReason.NOT_BEGUN: "not begun"}


def outcome_line(outcome: Result, style: Style | None = None) -> str:
    """`done     create  support  0c3…`, with the reason below where there is one.

    What was cut off has a line only: `written    create  support  0c3…`.
    """
    style = style or Style()
    change = outcome.change
    status = style.paint(f"{outcome.status.value:<8}", _COLOURS[outcome.status])
    if isinstance(outcome.reason, KnownReason) and outcome.is_cut_off:
        status = style.paint(f"{_CUT_OFF[outcome.reason]:<10}", "yellow")
    what = f"-> {outcome.change.to.label}" if isinstance(outcome, NumberResult) else outcome.id
    line = f"{status} {change.action}  {printable(change.name)}  {printable(what)}".rstrip()
    if outcome.reason and not outcome.is_cut_off:
        line += f"\n         {shortened(str(outcome.reason), 800)}"
    return line


def cut_off_lines(outcomes: Sequence[Result], style: Style | None = None) -> list[str]:
    """What an interruption left, written first: more would push off the screen what was done."""
    cut_off = [one for one in outcomes if one.is_cut_off]
    cut_off.sort(key=lambda one: (one.reason is KnownReason.NOT_BEGUN, one.change.name))
    shown, rest = cut_off[:MOST_CUT_OFF], cut_off[MOST_CUT_OFF:]
    more = Counter(_CUT_OFF[one.reason] for one in rest if isinstance(one.reason, KnownReason))
    told = [f"and {count:,} more {words}" for words, count in more.items()]
    return [*(outcome_line(one, style) for one in shown), *told]


def results_lines(plan: Plan, outcomes: Sequence[Result], style: Style | None = None) -> list[Line]:
    """The end of an apply: counts, where it was, and what to do next."""
    style = style or Style()
    head: list[Line] = [style.paint(line, "bold") for line in wrap(counts_line(plan, outcomes))]
    return head + next_lines(plan, outcomes)


def counts_line(plan: Plan, outcomes: Sequence[Result]) -> str:
    """`2 done, 1 failed. production (https://voice.messagebird.com)`."""
    return f"{_counts(outcomes)}. {place(plan)}"


def next_lines(plan: Plan, outcomes: Sequence[Result]) -> list[Line]:
    """What to do after an apply; nothing where all is done and nothing follows from it."""
    flows = [outcome for outcome in outcomes if isinstance(outcome, ChangeResult)]
    lines: list[Line] = []
    if any(outcome.unmarked for outcome in flows):
        lines.append(
            "This service does not keep step ids, so flows are known by mbflow.lock.yaml alone:\n"
            "commit it."
        )
    led = {change.to.name for change in plan.numbers}
    recreated = [o for o in flows if o.status is Status.DONE and _is_recreated(o)]
    for outcome in (one for one in recreated if one.change.name not in led):
        lines.append(
            f"{printable(outcome.change.name)} has the new id {printable(outcome.id)}: assign its "
            "numbers again."
        )
    if any(outcome.status is not Status.DONE for outcome in outcomes):
        lines += ["What is done stays done. To see what is left:", Command("mbflow", "plan")]
    return lines


def left_lines(elsewhere: Sequence[AnyChange], again: Command) -> list[Line]:
    """What the files want and a saved plan does not hold; `again` makes a plan that holds it."""
    if not elsewhere:
        return []
    lines = [f"Not in the plan, left alone: {c.action} {printable(c.name)}" for c in elsewhere]
    return [*lines, "So what is live is not what the files say. To plan that too:", again]


def results_json(
    plan: Plan,
    outcomes: Sequence[Result],
    exit_code: int,
    elsewhere: Sequence[AnyChange] = (),
    refused: Sequence[Refusal] = (),
) -> dict[str, Json]:
    """The document of `apply --format json`; `left` is what a saved plan does not hold, `refused`
    why numbers were left where they lead.
    """
    counts = Counter(outcome.status for outcome in outcomes)
    return {
        "plan": plan_json(plan),
        "results": [result_json(outcome) for outcome in outcomes],
        "left": [_left_json(change) for change in elsewhere],
        "refused": [refusal.text for refusal in refused],
        "summary": {status.value: counts[status] for status in Status},
        "exit_code": int(exit_code),
    }


def _left_json(change: AnyChange) -> dict[str, Json]:
    kind = "number" if isinstance(change, NumberChange) else "flow"
    return {kind: change.name, "action": str(change.action)}


def _counts(outcomes: Sequence[Result]) -> str:
    """`2 done, 1 failed`, or `Interrupted: 2 done; 3 written, not yet checked; 4 not begun`."""
    counts = Counter(o.status for o in outcomes if not o.is_cut_off)
    reasons = Counter(outcome.reason for outcome in outcomes)
    words = [f"{counts[status]} {status.value}" for status in Status if counts[status]]
    already = reasons[KnownReason.ALREADY]
    if already:
        words[0] = f"{already} done already"
        fresh = counts[Status.DONE] - already
        words[:0] = [f"{fresh} done"] if fresh else []
    cut_off = {
        KnownReason.UNCHECKED: "written, not yet checked",
        KnownReason.NOT_BEGUN: "not begun",
    }
    left = [f"{reasons[cause]} {name}" for cause, name in cut_off.items() if reasons[cause]]
    if left:
        return f"Interrupted: {'; '.join([*([', '.join(words)] if words else []), *left])}"
    return ", ".join(words) or "Nothing to do"


def _is_recreated(outcome: ChangeResult) -> bool:
    kinds = {hazard.kind for hazard in outcome.change.hazards}
    return outcome.change.action is ChangeKind.CREATE and HazardKind.RECREATE in kinds


def pass_lines(plan: Plan, outcomes: Sequence[Result]) -> list[str]:
    """The log of `apply --calendar` and `calendar run`: calendars and what was led, in one line.

    Then a line for each number that was not led.
    """
    at = minute_text(datetime.fromisoformat(plan.calendars[0].at)) if plan.calendars else ""
    calendars = "; ".join(map(_calendar_words, plan.calendars))
    led = [_where(one, "leads to") for one in outcomes if one.status is Status.DONE]
    lines = [f"{calendars}. {', '.join(led)}" if led else f"{calendars}."]
    left = [one for one in outcomes if one.status is not Status.DONE]
    lines += [f"{one.status.value}: lead {_where(one, 'to')}: {one.reason}" for one in left]
    return [f"{at}  {line}" for line in lines]


def _calendar_words(one: CalendarAt) -> str:
    until = f" until {minute_text(datetime.fromisoformat(one.until))}" if one.until else ""
    why = f" ({one.why})" if one.why else ""
    return f"{one.name} is {CalendarState(one.state).words}{why}{until}"


def _where(outcome: Result, words: str) -> str:
    assert isinstance(outcome, NumberResult)
    return f"{outcome.change.number} {words} {outcome.change.to.label}"
