"""What GitHub shows beside lines of a change: problems, calls that failed, missing coverage."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from mbflow.model.problem import Problem, Severity, in_order
from mbflow.model.text import listed, plural, printable
from mbflow.testing.expectations import Result
from mbflow.testing.run import Run
from mbflow.views.test_results import branch_text, call_text, state_text

SHOWN = 10
"""Annotations of one kind that GitHub shows of a step; all others are only in its log."""
_LINES = 15
"""Of a transcript, or of branches without a call."""


class Annotation(NamedTuple):
    """One remark, at a place where that is known. Lines count from 1; 0 where none is."""

    severity: Severity
    title: str
    message: str
    file: str = ""
    line: int = 0
    column: int = 0


def annotations_text(annotations: Iterable[Annotation], left_out: str = "") -> str:
    """One `::error …` or `::warning …` a line; at the end how many GitHub does not show.

    `left_out` says there, too, what is not among them.
    """
    listed_first = sorted(annotations, key=lambda one: one.severity is not Severity.ERROR)
    rest = " ".join(filter(None, [_rest(listed_first), _data(printable(left_out))]))
    notice = [f"::notice title=mbflow::{rest}"] if rest else []
    return "\n".join([*map(_line, listed_first), *notice])


def problem_annotations(problems: Iterable[Problem]) -> list[Annotation]:
    return [
        Annotation(p.severity, p.rule, printable(p.message), p.file, p.line, p.column)
        for p in in_order(problems)
    ]


def run_annotations(
    run: Run, promises: Iterable[Problem] = (), *, folder: str = "", shortfall: str = ""
) -> list[Annotation]:
    """Of a run of simulated calls: files that are wrong, then of each flow one call that failed.

    `promises` are the problems of those that do not hold; `folder` is that of the project, in the
    repository; `shortfall` says by how much coverage is too little.
    """
    failed = [_of_call(result) for result in _one_a_flow(run)]
    flows = sum(any(result.failures for result in of) for of in run.by_flow.values())
    found = [
        *problem_annotations(run.errors),
        *problem_annotations(promises),
        *failed[:flows],
        *_of_coverage(run, shortfall),
        *failed[flows:],
        *problem_annotations(one for one in run.problems if one not in run.errors),
    ]
    if not folder:
        return found
    return [one._replace(file=one.file and f"{folder}/{one.file}") for one in found]


def _one_a_flow(run: Run) -> list[Result]:
    """The calls that failed: the first of each flow, then the second of each, and so on."""
    rows = [[result for result in of if result.failures] for of in run.by_flow.values()]
    depth = max(map(len, rows), default=0)
    return [row[number] for number in range(depth) for row in rows if number < len(row)]


def _of_call(result: Result) -> Annotation:
    title = f"{result.name}: {result.call.name}"
    told = [printable(failure.message) for failure in result.failures]
    lines = [line for line in call_text(result).splitlines() if not line.startswith("E ")]
    text = _cut([*told, "", *lines], len(told) + 1 + _LINES)
    return Annotation(Severity.ERROR, title, text, result.file, result.line)


def _of_coverage(run: Run, shortfall: str) -> Iterator[Annotation]:
    if not shortfall:
        return
    missed = [
        f"{printable(flow.name)}: {branch_text(flow, branch)}"
        for flow in run.coverage
        for branch in flow.missed
    ]
    missed += [
        f"{printable(number.name)}: {state_text(branch)}"
        for number in run.numbers
        for branch in number.missed
    ]
    text = _cut([shortfall, *missed], 1 + _LINES)
    yield Annotation(Severity.ERROR, "coverage", text)


def _cut(lines: Sequence[str], most: int) -> str:
    left = len(lines) - most
    more = [f"… and {plural(left, 'line')} more"] if left > 0 else []
    return "\n".join([*lines[:most], *more])


def _rest(annotations: Sequence[Annotation]) -> str:
    counts = Counter(one.severity for one in annotations)
    more = [plural(n - SHOWN, f"more {of}") for of, n in counts.items() if n > SHOWN]
    text = f"GitHub shows {SHOWN} of a kind. In the log of this step: {listed(more, last='and')}."
    return text if more else ""


def _line(one: Annotation) -> str:
    properties = {"file": printable(one.file), "title": printable(one.title)}
    if one.line:
        properties |= {"line": str(one.line), "col": str(one.column) if one.column else ""}
    stated = ",".join(
        f"{name}={_property(value)}" for name, value in sorted(properties.items()) if value
    )
    return f"::{one.severity} {stated}::{_data(one.message)}"


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
