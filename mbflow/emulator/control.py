"""The emulator's own controls, below `/_emulator/`, apart from the API's paths. Same key.

`POST /_emulator/calls {"from", "to", "does"}`,
`PUT /_emulator/destinations/NUMBER {"outcome", "rings", "talks", "does"}`.

`PUT /_emulator/faults {"faults": [SPEC, ...], "seed": 0}`, `GET /_emulator/requests`,
`GET /_emulator/deliveries`, `POST /_emulator/clock {"advance": SECONDS}`, and those of
`telephone`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict
from datetime import UTC, datetime

from mbflow.emulator.call_objects import call_shown
from mbflow.emulator.call_record import faults_of_does, faults_of_party, number_key
from mbflow.emulator.call_store import Begun, take_call
from mbflow.emulator.call_timeline import timeline_of
from mbflow.emulator.calls import LEGS, LINK, address_faults
from mbflow.emulator.context import PARTY, Clock
from mbflow.emulator.delivery import Deliveries, Post
from mbflow.emulator.delivery_queue import queues_of
from mbflow.emulator.faults import Fault, Faults, parse_fault
from mbflow.emulator.requests import Request, RequestLog, json_of
from mbflow.emulator.responses import (
    INVALID,
    NOT_ALLOWED,
    Refused,
    Response,
    dumped,
    not_found,
    one,
    text_of,
)
from mbflow.emulator.store import Record, Records, Store
from mbflow.model.errors import UsageError
from mbflow.model.flow import Body, Json

_MOST = 20


class Telephone:
    """Places the calls of callers, and knows how destinations answer. Safe between threads."""

    def __init__(self, store: Store, clock: Clock, factor: float, post: Post) -> None:
        self.post = post
        self._store = store
        self._clock = clock
        self._factor = factor

    def call_in(self, account: str, body: Body) -> Response:
        """A caller calls a number of the account."""
        does = body.get("does", [])
        faults = address_faults(body, source="from", destination="to")
        _refuse([*(message for _, message in faults), *faults_of_does(does)])
        assert isinstance(does, list)
        destination = number_key(str(body["to"]))
        with self._store.writing() as connection:
            records = Records(connection, account)
            record = take_call(
                records,
                Begun(self._clock.now(), self._factor),
                source=number_key(str(body["from"])),
                destination=destination,
                does=tuple(does),
            )
            lanes = queues_of(records, [record.id] if record else [])
        if record is None:
            raise not_found("call flow that takes calls", destination)
        self.post.touch(account, lanes)
        shown = text_of(call_shown(timeline_of(record.text), 0))
        return one(f"{LINK}/{record.id}", shown, 201, more=LEGS)

    def put_destination(self, account: str, number: str, body: Body) -> Response:
        """From the next call on, the destination behaves like this; `{}` is as usual."""
        _refuse(list(faults_of_party(body)))
        record = Record(number_key(number), text_of(body))
        with self._store.writing() as connection:
            records = Records(connection, account)
            if records.get(PARTY, record.id) is None:
                records.add(PARTY, record)
            else:
                records.replace(PARTY, record)
        return Response(200, dumped({"destination": record.id, **body}))


def _refuse(faults: list[str]) -> None:
    if faults:
        raise Refused(422, *((INVALID, fault) for fault in faults[:_MOST]))


PREFIX = "/_emulator/"

_FURTHEST = 366 * 86400
_LATEST = datetime(9999, 1, 1, tzinfo=UTC).timestamp()


class Control:
    """What can be seen and changed of a running emulator, beside its API."""

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

    def answer(self, request: Request, account: str) -> Response:
        actions: Mapping[str, tuple[str, Callable[[Request, str], Response]]] = {
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

    def _put_faults(self, request: Request, account: str) -> Response:
        body = _object(request)
        specs, seed = body.get("faults"), body.get("seed", 0)
        if not isinstance(specs, list) or isinstance(seed, bool) or not isinstance(seed, int):
            raise Refused(422, (INVALID, "faults must be a list of texts, and seed a number."))
        self.faults.put([_fault(spec) for spec in specs], seed)
        return Response(200, dumped({"faults": specs, "seed": seed}))

    def _get_requests(self, request: Request, account: str) -> Response:
        return Response(200, dumped({"data": [asdict(entry) for entry in self.log.of(account)]}))

    def _advance_clock(self, request: Request, account: str) -> Response:
        seconds = _object(request).get("advance")
        if isinstance(seconds, bool) or not isinstance(seconds, int | float):
            raise Refused(422, (INVALID, "advance must be a number of seconds."))
        if not 0 <= seconds <= _FURTHEST or self.clock.now() + seconds > _LATEST:
            raise Refused(422, (INVALID, "advance must be from 0 to a year of seconds."))
        self.clock.advance(seconds)
        self.telephone.post.wake()
        now = datetime.fromtimestamp(self.clock.now(), UTC)
        return Response(200, dumped({"now": now.strftime("%Y-%m-%dT%H:%M:%SZ")}))

    def _call_in(self, request: Request, account: str) -> Response:
        return self.telephone.call_in(account, _object(request))

    def _put_destination(self, request: Request, account: str) -> Response:
        number = request.path.removeprefix(f"{PREFIX}destinations/")
        return self.telephone.put_destination(account, number, _object(request))

    def _get_deliveries(self, request: Request, account: str) -> Response:
        entries = self.deliveries.of(account)
        return Response(200, dumped({"data": [asdict(entry) for entry in entries]}))


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
