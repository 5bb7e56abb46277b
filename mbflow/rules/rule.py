"""What a rule is: its id, its severity, its manual, and what it checks."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, NamedTuple

from mbflow.model.flow import Flow, Path
from mbflow.model.problem import Problem, Severity

EVERYTHING = "*"
"""Stands in `reads` for all keys and options."""


class Finding(NamedTuple):
    """What a check says: the message, and where; `file` where it looked at all flows."""

    message: str
    path: Path = ()
    file: str = ""


Check = Callable[[Flow], Iterable[Finding]]
Fact = Callable[[Flow], Any]


class Rule(NamedTuple):
    """One rule. Without `check` and `check_all` its problems are found while files are read."""

    id: str
    severity: Severity
    manual: str
    """What `mbflow explain` prints, with examples that a test runs."""
    check: Check | None = None
    fact: Fact | None = None
    """What `check_all` must know of each flow: plain data, None for nothing."""
    check_all: Callable[[Mapping[str, Any]], Iterable[Finding]] | None = None
    """Takes the facts by file."""
    reads: frozenset[str] = frozenset()
    """Keys and options that it reads in all steps, or in the flow, to judge one of them.

    Empty where it looks at one step alone. It is silent where one of them does not fit the schema.
    """

    @property
    def is_excepted_in_files(self) -> bool:
        return self.severity is Severity.WARNING

    @property
    def summary(self) -> str:
        """The first paragraph of the manual."""
        return self.manual.partition("\n\n")[0].replace("\n", " ")

    def problem(self, finding: Finding) -> Problem:
        """The finding as a problem of this rule, without line and column."""
        return Problem(self.id, self.severity, finding.message, finding.file, path=finding.path)
