"""What an apply that was cut off has left: its outcomes, and creates that are to be settled.

Reads only. A POST is never repeated before this has said that nothing was created.
"""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from mbflow.api.retry import pauses_within, poll
from mbflow.flow.canonical import Form
from mbflow.model.flow import Flow, LiveFlow, LockEntry, with_title
from mbflow.model.project import Environment
from mbflow.model.text import Command
from mbflow.plan.markers import account_bits, is_marked, markers_of, name_bits
from mbflow.plan.model import CLOCKS_APART, Refusal
from mbflow.plan.refresh import list_with_new
from mbflow.project.load import Checkout
from mbflow.state.journal import JOURNAL, Intent, Unfinished, read_journal
from mbflow.state.lock import Lock

if TYPE_CHECKING:
    from mbflow.api.client import Client

PAUSES = (1.0, 2.0, 4.0, 8.0, 15.0)
"""Seconds between listings: growing, because a service that lags usually lags shortly."""


@dataclass(frozen=True, slots=True)
class Search:
    """How lost creates are recognised."""

    project: str
    identity: str
    secrets: Mapping[str, str]
    settle_seconds: float
    """How long after the send a flow may still turn up."""


def settle(
    search: Search,
    intents: Sequence[Intent],
    list_flows: Callable[[], list[LiveFlow]],
    *,
    clock: Callable[[], float] = time.time,
    sleep: Callable[[float], object] = time.sleep,
) -> dict[str, list[LiveFlow]]:
    """Name to the live flows that its create may have made: none, one, or several.

    Listings are repeated while a name has none and its time is not over. The time may be of another
    machine, or from before the clock was set: it counts as over when it is so by minutes, and no
    wait is longer than `settle_seconds`.
    """
    margin = search.settle_seconds + CLOCKS_APART
    ends = {intent.name: intent.time + margin for intent in intents}
    longest = min(search.settle_seconds, max(ends.values(), default=0.0) - clock())
    return poll(
        lambda: candidates(search, intents, list_flows()),
        lambda found: all(found[name] or end <= clock() for name, end in ends.items()),
        pauses_within(longest, PAUSES),
        sleep,
    )


def candidates(
    search: Search, intents: Sequence[Intent], live: Iterable[LiveFlow]
) -> dict[str, list[LiveFlow]]:
    """Name to the flows that its create may have made, in one walk through the listing.

    They were not there before, and carry the name's marker; where none does, they carry no marker
    at all and have the same body.
    """
    if not intents:
        return {}
    account = account_bits(search.project, search.identity)
    marked: defaultdict[int, list[LiveFlow]] = defaultdict(list)
    known = {intent.known_ids for intent in intents}  # Of one run, and so one set.
    unmarked: list[LiveFlow] = []
    for flow in live:
        markers = list(markers_of(flow))
        for bits in {marker.name for marker in markers if marker.account == account}:
            marked[bits].append(flow)
        if not markers and any(flow.id not in ids for ids in known):
            unmarked.append(flow)
    twins = _Twins(unmarked)
    found = {}
    for intent in intents:
        fresh = [f for f in marked[name_bits(intent.name)] if f.id not in intent.known_ids]
        found[intent.name] = fresh or twins.of(intent)
    return found


def intent_of(flow: Flow, time: float, known_ids: frozenset[str]) -> Intent:
    """What is written down before a flow is created, so that it can be found again."""
    return Intent(flow.name, Form(flow.body).digest, flow.title, time, known_ids)


class _Twins:
    """Flows that show nobody's markers, by the bodies that were to be made."""

    def __init__(self, flows: Iterable[LiveFlow]) -> None:
        self._flows: dict[bool, list[LiveFlow]] = {True: [], False: []}
        """By whether they have a title: a service may not show any."""
        for flow in flows:
            self._flows["title" in flow.body].append(flow)
        self._by_digest: dict[tuple[bool, str], Mapping[str, list[LiveFlow]]] = {}

    def of(self, intent: Intent) -> list[LiveFlow]:
        """Those of the intent's body that were not there before it."""
        alike = [*self._index(True, "").get(intent.digest, ())]
        alike += self._index(False, intent.title).get(intent.digest, ())
        return [flow for flow in alike if flow.id not in intent.known_ids]

    def _index(self, titled: bool, title: str) -> Mapping[str, list[LiveFlow]]:
        """Digest to the flows that have it, with `title` where they show none."""
        found = self._by_digest.get((titled, title))
        if found is None:
            flows: defaultdict[str, list[LiveFlow]] = defaultdict(list)
            for flow in self._flows[titled]:
                body = with_title(flow.body, {"title": title}) if title else flow.body
                flows[Form(body).digest].append(flow)
            found = self._by_digest[titled, title] = flows
        return found


@dataclass(frozen=True, slots=True)
class Recovered:
    """The lock's entries with what a killed run did and never wrote into the lock."""

    entries: Mapping[str, LockEntry]
    refusals: tuple[Refusal, ...] = ()
    """Creates that may have made several flows."""
    made: tuple[Intent, ...] = ()
    """Creates of the killed run that were done."""
    fileless: Mapping[str, Sequence[str]] = field(default_factory=dict)
    """Name that no file has any more to the several flows that its create may have made."""


