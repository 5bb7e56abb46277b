"""The exchange's time."""

from __future__ import annotations

import threading
from collections.abc import Callable


class Clock:
    """The exchange's time: that of a clock, moved forward as often as asked."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._ahead = 0.0
        self._lock = threading.Lock()

    def now(self) -> float:
        return self._clock() + self._ahead

    def advance(self, seconds: float) -> None:
        with self._lock:
            self._ahead += seconds
