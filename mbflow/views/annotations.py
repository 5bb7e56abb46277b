"""Problems as GitHub workflow commands, which GitHub shows beside the lines of a pull request."""

from __future__ import annotations

from collections.abc import Sequence

from mbflow.printable import printable
from mbflow.problem import Problem, in_order


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
