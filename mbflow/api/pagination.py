"""Lists page by page: whole or none for call flows, all that was there for lists that grow."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import chain
from typing import Generic, TypeVar

from mbflow.api.errors import IncompleteListing, Rejected
from mbflow.api.http import ApiRequest, Listing, items_of, total_of, total_or_none
from mbflow.api.parallel import in_parallel
from mbflow.api.retry import Sender
from mbflow.model.flow import Body, Json
from mbflow.model.progress import SILENT, Progress

Item = TypeVar("Item")

READS = 5
MOST_PAGES = 20_000
"""More is taken for a mistake of the service: two million flows at 100 a page."""


@dataclass(frozen=True, slots=True)
class Page(Generic[Item]):
    """One page of a list."""

    number: int
    items: Sequence[tuple[object, Item]]
    """Each with its id."""
    total: int | None
    """How many entries there are on all pages; None where the service does not say."""


def read_whole(
    name: str,
    *,
    read_page: Callable[[int], Page[Item]],
    read_pages: Callable[[Sequence[int]], Sequence[Page[Item]]],
    pause: Callable[[int], None],
) -> list[Item]:
    """All items of a list, each once, from one read that adds up.

    `read_page` reads page 1, `read_pages` the others (in any order, answers in the order asked);
    `pause` is called with the number of failed reads. Each read asks for each page once.
    Raises `IncompleteListing` after `READS` reads, and whatever reading raises.
    """
    for read in range(1, READS + 1):
        first = read_page(1)
        pages = [first, *read_pages(_pages_after(name, first))]
        items, fault = _whole(pages)
        if not fault:
            return items
        if read < READS:
            pause(read)
    raise IncompleteListing(
        f"The list of {name} could not be read completely: {fault}.",
        f"It was read {READS} times; a list counts only when one read shows every entry once.",
        "Is somebody changing it right now? Try again in a minute.",
    )


def _pages_after(name: str, first: Page[Item]) -> range:
    last = _last_page(first, first.total or 0)
    if last > MOST_PAGES:
        raise IncompleteListing(
            f"The list of {name} cannot be right: {first.total} on {last} pages.",
            f"mbflow reads at most {MOST_PAGES} pages.",
        )
    return range(2, last + 1)


def _last_page(first: Page[Item], count: int) -> int:
    """The page with the last of `count` entries, by the size that page 1 really has.

    The service may cap or ignore `perPage` without saying so; a first page that is not the last
    one is full, so its length is the size of a page.
    """
    return -(-count // len(first.items)) if first.items else 1


def _whole(pages: Sequence[Page[Item]]) -> tuple[list[Item], str]:
    """The items, each once, and what does not add up ("" when all does)."""
    totals = sorted({page.total or 0 for page in pages})
    if len(totals) > 1:
        return [], f"its total changed from page to page ({totals[0]} to {totals[-1]})"
    found: dict[object, Item] = {}
    repeats = []
    for page in pages:
        known = len(found)
        found.update(page.items)
        if len(found) - known < len(page.items):
            repeats.append(page.number)
    if len(found) == totals[0]:
        return list(found.values()), ""
    return (
        [],
        f"it has {totals[0]} by its total, but {len(found)} were listed{_note(repeats)}",
    )


def _note(pages: Sequence[int]) -> str:
    if not pages:
        return ""
    word = "page" if len(pages) == 1 else "pages"
    shown = ", ".join(map(str, pages[:5])) + (" and more" if len(pages) > 5 else "")
    return f" ({word} {shown} repeat what was listed before)"


MOST_REPEATS = 3
"""Pages in a row without anything new: more entries than that do not come in between two reads."""


def read_open_list(
    name: str,
    *,
    limit: int | None,
    read_page: Callable[[int], Page[Body]],
    read_pages: Callable[[Sequence[int]], Sequence[Page[Body]]],
) -> Listing:
    """The first `limit` entries of a list that may grow, or all that were there at the start.

    All pages at once where that adds up, else one after the other. `name` is the plural for
    messages. Raises `IncompleteListing` for pages that repeat each other or do not end, and what
    reading raises.
    """
    first = read_page(1)
    if first.total is not None and first.total >= len(first.items):
        wanted = first.total if limit is None else min(limit, first.total)
        pages = [first, *read_pages(range(2, min(_last_page(first, wanted), MOST_PAGES) + 1))]
        found = dict(chain.from_iterable(page.items for page in pages))
        if len(found) >= wanted and {page.total for page in pages} == {first.total}:
            return Listing(list(found.values())[:wanted], first.total)
        first = read_page(1)
    return _read_on(name, first, read_page, limit)


def _read_on(
    name: str, first: Page[Body], read_page: Callable[[int], Page[Body]], limit: int | None
) -> Listing:
    """Page after page: new entries come first, so an entry only ever moves to a later page."""
    found: dict[object, Body] = {}
    repeats = 0
    for number in range(1, MOST_PAGES + 1):
        page, known = first if number == 1 else read_page(number), len(found)
        found.update(page.items)
        repeats = repeats + 1 if len(found) == known else 0
        enough = page.total if limit is None else limit
        # A short page is the last one: what it holds is known, and only newer entries are missing.
        is_last = page.total is None or len(page.items) < len(first.items)
        is_whole = enough is not None and len(found) >= enough
        if not page.items or is_whole or (repeats == MOST_REPEATS and is_last):
            total = max(len(found), page.total or 0) if limit else len(found)
            return Listing(list(found.values())[:limit], total)
        if repeats == MOST_REPEATS:
            raise IncompleteListing(
                f"The list of {name} could not be read completely: its pages repeat each other."
            )
    raise IncompleteListing(f"The list of {name} does not end after {MOST_PAGES} pages.")


Read = TypeVar("Read")

PER_PAGE = 100
"""The default is 10, a hundred requests for 1,000 flows; the maximum is not documented. A page of
100 flows of the largest size (64 KB) stays far below the bound on bodies."""


class Lists:
    """Reads whole lists: page 1 first, then the others by all workers."""

    def __init__(self, sender: Sender, workers: int, progress: Progress = SILENT) -> None:
        self._sender = sender
        self._workers = workers
        self._progress = progress
        self._is_sized = True

    def read_whole(self, path: str, name: str, make: Callable[[Body], Item]) -> list[Item]:
        """What `make` makes of every object of the list at `path`, as soon as its page is there.

        `name` is its plural for messages.

        Raises `IncompleteListing` and what `Sender.send` raises.
        """
        first, others = self._readers(path, name, PER_PAGE, total_of, make)
        return read_whole(name, read_page=first, read_pages=others, pause=self._sender.pause_after)

    def read_open(self, path: str, name: str, limit: int | None = None) -> Listing:
        """The first `limit` objects, or all, of a list that others add to meanwhile.

        Raises what `read_open_list` and `Sender.send` raise.
        """
        size = PER_PAGE if limit is None else min(limit, PER_PAGE)
        first, others = self._readers(path, name, size, total_or_none, _as_it_is)
        return read_open_list(name, limit=limit, read_page=first, read_pages=others)

    def _readers(
        self,
        path: str,
        name: str,
        size: int,
        read_total: Callable[[Json], int | None],
        make: Callable[[Body], Item],
    ) -> tuple[Callable[[int], Page[Item]], Callable[[Sequence[int]], list[Page[Item]]]]:
        """What reads one page, and what reads many at once."""

        def read(document: Json, number: int) -> Page[Item]:
            items = [(item["id"], make(item)) for item in items_of(document)]
            return Page(number, items, read_total(document))

        page = partial(self._page, path, size, read)

        def read_one(number: int) -> Page[Item]:
            with self._progress.begin(f"Listing {name}"):
                return self._or_without_size(partial(page, number))

        def read_others(numbers: Sequence[int]) -> list[Page[Item]]:
            with self._progress.begin(f"Listing {name}, pages", len(numbers)) as part:
                return in_parallel(part.counts(page), numbers, self._workers)

        return read_one, read_others

    def _or_without_size(self, read: Callable[[], Read]) -> Read:
        """A service that refuses this `perPage` is asked without one from then on."""
        try:
            return read()
        except Rejected as rejection:
            if not self._is_sized or rejection.status not in {400, 422}:
                raise
        self._is_sized = False
        return read()

    def _page(
        self, path: str, size: int, read: Callable[[Json, int], Page[Item]], number: int
    ) -> Page[Item]:
        query = {"page": number, **({"perPage": size} if self._is_sized else {})}
        request = ApiRequest("GET", path, query)
        return self._sender.read(request, lambda document: read(document, number))


def _as_it_is(item: Body) -> Body:
    return item
