"""Whole lists or none: reads every page of a list until one read adds up.

Knows nothing of HTTP; a page is a value that somebody else reads.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from mbflow.api.failures import IncompleteListing
from mbflow.model import Body

READS = 5
MOST_PAGES = 20_000
"""More is taken for a mistake of the service: two million flows at 100 a page."""


@dataclass(frozen=True, slots=True)
class Page:
    """One page of a list: its items and how many the service says there are on all pages."""

    number: int
    items: Sequence[Body]
    total: int


def read_whole(
    name: str,
    *,
    read_page: Callable[[int], Page],
    read_pages: Callable[[Sequence[int]], Sequence[Page]],
    pause: Callable[[int], None],
) -> list[Body]:
    """All items of a list, each once, from one read that adds up.

    `read_page` reads page 1, `read_pages` the others (in any order, answers in the order asked);
    `pause` is called with the number of failed reads. Each read asks for each page once.
    Raises `IncompleteListing` after `READS` reads, and whatever reading raises.
    """
    for read in range(1, READS + 1):
        first = read_page(1)
        pages = [first, *read_pages(_other_pages(name, first))]
        items, fault = _whole(pages)
        if not fault:
            return items
        if read < READS:
            pause(read)
    raise IncompleteListing(
        f"The list of {name} could not be read whole: {fault}.",
        f"It was read {READS} times; a list counts only when one read shows every entry once.",
        "Is somebody changing it right now? Try again in a minute.",
    )


def _other_pages(name: str, first: Page) -> range:
    """The pages after the first, by the size that page 1 really has.

    The service may cap or ignore `perPage` without saying so; a first page that is not the last
    one is full, so its length is the size of a page.
    """
    if not first.items or len(first.items) >= first.total:
        return range(0)
    pages = -(-first.total // len(first.items))
    if pages > MOST_PAGES:
        raise IncompleteListing(
            f"The list of {name} cannot be right: {first.total} on {pages} pages.",
            f"mbflow reads at most {MOST_PAGES} pages.",
        )
    return range(2, pages + 1)


def _whole(pages: Sequence[Page]) -> tuple[list[Body], str]:
    """The items, each once, and what does not add up ("" when all does)."""
    totals = sorted({page.total for page in pages})
    if len(totals) > 1:
        return [], f"its total changed from page to page ({totals[0]} to {totals[-1]})"
    found: dict[object, Body] = {}
    repeats = []
    for page in pages:
        known = len(found)
        found.update((item["id"], item) for item in page.items)
        if len(found) - known < len(page.items):
            repeats.append(page.number)
    if len(found) == totals[0]:
        return list(found.values()), ""
    return [], f"it has {totals[0]} by its total, but {len(found)} were listed{_repeated(repeats)}"


def _repeated(pages: Sequence[int]) -> str:
    if not pages:
        return ""
    word = "page" if len(pages) == 1 else "pages"
    shown = ", ".join(map(str, pages[:5])) + (" and more" if len(pages) > 5 else "")
    return f" ({word} {shown} repeat what was listed before)"
