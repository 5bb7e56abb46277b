"""What was asked of the exchange, kept in memory, bounded. Never a key, never a body."""

from __future__ import annotations

import threading
from collections import deque
from dataclasses import dataclass

from mbflow.exchange.requests import Request

_KEPT = 10_000
_PAGING = ("page", "currentpage", "perpage", "limit", "offset")


@dataclass(frozen=True, slots=True)
class Logged:
    """One request. `status` is None where the connection broke before the answer."""

    method: str
    path: str
    query: str
    """The paging parameters only, as they were sent, in order of name: `page=2&perPage=100`."""
    status: int | None


class RequestLog:
    """The last requests of each account, oldest first. Safe between threads."""

    def __init__(self) -> None:
        self._entries: deque[tuple[str, Logged]] = deque(maxlen=_KEPT)
        self._lock = threading.Lock()

    def add(self, account: str, request: Request, status: int | None) -> None:
        query = "&".join(
            f"{name}={value}"
            for name, value in sorted(request.query.items())
            if name.lower() in _PAGING
        )
        with self._lock:
            self._entries.append((account, Logged(request.method, request.path, query, status)))

    def all(self) -> tuple[Logged, ...]:
        with self._lock:
            return tuple(logged for _, logged in self._entries)

    def of(self, account: str) -> tuple[Logged, ...]:
        with self._lock:
            return tuple(logged for owner, logged in self._entries if owner == account)
