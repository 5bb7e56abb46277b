"""Objects of the API in full, and lists of them: as text, and as JSON documents.

Keys that mbflow has no name for are shown as they came. Tokens never are.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from mbflow.api.growing import Listing
from mbflow.model import Body, Json
from mbflow.printable import printable
from mbflow.project import Environment
from mbflow.views.table import Column, fitting, table
from mbflow.views.wording import moment, without_tokens, words

Wording = Callable[[Json], str]
TIMES: Mapping[str, tuple[str, Wording]] = {
    "createdAt": ("created", moment),
    "updatedAt": ("updated", moment),
    "answeredAt": ("answered", moment),
    "endedAt": ("ended", moment),
    "deletedAt": ("deleted", moment),
}


def object_text(noun: str, body: Body, names: Mapping[str, tuple[str, Wording]]) -> str:
    """`Call ID`, then a line a field: those in `names` first, with their words, then the rest.

    Fields without a value are left out.
    """
    fields = {**names, **TIMES}
    hidden = without_tokens(body)
    assert isinstance(hidden, dict)
    known = [
        (name, say(body[key])) for key, (name, say) in fields.items() if body.get(key) is not None
    ]
    rest = [
        (printable(key), words(value))
        for key, value in hidden.items()
        if key not in fields and key not in ("id", "_links") and value is not None
    ]
    pairs = [*known, *rest]
    width = max((len(name) for name, _ in pairs), default=0)
    lines = [f"  {name:<{width}}  {text}" for name, text in pairs]
    return "\n".join([f"{noun} {words(body.get('id'))}", *lines])


def objects_table(
    items: Sequence[Body],
    columns: Sequence[tuple[str, Callable[[Body], str]]],
    width: int | None = None,
) -> str:
    """One line an object, most important column first; "" for none.

    Columns that the terminal has no room for are left out.
    """
    if not items:
        return ""
    whole: list[Column] = [[head, *(say(item) for item in items)] for head, say in columns]
    return table(fitting(whole, width), width)


def listing_document(environment: Environment, name: str, listing: Listing) -> dict[str, Json]:
    """For JSON: `total` counts all, also those that `--limit` leaves out."""
    return document(environment, {"total": listing.total, name: list(listing.items)})


def document(environment: Environment, parts: Mapping[str, Json]) -> dict[str, Json]:
    """For JSON: objects as the service sent them, without tokens."""
    shown = {name: without_tokens(part) for name, part in parts.items()}
    return {"environment": environment.name, "endpoint": environment.endpoint, **shown}
