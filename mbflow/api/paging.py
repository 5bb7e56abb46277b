"""The pages of the service's lists: how they are asked for, by how many workers at once."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import TypeVar

from mbflow.api.answer import Answer
from mbflow.api.connections import Request
from mbflow.api.envelope import items_of, total_if_told, total_of
from mbflow.api.failures import Rejected
from mbflow.api.growing import Listing, Part, read_growing
from mbflow.api.listing import Page, read_whole
from mbflow.api.pacing import Backoff, Gate
from mbflow.api.parallel import in_parallel
from mbflow.api.sending import Sender
from mbflow.model import Body

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
        return read_growing(
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

    def _part(self, path: str, size: int, number: int) -> Part:
        request, answer, items = self._asked(path, number, size)
        return Part(items, self._sender.understood(request, answer, total_if_told))

    def _asked(self, path: str, number: int, size: int) -> tuple[Request, Answer, list[Body]]:
        query = {"page": number}
        if self._is_sized:
            query["perPage"] = size
        request = Request("GET", path, query)
        answer = self._sender.send(request)
        return request, answer, self._sender.understood(request, answer, items_of)

    def _other_pages(self, path: str, numbers: Sequence[int]) -> Sequence[Page]:
        return in_parallel(partial(self._page, path), numbers, self._workers)

    def _pause(self, times: int) -> None:
        self._gate.pause(self._backoff.delay(times))
