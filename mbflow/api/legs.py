"""The legs of calls: listed, read, held, hung up (reference sections 2.1, 2.2 and 8).

A leg is one party's part of a call: `{"id", "callId", "status", "direction", "source",
"destination", "duration", "cost", ...}`, as the service sent it. All functions raise what
`Sender.send` raises, and `Error` for an id that cannot stand in an address.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mbflow.api.http import Listing
from mbflow.api.resource import act, address, delete, read_list, read_one
from mbflow.model.flow import Body

if TYPE_CHECKING:
    from mbflow.api.client import Client


def list_legs(client: Client, call_id: str, limit: int | None = None) -> Listing:
    """The first `limit` legs of a call, or all (2.1). A call that is not there is `Rejected`."""
    return read_list(client, address("calls", call_id, "legs"), "legs", limit)


def get_leg(client: Client, call_id: str, leg_id: str) -> Body | None:
    """The leg, or None when the service says that there is none (2.1)."""
    return read_one(client, address("calls", call_id, "legs", leg_id))


def hang_up_leg(client: Client, leg_id: str) -> None:
    """DELETE it, once (2.2). A leg that is not there is `Rejected` with the status 404."""
    delete(client, address("legs", leg_id))


def hold_leg(client: Client, leg_id: str) -> Body | None:
    """POST it, once (2.2); the leg, or None where the service answers without it.

    A leg that is not there is `Rejected` with 404, and one that is not ongoing with another
    status. Nothing of a leg shows whether it is on hold (14.4).
    """
    return act(client, address("legs", leg_id, "hold"))


def unhold_leg(client: Client, leg_id: str) -> Body | None:
    """POST it, once (2.2); like `hold_leg`."""
    return act(client, address("legs", leg_id, "unhold"))
