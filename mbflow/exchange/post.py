"""Holds the worker that sends for calls. Made when there is first something to send."""

from __future__ import annotations

import threading
from collections.abc import Iterable
from typing import TYPE_CHECKING

from mbflow.exchange.clock import Clock
from mbflow.exchange.context import LANE
from mbflow.exchange.deliveries import Deliveries
from mbflow.exchange.manner import Manner
from mbflow.exchange.store import Store, of_all_accounts

if TYPE_CHECKING:
    from mbflow.exchange.outbound.worker import Worker


class Post:
    """What calls send, on its way. Safe between threads."""

    def __init__(self, store: Store, clock: Clock, deliveries: Deliveries, manner: Manner) -> None:
        self._store = store
        self._clock = clock
        self._deliveries = deliveries
        self._manner = manner
        self._lock = threading.Lock()
        self._worker: Worker | None = None
        self._closed = False
        self._resumed = False

    def touch(self, account: str, lanes: Iterable[str]) -> None:
        """These lanes are new, or their call has changed."""
        keys = [(account, lane) for lane in lanes]
        worker = self._working() if keys else None
        if worker is not None:
            worker.touch(keys)

    def resume(self) -> None:
        """Go on with the lanes that an earlier run left open; the first time this is asked for."""
        with self._lock:
            if self._resumed:
                return
            self._resumed = True
        with self._store.reading() as connection:
            lanes = [(account, lane.id) for account, lane in of_all_accounts(connection, LANE)]
        for account, lane in lanes:
            self.touch(account, [lane])

    def wake(self) -> None:
        """The clock has moved."""
        if self._worker is not None:
            self._worker.wake()

    def close(self) -> None:
        """Waits for requests in flight; what is not sent by then is sent after a restart."""
        with self._lock:
            self._closed = True
        if self._worker is not None:
            self._worker.close()

    def _working(self) -> Worker | None:
        # Most exchanges never send anything; they need neither httpx's TLS nor PyJWT.
        from mbflow.exchange.outbound.worker import Worker

        with self._lock:
            if self._worker is None and not self._closed:
                self._worker = Worker(self._store, self._clock, self._deliveries, self._manner)
            return self._worker
