"""Retries, back-off and the gate that holds all workers; reading until something shows.

GET is repeated after time-outs, broken connections and 5xx. POST, PUT and DELETE are repeated only
when they certainly did not happen: 429, or no connection.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import chain, repeat
from typing import TYPE_CHECKING, TypeVar

from mbflow.api.errors import Messages, NotSent, says_errors
from mbflow.api.http import (
    ApiRequest,
    ApiResponse,
    NotTheEnvelope,
    Trouble,
    read_response,
    retry_after,
)
from mbflow.model.flow import Json

if TYPE_CHECKING:
    from mbflow.api.request_log import RequestLog
    from mbflow.api.transport import Connections, Receive

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
        return self.pause(self.seconds_left())

    def seconds_left(self) -> float:
        """Until the gate opens; less than zero where it is open."""
        with self._lock:
            return self._opens_at - self._clock()

    def pause(self, seconds: float) -> bool:
        """Sleep for one worker alone; False when the run is being interrupted."""
        if seconds > 0 and not self._stopping.is_set():
            self._sleep(seconds)
        return not self._stopping.is_set()

    def interrupt(self) -> None:
        """Wake everyone who waits; from now on nobody passes."""
        self._stopping.set()


Value = TypeVar("Value")

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
        self,
        connections: Connections,
        messages: Messages,
        gate: Gate,
        random: Callable[[], float],
        log: RequestLog | None = None,
    ) -> None:
        self._connections = connections
        self._messages = messages
        self._gate = gate
        self._random = random
        self._log = log

    def send(self, request: ApiRequest) -> ApiResponse:
        """The successful answer: it holds a JSON object, or, to a write, nothing.

        Raises `NotSent`, `Rejected`, `OutcomeUnknown` (writes) or `Unreadable` (GET).
        """
        return self._try(request, read_response, partial(_is_sound, request))

    def read(self, request: ApiRequest, reader: Callable[[Json], Value]) -> Value:
        """What `reader` makes of the answer's JSON; raises like `send`, also for what it is not."""
        return self._parse(request, self.send(request), reader)

    def find(self, request: ApiRequest, reader: Callable[[Json], Value]) -> Value | None:
        """The same, or None when the API itself says that there is none (404)."""
        answer = self._try(
            request, read_response, lambda answer: _is_sound(request, answer) or _is_none(answer)
        )
        return None if _is_none(answer) else self._parse(request, answer, reader)

    def fetch(
        self, request: ApiRequest, receive: Receive, also: Collection[int] = ()
    ) -> ApiResponse:
        """The answer whose successful body `receive` takes, from its beginning at every try.

        `also` are other statuses that are an answer. Raises like `send`; what `receive` raises
        passes.
        """
        return self._try(request, receive, lambda it: it.is_success or it.status in also)

    def pause_after(self, failures: int) -> None:
        """Wait as before another try, after so many failures (from 1)."""
        self._gate.pause(self._backoff(failures))

    def _parse(
        self, request: ApiRequest, answer: ApiResponse, reader: Callable[[Json], Value]
    ) -> Value:
        try:
            return reader(answer.document)
        except NotTheEnvelope as fault:
            reason, said = str(fault), fault.said
        raise self._messages.unclear(request, reason, said=said)

    def _try(
        self, request: ApiRequest, receive: Receive, is_final: Callable[[ApiResponse], bool]
    ) -> ApiResponse:
        """Send until an answer is final; raises what a failure means that is not tried again."""
        tries = _Tries()
        while True:
            if not self._gate.wait():
                raise NotSent(f"Interrupted before {request.text} was sent.")
            outcome = self._connections.attempt(request, receive)
            if isinstance(outcome, ApiResponse) and is_final(outcome):
                return outcome
            delay = self._delay(request, outcome, tries)
            if delay is None:
                raise self._messages.failure(request, outcome)
            if self._log is not None:
                self._log.again(request, outcome, max(delay, self._gate.seconds_left()))
            self._gate.pause(delay)

    def _delay(
        self, request: ApiRequest, outcome: ApiResponse | Trouble, tries: _Tries
    ) -> float | None:
        """Seconds to wait before the same request may go out again; None when it may not."""
        if isinstance(outcome, ApiResponse) and outcome.status == 429:
            tries.limited += 1
            return self._delay_all(outcome, tries.limited)
        if not _may_repeat(request, outcome):
            return None
        tries.failed += 1
        if tries.failed >= TRIES:
            return None
        return self._wait_of(outcome, tries.failed)

    def _delay_all(self, answer: ApiResponse, times: int) -> float | None:
        seconds = self._wait_of(answer, times)
        if seconds is None or times >= TRIES_WHEN_LIMITED:
            return None
        self._gate.close_for(seconds)
        return 0.0

    def _wait_of(self, outcome: ApiResponse | Trouble, times: int) -> float | None:
        """What Retry-After says, or the back-off; None when that is longer than anyone waits."""
        seconds = retry_after(outcome.headers) if isinstance(outcome, ApiResponse) else None
        if seconds is None:
            return self._backoff(times)
        return seconds if seconds <= LONGEST_WAIT else None

    def _backoff(self, failures: int) -> float:
        """Growing delays, spread by chance so that workers do not return together."""
        whole = min(LONGEST_DELAY, FIRST_DELAY * 2.0 ** (failures - 1))
        return whole * (0.5 + self._random() / 2)


def _is_none(answer: ApiResponse) -> bool:
    """A 404 of a proxy or a wrong endpoint does not say that there is none."""
    return answer.status == 404 and says_errors(answer)


def _is_sound(request: ApiRequest, answer: ApiResponse) -> bool:
    if not answer.is_success:
        return False
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


def poll(
    read: Callable[[], Value],
    until: Callable[[Value], bool],
    pauses: Iterable[float],
    sleep: Callable[[float], object],
) -> Value:
    """What was read last: what fits `until`, or what there was when the pauses were at their end.

    For a service that may show a write a little later than it took it.
    `pauses` are the seconds before each read, at least one (0 to read at once); they may go on for
    ever. Raises what `read` raises.
    """
    for pause in pauses:
        sleep(pause)
        value = read()
        if until(value):
            break
    return value


def pauses_within(seconds: float, pauses: Sequence[float]) -> Iterator[float]:
    """None at first, then the pauses, the last of them again and again, `seconds` in all."""
    yield 0.0
    for pause in chain(pauses, repeat(pauses[-1])):
        if seconds <= 0:
            return
        yield min(pause, seconds)
        seconds -= pause
