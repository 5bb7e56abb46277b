"""The exchange's own controls, below `/_exchange/`, apart from the API's paths. Same key.

`PUT /_exchange/faults {"faults": [SPEC, ...], "seed": 0}`, `GET /_exchange/requests`,
`GET /_exchange/deliveries`, `POST /_exchange/clock {"advance": SECONDS}`, and those of
`telephone`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict
from datetime import UTC, datetime

from mbflow.errors import UsageError
from mbflow.exchange.answers import INVALID, NOT_ALLOWED, Answer, Refused, dumped, not_found
from mbflow.exchange.clock import Clock
from mbflow.exchange.deliveries import Deliveries
from mbflow.exchange.faults import Fault, Faults, parse_fault
from mbflow.exchange.requestlog import RequestLog
from mbflow.exchange.requests import Request, json_of
from mbflow.exchange.telephone import Telephone
from mbflow.model import Body, Json

PREFIX = "/_exchange/"

_FURTHEST = 366 * 86400
_LATEST = datetime(9999, 1, 1, tzinfo=UTC).timestamp()


class Control:
    """What can be seen and changed of a running exchange, beside its API."""

    def __init__(
        self,
        faults: Faults,
        clock: Clock,
        log: RequestLog,
        *,
        telephone: Telephone,
        deliveries: Deliveries,
    ) -> None:
        self.faults = faults
        self.clock = clock
        self.log = log
        self.telephone = telephone
        self.deliveries = deliveries

    def answer(self, request: Request, account: str) -> Answer:
        actions: Mapping[str, tuple[str, Callable[[Request, str], Answer]]] = {
            "faults": ("PUT", self._put_faults),
            "requests": ("GET", self._get_requests),
            "clock": ("POST", self._advance_clock),
            "calls": ("POST", self._call_in),
            "deliveries": ("GET", self._get_deliveries),
            "destinations": ("PUT", self._put_destination),
        }
        name, slash, rest = request.path.removeprefix(PREFIX).partition("/")
        if name not in actions or bool(rest) != (name == "destinations"):
            raise not_found("control", f"{name}{slash}{rest}")
        method, action = actions[name]
        if request.method != method:
            raise Refused(
                405,
                (NOT_ALLOWED, f"{request.path} takes {method} only."),
                headers=(("Allow", method),),
            )
        return action(request, account)

    def _put_faults(self, request: Request, account: str) -> Answer:
        body = _object(request)
        specs, seed = body.get("faults"), body.get("seed", 0)
        if not isinstance(specs, list) or isinstance(seed, bool) or not isinstance(seed, int):
            raise Refused(422, (INVALID, "faults must be a list of texts, and seed a number."))
        self.faults.put([_fault(spec) for spec in specs], seed)
        return Answer(200, dumped({"faults": specs, "seed": seed}))

    def _get_requests(self, request: Request, account: str) -> Answer:
        return Answer(200, dumped({"data": [asdict(entry) for entry in self.log.of(account)]}))

    def _advance_clock(self, request: Request, account: str) -> Answer:
        seconds = _object(request).get("advance")
        if isinstance(seconds, bool) or not isinstance(seconds, int | float):
            raise Refused(422, (INVALID, "advance must be a number of seconds."))
        if not 0 <= seconds <= _FURTHEST or self.clock.now() + seconds > _LATEST:
            raise Refused(422, (INVALID, "advance must be from 0 to a year of seconds."))
        self.clock.advance(seconds)
        self.telephone.post.wake()
        now = datetime.fromtimestamp(self.clock.now(), UTC)
        return Answer(200, dumped({"now": now.strftime("%Y-%m-%dT%H:%M:%SZ")}))

    def _call_in(self, request: Request, account: str) -> Answer:
        return self.telephone.call_in(account, _object(request))

    def _put_destination(self, request: Request, account: str) -> Answer:
        number = request.path.removeprefix(f"{PREFIX}destinations/")
        return self.telephone.put_destination(account, number, _object(request))

    def _get_deliveries(self, request: Request, account: str) -> Answer:
        entries = self.deliveries.of(account)
        return Answer(200, dumped({"data": [asdict(entry) for entry in entries]}))


def _object(request: Request) -> Body:
    body = json_of(request.body)
    if not isinstance(body, dict):
        raise Refused(422, (INVALID, "The request body must be a JSON object."))
    return body


def _fault(spec: Json) -> Fault:
    if not isinstance(spec, str):
        raise Refused(422, (INVALID, "faults must be a list of texts."))
    try:
        return parse_fault(spec)
    except UsageError as error:
        raise Refused(422, (INVALID, error.summary)) from error
