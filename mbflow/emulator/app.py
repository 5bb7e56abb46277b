"""The emulator as a WSGI application: accounts by key, requests to handlers, faults in between.

It serves its database and nothing else; the access key is compared, hashed and forgotten.
"""

from __future__ import annotations

import hashlib
import hmac
import time
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from http import HTTPStatus
from pathlib import Path
from typing import TYPE_CHECKING

from mbflow.emulator.context import NUMBER, Clock, Context, ListOrder
from mbflow.emulator.control import Control, is_control
from mbflow.emulator.delivery import Delivery, DeliveryOptions, DeliveryWorker
from mbflow.emulator.delivery_queue import queues_of
from mbflow.emulator.faults import Fault, Faults, act_out
from mbflow.emulator.lag import Lag, NotedRecords, StaleRecords
from mbflow.emulator.quirks import Quirk, find_quirks
from mbflow.emulator.requests import (
    AccountLog,
    LoggedRequest,
    Request,
    log_entry,
    refuse_malformed_version,
    request_of,
)
from mbflow.emulator.responses import WRONG_KEY, ErrorResponse, Response, nothing_at
from mbflow.emulator.routes import Endpoint, route_of
from mbflow.emulator.store import Connection, Records, Store

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment


_DELIVERY = DeliveryOptions()
_AS_DOCUMENTED = {400: Quirk.INVALID_CONTENT_400, 409: Quirk.CONFLICT_409}
_OF_CALLS = ("/calls", "/legs", "/recordings", "/transcriptions")
"""Who asks for these wants calls to go on; a command that plans call flows does not."""


class Emulator:
    """A stand-in for the Voice Calling API over one database file. Safe between threads.

    Without a `database` file, what it is told is kept in memory.
    With `account`, every request belongs to that account and needs no key. Else the key chooses
    the account: any key, or one of `access_keys` where there are some. `quirks` are names.
    Calls go `time_factor` times faster than the clock, and send as `delivery` says.
    `sleep` takes the place of waiting when a fault delays an answer.
    Raises `mbflow.model.errors.Error` for a database that cannot be used, at opening or later.
    """

    def __init__(
        self,
        database: Path | None,
        *,
        account: str | None = None,
        access_keys: Collection[str] = (),
        quirks: Collection[str] = (),
        faults: Sequence[Fault] = (),
        seed: int = 0,
        time_factor: float = 1.0,
        delivery: DeliveryOptions = _DELIVERY,
        clock: Callable[[], float] = time.time,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._quirks = find_quirks(quirks)
        self._account = account
        self._accounts = [_account_of(key) for key in access_keys]
        self._clock = Clock(clock)
        self._faults = Faults(faults, seed)
        self._log = AccountLog[LoggedRequest]()
        self._sleep = sleep
        self._time_factor = time_factor
        self._lag = Lag()
        self._list_order = ListOrder(seed)
        self._store = Store(database)
        deliveries = AccountLog[Delivery]()
        self._worker = DeliveryWorker(self._store, self._clock, deliveries, delivery)
        self._control = Control(
            self._store,
            self._clock,
            time_factor,
            faults=self._faults,
            worker=self._worker,
            requests=self._log,
            deliveries=deliveries,
        )

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Raises `SimulatedFailure` where the connection is to break instead of being answered."""
        answer = self._answer(request_of(environ))
        length = answer.announced if answer.announced is not None else len(answer.body)
        headers = list(answer.headers)
        if answer.status != HTTPStatus.NO_CONTENT:
            headers += [("Content-Type", answer.content_type), ("Content-Length", str(length))]
        start_response(f"{answer.status} {_phrase(answer.status)}", headers)
        return [] if environ["REQUEST_METHOD"] == "HEAD" else answer.pieces

    def requests(self) -> tuple[LoggedRequest, ...]:
        """The last 10,000 requests of all accounts, oldest first."""
        return self._log.all()

    def put_faults(self, faults: Iterable[Fault], seed: int = 0) -> None:
        """From now on these faults are in force, and no others."""
        self._faults.put(faults, seed)

    def resume(self) -> None:
        """Go on sending what calls of an earlier run have to send."""
        self._worker.resume()

    def close(self) -> None:
        self._worker.close()
        self._store.close()

    def _answer(self, request: Request) -> Response:
        try:
            account = self._account or self._account_for(request.key)
            if is_control(request.path):
                return self._control.answer(request, account)
        except ErrorResponse as error:
            return self._refusal(error)
        status = None
        try:
            answer = act_out(
                self._faults.due(request.method, request.path),
                lambda: self._handle(request, account),
                sleep=self._sleep,
                patience=request.read_timeout,
            )
            status = answer.status
            return answer
        finally:
            self._log.add(account, log_entry(request, status))

    def _handle(self, request: Request, account: str) -> Response:
        try:
            route, ids = self._route(request)
            return self._run(route, request, account, ids)
        except ErrorResponse as error:
            return self._refusal(error)

    def _refusal(self, error: ErrorResponse) -> Response:
        if error.documented and _AS_DOCUMENTED[error.documented] in self._quirks:
            return replace(error.answer, status=error.documented)
        return error.answer

    def _run(
        self, route: Endpoint, request: Request, account: str, ids: Mapping[str, str]
    ) -> Response:
        """The handler's answer, once its transaction is committed."""
        if route.path.startswith(_OF_CALLS):
            self._worker.resume()
        moment = self._clock.now()
        with self._store.write() if route.writes else self._store.read() as connection:
            records = self._records(connection, account, moment, writes=route.writes)
            context = Context(
                request=request,
                ids=ids,
                records=records,
                moment=moment,
                quirks=self._quirks,
                time_factor=self._time_factor,
                rotation=self._list_order.next() if Quirk.ORDER_CHANGES in self._quirks else 0,
            )
            answer = route.handler(context)
            queues = queues_of(records, context.updated_calls)
        if isinstance(records, NotedRecords):
            late = [one for one in records.written if self._is_late(one.kind)]
            self._lag.add(late, moment)
        self._worker.check(account, queues)
        return answer

    def _records(
        self, connection: Connection, account: str, moment: float, *, writes: bool
    ) -> Records:
        if not self._is_late(NUMBER):
            return Records(connection, account)
        if writes:
            return NotedRecords(connection, account)
        return StaleRecords(connection, account, self._lag, moment)

    def _is_late(self, kind: str) -> bool:
        """Whether reads lag behind writes of this kind of records."""
        is_link = kind == NUMBER and Quirk.LINKS_SEEN_LATE in self._quirks
        return is_link or Quirk.STALE_READS in self._quirks

    def _route(self, request: Request) -> tuple[Endpoint, dict[str, str]]:
        route, ids = route_of(request)
        if Quirk.MALFORMED_VERSION_REFUSED in self._quirks:
            refuse_malformed_version(request)
        if Quirk.NO_NUMBERS_ENDPOINT in self._quirks and "number" in route.path:
            raise nothing_at(request.asked)
        return route, ids

    def _account_for(self, key: str) -> str:
        account = _account_of(key)
        known = [hmac.compare_digest(account, one) for one in self._accounts]
        if not key or (self._accounts and not any(known)):
            raise ErrorResponse(401, (WRONG_KEY, "Request not allowed (incorrect access_key)."))
        return account


def _account_of(key: str) -> str:
    return f"key-{hashlib.sha256(key.encode('utf-8', 'surrogateescape')).hexdigest()}"


def _phrase(status: int) -> str:
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return "Unknown"
