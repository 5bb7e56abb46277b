"""Objects of the API in full, and lists of them: as text, and as JSON documents.

Keys that mbflow has no name for are shown as they came. Tokens never are.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING

from mbflow.model.text import printable
from mbflow.views.text import Column, fit_columns, plain, table

if TYPE_CHECKING:
    from mbflow.api.http import Listing
    from mbflow.model.flow import Body, Json
    from mbflow.model.project import Environment

_TIME = r"(\d{4}-\d\d-\d\d)T(\d\d:\d\d)(:\d\d)?(?:\.\d+)?Z"
_NUMBER = r"[1-9][0-9]{6,14}"
NO_VALUE = "-"
HIDDEN = "(hidden)"


def value_text(value: Json) -> str:
    """Any value on one line; a dash for none."""
    if value is None or value == "":
        return NO_VALUE
    if isinstance(value, bool):
        return "yes" if value else "no"
    return plain(value)


def moment(value: Json) -> str:
    """`2019-08-06 13:17:06 UTC`."""
    found = re.fullmatch(_TIME, value, re.ASCII) if isinstance(value, str) else None
    return f"{found[1]} {found[2]}{found[3] or ''} UTC" if found else value_text(value)


def minute(value: Json) -> str:
    """`2019-08-06 13:17`, for a column whose head says UTC."""
    found = re.fullmatch(_TIME, value, re.ASCII) if isinstance(value, str) else None
    return f"{found[1]} {found[2]}" if found else value_text(value)


def seconds(value: Json) -> str:
    is_number = isinstance(value, int) and not isinstance(value, bool)
    return f"{value} s" if is_number else value_text(value)


def party(value: Json) -> str:
    """A number with its plus, an address as it is."""
    text = value_text(value)
    return f"+{text}" if re.fullmatch(_NUMBER, text) else text


def status_of(body: Body) -> Json:
    """`status`, which older recordings call `state` (reference section 9)."""
    return body.get("status", body.get("state"))


def hide_tokens(value: Json) -> Json:
    """The value with no token in it: they sign what webhooks deliver."""
    if isinstance(value, list):
        return [hide_tokens(item) for item in value]
    if isinstance(value, dict):
        return {
            name: HIDDEN if name.lower() == "token" and item else hide_tokens(item)
            for name, item in value.items()
        }
    return value


Formatter = Callable[["Json"], str]
TIMES: Mapping[str, tuple[str, Formatter]] = {
    "createdAt": ("created", moment),
    "updatedAt": ("updated", moment),
    "answeredAt": ("answered", moment),
    "endedAt": ("ended", moment),
    "deletedAt": ("deleted", moment),
}


def object_text(noun: str, body: Body, names: Mapping[str, tuple[str, Formatter]]) -> str:
    """`Call ID`, then a line a field: those in `names` first, under their names, then the rest.

    Fields without a value are left out.
    """
    fields = {**names, **TIMES}
    hidden = hide_tokens(body)
    assert isinstance(hidden, dict)
    known = [
        (name, form(body[key])) for key, (name, form) in fields.items() if body.get(key) is not None
    ]
    rest = [
        (printable(key), value_text(value))
        for key, value in hidden.items()
        if key not in fields and key not in ("id", "_links") and value is not None
    ]
    pairs = [*known, *rest]
    width = max((len(name) for name, _ in pairs), default=0)
    lines = [f"  {name:<{width}}  {text}" for name, text in pairs]
    return "\n".join([f"{noun} {value_text(body.get('id'))}", *lines])


ObjectColumn = tuple[str, Callable[["Body"], str]]
"""The head, and what reads the cell of an object."""


def column(head: str, key: str, form: Formatter = value_text) -> ObjectColumn:
    """The column of one field."""
    return head, lambda body: form(body.get(key))


def objects_table(
    items: Sequence[Body],
    columns: Sequence[ObjectColumn],
    width: int | None = None,
) -> str:
    """One line an object, most important column first; "" for none.

    Columns that the terminal has no room for are left out.
    """
    if not items:
        return ""
    whole: list[Column] = [[head, *map(read, items)] for head, read in columns]
    return table(fit_columns(whole, width), width)


def listing_document(environment: Environment, name: str, listing: Listing) -> dict[str, Json]:
    """For JSON: `total` counts all, also those that `--limit` leaves out."""
    return document(environment, {"total": listing.total, name: list(listing.items)})


def document(environment: Environment, parts: Mapping[str, Json]) -> dict[str, Json]:
    """For JSON: objects as the service sent them, without tokens."""
    shown = {name: hide_tokens(part) for name, part in parts.items()}
    return {"environment": environment.name, "endpoint": environment.endpoint, **shown}
