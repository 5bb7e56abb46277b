"""Everything that can stop a run, and the exit code that each stop gives.

An `Error` is something that the user can act on. Findings in files are `Problem` values instead.
"""

from __future__ import annotations

from collections.abc import Sequence
from enum import IntEnum
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from mbflow.model.problem import Problem
    from mbflow.model.text import Line


class ExitCode(IntEnum):
    DONE = 0
    FAILED = 1
    CHANGES = 2
    REFUSED = 3
    PARTIAL = 4
    USAGE = 64
    BUG = 70
    INTERRUPTED = 130


class Stop(NamedTuple):
    """How a run ended before its end: what people and programs are told."""

    code: int
    summary: str
    details: Sequence[str] = ()
    problems: Sequence[Problem] = ()


class Error(Exception):
    """A stop with a message for people.

    `summary` says what is wrong in one line; `details` say why, and what to do next, a line each,
    or a command to copy.
    """

    exit_code = ExitCode.FAILED

    def __init__(self, summary: str, *details: Line) -> None:
        super().__init__(summary)
        self.summary = summary
        self.details = details

    @property
    def reason(self) -> str:
        """All of it, where there is room for one line."""
        return " ".join(map(str, [self.summary, *self.details]))


class UsageError(Error):
    """The command line does not say what to do."""

    exit_code = ExitCode.USAGE


class RefusedError(Error):
    """mbflow could go on, but will not: it would not be safe."""

    exit_code = ExitCode.REFUSED


class Declined(RefusedError):
    """Somebody was asked, and said no: a decision, and no error."""


class PartialError(Error):
    """Some changes were made, and some were not or are unknown."""

    exit_code = ExitCode.PARTIAL


class ProblemsError(Error):
    """The files hold problems of error severity."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__("The files have problems.")
        self.problems = tuple(problems)
