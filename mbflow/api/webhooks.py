"""Webhooks."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mbflow.api.http import Listing
from mbflow.api.resource import address, create, delete, read_list, read_one, replace
from mbflow.model.flow import Body

if TYPE_CHECKING:
    from mbflow.api.client import Client


def list_webhooks(client: Client, limit: int | None = None) -> Listing:
    return read_list(client, address("webhooks"), "webhooks", limit)


def get_webhook(client: Client, webhook_id: str) -> Body | None:
    return read_one(client, address("webhooks", webhook_id))


def create_webhook(client: Client, url: str, token: str | None = None) -> Body:
    """POST it, once; `token` signs what is delivered."""
    return create(client, address("webhooks"), webhook_body(url, token))


def update_webhook(client: Client, webhook_id: str, url: str, token: str | None) -> Body:
    """PUT it, once: the whole webhook, since nobody knows whether the service merges."""
    return replace(client, address("webhooks", webhook_id), webhook_body(url, token))


def delete_webhook(client: Client, webhook_id: str) -> None:
    delete(client, address("webhooks", webhook_id))


def webhook_body(url: str, token: str | None = None) -> Body:
    """As the service takes it, alone or within a call that is started."""
    return {"url": url} if token is None else {"url": url, "token": token}
