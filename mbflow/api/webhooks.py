"""Webhooks: where the service sends what happens to calls (reference sections 2.2 and 11).

A webhook is `{"id", "url", "token", "createdAt", ...}`, as the service sent it; `token` signs what
is delivered and may be missing. All functions raise what `Sender.send` raises, and `Error` for an
id that cannot stand in an address.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mbflow.api.http import Listing
from mbflow.api.resource import address, create, delete, read_list, read_one, replace
from mbflow.model.flow import Body

if TYPE_CHECKING:
    from mbflow.api.client import Client


def list_webhooks(client: Client, limit: int | None = None) -> Listing:
    """The first `limit` webhooks of the account, or all."""
    return read_list(client, address("webhooks"), "webhooks", limit)


def get_webhook(client: Client, webhook_id: str) -> Body | None:
    """The webhook, or None when the service says that there is none."""
    return read_one(client, address("webhooks", webhook_id))


def create_webhook(client: Client, url: str, token: str | None = None) -> Body:
    """POST it, once; the webhook as the service answered it. An account has up to five (11)."""
    return create(client, address("webhooks"), webhook_body(url, token))


def update_webhook(client: Client, webhook_id: str, url: str, token: str | None) -> Body:
    """PUT it, once: the whole webhook, since nobody knows whether the service merges."""
    return replace(client, address("webhooks", webhook_id), webhook_body(url, token))


def delete_webhook(client: Client, webhook_id: str) -> None:
    """DELETE it, once. A webhook that is not there is `Rejected` with the status 404."""
    delete(client, address("webhooks", webhook_id))


def webhook_body(url: str, token: str | None = None) -> Body:
    """As the service takes it, alone or within a call that is started (7)."""
    return {"url": url} if token is None else {"url": url, "token": token}
