"""The pages of the service's lists: how they are asked for, by how many workers at once."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from mbflow.api.connections import Request
from mbflow.api.envelope import items_of, total_of
from mbflow.api.failures import Rejected
from mbflow.api.listing import Page, read_whole
from mbflow.api.pacing import Backoff, Gate
from mbflow.api.parallel import in_parallel
from mbflow.api.sending import Sender
from mbflow.model import Body

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
        self._per_page: int | None = PER_PAGE

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

    def _first_page(self, path: str, number: int) -> Page:
        """Page 1; a service that refuses this `perPage` is asked without one from then on."""
        try:
            return self._page(path, number)
        except Rejected as rejection:
            if self._per_page is None or rejection.status not in {400, 422}:
                raise
        self._per_page = None
        return self._page(path, number)

    def _page(self, path: str, number: int) -> Page:
        query = {"page": number}
        if self._per_page is not None:
            query["perPage"] = self._per_page
        request = Request("GET", path, query)
        answer = self._sender.send(request)
        items = self._sender.understood(request, answer, items_of)
        return Page(number, items, self._sender.understood(request, answer, total_of))

    def _other_pages(self, path: str, numbers: Sequence[int]) -> Sequence[Page]:
        return in_parallel(partial(self._page, path), numbers, self._workers)

    def _pause(self, times: int) -> None:
        self._gate.pause(self._backoff.delay(times))