def recover(
    checkout: Checkout,
    lock: Lock,
    unfinished: Unfinished,
    client: Client,
    clock: Callable[[], float],
    sleep: Callable[[float], object],
) -> Recovered:
    """Settle what the journal leaves open. Sends only GET."""
    entries = entries_done(checkout, lock, unfinished)
    lost = [i for i in unfinished.open if _is_open(i.name, i.known_ids, entries)]
    if not lost:
        return Recovered(entries, made=unfinished.made)
    known = frozenset.intersection(*(intent.known_ids for intent in lost))
    elsewhere, secrets = _tied_elsewhere(checkout, lock), checkout.secrets

    def list_flows() -> list[LiveFlow]:
        return [f for f in list_with_new(client, known, secrets) if f.id not in elsewhere]

    seconds = checkout.environment.settle_seconds
    doing = f"Looking for what an unfinished run made, {seconds:g} s at most"
    with client.progress.begin(doing):
        found = settle(search(checkout), lost, list_flows, clock=clock, sleep=sleep)
    names = {*checkout.flows, *checkout.broken}
    return replace(_with_found(entries, lost, found, names), made=unfinished.made)


def entries_done(checkout: Checkout, lock: Lock, unfinished: Unfinished) -> dict[str, LockEntry]:
    """The lock's entries with what the journal knows to be done. Asks nobody."""
    entries = _with_done(lock.of(checkout.environment.name), unfinished.entries, checkout)
    for name, flow_id in unfinished.dropped.items():
        if name in entries and flow_id in ("", entries[name].id):
            del entries[name]
    return entries


def ids_elsewhere(checkout: Checkout, lock: Lock, live: Mapping[str, LiveFlow]) -> frozenset[str]:
    """Flows that belong to other environments of this checkout, which may share the account.

    Also those that a killed run of such an environment may have made: it did not come to say so.
    """
    found = set(_tied_elsewhere(checkout, lock))
    for other, unfinished in _unfinished_elsewhere(checkout):
        made = candidates(search(checkout, other), unfinished.open, live.values())
        found |= {flow.id for flows in made.values() for flow in flows}
    return frozenset(found)


def made_twice(
    checkout: Checkout,
    recovered: Recovered,
    live: Mapping[str, LiveFlow],
    elsewhere: Collection[str],
) -> dict[str, list[str]]:
    """Name to the flows that a killed run made for it beside its own, and that nothing else tells.

    It did not come to look. Where markers are kept, they tell of such flows in every plan.
    """
    tied = {*elsewhere, *(entry.id for entry in recovered.entries.values())}
    unmarked = [f for f in live.values() if f.id not in tied and not is_marked(f)]
    found = candidates(search(checkout), recovered.made, unmarked)
    return {name: [flow.id for flow in flows] for name, flows in found.items() if flows}


def _with_done(
    locked: Mapping[str, LockEntry], done: Mapping[str, LockEntry], checkout: Checkout
) -> dict[str, LockEntry]:
    """The lock's entries and those of the killed run; a flow that it moved has its new name."""
    moved = {entry.id for entry in done.values()}
    files = {*checkout.flows, *checkout.broken}
    kept = {name: entry for name, entry in locked.items() if name in files or entry.id not in moved}
    return {**kept, **done}


def _tied_elsewhere(checkout: Checkout, lock: Lock) -> frozenset[str]:
    """Flows that lock or journal give to other environments."""
    found = {entry.id for entries in lock.environments.values() for entry in entries.values()}
    found -= {entry.id for entry in lock.of(checkout.environment.name).values()}
    for _, unfinished in _unfinished_elsewhere(checkout):
        found |= {entry.id for entry in unfinished.entries.values()}
    return frozenset(found)


def _unfinished_elsewhere(checkout: Checkout) -> Iterator[tuple[Environment, Unfinished]]:
    for other in checkout.project.environments.values():
        if other.name != checkout.environment.name:
            yield other, read_journal(checkout.root / ".mbflow" / other.name / JOURNAL)


def _is_open(name: str, known_ids: Collection[str], entries: Mapping[str, LockEntry]) -> bool:
    entry = entries.get(name)
    return entry is None or entry.id in known_ids


def _with_found(
    entries: Mapping[str, LockEntry],
    lost: Iterable[Intent],
    found: Mapping[str, list[LiveFlow]],
    names: Collection[str],
) -> Recovered:
    """What was sent is the base: an edit made by hand since then shows.

    Without markers two names of one body may find one flow; the first one gets it. Which of several
    flows is meant matters only where a file has the name.
    """
    recovered, refusals, fileless = dict(entries), [], {}
    for intent in lost:
        taken = {entry.id for entry in recovered.values()}
        free = [flow.id for flow in found[intent.name] if flow.id not in taken]
        if len(free) == 1:
            recovered[intent.name] = LockEntry(free[0], intent.digest, intent.digest)
        elif free and intent.name in names:
            refusals.append(_several(intent.name, free))
        elif free:
            fileless[intent.name] = free
    return Recovered(recovered, tuple(refusals), fileless=fileless)


def _several(name: str, ids: Collection[str]) -> Refusal:
    return Refusal(
        f"An earlier run was cut off while it created {name}, and now there are {len(ids)} flows "
        f"that may be it: {', '.join(ids)}. Adopt one, and delete the others after you have looked "
        "at them.",
        tuple(Command("mbflow", "adopt", name, flow_id) for flow_id in ids),
    )


def search(checkout: Checkout, environment: Environment | None = None) -> Search:
    """How this checkout recognises what a lost create made, in its own environment unless said."""
    environment = environment or checkout.environment
    return Search(
        project=checkout.project.name,
        identity=environment.identity or environment.name,
        secrets=checkout.secrets,
        settle_seconds=environment.settle_seconds,
    )
