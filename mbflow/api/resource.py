"""What the resources of the API have in common: address, list, read, create, change, delete.

The objects stay as the service sent them; unknown keys are kept (reference section 3).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mbflow.api.http import ApiRequest, Listing, json_bytes, linked_item, quote_id
from mbflow.model.errors import Error
from mbflow.model.flow import Body, Json

if TYPE_CHECKING:
    from mbflow.api.client import Client


def address(*parts: str) -> str:
    """`/calls/ID/legs`. Raises `Error` for an id that would make it another address."""
    path = ""
    for part in parts:
        quoted = quote_id(part)
        if quoted is None:
            raise Error(f"`{part}` is not an id.")
        path += f"/{quoted}"
    return path


def read_one(client: Client, path: str) -> Body | None:
    """The object, or None when the API itself says that there is none (404).

    It holds the `_links` of its envelope where it has none of its own.
    """
    return client.sender.find(ApiRequest("GET", path), linked_item)


def read_list(client: Client, path: str, name: str, limit: int | None = None) -> Listing:
    """The first `limit` objects, or all; `name` is their plural for messages."""
    return client.lists.read_open(path, name, limit)


def create(client: Client, path: str, body: Body) -> Body:
    """POST it, once; the object as the service answered it."""
    return client.sender.read(ApiRequest("POST", path, content=json_bytes(body)), linked_item)


def replace(client: Client, path: str, body: Body) -> Body:
    """PUT it, once; the object as the service answered it."""
    return client.sender.read(ApiRequest("PUT", path, content=json_bytes(body)), linked_item)


def act(client: Client, path: str) -> Body | None:
    """POST without a body, once; the object, or None where the service answers with nothing.

    No source shows what these newer endpoints answer (reference section 2.2).
    """

    def item(document: Json) -> Body | None:
        return None if document is None else linked_item(document)

    return client.sender.read(ApiRequest("POST", path), item)


def delete(client: Client, path: str) -> None:
    """DELETE it, once. What is not there is `Rejected` with the status 404."""
    client.sender.send(ApiRequest("DELETE", path))
