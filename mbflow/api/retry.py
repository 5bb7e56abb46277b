"""Retries, back-off and the gate that holds all workers.

GET is repeated after time-outs, broken connections and 5xx. POST, PUT and DELETE are repeated only
when they certainly did not happen: 429, or no connection.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from mbflow.api.errors import ApiError, Messages, NotSent, says_errors
from mbflow.api.http import (
    ApiRequest,
    ApiResponse,
    NotTheEnvelope,
    Trouble,
    read_response,
    retry_after,
)
from mbflow.api.transport import Connections, Receive
from mbflow.model.flow import Json

LONGEST_WAIT = 120.0
"""Seconds: a service that asks for more is not waited for."""
FIRST_DELAY = 0.25
LONGEST_DELAY = 8.0


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


Understood = TypeVar("Understood")

TRIES = 5
TRIES_WHEN_LIMITED = 10
"""A pause of 429 holds all workers, and they wake together: one may lose several times."""

_PASSING = {408, 425}


@dataclass(slots=True)
class _Tries:
    failed: int = 0
    limited: int = 0


class Sender:
    """Sends requests over the connections, behind the gate that all workers share."""

    def __init__(
        self, connections: Connections, *, gate: Gate, backoff: Backoff, messages: Messages
    ) -> None:
        self._connections = connections
        self._gate = gate
        self._backoff = backoff
        self._messages = messages

    def send(self, request: ApiRequest, *, also: int | None = None) -> ApiResponse:
        """The successful answer, or one with the status `also` that the API itself gave.

        A successful answer holds a JSON object, or, to a write, nothing. Raises `NotSent`,
        `Rejected`, `OutcomeUnknown` (writes) or `Unreadable` (GET).
        """
        return self._until_final(
            request, read_response, lambda outcome: _is_settled(request, outcome, also)
        )

    def fetch(self, request: ApiRequest, receive: Receive) -> ApiResponse:
        """GET whose successful body `receive` takes, from its beginning at every try.

        Raises like `send`; what `receive` raises passes.
        """
        return self._until_final(
            request,
            receive,
            lambda outcome: isinstance(outcome, ApiResponse) and outcome.is_success,
        )

    def understood(
        self, request: ApiRequest, answer: ApiResponse, reader: Callable[[Json], Understood]
    ) -> Understood:
        """What `reader` makes of the answer's JSON; raises like `send` for what it is not."""
        try:
            return reader(answer.document)
        except NotTheEnvelope as fault:
            reason = str(fault)
        raise self.unclear(request, reason)

    def unclear(self, request: ApiRequest, reason: str) -> ApiError:
        """For an answer that came but says nothing: unreadable for GET, unknown for a write."""
        return self._messages.unclear(request, reason)

    def _until_final(
        self,
        request: ApiRequest,
        receive: Receive,
        is_settled: Callable[[ApiResponse | Trouble], bool],
    ) -> ApiResponse:
        tries = _Tries()
        while True:
            if not self._gate.wait():
                raise NotSent(f"Interrupted before {request.text} was sent.")
            outcome = self._connections.attempt(request, receive)
            if is_settled(outcome):
                assert isinstance(outcome, ApiResponse)
                return outcome
            delay = self._delay(request, outcome, tries)
            if delay is None:
                raise self._messages.failure(request, outcome)
            self._gate.pause(delay)

    def _delay(
        self, request: ApiRequest, outcome: ApiResponse | Trouble, tries: _Tries
    ) -> float | None:
        """Seconds to wait before the same request may go out again; None when it may not."""
        if isinstance(outcome, ApiResponse) and outcome.status == 429:
            tries.limited += 1
            return self._limited(outcome, tries.limited)
        if not _may_repeat(request, outcome):
            return None
        tries.failed += 1
        if tries.failed >= TRIES:
            return None
        return self._asked(outcome, tries.failed)

    def _limited(self, answer: ApiResponse, times: int) -> float | None:
        seconds = self._asked(answer, times)
        if seconds is None or times >= TRIES_WHEN_LIMITED:
            return None
        self._gate.close_for(seconds)
        return 0.0

    def _asked(self, outcome: ApiResponse | Trouble, times: int) -> float | None:
        """What Retry-After says, or the back-off; None when that is longer than anyone waits."""
        asked = retry_after(outcome.headers) if isinstance(outcome, ApiResponse) else None
        if asked is None:
            return self._backoff.delay(times)
        return asked if asked <= LONGEST_WAIT else None


def _is_settled(request: ApiRequest, outcome: ApiResponse | Trouble, also: int | None) -> bool:
    if isinstance(outcome, Trouble):
        return False
    if outcome.status == also:
        return says_errors(outcome)
    return outcome.is_success and _is_sound(request, outcome)


def _is_sound(request: ApiRequest, answer: ApiResponse) -> bool:
    if not answer.body:
        return request.method != "GET"
    return isinstance(answer.document, dict) and not says_errors(answer)


def _may_repeat(request: ApiRequest, outcome: ApiResponse | Trouble) -> bool:
    if isinstance(outcome, Trouble):
        passing = not outcome.is_lasting
        return passing and (request.method == "GET" or not outcome.was_sent)
    if request.method != "GET" or (outcome.is_html and outcome.status < 500):
        return False
    return outcome.is_success or outcome.status >= 500 or outcome.status in _PASSING
