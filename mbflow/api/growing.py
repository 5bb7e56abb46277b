"""Lists that grow while they are read: calls, legs, recordings.

The service puts new entries first, so an entry moves to later pages, never to earlier ones: reading
page after page misses none that was there at the start. Knows nothing of HTTP.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from mbflow.api.failures import IncompleteListing
from mbflow.api.listing import MOST_PAGES
from mbflow.model import Body

MOST_REPEATS = 3
"""Pages in a row without anything new: more entries than that do not come in between two reads."""


@dataclass(frozen=True, slots=True)
class Listing:
    """The first entries of a list, each once, in the service's order."""

    items: Sequence[Body]
    total: int
    """How many there are in all."""


@dataclass(frozen=True, slots=True)
class Part:
    """One page; `total` is None where the service does not say how many entries there are."""

    items: Sequence[Body]
    total: int | None


def read_growing(
    name: str,
    *,
    limit: int | None,
    read_page: Callable[[int], Part],
    read_pages: Callable[[Sequence[int]], Sequence[Part]],
) -> Listing:
    """The first `limit` entries, or all of them.

    All pages at once where that adds up, else one after the other. `name` is the plural for
    messages. Raises `IncompleteListing` for pages that repeat each other, and what reading raises.
    """
    first = read_page(1)
    if first.total is not None and first.total >= len(first.items):
        wanted = first.total if limit is None else min(limit, first.total)
        parts = [first, *read_pages(_other_pages(first, wanted))]
        items = _each_once(parts)
        if len(items) >= wanted and all(part.total == first.total for part in parts):
            return Listing(items[:wanted], first.total)
        first = read_page(1)
    return _walked(name, first, read_page, limit)


def _other_pages(first: Part, wanted: int) -> range:
    """The pages after the first, by the size that page 1 really has."""
    if not first.items:
        return range(0)
    return range(2, min(-(-wanted // len(first.items)), MOST_PAGES) + 1)


def _walked(name: str, first: Part, read_page: Callable[[int], Part], limit: int | None) -> Listing:
    found = {item["id"]: item for item in first.items}
    part, number, repeats = first, 1, 0
    while part.items and not _is_enough(len(found), part, limit):
        number += 1
        if number > MOST_PAGES:
            raise IncompleteListing(f"The list of {name} does not end after {MOST_PAGES} pages.")
        part, known = read_page(number), len(found)
        found.update((item["id"], item) for item in part.items)
        repeats = repeats + 1 if len(found) == known else 0
        # A short page is the last one: what it holds is known, and only newer entries are missing.
        is_last = len(part.items) < len(first.items)
        if repeats == MOST_REPEATS and (part.total is None or is_last):
            break
        if repeats == MOST_REPEATS:
            raise IncompleteListing(
                f"The list of {name} could not be read whole: its pages repeat each other."
            )
    items = list(found.values())[:limit]
    return Listing(items, max(len(found), part.total or 0) if limit else len(found))


def _is_enough(count: int, part: Part, limit: int | None) -> bool:
    enough = part.total if limit is None else limit
    return enough is not None and count >= enough


def _each_once(parts: Iterable[Part]) -> list[Body]:
    return list({item["id"]: item for part in parts for item in part.items}.values())
