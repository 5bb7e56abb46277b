"""The worker that sends what calls have to send, in order within a lane, never holding up a call.

One thread waits for what is due next; a few others send.
"""

from __future__ import annotations

import heapq
import logging
import threading
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeAlias

from mbflow.errors import Error
from mbflow.exchange.clock import Clock
from mbflow.exchange.deliveries import Deliveries
from mbflow.exchange.manner import Manner
from mbflow.exchange.outbound.sending import Sender
from mbflow.exchange.outbound.turn import Turn
from mbflow.exchange.store import Store

Key: TypeAlias = tuple[str, str]
"""An account and the id of a lane."""

_SENDERS = 8
_LONGEST_WAIT = 3600.0
_LOG = logging.getLogger("mbflow.exchange")


class Worker:
    """Takes lanes, each when it is due."""

    def __init__(self, store: Store, clock: Clock, deliveries: Deliveries, manner: Manner) -> None:
        self._sender = Sender(anywhere=manner.anywhere, seconds=manner.seconds)
        self._turn = Turn(store, self._sender, deliveries, clock.now, manner)
        self._now = clock.now
        self._changed = threading.Condition()
        self._due: dict[Key, float] = {}
        self._heap: list[tuple[float, Key]] = []
        self._busy: set[Key] = set()
        self._closed = False
        self._pool = ThreadPoolExecutor(_SENDERS, "mbflow-outbound")
        self._thread = threading.Thread(target=self._run, name="mbflow-outbound", daemon=True)
        self._thread.start()

    def touch(self, lanes: Iterable[Key]) -> None:
        """Look at these lanes now."""
        with self._changed:
            for key in lanes:
                self._put(key, 0.0)
            self._changed.notify()

    def wake(self) -> None:
        """The clock has moved."""
        with self._changed:
            self._changed.notify()

    def close(self) -> None:
        """Waits for requests in flight; what is not sent by then is sent after a restart."""
        with self._changed:
            self._closed = True
            self._changed.notify()
        self._thread.join()
        self._pool.shutdown(cancel_futures=True)
        self._sender.close()

    def _run(self) -> None:
        while key := self._next():
            self._pool.submit(self._serve, key)

    def _next(self) -> Key | None:
        """The next lane that is due, once it is; None at the end."""
        with self._changed:
            while not self._closed:
                wait = self._heap[0][0] - self._now() if self._heap else _LONGEST_WAIT
                if wait > 0:
                    self._changed.wait(min(wait, _LONGEST_WAIT))
                    continue
                due, key = heapq.heappop(self._heap)
                if self._due.get(key) == due and key not in self._busy:
                    del self._due[key]
                    self._busy.add(key)
                    return key
        return None

    def _serve(self, key: Key) -> None:
        again = None
        try:
            again = self._turn.take(*key)
        except Error as trouble:
            _LOG.error("%s", trouble.summary)
        finally:
            with self._changed:
                self._busy.discard(key)
                touched = self._due.get(key)
                if touched is not None or again is not None:
                    self._put(key, min(due for due in (touched, again) if due is not None))
                self._changed.notify()

    def _put(self, key: Key, due: float) -> None:
        self._due[key] = due
        if due != float("inf"):
            heapq.heappush(self._heap, (due, key))
