"""Values of the service in the words of people: times, lengths, parties."""

from __future__ import annotations

import json
import re

from mbflow.model import Body, Json
from mbflow.printable import printable

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
