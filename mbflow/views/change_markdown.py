"""One change of a plan in a comment: calls, text diffs, a diagram, and which of it is tested."""

from __future__ import annotations

import html
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, NamedTuple

from mbflow.model.text import plural, printable, shortened
from mbflow.plan.graph_diff import graph_diff
from mbflow.plan.model import LEAD, AnyChange, BranchCoverage, Cause, Change, ChangeKind
from mbflow.views.call_changes import example_lines, sum_of_calls
from mbflow.views.comment import Block, Entry, Files
from mbflow.views.diagram import mermaid, mermaid_limit
from mbflow.views.menu_diagram import draw_neighbourhood
from mbflow.views.plan import calls_lines, cause_words
from mbflow.views.steps import NO_DIFFERENCE, TITLE, edits_lines, flow_lines
from mbflow.views.text import code

if TYPE_CHECKING:
    from mbflow.plan.call_comparison import ChangedCalls


class Group(NamedTuple):
    """Changes that would be told in the same words."""

    change: Change
    """The first."""
    calls: ChangedCalls | None
    others: list[Change]


_MOST_NUMBERS = 10
_DRAWN = (ChangeKind.CREATE, ChangeKind.UPDATE)
_SILENT = {
    ChangeKind.ADOPT: f"same title, same steps: {NO_DIFFERENCE}",
    ChangeKind.MOVE: NO_DIFFERENCE,
}


def head_words(change: AnyChange) -> str:
    """`update`, `lead`: what is done, in bold."""
    return f"**{'number' if change.action == LEAD else change.action}**"


def alike(told: Iterable[tuple[Change, ChangedCalls | None]]) -> list[Group]:
    """Updates with equal edits that mean the same for callers, together; each other change alone.

    In the order of the first of each.
    """
    found: dict[object, Group] = {}
    for change, calls in told:
        is_update = change.action is ChangeKind.UPDATE
        same = (change.cause, repr(change.edits), repr(calls)) if is_update else change.name
        found.setdefault(same, Group(change, calls, [])).others.append(change)
    return [group._replace(others=group.others[1:]) for group in found.values()]


def group_entry(group: Group, files: Files, *, is_open: bool) -> Entry:
    """The first of them as a line, and as a block with everything that it holds; then the names of
    the others, with what only they have.
    """
    change, calls, others = group
    same = f"the same in {plural(len(others), 'more flow')}" if others else ""
    after = [
        *filter(None, [_SILENT.get(change.action, ""), sum_of_calls([calls]), same]),
        *([cause_words(change.cause)] if change.cause not in (None, Cause.BRANCH) else []),
        *_hazards(change),
    ]
    was = f" (was {code(change.was)})" if change.was else ""
    named = files.link(change.file) if _has_file(change) else code(change.name)
    title = code(f'"{shortened(change.title, TITLE)}"') if change.title else ""
    head = " ".join(filter(None, [f"- {head_words(change)} {named}{was}", title]))
    return Entry(
        " · ".join([head, *after]),
        " · ".join([_summary(change), *after]),
        [
            partial(_calls_block, change, calls),
            partial(_diff_block, change),
            *([partial(_names_block, others)] if others else []),
        ],
        partial(_diagram_block, change),
        _intro(change, files),
        is_open=is_open,
        count=1 + len(others),
    )


def _hazards(change: Change) -> list[str]:
    kinds = ", ".join(dict.fromkeys(hazard.kind.value for hazard in change.hazards))
    return [f"⚠ {kinds}"] if kinds else []


def _names_block(others: Sequence[Change]) -> Block:
    lines = [
        printable(" · ".join([one.name, *_numbers(one.numbers), *_hazards(one)])) for one in others
    ]
    above = f"The same in {plural(len(others), 'more flow')}:"
    return Block(lines, "", above, is_list=True)


