"""What an apply that was cut off has left: its outcomes, and creates that are to be settled."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from pathlib import Path

from mbflow.api.client import Client
from mbflow.files.checkout import Checkout
from mbflow.journal import read_journal
from mbflow.lock import Lock
from mbflow.model import LiveFlow, LockEntry
from mbflow.plan.refusal import Refusal
from mbflow.planning.account import list_with_new
from mbflow.planning.refusing import refuse
from mbflow.planning.settling import Search, settle

JOURNAL = "journal.jsonl"


def settled_entries(
    checkout: Checkout,
    lock: Lock,
    client: Client,
    clock: Callable[[], float],
    sleep: Callable[[float], object],
) -> dict[str, LockEntry]:
    """The lock's entries with what a killed run did and never wrote into the lock."""
    unfinished = read_journal(journal_path(checkout))
    entries = {**lock.of(checkout.environment.name), **unfinished.entries}
    for key, flow_id in unfinished.dropped.items():
        if key in entries and flow_id in ("", entries[key].id):
            del entries[key]
    lost = [i for i in unfinished.open if _is_open(i.key, i.known_ids, entries)]
    if lost:
        known = frozenset.intersection(*(intent.known_ids for intent in lost))
        found = settle(
            search(checkout), lost, lambda: list_with_new(client, known), clock=clock, sleep=sleep
        )
        taken = {entry.id for entry in entries.values()}
        entries.update(_found_entries(found, taken))
    return entries


def ids_elsewhere(checkout: Checkout, lock: Lock) -> frozenset[str]:
    """Flows that belong to other environments of this checkout: they may share the account."""
    found = {entry.id for entries in lock.environments.values() for entry in entries.values()}
    found -= {entry.id for entry in lock.of(checkout.environment.name).values()}
    for name in checkout.project.environments:
        if name != checkout.environment.name:
            journal = read_journal(checkout.root / ".mbflow" / name / JOURNAL)
            found |= {entry.id for entry in journal.entries.values()}
    return frozenset(found)


def _is_open(key: str, known_ids: Collection[str], entries: Mapping[str, LockEntry]) -> bool:
    entry = entries.get(key)
    return entry is None or entry.id in known_ids


def _found_entries(found: Mapping[str, list[LiveFlow]], taken: set[str]) -> dict[str, LockEntry]:
    """Entries without digests: whose flow it is is known, and what was made of it is not.

    Without markers two keys of one body may find one flow; the first one gets it.
    """
    found = {key: [f for f in flows if f.id not in taken] for key, flows in found.items()}
    doubles = {key: flows for key, flows in found.items() if len(flows) > 1}
    if doubles:
        refuse(
            Refusal(
                f"An earlier run was cut off while it created {key}, and now there are "
                f"{len(flows)} flows that may be it: {', '.join(f.id for f in flows)}. Adopt one, "
                "and delete the others after you have looked at them.",
                tuple(f"mbflow adopt {key} {flow.id}" for flow in flows),
            )
            for key, flows in doubles.items()
        )
    entries: dict[str, LockEntry] = {}
    for key, flows in found.items():
        if flows and flows[0].id not in taken:
            taken.add(flows[0].id)
            entries[key] = LockEntry(flows[0].id, "", "")
    return entries


def journal_path(checkout: Checkout) -> Path:
    return checkout.root / ".mbflow" / checkout.environment.name / JOURNAL


def search(checkout: Checkout) -> Search:
    """How this checkout recognises what a lost create made."""
    return Search(
        project=checkout.project.name,
        identity=checkout.environment.identity or checkout.environment.name,
        secrets=checkout.secrets,
        settle_seconds=checkout.environment.settle_seconds,
    )
