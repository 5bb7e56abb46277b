"""What the resources of the API have in common: address, list, read, create, change, delete.

The objects stay as the service sent them; unknown keys are kept (reference section 3).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mbflow.api.http import ApiRequest, Listing, encoded, in_path, linked_item
from mbflow.model.errors import Error
from mbflow.model.flow import Body

if TYPE_CHECKING:
    from mbflow.api.client import Client


def address(*parts: str) -> str:
    """`/calls/ID/legs`. Raises `Error` for an id that would make it another address."""
    path = ""
    for part in parts:
        quoted = in_path(part)
        if quoted is None:
            raise Error(f"`{part}` is not an id.")
        path += f"/{quoted}"
    return path


def read_one(client: Client, path: str) -> Body | None:
    """The object, or None when the API itself says that there is none (404).

    It holds the `_links` of its envelope where it has none of its own.
    """
    request = ApiRequest("GET", path)
    answer = client.sender.send(request, also=404)
    if answer.status == 404:
        return None
    return client.sender.understood(request, answer, linked_item)


def read_list(client: Client, path: str, name: str, limit: int | None = None) -> Listing:
    """The first `limit` objects, or all; `name` is their plural for messages."""
    return client.lists.read_growing(path, name, limit)


def create(client: Client, path: str, body: Body) -> Body:
    """POST it, once; the object as the service answered it."""
    return _written(client, ApiRequest("POST", path, content=encoded(body)))


def replace(client: Client, path: str, body: Body) -> Body:
    """PUT it, once; the object as the service answered it."""
    return _written(client, ApiRequest("PUT", path, content=encoded(body)))


def act(client: Client, path: str) -> Body | None:
    """POST without a body, once; the object, or None where the service answers with nothing.

    No source shows what these newer endpoints answer (reference section 2.2).
    """
    request = ApiRequest("POST", path)
    answer = client.sender.send(request)
    return client.sender.understood(request, answer, linked_item) if answer.body else None


def delete(client: Client, path: str) -> None:
    """DELETE it, once. What is not there is `Rejected` with the status 404."""
    client.sender.send(ApiRequest("DELETE", path))


def _written(client: Client, request: ApiRequest) -> Body:
    return client.sender.understood(request, client.sender.send(request), linked_item)
