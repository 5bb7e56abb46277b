"""What the lock is to remember after a run: an entry a flow, and the file written anew."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping

from mbflow.apply.result import ChangeResult, NumberResult, Result, Status
from mbflow.flow.canonical import Form
from mbflow.model.flow import Flow, LockEntry
from mbflow.plan.build import Planned
from mbflow.plan.model import ChangeKind
from mbflow.plan.numbers import Links, route_ids
from mbflow.plan.recovery import entries_done
from mbflow.plan.secrets import secrets_in
from mbflow.project.load import Checkout
from mbflow.state.journal import journal_path, read_journal
from mbflow.state.lock import lock_path, read_lock, write_lock


def entry_of(
    flow: Flow, wanted: Form, live: Form, flow_id: str, *, secrets: Collection[str]
) -> LockEntry:
    """The lock entry of a flow, with the digests of both sides: `wanted` is what is shown of it.

    Both have their secrets hidden: those of these names.
    """
    return LockEntry(
        flow_id,
        sent=wanted.digest,
        live=live.digest,
        protect=flow.settings.protect,
        default=wanted.is_default and live.is_default,
        secrets=secrets_in(live.body, secrets),
    )


def write_new_lock(planned: Planned, outcomes: Iterable[Result]) -> None:
    """The lock with everything that is now known about this environment."""
    entries = dict(planned.survey.entries)
    for name in planned.survey.matches.vanished:
        entries.pop(name, None)
    for found in planned.unchanged:
        flow = planned.checkout.flows[found.name]
        secrets = planned.checkout.secrets
        forms = Form(flow.body), Form(found.live.body)
        new = entry_of(flow, *forms, found.live.id, secrets=secrets)
        entries[found.name] = _kept(new, entries.get(found.name))
    outcomes = list(outcomes)
    for outcome in outcomes:
        if isinstance(outcome, NumberResult):
            continue
        change = outcome.change
        if outcome.status is Status.DONE and change.action is ChangeKind.DELETE:
            entries.pop(change.name, None)
        elif outcome.entry is not None:
            entries[change.name] = outcome.entry
            if change.was in entries and entries[change.was].id == outcome.entry.id:
                del entries[change.was]
    entries = _one_name_an_id(entries, planned)
    environment = planned.checkout.environment.name
    lock = planned.survey.lock.having(
        environment, entries, planned.checkout.project.name, _numbers(planned, outcomes)
    )
    write_lock(planned.survey.lock_path, lock)


def write_lock_of_journal(checkout: Checkout) -> None:
    """The lock with what a killed run has done, where its journal will be lost with the machine.

    Creates of which nobody knows stay out: the next plan finds them by their markers. Asks nobody.
    """
    unfinished = read_journal(journal_path(checkout))
    environment = checkout.environment
    path = lock_path(checkout.root, environment.name, embedded=environment.is_embedded)
    lock = read_lock(path)
    numbers = dict(lock.numbers_of(environment.name))
    for number, ids in unfinished.numbers.items():
        numbers[number] = tuple(sorted({*numbers.get(number, ()), *ids}))
    entries = entries_done(checkout, lock, unfinished)
    if entries or numbers or path.exists():
        name = checkout.project.name
        write_lock(path, lock.having(environment.name, entries, name, numbers))


def _numbers(planned: Planned, outcomes: Collection[Result]) -> Mapping[str, tuple[str, ...]]:
    """Number to the live flows that it may lead to; what was not led as planned stays as it was."""
    checkout, findings = planned.checkout, planned.numbers
    locked = dict(planned.survey.lock.numbers_of(checkout.environment.name))
    done = [outcome for outcome in outcomes if outcome.status is Status.DONE]
    made = {one.change.name: one.id for one in done if isinstance(one, ChangeResult)}
    leads = {one.change.number: one for one in outcomes if isinstance(one, NumberResult)}
    led = {number for number, one in leads.items() if one.status is Status.DONE}
    left = {change.number for change in findings.changes} - led
    for number in left & leads.keys():
        doubted = _doubted(leads[number], findings.links, made)
        if doubted:
            locked[number] = tuple(sorted({*locked.get(number, ()), *doubted}))
    for number in findings.wanted.keys() - left:
        # The way back leads numbers that the files may not name: the lock is not to miss them then.
        if checkout.terms is not None or number in locked:
            route = checkout.environment.numbers[number]
            locked[number] = route_ids(planned.survey, route, made)
    return {number: ids for number, ids in locked.items() if number not in findings.dropped}


def _doubted(outcome: NumberResult, links: Links, made: Mapping[str, str]) -> set[str]:
    """Ids of the flows of which nobody knows which answers the number; the next plan asks them."""
    change = outcome.change
    seen = {flow_id for flow_id, numbers in links.items() if change.number in numbers}
    if outcome.status is Status.UNKNOWN:
        return {*seen, change.to.id or made.get(change.to.name, "")} - {""}
    return seen if len(seen) > 1 else set()


def _kept(new: LockEntry, old: LockEntry | None) -> LockEntry:
    """A settled entry stays: the service may not have given back just what was sent."""
    if old is not None and old.id == new.id and old.sent == new.sent and old.live:
        return old._replace(protect=new.protect, default=new.default, secrets=new.secrets)
    return new


def _one_name_an_id(entries: dict[str, LockEntry], planned: Planned) -> dict[str, LockEntry]:
    """A flow that has moved leaves its former name behind."""
    files = planned.checkout.flows
    owners: dict[str, str] = {}
    for name, entry in entries.items():
        if entry.id not in owners or name in files:
            owners[entry.id] = name
    return {name: entry for name, entry in entries.items() if owners[entry.id] == name}
