"""Creates whose outcome nobody knows: looked for in complete listings until it is clear.

Reads only. A POST is never repeated before this has said that nothing was created.
"""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from mbflow.compare.canonical import but_default, digest
from mbflow.journal import Intent
from mbflow.model import Body, Flow, LiveFlow
from mbflow.plan.marked import markers_of
from mbflow.plan.marker import account_bits, key_bits
from mbflow.plan.secrets import hide_body

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
    """Key to the live flows that its create may have made: none, one, or several.

    Listings are repeated while a key has none and its time is not over. A time that is yet to come
    was written before the clock was set back: no wait is longer than `settle_seconds`.
    """
    found: dict[str, list[LiveFlow]] = {}
    pauses, waited = iter(PAUSES), 0.0
    while True:
        found = candidates(search, intents, list_flows())
        waiting = [i for i in intents if not found[i.key]]
        left = max((i.time + search.settle_seconds - clock() for i in waiting), default=0.0)
        left = min(left, search.settle_seconds - waited)
        if left <= 0:
            return found
        pause = min(left, next(pauses, PAUSES[-1]))
        sleep(pause)
        waited += pause


def candidates(
    search: Search, intents: Sequence[Intent], live: Iterable[LiveFlow]
) -> dict[str, list[LiveFlow]]:
    """Key to the flows that its create may have made, in one walk through the listing.

    They were not there before, and carry the key's marker; where none does, they carry no marker
    at all and have the same body.
    """
    account = account_bits(search.project, search.identity)
    marked: defaultdict[int, list[LiveFlow]] = defaultdict(list)
    unmarked: list[LiveFlow] = []
    for flow in live:
        markers = list(markers_of(flow))
        for bits in {marker.key for marker in markers if marker.account == account}:
            marked[bits].append(flow)
        if not markers:
            unmarked.append(flow)
    found = {}
    for intent in intents:
        fresh = [f for f in marked[key_bits(intent.key)] if f.id not in intent.known_ids]
        found[intent.key] = fresh or [f for f in unmarked if _is_twin(search, intent, f)]
    return found


def create_digest(shown: Body) -> str:
    """What an intent says of a body. `default` is left out: it is handed over separately."""
    return digest(but_default(shown))


def intent_of(flow: Flow, time: float, known_ids: frozenset[str]) -> Intent:
    """What is written down before a flow is created, so that it can be found again."""
    return Intent(flow.key, create_digest(flow.shown), flow.title, time, known_ids)


def _is_twin(search: Search, intent: Intent, flow: LiveFlow) -> bool:
    if flow.id in intent.known_ids:
        return False
    body = hide_body(flow.body, search.secrets)
    if "title" not in body and intent.title:
        body = {**body, "title": intent.title}
    return create_digest(body) == intent.digest
