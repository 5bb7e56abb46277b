"""Lists page by page: whole or none for flows, as far as they go for lists that grow meanwhile.

Knows nothing of HTTP; a page is a value that somebody else reads.

The service puts new entries first, so an entry moves to later pages, never to earlier ones: reading
page after page misses none that was there at the start. Knows nothing of HTTP.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TypeVar

from mbflow.api.errors import IncompleteListing, Rejected
from mbflow.api.http import ApiRequest, ApiResponse, Listing, items_of, total_if_told, total_of
from mbflow.api.parallel import in_parallel
from mbflow.api.retry import Backoff, Gate, Sender
from mbflow.model.flow import Body

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


MOST_REPEATS = 3
"""Pages in a row without anything new: more entries than that do not come in between two reads."""


@dataclass(frozen=True, slots=True)
class OpenPage:
    """One page; `total` is None where the service does not say how many entries there are."""

    items: Sequence[Body]
    total: int | None


def read_open_list(
    name: str,
    *,
    limit: int | None,
    read_page: Callable[[int], OpenPage],
    read_pages: Callable[[Sequence[int]], Sequence[OpenPage]],
) -> Listing:
    """The first `limit` entries, or all of them.

    All pages at once where that adds up, else one after the other. `name` is the plural for
    messages. Raises `IncompleteListing` for pages that repeat each other, and what reading raises.
    """
    first = read_page(1)
    if first.total is not None and first.total >= len(first.items):
        wanted = first.total if limit is None else min(limit, first.total)
        parts = [first, *read_pages(_other_open_pages(first, wanted))]
        items = _each_once(parts)
        if len(items) >= wanted and all(part.total == first.total for part in parts):
            return Listing(items[:wanted], first.total)
        first = read_page(1)
    return _walked(name, first, read_page, limit)


def _other_open_pages(first: OpenPage, wanted: int) -> range:
    """The pages after the first, by the size that page 1 really has."""
    if not first.items:
        return range(0)
    return range(2, min(-(-wanted // len(first.items)), MOST_PAGES) + 1)


def _walked(
    name: str, first: OpenPage, read_page: Callable[[int], OpenPage], limit: int | None
) -> Listing:
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


def _is_enough(count: int, part: OpenPage, limit: int | None) -> bool:
    enough = part.total if limit is None else limit
    return enough is not None and count >= enough


def _each_once(parts: Iterable[OpenPage]) -> list[Body]:
    return list({item["id"]: item for part in parts for item in part.items}.values())


Read = TypeVar("Read")

PER_PAGE = 100
"""The default is 10, a hundred requests for 1,000 flows; the maximum is not documented. A page of
100 flows of the largest size (64 KB) stays far below the bound on bodies."""


class Lists:
    """Reads whole lists: page 1 first, then the others by all workers."""

    def __init__(self, sender: Sender, *, gate: Gate, backoff: Backoff, workers: int) -> None:
        self._sender = sender
        self._gate = gate
        self._backoff = backoff
        self._workers = workers
        self._is_sized = True

    def read(self, path: str, name: str) -> list[Body]:
        """Every object of the list at `path`; `name` is its plural for messages.

        Raises `IncompleteListing` and what `Sender.send` raises.
        """
        return read_whole(
            name,
            read_page=partial(self._first_page, path),
            read_pages=partial(self._other_pages, path),
            pause=self._pause,
        )

    def read_growing(self, path: str, name: str, limit: int | None = None) -> Listing:
        """The first `limit` objects, or all, of a list that others add to meanwhile.

        Raises what `growing.read_growing` and `Sender.send` raise.
        """
        size = PER_PAGE if limit is None else min(limit, PER_PAGE)
        part = partial(self._part, path, size)
        return read_open_list(
            name,
            limit=limit,
            read_page=lambda number: self._or_without_size(partial(part, number)),
            read_pages=partial(in_parallel, part, workers=self._workers),
        )

    def _first_page(self, path: str, number: int) -> Page:
        return self._or_without_size(partial(self._page, path, number))

    def _or_without_size(self, read: Callable[[], Read]) -> Read:
        """A service that refuses this `perPage` is asked without one from then on."""
        try:
            return read()
        except Rejected as rejection:
            if not self._is_sized or rejection.status not in {400, 422}:
                raise
        self._is_sized = False
        return read()

    def _page(self, path: str, number: int) -> Page:
        request, answer, items = self._asked(path, number, PER_PAGE)
        return Page(number, items, self._sender.understood(request, answer, total_of))

    def _part(self, path: str, size: int, number: int) -> OpenPage:
        request, answer, items = self._asked(path, number, size)
        return OpenPage(items, self._sender.understood(request, answer, total_if_told))

    def _asked(
        self, path: str, number: int, size: int
    ) -> tuple[ApiRequest, ApiResponse, list[Body]]:
        query = {"page": number}
        if self._is_sized:
            query["perPage"] = size
        request = ApiRequest("GET", path, query)
        answer = self._sender.send(request)
        return request, answer, self._sender.understood(request, answer, items_of)

    def _other_pages(self, path: str, numbers: Sequence[int]) -> Sequence[Page]:
        return in_parallel(partial(self._page, path), numbers, self._workers)

    def _pause(self, times: int) -> None:
        self._gate.pause(self._backoff.delay(times))
