"""What calls send to web servers: in order within a queue, never holding up a call.

One thread waits for what is due next; a few others send.
"""

from __future__ import annotations

import heapq
import json
import logging
import threading
from collections import deque
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, TypeAlias

from mbflow.emulator.call_record import (
    StoredReply,
    destinations_of,
    stored_call_of,
    stored_call_text,
)
from mbflow.emulator.call_store import parties
from mbflow.emulator.call_timeline import Timeline, timeline_of
from mbflow.emulator.context import CALL, QUEUE, WEBHOOK, Clock
from mbflow.emulator.delivery_queue import (
    FLOWS,
    OWN,
    DeliveryQueue,
    Message,
    Next,
    next_event,
    next_request,
    queue_of,
    queue_record,
)
from mbflow.emulator.store import Records, Store, of_all_accounts
from mbflow.emulator.web_client import NoFlow, WebAnswer, WebClient, flow_of, signature
from mbflow.model.errors import Error
from mbflow.model.flow import Body

if TYPE_CHECKING:
    pass


@dataclass(frozen=True, slots=True)
class DeliveryOptions:
    """How the emulator sends."""

    anywhere: bool = False
    """To any address, not to those of this machine only."""
    legacy_signatures: bool = False
    """Signed as the service once did."""
    retries: tuple[float, ...] = (1.0, 2.0, 4.0, 8.0)
    """After how many seconds an event is sent again; then it is given up."""
    seconds: float = 5.0
    """How long a web server may take to answer."""


_KEPT = 10_000


@dataclass(frozen=True, slots=True)
class Delivery:
    """One try to send something."""

    call: str
    what: str
    """callCreated, callUpdated, fetchCallFlow or onFinish."""
    method: str
    url: str
    tries: int
    """The how manieth try it was, from 1."""
    status: int | None
    problem: str
    """Why it failed, in words; "" for a success."""


class Deliveries:
    """The last tries of each account, oldest first. Safe between threads."""

    def __init__(self) -> None:
        self._entries: deque[tuple[str, Delivery]] = deque(maxlen=_KEPT)
        self._lock = threading.Lock()

    def add(self, account: str, delivery: Delivery) -> None:
        with self._lock:
            self._entries.append((account, delivery))

    def of(self, account: str) -> tuple[Delivery, ...]:
        with self._lock:
            return tuple(entry for owner, entry in self._entries if owner == account)


@dataclass(frozen=True, slots=True)
class Turn:
    """What taking a turn needs."""

    store: Store
    sender: WebClient
    deliveries: Deliveries
    now: Callable[[], float]
    manner: DeliveryOptions

    def take(self, account: str, lane_id: str) -> float | None:
        """Send what is due in a lane; the moment of its next turn, or None when it is over."""
        with self.store.writing() as connection:
            records = Records(connection, account)
            record = records.get(QUEUE, lane_id)
            if record is None:
                return None
            lane = queue_of(record)
            coming = _coming(records, lane)
            due = max(coming.due, lane.not_before)
            if due > self.now():
                return due
            if coming.message is None:
                records.remove(QUEUE, lane_id)
                return None
        received = self._sent(account, lane, coming.message)
        with self.store.writing() as connection:
            records = Records(connection, account)
            problem = self._outcome(records, lane, received)
            again = self._moved_on(lane, bool(problem))
            records.replace(QUEUE, queue_record(again))
        self.deliveries.add(
            account,
            Delivery(
                lane.call,
                coming.message.what,
                coming.message.method,
                coming.message.url,
                lane.tries + 1,
                received.status,
                problem,
            ),
        )
        return again.not_before

    def _sent(self, account: str, lane: DeliveryQueue, message: Message) -> WebAnswer:
        headers = signature(
            message.token, message.url, message.body, legacy=self.manner.legacy_signatures
        )
        if message.content_type:
            headers["Content-Type"] = message.content_type
        return self.sender.send(message.method, message.url, headers=headers, body=message.body)

    def _outcome(self, records: Records, lane: DeliveryQueue, received: WebAnswer) -> str:
        """Why it failed, if it did. What a web server gave is stored in the call."""
        problem = received.problem
        if not problem and not received.is_success:
            problem = f"status {received.status}"
        return self._replied(records, lane, received, problem) if lane.name == FLOWS else problem

    def _moved_on(self, lane: DeliveryQueue, failed: bool) -> DeliveryQueue:
        """The lane before its next try, or its next message. A call asks for a flow only once."""
        if failed and lane.name != FLOWS and lane.tries < len(self.manner.retries):
            wait = self.manner.retries[lane.tries]
            return replace(lane, tries=lane.tries + 1, not_before=self.now() + wait)
        return DeliveryQueue(lane.call, lane.name, lane.done + 1)

    def _replied(
        self, records: Records, lane: DeliveryQueue, received: WebAnswer, problem: str
    ) -> str:
        """Store a web server's reply in its call; why it is no flow, if it is none."""
        flow: Body | None = None
        if not problem:
            try:
                flow = flow_of(received.body, received.content_type)
            except NoFlow as trouble:
                problem = str(trouble)
        record = records.get(CALL, lane.call)
        assert record is not None
        call, request = stored_call_of(record.text), timeline_of(record.text).requests[lane.done]
        after = max(call.at(self.now()) - request.at, 0)
        call = replace(
            call,
            replies=(*call.replies, StoredReply(after, flow)),
            parties={**parties(records, destinations_of(flow or {})), **call.parties},
        )
        records.replace(CALL, replace(record, text=stored_call_text(call)))
        return problem


