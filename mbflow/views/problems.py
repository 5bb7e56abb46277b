"""Problems as text for people, as annotations, and as JSON; and a run that stopped."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby

from mbflow.model.errors import Stop
from mbflow.model.flow import Json
from mbflow.model.problem import Problem, Severity, in_order, problem_json
from mbflow.model.text import printable
from mbflow.views.table import cells, cut
from mbflow.views.text import Style

Lines = Mapping[tuple[str, int], str]
"""File and line number to the line as it stands in the file."""

_BEFORE, _WIDTH = 48, 76
"""Columns of a line that are shown before its problem, and in all: 80 with the indentation."""
_OF_INDENTATION = ("yaml-syntax",)
"""Rules of which the cause may be how far a line is indented, against the one above."""
_COLOURS = {Severity.ERROR: "red", Severity.WARNING: "yellow"}


def problems_text(
    problems: Sequence[Problem], lines: Lines | None = None, style: Style | None = None
) -> str:
    """The problems grouped by file, each with its line and a caret where the line is known."""
    groups = groupby(in_order(problems), key=lambda problem: problem.file)
    return "\n\n".join(
        "\n".join(
            text for problem in group for text in _problem(problem, lines or {}, style or Style())
        )
        for _, group in groups
    )


def counts_text(problems: Sequence[Problem], flows: int, call_files: int = 0) -> str:
    """`8 flows and 2 call files checked: 1 error, 2 warnings.`"""
    errors = sum(problem.severity is Severity.ERROR for problem in problems)
    warnings = len(problems) - errors
    counted = [_counted(errors, "error"), _counted(warnings, "warning")]
    found = ", ".join(text for text in counted if text) or "no problems"
    files = [_counted(flows, "flow"), _counted(call_files, "call file")]
    return f"{' and '.join(filter(None, files)) or 'No flow'} checked: {found}."


def problems_json(problems: Sequence[Problem]) -> dict[str, Json]:
    return {"problems": [problem_json(problem) for problem in in_order(problems)]}


def place_text(problem: Problem) -> str:
    """`flows/menu.yaml:3:7`, or less where less is known."""
    place = f":{problem.line}:{problem.column}" if problem.line else ""
    return f"{printable(problem.file)}{place}"


def _problem(problem: Problem, lines: Lines, style: Style) -> Iterator[str]:
    place = style.paint(place_text(problem), "bold")
    kind = style.paint(f"{problem.severity}:", _COLOURS[problem.severity], "bold")
    start = f"{place}: " if problem.file else ""
    yield f"{start}{kind} {printable(problem.message)} {style.paint(f'[{problem.rule}]', 'dim')}"
    line = lines.get((problem.file, problem.line))
    if line is not None and problem.column <= len(line) + 1:
        indented = problem.rule in _OF_INDENTATION
        above = lines.get((problem.file, problem.line - 1), "") if indented else ""
        if above.strip():
            yield f"    {cut(printable(above.expandtabs(1)), _WIDTH)}"
        yield from _marked(line, problem.column, style, indented=indented)


def _marked(line: str, column: int, style: Style, *, indented: bool) -> Iterator[str]:
    before = line[: column - 1].expandtabs(1)
    before = printable(before if indented else before.lstrip())
    if cells(before) > _BEFORE:
        before = f"…{_last_of(before, _BEFORE - 1)}"
    after = cut(printable(line[column - 1 : column - 1 + 4 * _WIDTH]), _WIDTH - cells(before))
    yield f"    {before}{after}"
    yield f"    {' ' * cells(before)}{style.paint('^', 'cyan', 'bold')}"


def _last_of(text: str, width: int) -> str:
    """As much of the text's end as fits into so many columns."""
    text = text[-width:]
    while cells(text) > width:
        text = text[1:]
    return text


def _counted(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'s' if number != 1 else ''}" if number else ""


def annotations_text(problems: Sequence[Problem]) -> str:
    """One `::error …` or `::warning …` a line."""
    return "\n".join(_annotation(problem) for problem in in_order(problems))


def _annotation(problem: Problem) -> str:
    properties = {"file": printable(problem.file), "title": problem.rule}
    if problem.line:
        properties |= {"line": str(problem.line), "col": str(problem.column)}
    stated = ",".join(f"{name}={_property(value)}" for name, value in sorted(properties.items()))
    return f"::{problem.severity} {stated}::{_data(printable(problem.message))}"


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")


def stop_document(stop: Stop) -> dict[str, Json]:
    """No other document of mbflow has `error`. `problems` are there when files are wrong."""
    document: dict[str, Json] = {
        "error": {"summary": stop.summary, "details": [detail for detail in stop.details]},
        "exit_code": int(stop.code),
    }
    if stop.problems:
        document["problems"] = [problem_json(problem) for problem in in_order(stop.problems)]
    return document
