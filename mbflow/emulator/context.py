"""What a handler of an endpoint is given: one request, in one account, inside one transaction."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from mbflow.emulator.quirks import Quirk
from mbflow.emulator.requests import Request, json_of
from mbflow.emulator.responses import INVALID, Refused, Response, moment_text
from mbflow.emulator.store import Records
from mbflow.model.flow import Body


class Clock:
    """The emulator's time: that of a clock, moved forward as often as asked."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._ahead = 0.0
        self._lock = threading.Lock()

    def now(self) -> float:
        return self._clock() + self._ahead

    def advance(self, seconds: float) -> None:
        with self._lock:
            self._ahead += seconds


FLOW = "flow"
NUMBER = "number"
CALL = "call"
PARTY = "party"
WEBHOOK = "webhook"
QUEUE = "lane"
"""The kinds of records."""


@dataclass(frozen=True, slots=True)
class Context:
    """One request to one endpoint."""

    request: Request
    ids: Mapping[str, str]
    """The ids in the path, by their names in the route."""
    records: Records
    moment: float
    """The emulator's time, in seconds since 1970."""
    quirks: frozenset[Quirk]
    factor: float = 1.0
    """How many seconds of a call pass in one second."""
    turned: int = 0
    """By how many places the order of lists is turned (quirk `order-changes`)."""
    touched: set[str] = field(default_factory=set)
    """The ids of calls that the request began or changed."""

    @property
    def now(self) -> str:
        """The emulator's time as the API writes it: whole seconds, UTC, `Z`."""
        return moment_text(self.moment)

    def has(self, quirk: Quirk) -> bool:
        return quirk in self.quirks

    def body(self) -> Body:
        """The request's JSON object; refused with 400 when malformed, else as invalid content."""
        value = json_of(self.request.body)
        if not isinstance(value, dict):
            raise self.invalid((INVALID, "The request body must be a JSON object."))
        return value

    def invalid(self, *errors: tuple[int, str]) -> Refused:
        """The refusal of a well-formed body with content that is not valid."""
        return Refused(400 if self.has(Quirk.INVALID_CONTENT_400) else 422, *errors)


Handler = Callable[[Context], Response]
