"""Objects of the API in full, and lists of them: as text, and as JSON documents.

Keys that mbflow has no name for are shown as they came. Tokens never are.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING

from mbflow.model.flow import Body, Json
from mbflow.model.project import Environment
from mbflow.model.text import printable
from mbflow.views.text import Column, fitting, table

if TYPE_CHECKING:
    from mbflow.api.http import Listing

_TIME = re.compile(r"(\d{4}-\d\d-\d\d)T(\d\d:\d\d)(:\d\d)?(?:\.\d+)?Z", re.ASCII)
_NUMBER = re.compile(r"[1-9][0-9]{6,14}")
UNTOLD = "-"
HIDDEN = "(hidden)"


def words(value: Json) -> str:
    """Any value on one line; a dash for none."""
    if value is None or value == "":
        return UNTOLD
    if isinstance(value, bool):
        return "yes" if value else "no"
    return printable(value if isinstance(value, str) else json.dumps(value, ensure_ascii=False))


def moment(value: Json) -> str:
    """`2019-08-06 13:17:06 UTC`."""
    found = _TIME.fullmatch(value) if isinstance(value, str) else None
    return f"{found[1]} {found[2]}{found[3] or ''} UTC" if found else words(value)


def minute(value: Json) -> str:
    """`2019-08-06 13:17`, for a column whose head says UTC."""
    found = _TIME.fullmatch(value) if isinstance(value, str) else None
    return f"{found[1]} {found[2]}" if found else words(value)


def seconds(value: Json) -> str:
    is_number = isinstance(value, int) and not isinstance(value, bool)
    return f"{value} s" if is_number else words(value)


def party(value: Json) -> str:
    """A number with its plus, an address as it is."""
    text = words(value)
    return f"+{text}" if _NUMBER.fullmatch(text) else text


def status_of(body: Body) -> Json:
    """`status`, which older recordings call `state` (reference section 9)."""
    return body.get("status", body.get("state"))


def without_tokens(value: Json) -> Json:
    """The value with no token in it: they sign what webhooks deliver."""
    if isinstance(value, list):
        return [without_tokens(item) for item in value]
    if isinstance(value, dict):
        return {
            name: HIDDEN if name.lower() == "token" and item else without_tokens(item)
            for name, item in value.items()
        }
    return value


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
