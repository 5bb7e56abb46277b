"""What stands around the service's objects: `data`, always a list, and `pagination`.

Pure readers of parsed JSON (reference section 3); what they do not find is `NotTheEnvelope`.
"""

from __future__ import annotations

from mbflow.model import Body, Json


class NotTheEnvelope(Exception):
    """The answer is not what the API sends; the text says why, without user text."""


def items_of(document: Json) -> list[Body]:
    """`data` as objects that all have an id; null counts as empty: both are seen in the wild."""
    data = document.get("data", False) if isinstance(document, dict) else False
    items = [] if data is None else data
    if not isinstance(items, list):
        raise NotTheEnvelope("its answer has no list `data`")
    sound = [item for item in items if isinstance(item, dict) and _is_id(item.get("id"))]
    if len(sound) < len(items):
        raise NotTheEnvelope("its answer holds an entry without an id")
    return sound


def only_item(document: Json) -> Body:
    """The one object that an answer about one object holds."""
    items = items_of(document)
    if len(items) != 1:
        raise NotTheEnvelope(f"its answer holds {len(items)} objects instead of one")
    return items[0]


def total_of(document: Json) -> int:
    """How many entries the whole list has."""
    pagination = document.get("pagination") if isinstance(document, dict) else None
    total = pagination.get("totalCount") if isinstance(pagination, dict) else None
    if type(total) is not int or total < 0:
        raise NotTheEnvelope("its list does not say how many entries it has")
    return total


def total_if_told(document: Json) -> int | None:
    """The same, or None: some lists of the documentation come without `pagination`."""
    if isinstance(document, dict) and document.get("pagination") is None:
        return None
    return total_of(document)


def linked_item(document: Json) -> Body:
    """The one object, with the `_links` that stand beside it where it has none of its own."""
    item = only_item(document)
    links = document.get("_links") if isinstance(document, dict) else None
    return item if "_links" in item or not isinstance(links, dict) else {**item, "_links": links}


def _is_id(value: Json) -> bool:
    return isinstance(value, str) and bool(value)
