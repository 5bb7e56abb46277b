"""What the lock says of a flow that is as its file wants it."""

from __future__ import annotations

from mbflow.compare.canonical import alike, digest
from mbflow.model import Body, Flow, LockEntry


def entry_of(flow: Flow, live: Body, flow_id: str) -> LockEntry:
    """The lock entry of a flow, with the digests of both sides. `live` has its secrets hidden."""
    wanted, found = alike(flow.shown, live)
    return LockEntry(flow_id, digest(wanted), digest(found), flow.settings.protect)
