"""What a rule is: its id, its severity, its manual, and what it checks."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from mbflow.model.flow import Flow, Path
from mbflow.model.problem import Problem, Severity


class Finding(NamedTuple):
    """What a check says: the message, and where; `file` where it looked at all flows."""

    message: str
    path: Path = ()
    file: str = ""


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule. Without `check` and `check_all` its problems are found while files are read."""

    id: str
    severity: Severity
    manual: str
    """What `mbflow explain` prints, with examples that a test runs."""
    check: Callable[[Flow], Iterable[Finding]] | None = None
    fact: Callable[[Flow], Any] | None = None
    """What `check_all` must know of each flow: plain data, None for nothing."""
    check_all: Callable[[Mapping[str, Any]], Iterable[Finding]] | None = None
    """Takes the facts by file."""

    @property
    def summary(self) -> str:
        """The first paragraph of the manual."""
        return self.manual.partition("\n\n")[0].replace("\n", " ")

    def problems(self, findings: Iterable[Finding]) -> Iterator[Problem]:
        """The findings as problems of this rule, without line and column."""
        for message, path, file in findings:
            yield Problem(self.id, self.severity, message, file, path=path)
