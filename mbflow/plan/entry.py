"""What the lock says of a flow that is as its file wants it."""

from __future__ import annotations

from collections.abc import Collection

from mbflow.compare.canonical import alike, digest
from mbflow.model import Body, Flow, LockEntry
from mbflow.plan.sent_secrets import rest_digest, secret_places


def entry_of(flow: Flow, live: Body, flow_id: str, *, secrets: Collection[str]) -> LockEntry:
    """The lock entry of a flow, with the digests of both sides.

    `live` has its secrets hidden: those of these names.
    """
    wanted, found = alike(flow.shown, live)
    places = secret_places(found, secrets)
    return LockEntry(
        flow_id,
        digest(wanted),
        digest(found),
        flow.settings.protect,
        places,
        rest_digest(found, places),
    )
