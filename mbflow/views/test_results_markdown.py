"""The results of simulated calls as Markdown: within what a comment can hold."""

from __future__ import annotations

import html
from collections.abc import Sequence

from mbflow.model.text import printable
from mbflow.testing.coverage import Coverage, percent
from mbflow.testing.expectations import Result
from mbflow.testing.promises import PromiseResult
from mbflow.testing.run import Run
from mbflow.views.comment import RESERVE, Block, Entry, cut_lines, fit, fit_lines, size_of
from mbflow.views.problems import problems_text
from mbflow.views.promises import result_text, told
from mbflow.views.test_results import (
    NOTHING,
    UNCALLABLE,
    branch_text,
    call_text,
    counts_text,
    state_text,
)
from mbflow.views.text import BUDGET, Style, code, fence

_PROBLEMS = 5_000
_MOST_BARE = 20
"""Flows without calls that are named."""
_ELSEWHERE = "mbflow test without --format markdown shows all"


def calls_markdown(run: Run, *, coverage: bool, budget: int = BUDGET) -> str:
    """Counts, what could not be run, the failed calls, folded, and coverage.

    With failed calls coverage takes a third of what is left, else all.
    """
    parts = [f"**{line}**" for line in counts_text(run, Style()).splitlines()]
    if run.errors:
        parts.append(fence(cut_lines(problems_text(run.errors).splitlines(), _PROBLEMS)))
    failed = [_entry(result) for result in run.results if result.failures]
    failed += [_promise_entry(result) for result in told(run.promises)]
    room = budget - size_of(parts) - RESERVE
    share = room // 3 if failed else room
    table = [coverage_markdown(run, share)] if coverage else []
    parts += fit(failed, room - size_of(table), "failed call or promise", _ELSEWHERE)
    return "\n\n".join([*parts, *table])


def coverage_markdown(run: Run, room: int = BUDGET) -> str:
    """A table, and below it what no call went through."""
    if not run.whole:
        return f"Coverage: {NOTHING}"
    bare = [flow for flow in run.coverage if not flow.covered]
    # An account that was imported has flows by the hundred, and calls for a few of them.
    is_long = len(bare) > _MOST_BARE
    rows = [_row(flow.name, [flow]) for flow in run.coverage if flow.covered or not is_long]
    rows += [_row(f"{len(bare):,} flows that no call goes through", bare)] if is_long else []
    rows += [f"| {_cell(name)} | - | {UNCALLABLE} |" for name in run.uncallable]
    rows += [_row(number.name, [number]) for number in run.numbers]
    missed = [
        f"- {_cell(flow.name)}: {_cell(branch_text(flow, branch))}"
        for flow in run.coverage
        for branch in flow.missed
        if flow.covered
    ]
    missed += [
        f"- {_cell(number.name)}: {_cell(state_text(branch))}"
        for number in run.numbers
        for branch in number.missed
    ]
    room -= 3 * RESERVE
    rows, more_rows = fit_lines(rows, room * 2 // 3 if missed else room, "flow", _ELSEWHERE)
    room -= sum(len(row) + 1 for row in rows)
    missed, more_missed = fit_lines(missed, room, "branch that is not covered", _ELSEWHERE)
    table = ["| Flow | Covered | Branches |", "|---|---:|---:|", *rows, _row("**all**", run.whole)]
    below = [more_rows, *(["Not covered:", "\n".join(missed)] if missed else []), more_missed]
    return "\n\n".join(["\n".join(table), *filter(None, below)])


def _entry(result: Result) -> Entry:
    name = f"{printable(result.name)}: {printable(result.call.name)}"
    return Entry(
        f"- {code(name)}",
        html.escape(name, quote=False),
        [lambda: Block(call_text(result).splitlines())],
    )


def _promise_entry(result: PromiseResult) -> Entry:
    head, *rest = result_text(result).splitlines()
    return Entry(f"- {code(head)}", html.escape(head, quote=False), [lambda: Block(rest)])


def _row(name: str, parts: Sequence[Coverage]) -> str:
    branches = sum(len(part.branches) for part in parts)
    covered = sum(part.covered for part in parts)
    return f"| {_cell(name)} | {percent(parts):g} % | {covered} of {branches} |"


def _cell(text: str) -> str:
    return printable(text).replace("|", "\\|").replace("<", "&lt;")
