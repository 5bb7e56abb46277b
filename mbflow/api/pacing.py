"""How long to wait: the gate that holds all workers, back-off with jitter, Retry-After."""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from email.utils import parsedate_to_datetime

LONGEST_WAIT = 120.0
"""Seconds: a service that asks for more is not waited for."""
FIRST_DELAY = 0.25
LONGEST_DELAY = 8.0

_SECONDS = re.compile(r"[0-9]{1,9}(\.[0-9]{1,9})?")


class Gate:
    """Holds every worker back while the service asks for a pause, and can be woken."""

    def __init__(
        self, sleep: Callable[[float], object] | None, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._stopping = threading.Event()
        self._sleep = sleep or self._stopping.wait
        self._clock = clock
        self._lock = threading.Lock()
        self._opens_at = 0.0

    def close_for(self, seconds: float) -> None:
        """Nobody passes for so long; a longer closing that already stands is kept."""
        with self._lock:
            self._opens_at = max(self._opens_at, self._clock() + seconds)

    def wait(self) -> bool:
        """Pass when the gate is open; False when the run is being interrupted."""
        with self._lock:
            seconds = self._opens_at - self._clock()
        return self.pause(seconds)

    def pause(self, seconds: float) -> bool:
        """Sleep for one worker alone; False when the run is being interrupted."""
        if seconds > 0 and not self._stopping.is_set():
            self._sleep(seconds)
        return not self._stopping.is_set()

    def interrupt(self) -> None:
        """Wake everyone who waits; from now on nobody passes."""
        self._stopping.set()


@dataclass(frozen=True, slots=True)
class Backoff:
    """Growing delays, spread by chance so that workers do not return together."""

    random: Callable[[], float]

    def delay(self, failures: int) -> float:
        """Seconds before the next try, after so many failures (from 1)."""
        whole = min(LONGEST_DELAY, FIRST_DELAY * 2.0 ** (failures - 1))
        return whole * (0.5 + self.random() / 2)


def retry_after(headers: Mapping[str, str]) -> float | None:
    """Seconds that `Retry-After` asks for (a number or an HTTP date); None if it does not.

    A date is read against the answer's own `Date`, so that a wrong clock here does no harm.
    """
    text = headers.get("Retry-After", "").strip()
    if _SECONDS.fullmatch(text):
        return float(text)
    until = _moment(text)
    if until is None:
        return None
    now = _moment(headers.get("Date", ""))
    return max(0.0, until - (time.time() if now is None else now))


def _moment(text: str) -> float | None:
    try:
        return float(parsedate_to_datetime(text).timestamp())
    except (ValueError, TypeError, OverflowError, IndexError):
        return None