def _coming(records: Records, lane: DeliveryQueue) -> Next:
    record = records.get(CALL, lane.call)
    if record is None:
        return Next(0.0)
    course = timeline_of(record.text)
    if lane.name == FLOWS:
        return next_request(course, lane.done)
    webhook = _webhook(records, course, lane)
    if webhook is None:
        return Next(0.0)
    return next_event(course, lane.done, webhook, own=lane.name == OWN)


def _webhook(records: Records, course: Timeline, lane: DeliveryQueue) -> Mapping[str, str] | None:
    """Where the lane leads; None for a webhook that was deleted meanwhile."""
    if lane.name == OWN:
        return course.call.webhook
    record = records.get(WEBHOOK, lane.name)
    fields: dict[str, Any] | None = json.loads(record.text) if record else None
    return fields


Key: TypeAlias = tuple[str, str]
"""An account and the id of a lane."""

_SENDERS = 8
_LONGEST_WAIT = 3600.0
_LOG = logging.getLogger("mbflow.emulator")


class Worker:
    """Takes lanes, each when it is due."""

    def __init__(
        self, store: Store, clock: Clock, deliveries: Deliveries, manner: DeliveryOptions
    ) -> None:
        self._sender = WebClient(anywhere=manner.anywhere, seconds=manner.seconds)
        self._turn = Turn(store, self._sender, deliveries, clock.now, manner)
        self._now = clock.now
        self._changed = threading.Condition()
        self._due: dict[Key, float] = {}
        self._heap: list[tuple[float, Key]] = []
        self._busy: set[Key] = set()
        self._closed = False
        self._pool = ThreadPoolExecutor(_SENDERS, "mbflow-outbound")
        self._thread = threading.Thread(target=self._run, name="mbflow-outbound", daemon=True)
        self._thread.start()

    def touch(self, lanes: Iterable[Key]) -> None:
        """Look at these lanes now."""
        with self._changed:
            for key in lanes:
                self._put(key, 0.0)
            self._changed.notify()

    def wake(self) -> None:
        """The clock has moved."""
        with self._changed:
            self._changed.notify()

    def close(self) -> None:
        """Waits for requests in flight; what is not sent by then is sent after a restart."""
        with self._changed:
            self._closed = True
            self._changed.notify()
        self._thread.join()
        self._pool.shutdown(cancel_futures=True)
        self._sender.close()

    def _run(self) -> None:
        while key := self._next():
            self._pool.submit(self._serve, key)

    def _next(self) -> Key | None:
        """The next lane that is due, once it is; None at the end."""
        with self._changed:
            while not self._closed:
                wait = self._heap[0][0] - self._now() if self._heap else _LONGEST_WAIT
                if wait > 0:
                    self._changed.wait(min(wait, _LONGEST_WAIT))
                    continue
                due, key = heapq.heappop(self._heap)
                if self._due.get(key) == due and key not in self._busy:
                    del self._due[key]
                    self._busy.add(key)
                    return key
        return None

    def _serve(self, key: Key) -> None:
        again = None
        try:
            again = self._turn.take(*key)
        except Error as trouble:
            _LOG.error("%s", trouble.summary)
        finally:
            with self._changed:
                self._busy.discard(key)
                touched = self._due.get(key)
                if touched is not None or again is not None:
                    self._put(key, min(due for due in (touched, again) if due is not None))
                self._changed.notify()

    def _put(self, key: Key, due: float) -> None:
        self._due[key] = due
        if due != float("inf"):
            heapq.heappush(self._heap, (due, key))


class Post:
    """What calls send, on its way. Safe between threads."""

    def __init__(
        self, store: Store, clock: Clock, deliveries: Deliveries, manner: DeliveryOptions
    ) -> None:
        self._store = store
        self._clock = clock
        self._deliveries = deliveries
        self._manner = manner
        self._lock = threading.Lock()
        self._worker: Worker | None = None
        self._closed = False
        self._resumed = False

    def touch(self, account: str, lanes: Iterable[str]) -> None:
        """These lanes are new, or their call has changed."""
        keys = [(account, lane) for lane in lanes]
        worker = self._working() if keys else None
        if worker is not None:
            worker.touch(keys)

    def resume(self) -> None:
        """Go on with the lanes that an earlier run left open; the first time this is asked for."""
        with self._lock:
            if self._resumed:
                return
            self._resumed = True
        with self._store.reading() as connection:
            lanes = [(account, lane.id) for account, lane in of_all_accounts(connection, QUEUE)]
        for account, lane in lanes:
            self.touch(account, [lane])

    def wake(self) -> None:
        """The clock has moved."""
        if self._worker is not None:
            self._worker.wake()

    def close(self) -> None:
        """Waits for requests in flight; what is not sent by then is sent after a restart."""
        with self._lock:
            self._closed = True
        if self._worker is not None:
            self._worker.close()

    def _working(self) -> Worker | None:

        with self._lock:
            if self._worker is None and not self._closed:
                self._worker = Worker(self._store, self._clock, self._deliveries, self._manner)
            return self._worker
