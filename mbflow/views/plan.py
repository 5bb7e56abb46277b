"""A plan as text: environment and counts first, then what could hurt, then one block a change.

Files with errors make no plan: that is said first and last, in the place of the counts.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from mbflow.apply.approve import counted_deletes, needs_delete_count
from mbflow.model.flow import SafeBody
from mbflow.model.problem import Problem, Severity
from mbflow.model.project import place_words
from mbflow.model.route import CalendarState
from mbflow.model.text import Command, plural, printable, shortened
from mbflow.plan.calls import calls_of_changes
from mbflow.plan.model import (
    CalendarAt,
    Cause,
    Change,
    ChangeKind,
    Hazard,
    NumberChange,
    NumberFlow,
    Plan,
)
from mbflow.views.calendar import minute_text
from mbflow.views.problems import problems_text
from mbflow.views.steps import NO_DIFFERENCE, TITLE, edits_lines, flow_lines
from mbflow.views.text import Style, wrap

if TYPE_CHECKING:
    from mbflow.plan.call_comparison import ChangedCalls

_MOST_NAMES = 20
"""In one line; a refusal of apply names them all."""
VALIDATE = Command("mbflow", "validate")
_MOST_FILES = 3
"""Files whose warnings are shown alone."""

_SIGNS = {
    ChangeKind.CREATE: ("+", "green"),
    ChangeKind.UPDATE: ("~", "yellow"),
    ChangeKind.DELETE: ("-", "red"),
    ChangeKind.ADOPT: ("=", "cyan"),
    ChangeKind.MOVE: (">", "cyan"),
}
_DOING = {
    ChangeKind.DELETE: "to delete",
    ChangeKind.CREATE: "to create",
    ChangeKind.UPDATE: "to update",
    ChangeKind.ADOPT: "to adopt",
    ChangeKind.MOVE: "to move",
}


def plan_text(
    plan: Plan,
    style: Style | None = None,
    see: Command = VALIDATE,
    *,
    is_rollback: bool = False,
) -> str:
    """The plan for a terminal or a log, at most 80 columns where the content allows.

    `see` is the command that shows the warnings.
    """
    style = style or Style()
    between = [
        *(
            _block(change, calls_lines(change, calls, is_rollback=is_rollback), style)
            for change, calls in calls_of_changes(plan.changes, plan.options)
        ),
        *(_number_block(change, style) for change in plan.numbers),
        *filter(None, ["\n".join(acknowledgement(plan))]),
        *_notes(plan),
        *_problems(plan, see),
    ]
    parts = [
        "\n".join([style.paint(f"Plan for {place(plan)}", "bold"), *_head(plan)]),
        *filter(None, ["\n".join(calendars_lines(plan))]),
        *between,
        *([_last_words(plan, style, is_rollback=is_rollback)] if between else []),
    ]
    return "\n\n".join(parts)


def calendars_lines(plan: Plan) -> list[str]:
    """Each calendar with its state and when that changes; nothing without calendars."""
    return [
        line for one in plan.calendars for line in wrap(printable(calendar_words(one)), "", "  ")
    ]


def calendar_words(one: CalendarAt) -> str:
    """What a calendar says at the moment of the plan, and when that changes."""
    why = f" ({shortened(one.why, 80)})" if one.why else ""
    at = minute_text(datetime.fromisoformat(one.at))
    changes = "and does not switch within two years"
    if one.until:
        following = CalendarState(one.next).words
        changes = f"and {following} from {minute_text(datetime.fromisoformat(one.until))}"
    state = CalendarState(one.state).words
    return f"Calendar {one.name} ({one.zone}): {state}{why} at {at}, {changes}"


def place(plan: Plan) -> str:
    """The environment and where it is: named first and last."""
    return printable(place_words(plan.environment, plan.endpoint))


def is_broken(plan: Plan) -> bool:
    """Whether files have errors, so that this is no plan that could be applied."""
    return bool(_errors(plan))


def outcome(plan: Plan) -> list[str]:
    """What the plan comes to: its counts; where files have errors, first that there is none."""
    errors = _errors(plan)
    files = len({problem.file for problem in errors if problem.rule not in _OF_PROMISES})
    if not errors:
        return [counts_line(plan)]
    if not files:
        told = "1 promise does" if len(errors) == 1 else f"{len(errors)} promises do"
        return [f"No plan: {told} not hold", f"Else: {counts_line(plan)}"]
    none = f"No plan: {files} {'file has' if files == 1 else 'files have'} errors"
    return [none, f"The other files: {counts_line(plan)}"] if plan.everything else [none]


def counts_line(plan: Plan) -> str:
    """`2 to create, 1 to update, 1 number to lead; 12 unchanged, 3 unmanaged`."""
    summary = plan.summary
    doing = [
        f"{getattr(summary, action.value)} {words}"
        for action, words in _DOING.items()
        if getattr(summary, action.value)
    ]
    if plan.numbers:
        doing.append(f"{plural(len(plan.numbers), 'number')} to lead")
    rest = [f"{summary.unchanged} unchanged"]
    rest += [
        f"{getattr(summary, name)} {name}"
        for name in ("unmanaged", "orphaned")
        if getattr(summary, name)
    ]
    return f"{', '.join(doing) or 'nothing to change'}; {', '.join(rest)}"


def what_is_missing(plan: Plan, *, is_rollback: bool = False) -> list[str]:
    """What apply or rollback will ask for, whatever is said about single changes."""
    if is_broken(plan) or not needs_delete_count(plan, reviewed=True):
        return []
    count = len(counted_deletes(plan))
    told = f"The plan deletes {count} of {plan.owned} flows of this project:"
    if is_rollback:
        return [f"{told} roll back with --allow-deletes {count}."]
    return [
        f"{told} apply with --allow-deletes {count},",
        "or list the names under removed: in mbflow.yaml and plan again.",
    ]


def causes_line(plan: Plan) -> str:
    """`By git: 2 this branch's, 1 edited outside git`; empty without a base."""
    counts = Counter(change.cause for change in plan.everything if change.cause is not None)
    told = [f"{counts[cause]} {cause_words(cause)}" for cause in Cause if counts[cause]]
    return f"By git: {', '.join(told)}" if told else ""


def cause_words(cause: Cause) -> str:
    """Whose a change is: the base's name stands in its hazards."""
    return {
        Cause.BRANCH: "this branch's",
        Cause.DRIFT: "edited outside git",
        Cause.BEHIND: "where this branch is behind",
        Cause.PENDING: "not this branch's, and not applied yet",
    }[cause]


