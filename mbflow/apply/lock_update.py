"""The lock as it is after an apply."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from mbflow.apply.result import ChangeResult, Status
from mbflow.model.flow import LockEntry
from mbflow.plan.build import Planned
from mbflow.plan.model import Action
from mbflow.plan.sent_secrets import entry_of
from mbflow.state.lock import write_lock


def write_new_lock(planned: Planned, outcomes: Iterable[ChangeResult]) -> None:
    """The lock with everything that is now known about this environment."""
    entries = dict(planned.survey.entries)
    for key in planned.survey.matches.vanished:
        entries.pop(key, None)
    for found in planned.unchanged:
        flow = planned.checkout.flows[found.key]
        secrets = planned.checkout.secrets
        new = entry_of(flow, found.live.body, found.live.id, secrets=secrets)
        entries[found.key] = _kept(new, entries.get(found.key))
    for outcome in outcomes:
        change = outcome.change
        if outcome.status is Status.DONE and change.action is Action.DELETE:
            entries.pop(change.key, None)
        elif outcome.entry is not None:
            entries[change.key] = outcome.entry
            if change.was in entries and entries[change.was].id == outcome.entry.id:
                del entries[change.was]
    entries = _one_key_an_id(entries, planned)
    environment = planned.checkout.environment.name
    lock = planned.survey.lock.having(environment, entries, planned.checkout.project.name)
    write_lock(planned.survey.lock_path, lock)


def _kept(new: LockEntry, old: LockEntry | None) -> LockEntry:
    """A settled entry stays: the service may not have given back just what was sent."""
    if old is not None and old.id == new.id and old.sent == new.sent and old.live:
        return replace(old, protect=new.protect, secrets=new.secrets, rest=new.rest)
    return new


def _one_key_an_id(entries: dict[str, LockEntry], planned: Planned) -> dict[str, LockEntry]:
    """A flow that has moved leaves its former key behind."""
    files = planned.checkout.flows
    owners: dict[str, str] = {}
    for key, entry in entries.items():
        if entry.id not in owners or key in files:
            owners[entry.id] = key
    return {key: entry for key, entry in entries.items() if owners[entry.id] == key}
