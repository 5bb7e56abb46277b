"""What became of one change, of a flow or of a number."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum, StrEnum
from typing import TypeAlias

from mbflow.api.errors import ApiError, Rejected
from mbflow.model.errors import ExitCode
from mbflow.model.flow import Json, LockEntry
from mbflow.plan.model import AnyChange, Change, NumberChange, NumberFlow


class KnownReason(Enum):
    """Reasons on which it hangs what is done or said next; every other reason is only a text."""

    ALREADY = "was done already"
    """An earlier run, or somebody else, has made the change."""
    NOT_SEEN = "written, but the service does not yet show what it answered"
    NOT_BEGUN = "interrupted"
    """Skipped because somebody stopped the run."""
    UNCHECKED = "written, and not yet checked: interrupted"
    """The service took it; the run was stopped before it was looked at."""

    def __str__(self) -> str:
        return self.value


Reason = str | KnownReason


class Status(StrEnum):
    DONE = "done"
    FAILED = "failed"
    UNKNOWN = "unknown"
    """Sent, and nobody knows what the service made of it."""
    SKIPPED = "skipped"


@dataclass(frozen=True, slots=True)
class ChangeResult:
    """A change with what happened. `before` of the change says how to undo it."""

    change: Change
    status: Status
    reason: Reason = ""
    id: str = ""
    entry: LockEntry | None = None
    """What the lock is to remember; None where there is no live flow, or nothing new about it."""
    wrote: bool = False
    """Whether a request that writes was sent."""
    unmarked: bool = False
    """The service did not keep the step ids that say whose the flow is."""
    rejected: bool = False
    """Whether the service itself said no to the write."""

    @property
    def is_cut_off(self) -> bool:
        """Whether the run was stopped before the change was begun, or before it was checked."""
        return self.reason in (KnownReason.NOT_BEGUN, KnownReason.UNCHECKED)


@dataclass(frozen=True, slots=True)
class NumberResult:
    """A number with what happened; the fields are those of `ChangeResult`."""

    change: NumberChange
    status: Status
    reason: Reason = ""
    id: str = ""
    """Of the live flow that it leads to now; empty where that is not known."""
    wrote: bool = False
    rejected: bool = False

    @property
    def is_cut_off(self) -> bool:
        return self.reason in (KnownReason.NOT_BEGUN, KnownReason.UNCHECKED)


Result: TypeAlias = ChangeResult | NumberResult


def gone(change: Change, reason: str = "") -> ChangeResult:
    """The live flow is deleted."""
    return ChangeResult(change, Status.DONE, reason, id=change.id, wrote=True)


def refused(change: Change, reason: str) -> ChangeResult:
    """Nothing was sent, because it would not have been safe."""
    return ChangeResult(change, Status.FAILED, reason, id=change.id)


def failed(change: Change, error: ApiError) -> ChangeResult:
    """It certainly did not happen."""
    rejected = isinstance(error, Rejected)
    return ChangeResult(change, Status.FAILED, error.reason, id=change.id, rejected=rejected)


def unknown(change: Change, reason: Reason) -> ChangeResult:
    return ChangeResult(change, Status.UNKNOWN, reason, id=change.id, wrote=True)


def skipped(change: Change, reason: Reason) -> ChangeResult:
    return ChangeResult(change, Status.SKIPPED, reason, id=change.id)


def skipped_any(change: AnyChange, reason: Reason) -> Result:
    if isinstance(change, NumberChange):
        return NumberResult(change, Status.SKIPPED, reason)
    return skipped(change, reason)


def done_already(change: AnyChange) -> Result:
    """An earlier run, or somebody else, has made it."""
    if isinstance(change, NumberChange):
        return NumberResult(change, Status.DONE, KnownReason.ALREADY, id=change.to.id)
    return ChangeResult(change, Status.DONE, KnownReason.ALREADY, id=change.id)


def result_json(outcome: Result) -> dict[str, Json]:
    """One record of the results file and of `apply --format json`."""
    if isinstance(outcome, NumberResult):
        return _number_json(outcome)
    change = outcome.change
    return {
        "flow": change.name,
        "action": change.action.value,
        "status": outcome.status.value,
        "id": outcome.id or change.id or None,
        "title": change.title,
        "reason": str(outcome.reason),
        "was": change.was or None,
        "before": change.before,
        "numbers": list(change.numbers),
        "protect": change.is_of_protected,
    }


def _number_json(outcome: NumberResult) -> dict[str, Json]:
    change = outcome.change
    former = change.former or NumberFlow("", "", "")
    return {
        "number": change.number,
        "action": change.action,
        "status": outcome.status.value,
        "from": former.label or None,
        "from_id": former.id or None,
        "to": change.to.label,
        "to_id": outcome.id or change.to.id or None,
        "reason": str(outcome.reason),
        "calendar": change.calendar or None,
        "state": change.state or None,
    }


def exit_code_of(outcomes: Iterable[Result]) -> ExitCode:
    """0 all done; 4 something is unknown or only part was done; 1 nothing was written."""
    outcomes = list(outcomes)
    if all(outcome.status is Status.DONE for outcome in outcomes):
        return ExitCode.DONE
    wrote = any(outcome.wrote for outcome in outcomes)
    return ExitCode.PARTIAL if wrote else ExitCode.FAILED
