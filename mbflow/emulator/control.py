"""The emulator's own controls, below `/_emulator/`, apart from the API's paths. Same key.

`POST /_emulator/calls {"from", "to", "does"}`,
`PUT /_emulator/destinations/NUMBER {"outcome", "rings", "talks", "does"}`,
`PUT /_emulator/faults {"faults": [SPEC, ...], "seed": 0}`,
`POST /_emulator/clock {"advance": SECONDS}`, `GET /_emulator/requests`,
`GET /_emulator/deliveries`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict
from datetime import UTC, datetime

from mbflow.emulator.call_objects import call_object
from mbflow.emulator.call_record import callee_faults, number_key, script_faults
from mbflow.emulator.call_store import CallStart, receive_call
from mbflow.emulator.call_timeline import timeline_of
from mbflow.emulator.calls import LEGS, LINK, address_faults
from mbflow.emulator.context import CALLEE, Clock
from mbflow.emulator.delivery import Delivery, DeliveryWorker
from mbflow.emulator.delivery_queue import queues_of
from mbflow.emulator.faults import Fault, Faults, parse_fault
from mbflow.emulator.requests import AccountLog, LoggedRequest, Request, json_of
from mbflow.emulator.responses import (
    INVALID,
    NOT_ALLOWED,
    ErrorResponse,
    Response,
    json_bytes,
    moment_text,
    not_found,
    one,
    text_of,
)
from mbflow.emulator.store import Record, Records, Store
from mbflow.model.errors import UsageError
from mbflow.model.flow import Body, Json

PREFIX = "/_emulator/"

_MOST_FAULTS = 20
_FURTHEST = 366 * 86400
_LATEST = datetime(9999, 1, 1, tzinfo=UTC).timestamp()


class Control:
    """What can be seen and changed of a running emulator, beside its API."""

    def __init__(
        self,
        store: Store,
        clock: Clock,
        time_factor: float,
        *,
        faults: Faults,
        worker: DeliveryWorker,
        requests: AccountLog[LoggedRequest],
        deliveries: AccountLog[Delivery],
    ) -> None:
        self._store = store
        self._clock = clock
        self._time_factor = time_factor
        self._faults = faults
        self._worker = worker
        self._requests = requests
        self._deliveries = deliveries

    def answer(self, request: Request, account: str) -> Response:
        actions: Mapping[str, tuple[str, Callable[[Request, str], Response]]] = {
            "faults": ("PUT", self._put_faults),
            "requests": ("GET", self._get_requests),
            "clock": ("POST", self._advance_clock),
            "calls": ("POST", self._receive_call),
            "deliveries": ("GET", self._get_deliveries),
            "destinations": ("PUT", self._put_destination),
        }
        name, slash, rest = request.path.removeprefix(PREFIX).partition("/")
        if name not in actions or bool(rest) != (name == "destinations"):
            raise not_found("control", f"{name}{slash}{rest}")
        method, action = actions[name]
        if request.method != method:
            raise ErrorResponse(
                405,
                (NOT_ALLOWED, f"{request.path} takes {method} only."),
                headers=(("Allow", method),),
            )
        return action(request, account)

    def _put_faults(self, request: Request, account: str) -> Response:
        body = _object(request)
        specs, seed = body.get("faults"), body.get("seed", 0)
        if not isinstance(specs, list) or isinstance(seed, bool) or not isinstance(seed, int):
            raise _invalid("faults must be a list of texts, and seed a number.")
        self._faults.put([_fault(spec) for spec in specs], seed)
        return _answer({"faults": specs, "seed": seed})

    def _get_requests(self, request: Request, account: str) -> Response:
        return _answer({"data": [asdict(entry) for entry in self._requests.of(account)]})

    def _get_deliveries(self, request: Request, account: str) -> Response:
        return _answer({"data": [asdict(entry) for entry in self._deliveries.of(account)]})

    def _advance_clock(self, request: Request, account: str) -> Response:
        seconds = _object(request).get("advance")
        if isinstance(seconds, bool) or not isinstance(seconds, int | float):
            raise _invalid("advance must be a number of seconds.")
        if not 0 <= seconds <= _FURTHEST or self._clock.now() + seconds > _LATEST:
            raise _invalid("advance must be from 0 to a year of seconds.")
        self._clock.advance(seconds)
        self._worker.wake()
        return _answer({"now": moment_text(self._clock.now())})

    def _receive_call(self, request: Request, account: str) -> Response:
        """A caller calls a number of the account."""
        body = _object(request)
        does = body.get("does", [])
        faults = address_faults(body, source="from", destination="to")
        _refuse([*(message for _, message in faults), *script_faults(does)])
        assert isinstance(does, list)
        destination = number_key(str(body["to"]))
        with self._store.write() as connection:
            records = Records(connection, account)
            record = receive_call(
                records,
                CallStart(self._clock.now(), self._time_factor),
                source=number_key(str(body["from"])),
                destination=destination,
                does=tuple(does),
            )
            queues = queues_of(records, [record.id] if record else [])
        if record is None:
            raise not_found("call flow that takes calls", destination)
        self._worker.check(account, queues)
        shown = text_of(call_object(timeline_of(record.text), 0))
        return one(f"{LINK}/{record.id}", shown, 201, more=LEGS)

    def _put_destination(self, request: Request, account: str) -> Response:
        """From the next call on, the destination behaves like this; `{}` is as usual."""
        body = _object(request)
        _refuse(list(callee_faults(body)))
        number = request.path.removeprefix(f"{PREFIX}destinations/")
        record = Record(number_key(number), text_of(body))
        with self._store.write() as connection:
            Records(connection, account).put(CALLEE, record)
        return _answer({"destination": record.id, **body})


def _answer(value: Mapping[str, object]) -> Response:
    return Response(200, json_bytes(value))


def _invalid(message: str) -> ErrorResponse:
    return ErrorResponse(422, (INVALID, message))


def _refuse(faults: list[str]) -> None:
    if faults:
        raise ErrorResponse(422, *((INVALID, fault) for fault in faults[:_MOST_FAULTS]))


def _object(request: Request) -> Body:
    body = json_of(request.body)
    if not isinstance(body, dict):
        raise _invalid("The request body must be a JSON object.")
    return body


def _fault(spec: Json) -> Fault:
    if not isinstance(spec, str):
        raise _invalid("faults must be a list of texts.")
    try:
        return parse_fault(spec)
    except UsageError as error:
        raise _invalid(error.summary) from error