def _numbers(numbers: Sequence[str], write: Callable[[str], str] = str) -> Iterator[str]:
    """`numbers that lead here: 442079460100, 442079460101 and 3 more`; nothing without any."""
    shown = ", ".join(map(write, numbers[:_MOST_NUMBERS]))
    left = len(numbers) - _MOST_NUMBERS
    if shown:
        yield f"numbers that lead here: {shown}{f' and {left} more' if left > 0 else ''}"


def _has_file(change: Change) -> bool:
    return bool(change.file) and change.action is not ChangeKind.DELETE


def _summary(change: Change) -> str:
    title = f' "{shortened(change.title, TITLE)}"' if change.title else ""
    was = f" (was {printable(change.was)})" if change.was else ""
    named = html.escape(f"{printable(change.name)}{was}{title}")
    return f"<b>{change.action}</b> <code>{named}</code>"


def _intro(change: Change, files: Files) -> str:
    told = [files.link(change.file) if _has_file(change) else code(change.file)]
    told += [f"live flow {code(change.id)}"] if change.id else []
    if change.action is not ChangeKind.DELETE:
        told += _numbers(change.numbers, code)
    if change.action is ChangeKind.UPDATE and not change.base_known:
        told.append("the lock does not say what was sent last: an outside edit would not show")
    coverage = _tested(change.coverage, change.action, files) if change.coverage else ""
    return "\n\n".join(filter(None, [" · ".join(filter(None, told)), coverage]))


def _tested(coverage: BranchCoverage, action: ChangeKind, files: Files) -> str:
    """`4 changed branches, 3 gone through by calls in FILE; not: step 1: nobody presses.`"""
    count, missed, file = coverage.branches, coverage.missed, files.link(coverage.file)
    changed = "1 changed branch" if count == 1 else f"{count} changed branches"
    if action is ChangeKind.CREATE and not coverage.file:
        return "There is no call file for it."
    if not count:
        return ""
    if not coverage.file:
        return f"{changed}, and no call file that goes through {'it' if count == 1 else 'them'}."
    if not missed:
        return f"{changed}, gone through by calls in {file}."
    left = missed - len(coverage.named)
    named = ", ".join(map(code, coverage.named)) + (f" and {left} more" if left > 0 else "")
    return f"{changed}, {count - missed} gone through by calls in {file}; not: {named}."


def _calls_block(change: Change, calls: ChangedCalls | None) -> Block | None:
    if change.action is not ChangeKind.UPDATE:
        return None
    bare = replace(calls, examples=()) if calls is not None else None
    lines = [f"  {line}" for line in calls_lines(change, bare)]
    if calls is None:
        return Block(lines)
    if calls.examples and not calls.not_decided:
        lines = []  # the counts stand above the block
    lines += [line.fenced for example in calls.examples for line in example_lines(example)]
    left = calls.changed - len(calls.examples)
    if left and calls.examples:
        lines.append(f"  and {left:,} more: plan --calls all")
    return Block(lines, "diff")


def _diff_block(change: Change) -> Block | None:
    sign, body = {
        ChangeKind.CREATE: ("+", change.after),
        ChangeKind.DELETE: ("-", change.before),
    }.get(change.action, ("", None))
    lines = [f"{sign} {line}" for line in flow_lines(body)] if body is not None else []
    lines += [line.fenced for line in edits_lines(change)]
    return Block(lines, "diff") if lines else None


def _diagram_block(change: Change) -> Block | None:
    """The neighbourhood of what changes; None where no ways part, or GitHub would not draw it."""
    if change.action not in _DRAWN:
        return None
    drawing, left = draw_neighbourhood(graph_diff(change), "f0")
    text = mermaid([drawing], has_legend=False)
    # What runs straight down is drawn by its steps: fifty such drawings would hide the one menu.
    if not any(arrow.label for arrow in drawing.arrows) or mermaid_limit(text, [drawing]):
        return None
    cut = f" {plural(left, 'more box')} that changes is not drawn." if left == 1 else ""
    cut = f" {left:,} more boxes that change are not drawn." if left > 1 else cut
    colours = "Green is new, yellow changed, red and dashed goes."
    return Block(text.splitlines(), "mermaid", f"{colours}{cut}")
