"""The legs of calls (reference sections 2 and 8)."""

from __future__ import annotations

from mbflow.api.client import Client
from mbflow.api.growing import Listing
from mbflow.api.resource import address, read_list, read_one
from mbflow.model import Body


def list_legs(client: Client, call_id: str, limit: int | None = None) -> Listing:
    return read_list(client, address("calls", call_id, "legs"), "legs", limit)


def get_leg(client: Client, call_id: str, leg_id: str) -> Body | None:
    return read_one(client, address("calls", call_id, "legs", leg_id))