def change_head(change: Change) -> str:
    """`~ update  support  "Support line"`, without colour."""
    sign, _ = _SIGNS[change.action]
    title = f'  "{shortened(change.title, TITLE)}"' if change.title else ""
    was = f"  (was {printable(change.was)})" if change.was else ""
    return f"{sign} {change.action.value}  {printable(change.name)}{was}{title}"


def acknowledgement(plan: Plan) -> list[str]:
    """How the hazards are acknowledged: told once, below all changes; nothing without hazards."""
    risky = [change for change in plan.everything if change.hazards and not is_broken(plan)]
    done = [change.name for change in risky if change.name in plan.allowed]
    left = [change for change in risky if change.name not in plan.allowed]
    hard = [change.name for change in left if any(h.needs_allow for h in change.hazards)]
    easy = [change.name for change in left if change.name not in {*hard}]
    lines = [] if not risky else ["How the hazards (!) are acknowledged:"]
    if easy:
        names = f"by a yes, a reviewed plan file, or --allow {_kinds(easy, plan)}: {_some(easy)}"
        lines += wrap(names, "  ", "    ")
    if hard:
        # On a line of their own, however long: they are to be copied.
        options = _some([str(Command("--allow", name)) for name in hard], " ")
        lines += ["  only by the options", f"    {options}"]
    if done:
        lines += wrap(f"already, by --allow: {_some(done)}", "  ", "    ")
    return lines


def _kinds(names: Sequence[str], plan: Plan) -> str:
    numbers = {change.number for change in plan.numbers}
    kinds = ["FLOW"] if {*names} - numbers else []
    return " or ".join([*kinds, *(["NUMBER"] if {*names} & numbers else [])])


def _some(names: Sequence[str], between: str = ", ") -> str:
    more = f" and {len(names) - _MOST_NAMES} more" if len(names) > _MOST_NAMES else ""
    return printable(between.join(names[:_MOST_NAMES]) + more)


def change_body(change: Change, calls: Sequence[str] = (), style: Style | None = None) -> list[str]:
    """The lines below the head of one change: hazards, calls, then edits or steps.

    `calls` is what `calls_lines` says of it.
    """
    style = style or Style()
    lines: list[str] = []
    if change.cause is Cause.PENDING:
        lines.append(f"    {cause_words(change.cause)}")
    for hazard in change.hazards:
        lines += [f"    {line}" for line in _hazard(hazard, style)]
    if change.id:
        lines.append(f"    {style.paint(f'live flow {printable(change.id)}', 'dim')}")
    if change.numbers and change.action is not ChangeKind.DELETE:
        listed = ", ".join(change.numbers)
        lines += wrap(printable(f"numbers that lead here: {listed}"), "    ", "      ")
    if change.action is ChangeKind.UPDATE and not change.base_known:
        lines.append("    the lock does not say what was sent last: an outside edit would not show")
    if change.action is ChangeKind.CREATE and change.after is not None:
        lines += _flow(change.after)
    elif change.action is ChangeKind.DELETE and change.before is not None:
        lines += _flow(change.before)
    elif change.action is ChangeKind.ADOPT:
        lines.append("    same title, same steps: callers hear no difference")
    elif change.action is ChangeKind.MOVE:
        lines.append(f"    {NO_DIFFERENCE}")
    lines += [f"    {line}" for line in calls]
    lines += [f"    {line.paint(style)}" for line in edits_lines(change)]
    return lines


