"""A plan as text: environment and counts first, then what could hurt, then one block a change.

Files with errors make no plan: that is said first and last, in the place of the counts.
"""

from __future__ import annotations

import difflib
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence

from mbflow.apply.approve import counted_deletes, needs_delete_count
from mbflow.flow.edits import Edit
from mbflow.flow.words import WHOLE, extents, is_told
from mbflow.model.flow import Json, SafeBody
from mbflow.model.problem import Problem, Severity
from mbflow.model.project import place_words
from mbflow.model.text import Command, plural, printable, shortened
from mbflow.plan.model import Change, ChangeKind, Hazard, Plan, Summary
from mbflow.views.problems import problems_text
from mbflow.views.steps import TITLE, flow_lines, steps_lines
from mbflow.views.text import Style, wrap

_MOST_NAMES = 20
"""In one line; a refusal of apply names them all."""
_FEW = 6
"""Lines of a text that a diff shows whole."""
VALIDATE = Command("mbflow", "validate")

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


def plan_text(plan: Plan, style: Style | None = None, see: Command = VALIDATE) -> str:
    """The plan for a terminal or a log, at most 80 columns where the content allows.

    `see` is the command that shows the warnings.
    """
    style = style or Style()
    between = [
        *(_block(change, style) for change in plan.changes),
        *filter(None, ["\n".join(acknowledgement(plan))]),
        *_notes(plan),
        *_problems(plan, see),
    ]
    parts = [
        "\n".join([style.paint(f"Plan for {place(plan)}", "bold"), *_head(plan)]),
        *between,
        *([_last_words(plan, style)] if between else []),
    ]
    return "\n\n".join(parts)


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
        return [counts_line(plan.summary)]
    if not files:
        told = "1 promise does" if len(errors) == 1 else f"{len(errors)} promises do"
        return [f"No plan: {told} not hold", f"Else: {counts_line(plan.summary)}"]
    none = f"No plan: {files} {'file has' if files == 1 else 'files have'} errors"
    return [none, f"The other files: {counts_line(plan.summary)}"] if plan.changes else [none]


def counts_line(summary: Summary) -> str:
    """`2 to create, 1 to update; 12 unchanged, 3 unmanaged`."""
    doing = [
        f"{getattr(summary, action.value)} {words}"
        for action, words in _DOING.items()
        if getattr(summary, action.value)
    ]
    rest = [f"{summary.unchanged} unchanged"]
    rest += [
        f"{getattr(summary, name)} {name}"
        for name in ("unmanaged", "orphaned")
        if getattr(summary, name)
    ]
    return f"{', '.join(doing) or 'nothing to change'}; {', '.join(rest)}"


def what_is_missing(plan: Plan) -> list[str]:
    """What apply will ask for, whatever is said about single changes."""
    if not is_broken(plan) and needs_delete_count(plan, reviewed=True):
        count = len(counted_deletes(plan))
        return [
            f"The plan deletes {count} of {plan.owned} flows of this project: "
            f"apply with --allow-deletes {count},",
            "or list the names under removed: in mbflow.yaml and plan again.",
        ]
    return []


def change_head(change: Change) -> str:
    """`~ update  support  "Support line"`, without colour."""
    sign, _ = _SIGNS[change.action]
    title = f'  "{shortened(change.title, TITLE)}"' if change.title else ""
    was = f"  (was {printable(change.was)})" if change.was else ""
    return f"{sign} {change.action.value}  {printable(change.name)}{was}{title}"


def acknowledgement(plan: Plan) -> list[str]:
    """How the hazards are acknowledged: told once, below all changes; nothing without hazards."""
    risky = [change for change in plan.changes if change.hazards and not is_broken(plan)]
    done = [change.name for change in risky if change.name in plan.allowed]
    left = [change for change in risky if change.name not in plan.allowed]
    hard = [change.name for change in left if any(h.needs_allow for h in change.hazards)]
    easy = [change.name for change in left if change.name not in {*hard}]
    lines = [] if not risky else ["How the hazards (!) are acknowledged:"]
    if easy:
        names = f"by a yes, a reviewed plan file, or --allow FLOW: {_some(easy)}"
        lines += wrap(names, "  ", "    ")
    if hard:
        # On a line of their own, however long: they are to be copied.
        options = _some([str(Command("--allow", name)) for name in hard], " ")
        lines += ["  only by the options", f"    {options}"]
    if done:
        lines += wrap(f"already, by --allow: {_some(done)}", "  ", "    ")
    return lines


def _some(names: Sequence[str], between: str = ", ") -> str:
    more = f" and {len(names) - _MOST_NAMES} more" if len(names) > _MOST_NAMES else ""
    return printable(between.join(names[:_MOST_NAMES]) + more)


