"""The emulator's own controls, below `/_emulator/`, apart from the API's paths. Same key.

What each takes and gives is in `docs/emulator-calls.md`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict
from datetime import UTC, datetime

from mbflow.emulator.call_objects import call_object
from mbflow.emulator.call_record import callee_faults, number_key, script_faults
from mbflow.emulator.call_store import CallStart, receive_call
from mbflow.emulator.call_timeline import timeline_of
from mbflow.emulator.calls import LEGS, LINK, address_faults, destination_faults
from mbflow.emulator.context import CALLEE, Clock
from mbflow.emulator.delivery import Delivery, DeliveryWorker
from mbflow.emulator.delivery_queue import queues_of
from mbflow.emulator.faults import Fault, Faults, parse_fault
from mbflow.emulator.flow_checks import Fault as BodyFault
from mbflow.emulator.requests import AccountLog, LoggedRequest, Request, object_of
from mbflow.emulator.responses import (
    INVALID,
    NOT_FOUND,
    ErrorResponse,
    Response,
    invalid,
    json_bytes,
    moment_text,
    not_allowed,
    one,
    text_of,
)
from mbflow.emulator.store import Record, Records, Store
from mbflow.model.errors import UsageError
from mbflow.model.flow import Body, Json
from mbflow.model.text import listed, shortened

CONTROLS = {
    "calls": ("POST", ("from", "to", "does")),
    "destinations/NUMBER": ("PUT", ("outcome", "rings", "talks", "does")),
    "clock": ("POST", ("advance",)),
    "faults": ("PUT", ("faults", "seed")),
    "requests": ("GET", ()),
    "deliveries": ("GET", ()),
}
"""The method of each, and the keys of its body."""

_ROOT = "/_emulator"
_MOST_FAULTS = 20
_FURTHEST = 366 * 86400
_TAKES_CALLS = "is the default or has the number"
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
        actions: Mapping[str, Callable[[Request, str, Body], Response]] = {
            "faults": self._put_faults,
            "requests": self._get_requests,
            "clock": self._advance_clock,
            "calls": self._receive_call,
            "deliveries": self._get_deliveries,
            "destinations/NUMBER": self._put_destination,
        }
        name = _name(request)
        method, keys = CONTROLS[name]
        allowed = {"GET", "HEAD"} if method == "GET" else {method}
        if request.method not in allowed:
            raise not_allowed(request.method, request.asked, allowed)
        body = object_of(request) if keys else {}
        there = f"the {'keys are' if len(keys) > 1 else 'only key is'} {listed(keys, last='and')}"
        unknown = [shortened(key, 60) for key in body if key not in keys]
        _refuse([(INVALID, f"There is no key {key} here; {there}.") for key in unknown])
        return actions[name](request, account, body)

    def _put_faults(self, request: Request, account: str, body: Body) -> Response:
        specs, seed = body.get("faults"), body.get("seed", 0)
        if not isinstance(specs, list):
            raise _invalid("faults must be a list of texts.")
        if isinstance(seed, bool) or not isinstance(seed, int):
            raise _invalid("seed must be a whole number.")
        self._faults.put([_fault(spec) for spec in specs], seed)
        return _answer({"faults": specs, "seed": seed})

    def _get_requests(self, request: Request, account: str, body: Body) -> Response:
        return _answer({"data": [asdict(entry) for entry in self._requests.of(account)]})

    def _get_deliveries(self, request: Request, account: str, body: Body) -> Response:
        return _answer({"data": [asdict(entry) for entry in self._deliveries.of(account)]})

    def _advance_clock(self, request: Request, account: str, body: Body) -> Response:
        seconds = body.get("advance")
        if isinstance(seconds, bool) or not isinstance(seconds, int | float):
            raise _invalid("advance must be a number of seconds.")
        if not 0 <= seconds <= _FURTHEST:
            raise _invalid(f"advance must be from 0 to {_FURTHEST} seconds, which is a year.")
        if self._clock.now() + seconds > _LATEST:
            raise _invalid("The clock goes to the end of the year 9998 and no further.")
        self._clock.advance(seconds)
        self._worker.wake()
        return _answer({"now": moment_text(self._clock.now())})

    def _receive_call(self, request: Request, account: str, body: Body) -> Response:
        """A caller calls a number of the account."""
        does = body.get("does", [])
        faults = address_faults(body, source="from", destination="to")
        _refuse([*faults, *((INVALID, message) for message in script_faults(does))])
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
            raise ErrorResponse(404, (NOT_FOUND, f"No call flow {_TAKES_CALLS} `{destination}`."))
        self._worker.check(account, queues)
        shown = text_of(call_object(timeline_of(record.text), 0))
        return one(f"{LINK}/{record.id}", shown, 201, more=LEGS)

    def _put_destination(self, request: Request, account: str, body: Body) -> Response:
        """From the next call on, the destination behaves like this; `{}` is as usual."""
        number = request.path.removeprefix(f"{_ROOT}/destinations/")
        faults = destination_faults("NUMBER", number)
        _refuse([*faults, *((INVALID, message) for message in callee_faults(body))])
        record = Record(number_key(number), text_of(body))
        with self._store.write() as connection:
            Records(connection, account).put(CALLEE, record)
        return _answer({"destination": record.id, **body})


def _answer(value: Mapping[str, object]) -> Response:
    return Response(200, json_bytes(value))


def is_control(path: str) -> bool:
    return path == _ROOT or path.startswith(f"{_ROOT}/")


def _name(request: Request) -> str:
    """Which of the controls the path names; else refused with 404, and what there is."""
    name, _, rest = request.path.removeprefix(_ROOT).removeprefix("/").partition("/")
    name = f"{name}/NUMBER" if rest else name
    if name not in CONTROLS:
        known = [f"{method} {_ROOT}/{name}" for name, (method, _) in CONTROLS.items()]
        asked, there = shortened(request.asked, 200), listed(known, last="and")
        raise ErrorResponse(404, (NOT_FOUND, f"There is nothing at `{asked}`, but {there}."))
    return name


def _invalid(message: str) -> ErrorResponse:
    return invalid((INVALID, message))


def _refuse(faults: list[BodyFault]) -> None:
    if faults:
        raise invalid(*faults[:_MOST_FAULTS])


def _fault(spec: Json) -> Fault:
    if not isinstance(spec, str):
        raise _invalid("faults must be a list of texts.")
    try:
        return parse_fault(spec)
    except UsageError as error:
        raise _invalid(error.summary) from error
