"""A problem: one thing that is wrong, or doubtful, in something that a person wrote.

Problems are values. They are collected and shown together, never raised.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from enum import StrEnum

from mbflow.model.flow import Json, Path
from mbflow.model.paths import path_text


class Severity(StrEnum):
    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong, where, and what to do about it.

    `message` is for the author of the file: what, why, what to do next.
    `line` and `column` count from 1; 0 means the file as a whole.
    """

    rule: str
    severity: Severity
    message: str
    file: str = ""
    line: int = 0
    column: int = 0
    path: Path = ()

    def at(self, file: str, line: int = 0, column: int = 0) -> Problem:
        """The same problem with its place, added by the layer that owns the source."""
        return replace(self, file=file, line=line, column=column)


def has_errors(problems: Iterable[Problem]) -> bool:
    return any(problem.severity is Severity.ERROR for problem in problems)


def in_order(problems: Iterable[Problem]) -> list[Problem]:
    """Sorted the way a reader walks through the files."""
    return sorted(problems, key=lambda p: (p.file, p.line, p.column, p.rule, p.message))


def problem_json(problem: Problem) -> dict[str, Json]:
    """The problem as every verb writes it with `--format json`."""
    return {
        "rule": problem.rule,
        "severity": problem.severity.value,
        "message": problem.message,
        "file": problem.file,
        "line": problem.line,
        "column": problem.column,
        "path": path_text(problem.path),
    }