def calls_lines(
    change: Change, calls: ChangedCalls | None, *, is_rollback: bool = False
) -> list[str]:
    """Which calls an update changes; nothing of other changes. Not indented."""
    if change.action is not ChangeKind.UPDATE:
        return []
    from mbflow.views.call_changes import changed_calls_lines

    # `plan` makes another plan than a rollback, which has no such option.
    return changed_calls_lines(change, calls, *([""] if is_rollback else []))


def number_head(change: NumberChange) -> str:
    """`number_words` with the sign of numbers before them."""
    return f"@ {number_words(change)}"


def number_words(change: NumberChange) -> str:
    """`442079460100 will lead to Night (night), until now to Day (day): office is closed`."""
    former = f"until now to {_flow_words(change.former) if change.former else 'no flow'}"
    why = f": {change.calendar} is {CalendarState(change.state).words}" if change.calendar else ""
    return printable(f"{change.number} will lead to {_flow_words(change.to)}, {former}{why}")


def number_body(change: NumberChange, style: Style | None = None) -> list[str]:
    """The lines below the head of a number: its hazards."""
    style = style or Style()
    return [f"    {line}" for hazard in change.hazards for line in _hazard(hazard, style)]


def _number_block(change: NumberChange, style: Style) -> str:
    head = [style.paint(line, "yellow") for line in wrap(number_head(change), "", "    ")]
    return "\n".join([*head, *number_body(change, style)])


def _flow_words(flow: NumberFlow) -> str:
    """`Support line (support/menu)`, with its id in the place of a name where it has none here."""
    title = shortened(flow.title, TITLE) or "a flow without a title"
    return f"{title} ({flow.label})"


def _block(change: Change, calls: Sequence[str], style: Style) -> str:
    _, colour = _SIGNS[change.action]
    body = change_body(change, calls, style)
    return "\n".join([style.paint(change_head(change), colour), *body])


def _hazard(hazard: Hazard, style: Style) -> Iterator[str]:
    """A command to copy, which ends a hazard, has a line of its own, however long."""
    for line in wrap(printable(f"{hazard.kind.value}: {hazard.text}"), "! ", "  "):
        yield style.paint(line, "red", "bold")
    if hazard.command is not None:
        yield f"    {printable(str(hazard.command))}"


def _flow(body: SafeBody) -> list[str]:
    return [f"    {line}" for line in flow_lines(body)]


def _notes(plan: Plan) -> Iterable[str]:
    if plan.notes:
        lines = [line for note in plan.notes for line in wrap(printable(note), "  ", "    ")]
        yield "\n".join(["Notes:", *lines])


def warnings_lines(plan: Plan, see: Command) -> list[str]:
    """How many warnings about files there are, and the command that shows them; none for none."""
    found = [one for one in plan.problems if one.rule not in _OF_PROMISES]
    if not found or _errors(plan):
        return []
    count = plural(len(found), "warning")
    files = dict.fromkeys(problem.file for problem in found)
    # Of an account that was imported the whole would tell of all flows, and hide these.
    known = {change.file for change in plan.changes if change.file}
    if len(files) <= _MOST_FILES and files.keys() <= known:
        see = Command(*see.words, *files)
    return [f"{count} about the files. To see them:", f"    {printable(str(see))}"]


_OF_PROMISES = frozenset({"broken-promise", "undecided-promise"})
"""Rules of which no other command could tell what a plan finds."""


def told_problems(plan: Plan) -> list[Problem]:
    """The problems that are shown whole: errors, and what becomes of promises."""
    return _errors(plan) or [one for one in plan.problems if one.rule in _OF_PROMISES]


def _problems(plan: Plan, see: Command) -> Iterable[str]:
    for part in (problems_text(told_problems(plan)), "\n".join(warnings_lines(plan, see))):
        if part:
            yield part


def _errors(plan: Plan) -> list[Problem]:
    return [problem for problem in plan.problems if problem.severity is Severity.ERROR]


def _last_words(plan: Plan, style: Style, *, is_rollback: bool) -> str:
    told = outcome(plan)[0]
    last = wrap(f"{told[:1].upper()}{told[1:]}. {place(plan)}")
    missing = what_is_missing(plan, is_rollback=is_rollback)
    return "\n".join([*missing, *(style.paint(line, "bold") for line in last)])


def _head(plan: Plan) -> list[str]:
    lines = [*outcome(plan), *filter(None, [causes_line(plan)])]
    return [part for line in lines for part in wrap(line)]
