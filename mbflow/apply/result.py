"""What became of one change."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from enum import Enum, StrEnum

from mbflow.api.errors import ApiError, Rejected
from mbflow.model.errors import ExitCode
from mbflow.model.flow import Json, LockEntry
from mbflow.plan.build import Planned
from mbflow.plan.model import Action, Change
from mbflow.plan.sent_secrets import entry_of
from mbflow.state.lock import write_lock


class Cause(Enum):
    """Reasons on which it hangs what is done or said next; every other reason is only a text."""

    ALREADY = "was done already"
    """An earlier run, or somebody else, has made the change."""
    NOT_SEEN = "written, but not seen as it was answered"
    NOT_BEGUN = "interrupted"
    """Skipped because somebody stopped the run."""
    UNCHECKED = "written, and not yet checked: interrupted"
    """The service took it; the run was stopped before it was looked at."""

    def __str__(self) -> str:
        return self.value


Reason = str | Cause


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
        return self.reason in (Cause.NOT_BEGUN, Cause.UNCHECKED)


def gone(change: Change, reason: str = "") -> ChangeResult:
    """The live flow is deleted."""
    return ChangeResult(change, Status.DONE, reason, id=change.id, wrote=True)


def refused(change: Change, reason: str) -> ChangeResult:
    """Nothing was sent, because it would not have been safe."""
    return ChangeResult(change, Status.FAILED, reason, id=change.id)


def failed(change: Change, error: ApiError) -> ChangeResult:
    """It certainly did not happen."""
    rejected = isinstance(error, Rejected)
    return ChangeResult(change, Status.FAILED, error.summary, id=change.id, rejected=rejected)


def unknown(change: Change, reason: Reason) -> ChangeResult:
    return ChangeResult(change, Status.UNKNOWN, reason, id=change.id, wrote=True)


def skipped(change: Change, reason: Reason) -> ChangeResult:
    return ChangeResult(change, Status.SKIPPED, reason, id=change.id)


def result_json(outcome: ChangeResult) -> dict[str, Json]:
    """One record of the results file and of `apply --format json`."""
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
    }


def exit_code_of(outcomes: Iterable[ChangeResult]) -> ExitCode:
    """0 all done; 4 something is unknown or only part was done; 1 nothing was written."""
    outcomes = list(outcomes)
    if all(outcome.status is Status.DONE for outcome in outcomes):
        return ExitCode.DONE
    wrote = any(outcome.wrote for outcome in outcomes)
    return ExitCode.PARTIAL if wrote else ExitCode.FAILED


def write_new_lock(planned: Planned, outcomes: Iterable[ChangeResult]) -> None:
    """The lock with everything that is now known about this environment."""
    entries = dict(planned.survey.entries)
    for name in planned.survey.matches.vanished:
        entries.pop(name, None)
    for found in planned.unchanged:
        flow = planned.checkout.flows[found.name]
        secrets = planned.checkout.secrets
        new = entry_of(flow, found.live.body, found.live.id, secrets=secrets)
        entries[found.name] = _kept(new, entries.get(found.name))
    for outcome in outcomes:
        change = outcome.change
        if outcome.status is Status.DONE and change.action is Action.DELETE:
            entries.pop(change.name, None)
        elif outcome.entry is not None:
            entries[change.name] = outcome.entry
            if change.was in entries and entries[change.was].id == outcome.entry.id:
                del entries[change.was]
    entries = _one_name_an_id(entries, planned)
    environment = planned.checkout.environment.name
    lock = planned.survey.lock.having(environment, entries, planned.checkout.project.name)
    write_lock(planned.survey.lock_path, lock)


def _kept(new: LockEntry, old: LockEntry | None) -> LockEntry:
    """A settled entry stays: the service may not have given back just what was sent."""
    if old is not None and old.id == new.id and old.sent == new.sent and old.live:
        return replace(old, protect=new.protect, secrets=new.secrets, rest=new.rest)
    return new


def _one_name_an_id(entries: dict[str, LockEntry], planned: Planned) -> dict[str, LockEntry]:
    """A flow that has moved leaves its former name behind."""
    files = planned.checkout.flows
    owners: dict[str, str] = {}
    for name, entry in entries.items():
        if entry.id not in owners or name in files:
            owners[entry.id] = name
    return {name: entry for name, entry in entries.items() if owners[entry.id] == name}
