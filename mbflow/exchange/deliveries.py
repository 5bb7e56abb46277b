"""What the exchange sent, kept in memory, bounded."""

from __future__ import annotations

import threading
from collections import deque
from dataclasses import dataclass

_KEPT = 10_000


@dataclass(frozen=True, slots=True)
class Delivery:
    """One try to send something."""

    call: str
    what: str
    """callCreated, callUpdated, fetchCallFlow or onFinish."""
    method: str
    url: str
    tries: int
    """The how manieth try it was, from 1."""
    status: int | None
    problem: str
    """Why it failed, in words; "" for a success."""


class Deliveries:
    """The last tries of each account, oldest first. Safe between threads."""

    def __init__(self) -> None:
        self._entries: deque[tuple[str, Delivery]] = deque(maxlen=_KEPT)
        self._lock = threading.Lock()

    def add(self, account: str, delivery: Delivery) -> None:
        with self._lock:
            self._entries.append((account, delivery))

    def of(self, account: str) -> tuple[Delivery, ...]:
        with self._lock:
            return tuple(entry for owner, entry in self._entries if owner == account)