def change_body(change: Change, style: Style | None = None) -> list[str]:
    """The lines below the head of one change: hazards, then edits or steps."""
    style = style or Style()
    lines: list[str] = []
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
        lines.append("    callers hear no difference")
    steps = _whole_steps(change)
    for edit in change.edits:
        lines += [f"    {line}" for line in _edit(edit, steps, style)]
    return lines


def _block(change: Change, style: Style) -> str:
    _, colour = _SIGNS[change.action]
    return "\n".join([style.paint(change_head(change), colour), *change_body(change, style)])


def _hazard(hazard: Hazard, style: Style) -> Iterator[str]:
    """A command to copy, which ends a hazard, has a line of its own, however long."""
    for line in wrap(printable(f"{hazard.kind.value}: {hazard.text}"), "! ", "  "):
        yield style.paint(line, "red", "bold")
    if hazard.command is not None:
        yield f"    {printable(str(hazard.command))}"


def _flow(body: SafeBody) -> list[str]:
    return [f"    {line}" for line in flow_lines(body)]


def _whole_steps(change: Change) -> dict[tuple[bool, int | None], tuple[str, list[str]]]:
    """The steps with all that they hold: (whether it is one that goes, its index) to its lines."""
    if all(edit.kind == "change" for edit in change.edits):
        return {}
    old = enumerate(steps_lines(change.before or SafeBody({}), "old step"))
    new = enumerate(steps_lines(change.after or SafeBody({})))
    return {**{(True, i): lines for i, lines in old}, **{(False, j): lines for j, lines in new}}


def _edit(
    edit: Edit, steps: Mapping[tuple[bool, int | None], tuple[str, list[str]]], style: Style
) -> Iterator[str]:
    """A sentence, and the texts that differ, or all of a step that comes, goes or moves."""
    words, details = edit.text, list[str]()
    is_old = edit.kind == "remove"
    step = steps.get((is_old, edit.live if is_old else edit.desired))
    if edit.kind != "change" and step is not None:
        words, details = f"{edit.text.partition(': ')[0]}: {step[0]}", step[1]
    yield from wrap(printable(words), "", "  ")
    for detail in details:
        yield from wrap(detail, "  ", "    ")
    if edit.needs_diff:
        yield from _text_diff(edit.before, edit.after, style)


def _lines(value: Json) -> list[str]:
    """The lines of a text, or a line for each item of a list."""
    if value is None or isinstance(value, str):
        return (value or "").splitlines()
    items = value if isinstance(value, list) else [value]
    return [json.dumps(item, ensure_ascii=False) for item in items]


def _text_diff(before: Json, after: Json, style: Style) -> Iterator[str]:
    """What went with `-`, what came with `+`; of many lines only those that differ."""
    old, new = _lines(before), _lines(after)
    is_whole = len(old) <= _FEW and len(new) <= _FEW and _are_lines(before, after)
    if _visible(old) == _visible(new):
        yield "  only in the blanks and breaks at the ends of lines"
        is_whole = False
    else:
        lines = difflib.unified_diff(old, new, n=_FEW if is_whole else 1, lineterm="")
        for line in list(lines)[2:]:
            sign, text = line[0], printable(line[1:])
            colour = {"-": "red", "+": "green"}.get(sign)
            for part in wrap(text, f"  {sign} ", "    ") if sign != "@" else ():
                yield style.paint(part, colour) if colour else part
    ends = [isinstance(text, str) and text.endswith("\n") for text in (before, after)]
    if is_whole and ends[0] != ends[1]:
        yield f"  only the {'new' if ends[1] else 'old'} text ends with a line break"
    if not is_whole:
        yield from wrap(f"in all {extents(before, after)}", "  ", "    ")


def _are_lines(before: Json, after: Json) -> bool:
    """Whether the lines of both, as they are shown, are all that there is in them."""
    if not isinstance(before, str) or not isinstance(after, str):
        return isinstance(before, list) and isinstance(after, list)
    texts = [text.removesuffix("\n") for text in (before, after)]
    lines = [text.split("\n") for text in texts]
    is_all = [_lines(text) for text in texts] == lines and all(texts)
    clear = all(is_told(line, WHOLE) for line in [*lines[0], *lines[1]])
    return is_all and clear


def _visible(lines: list[str]) -> str:
    return "\n".join(line.rstrip() for line in lines).rstrip("\n")


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


def _last_words(plan: Plan, style: Style) -> str:
    told = outcome(plan)[0]
    last = wrap(f"{told[:1].upper()}{told[1:]}. {place(plan)}")
    return "\n".join([*what_is_missing(plan), *(style.paint(line, "bold") for line in last)])


def _head(plan: Plan) -> list[str]:
    return [part for line in outcome(plan) for part in wrap(line)]
