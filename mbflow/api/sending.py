"""One request until its outcome is final: what is tried again, after how long, and what is not.

GET is repeated after time-outs, broken connections and 5xx. POST, PUT and DELETE are repeated only
when they certainly did not happen: 429, or no connection.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from mbflow.api.answer import Answer, Trouble, read_answer
from mbflow.api.connections import Connections, Receive, Request
from mbflow.api.envelope import NotTheEnvelope
from mbflow.api.failures import ApiError, NotSent
from mbflow.api.messages import Messages, says_errors
from mbflow.api.pacing import LONGEST_WAIT, Backoff, Gate, retry_after
from mbflow.model import Json

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

    def send(self, request: Request, *, also: int | None = None) -> Answer:
        """The successful answer, or one with the status `also` that the API itself gave.

        A successful answer holds a JSON object, or, to a write, nothing. Raises `NotSent`,
        `Rejected`, `OutcomeUnknown` (writes) or `Unreadable` (GET).
        """
        return self._until_final(
            request, read_answer, lambda outcome: _is_settled(request, outcome, also)
        )

    def fetch(self, request: Request, receive: Receive) -> Answer:
        """GET whose successful body `receive` takes, from its beginning at every try.

        Raises like `send`; what `receive` raises passes.
        """
        return self._until_final(
            request, receive, lambda outcome: isinstance(outcome, Answer) and outcome.is_success
        )

    def understood(
        self, request: Request, answer: Answer, reader: Callable[[Json], Understood]
    ) -> Understood:
        """What `reader` makes of the answer's JSON; raises like `send` for what it is not."""
        try:
            return reader(answer.document)
        except NotTheEnvelope as fault:
            reason = str(fault)
        raise self.unclear(request, reason)

    def unclear(self, request: Request, reason: str) -> ApiError:
        """For an answer that came but says nothing: unreadable for GET, unknown for a write."""
        return self._messages.unclear(request, reason)

    def _until_final(
        self, request: Request, receive: Receive, is_settled: Callable[[Answer | Trouble], bool]
    ) -> Answer:
        tries = _Tries()
        while True:
            if not self._gate.wait():
                raise NotSent(f"Interrupted before {request.text} was sent.")
            outcome = self._connections.attempt(request, receive)
            if is_settled(outcome):
                assert isinstance(outcome, Answer)
                return outcome
            delay = self._delay(request, outcome, tries)
            if delay is None:
                raise self._messages.failure(request, outcome)
            self._gate.pause(delay)

    def _delay(self, request: Request, outcome: Answer | Trouble, tries: _Tries) -> float | None:
        """Seconds to wait before the same request may go out again; None when it may not."""
        if isinstance(outcome, Answer) and outcome.status == 429:
            tries.limited += 1
            return self._limited(outcome, tries.limited)
        if not _may_repeat(request, outcome):
            return None
        tries.failed += 1
        if tries.failed >= TRIES:
            return None
        return self._asked(outcome, tries.failed)

    def _limited(self, answer: Answer, times: int) -> float | None:
        seconds = self._asked(answer, times)
        if seconds is None or times >= TRIES_WHEN_LIMITED:
            return None
        self._gate.close_for(seconds)
        return 0.0

    def _asked(self, outcome: Answer | Trouble, times: int) -> float | None:
        """What Retry-After says, or the back-off; None when that is longer than anyone waits."""
        asked = retry_after(outcome.headers) if isinstance(outcome, Answer) else None
        if asked is None:
            return self._backoff.delay(times)
        return asked if asked <= LONGEST_WAIT else None


def _is_settled(request: Request, outcome: Answer | Trouble, also: int | None) -> bool:
    if isinstance(outcome, Trouble):
        return False
    if outcome.status == also:
        return says_errors(outcome)
    return outcome.is_success and _is_sound(request, outcome)


def _is_sound(request: Request, answer: Answer) -> bool:
    if not answer.body:
        return request.method != "GET"
    return isinstance(answer.document, dict) and not says_errors(answer)


def _may_repeat(request: Request, outcome: Answer | Trouble) -> bool:
    if isinstance(outcome, Trouble):
        passing = not outcome.is_lasting
        return passing and (request.method == "GET" or not outcome.was_sent)
    if request.method != "GET" or (outcome.is_html and outcome.status < 500):
        return False
    return outcome.is_success or outcome.status >= 500 or outcome.status in _PASSING
