"""Two environments side by side, as text, as Markdown and as a document."""

from __future__ import annotations

import html
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from mbflow.model.flow import Json
from mbflow.model.text import listed, printable, shortened
from mbflow.plan.calls import calls_json, calls_of_changes
from mbflow.plan.environments import Comparison, VariableDifference
from mbflow.plan.model import Change, ChangeKind
from mbflow.views.comment import RESERVE, Block, Entry, cut_lines, fit, size_of
from mbflow.views.plan import change_body
from mbflow.views.steps import TITLE
from mbflow.views.text import BUDGET, Style, code, fence, wrap

if TYPE_CHECKING:
    from mbflow.plan.call_comparison import ChangedCalls

_COLOURS = {ChangeKind.CREATE: "green", ChangeKind.UPDATE: "yellow", ChangeKind.DELETE: "red"}
_REST = 5_000
"""Characters of a comment for all that is not told flow by flow."""


def environments_text(found: Comparison, style: Style | None = None) -> str:
    """The comparison for a terminal or a log."""
    style = style or Style()
    blocks = [
        "\n".join([style.paint(head, "bold") for head in wrap(_head(found))] + wrap(_counts(found)))
    ]
    for change, calls in calls_of_changes(found.changes, {}):
        head = style.paint(_change_head(change, found), _COLOURS[change.action])
        blocks.append("\n".join([head, *_body(change, calls, style)]))
    rest = [part for line in _rest(found) for part in wrap(printable(line), "", "  ")]
    return "\n\n".join([*blocks, *filter(None, ["\n".join(rest)])])


def environments_markdown(found: Comparison, budget: int = BUDGET) -> str:
    """The comparison for a comment, in at most `budget` characters."""
    source, target = code(found.source.place), code(found.target.place)
    title = f"### mbflow diff: what {target} would get if it became like {source}"
    head = [title, f"**{_counts(found)}**"]
    rest = [printable(line) for line in _rest(found)]
    foot = [fence(cut_lines(rest, _REST))] if rest else []
    entries = [
        _entry(change, calls, found) for change, calls in calls_of_changes(found.changes, {})
    ]
    room = budget - size_of([*head, *foot]) - RESERVE
    changes = fit(entries, room, "flow", "`mbflow diff` shows them all")
    return "\n\n".join([*head, *changes, *foot]) + "\n"


def environments_document(found: Comparison) -> dict[str, Json]:
    """The document of `diff --format json`: what would become of the second environment."""
    return {
        "source": found.source.name,
        "target": found.target.name,
        "differs": found.differs,
        "same": found.same,
        "flows": [
            {
                "flow": change.name,
                "where": _where(change, found),
                "title": change.title,
                "before": change.before,
                "after": change.after,
                "edits": [edit.text for edit in change.edits],
                "calls": calls_json(calls),
            }
            for change, calls in calls_of_changes(found.changes, {})
        ],
        "numbers": [
            {"flow": one.flow, "source": [*one.source], "target": [*one.target]}
            for one in found.numbers
        ],
        "numbers_at_two": [
            {"number": one.number, "source": [*one.source], "target": [*one.target]}
            for one in found.at_two
        ],
        "calendars": [
            {"calendar": one.calendar, "flows": [*one.flows], "where": one.environment}
            for one in found.calendars
        ],
        "variables": [
            {"name": one.name, "source": one.source, "target": one.target, "secret": one.is_secret}
            for one in found.variables
        ],
        "notes": [*found.notes],
    }


def _head(found: Comparison) -> str:
    return printable(f"What {found.target.place} would get if it became like {found.source.place}")


def _counts(found: Comparison) -> str:
    kinds = [change.action for change in found.changes]
    counts = [
        (
            kinds.count(ChangeKind.UPDATE),
            "differs" if kinds.count(ChangeKind.UPDATE) == 1 else "differ",
        ),
        (kinds.count(ChangeKind.CREATE), f"only in {found.source.name}"),
        (kinds.count(ChangeKind.DELETE), f"only in {found.target.name}"),
    ]
    told = [f"{count} {words}" for count, words in counts if count]
    return printable(f"{', '.join(told) or 'no flow differs'}; {found.same} the same")


def _change_head(change: Change, found: Comparison) -> str:
    """`~ differs  menu  "Menu"`, `+ only in staging  new`, `- only in production  old`."""
    sign = {ChangeKind.CREATE: "+", ChangeKind.DELETE: "-"}.get(change.action, "~")
    where = _where(change, found)
    what = f"only in {where}" if where else "differs"
    title = f'  "{shortened(change.title, TITLE)}"' if change.title else ""
    return printable(f"{sign} {what}  {change.name}{title}")


def _where(change: Change, found: Comparison) -> str | None:
    """The environment that alone has the flow; None where both have it."""
    alone = {ChangeKind.CREATE: found.source.name, ChangeKind.DELETE: found.target.name}
    return alone.get(change.action)


def _body(change: Change, calls: ChangedCalls | None, style: Style | None = None) -> list[str]:
    lines: Sequence[str] = ()
    if change.action is ChangeKind.UPDATE:
        from mbflow.views.call_changes import changed_calls_lines

        lines = changed_calls_lines(change, calls, "")
    return change_body(change, lines, style)


def _entry(change: Change, calls: ChangedCalls | None, found: Comparison) -> Entry:
    head = _change_head(change, found)
    summary = f"<code>{html.escape(head)}</code>"
    return Entry(f"- {code(head)}", summary, [lambda: Block(_body(change, calls))])


def _rest(found: Comparison) -> Iterator[str]:
    """What is not told flow by flow."""
    source, target = found.source.name, found.target.name
    for numbers in found.numbers:
        where, without = (source, target) if numbers.source else (target, source)
        has = listed(numbers.source or numbers.target, last="and")
        yield f"numbers: {numbers.flow} has {has} in {where}, and none in {without}"
    for number in found.at_two:
        one, two = (listed(flows, last="and") for flows in (number.source, number.target))
        yield f"numbers: {number.number} leads to {one} in {source}, to {two} in {target}"
    for calendar in found.calendars:
        flows = listed(calendar.flows, last="and")
        yield (
            f"calendar: {calendar.calendar} leads numbers to {flows} in {calendar.environment} only"
        )
    if found.variables:
        names = ", ".join(map(_variable, found.variables))
        yield f"variables that differ, which counts for no difference: {names}"
    yield from found.notes


def _variable(one: VariableDifference) -> str:
    return f"{one.name} (secret)" if one.is_secret else one.name
