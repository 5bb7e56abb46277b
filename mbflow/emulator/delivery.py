"""What calls send to web servers: in order within a queue, never holding up a call.

`DeliveryWorker` decides when a queue is due, `QueueSender` sends its next message.
"""

from __future__ import annotations

import heapq
import json
import logging
import threading
from collections.abc import Callable, Collection, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import Any, TypeAlias

from mbflow.emulator.call_record import (
    StoredReply,
    destinations_of,
    stored_call_of,
    stored_call_text,
)
from mbflow.emulator.call_store import callee_answers
from mbflow.emulator.call_timeline import Timeline, timeline_of
from mbflow.emulator.context import CALL, QUEUE, WEBHOOK, Clock
from mbflow.emulator.delivery_queue import (
    FLOWS,
    OWN,
    DeliveryQueue,
    Message,
    NextMessage,
    next_event,
    next_request,
    queue_of,
    queue_record,
)
from mbflow.emulator.requests import AccountLog
from mbflow.emulator.store import Records, Store, all_records
from mbflow.emulator.web_client import WebAnswer, WebClient
from mbflow.emulator.web_flow import NoFlow, flow_of
from mbflow.model.errors import Error
from mbflow.model.flow import Body


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


@dataclass(frozen=True, slots=True)
class Delivery:
    """One attempt to send a message."""

    call: str
    what: str
    """callCreated, callUpdated, fetchCallFlow or onFinish."""
    method: str
    url: str
    tries: int
    """How many attempts were made with this one."""
    status: int | None
    problem: str
    """Why it failed, in words; "" for a success."""


class QueueSender:
    """Sends the next message of a queue. Safe between threads, a thread a queue."""

    def __init__(
        self,
        store: Store,
        now: Callable[[], float],
        log: AccountLog[Delivery],
        options: DeliveryOptions,
    ) -> None:
        self._store = store
        self._now = now
        self._log = log
        self._options = options
        self._client = WebClient(
            anywhere=options.anywhere,
            seconds=options.seconds,
            legacy_signatures=options.legacy_signatures,
        )

    def send_next(self, account: str, queue_id: str) -> float | None:
        """Send what is due in a queue; the moment to look at it again, or None at its end."""
        with self._store.write() as connection:
            records = Records(connection, account)
            record = records.get(QUEUE, queue_id)
            if record is None:
                return None
            queue = queue_of(record)
            coming = _next_message(records, queue)
            due = max(coming.due, queue.not_before)
            if due > self._now():
                return due
            if coming.message is None:
                records.remove(QUEUE, queue_id)
                return None
        message = coming.message
        answer = self._send(message)
        with self._store.write() as connection:
            records = Records(connection, account)
            problem = self._store_answer(records, queue, answer)
            following = self._advance(queue, failed=bool(problem))
            records.replace(QUEUE, queue_record(following))
        sent = (message.what, message.method, message.url)
        delivery = Delivery(queue.call, *sent, queue.tries + 1, answer.status, problem)
        self._log.add(account, delivery)
        return following.not_before

    def close(self) -> None:
        self._client.close()

    def _send(self, message: Message) -> WebAnswer:
        return self._client.send(
            message.method,
            message.url,
            body=message.body,
            content_type=message.content_type,
            token=message.token,
        )

    def _store_answer(self, records: Records, queue: DeliveryQueue, answer: WebAnswer) -> str:
        """Why it failed, if it did. What a web server gave is stored in the call."""
        problem = answer.problem
        if not problem and not answer.is_success:
            problem = f"status {answer.status}"
        if queue.name != FLOWS:
            return problem
        flow: Body | None = None
        if not problem:
            try:
                flow = flow_of(answer.body, answer.content_type)
            except NoFlow as trouble:
                problem = str(trouble)
        self._store_reply(records, queue, flow)
        return problem

    def _store_reply(self, records: Records, queue: DeliveryQueue, flow: Body | None) -> None:
        record = records.get(CALL, queue.call)
        assert record is not None
        call, request = stored_call_of(record.text), timeline_of(record.text).requests[queue.done]
        after = max(call.at(self._now()) - request.at, 0)
        call = replace(
            call,
            replies=(*call.replies, StoredReply(after, flow)),
            callees={**callee_answers(records, destinations_of(flow or {})), **call.callees},
        )
        records.replace(CALL, replace(record, text=stored_call_text(call)))

    def _advance(self, queue: DeliveryQueue, *, failed: bool) -> DeliveryQueue:
        """The queue before its next attempt, or message. A call asks for a flow only once."""
        retries = self._options.retries
        if failed and queue.name != FLOWS and queue.tries < len(retries):
            moment = self._now() + retries[queue.tries]
            return replace(queue, tries=queue.tries + 1, not_before=moment)
        return DeliveryQueue(queue.call, queue.name, queue.done + 1)


def _next_message(records: Records, queue: DeliveryQueue) -> NextMessage:
    record = records.get(CALL, queue.call)
    if record is None:
        return NextMessage(0.0)
    timeline = timeline_of(record.text)
    if queue.name == FLOWS:
        return next_request(timeline, queue.done)
    webhook = _webhook(records, timeline, queue)
    if webhook is None:
        return NextMessage(0.0)
    return next_event(timeline, queue.done, webhook, own=queue.name == OWN)


def _webhook(
    records: Records, timeline: Timeline, queue: DeliveryQueue
) -> Mapping[str, str] | None:
    """Where the queue leads; None for a webhook that was deleted meanwhile."""
    if queue.name == OWN:
        return timeline.call.webhook
    record = records.get(WEBHOOK, queue.name)
    fields: dict[str, Any] | None = json.loads(record.text) if record else None
    return fields


QueueKey: TypeAlias = tuple[str, str]
"""An account and the id of a queue."""

_SENDERS = 8
_LONGEST_WAIT = 3600.0
_LOG = logging.getLogger("mbflow.emulator")


class DeliveryWorker:
    """Has each queue served when it is due. Safe between threads.

    One thread waits for what is due next, a few others send. They start with the first queue.
    """

    def __init__(
        self, store: Store, clock: Clock, log: AccountLog[Delivery], options: DeliveryOptions
    ) -> None:
        self._store = store
        self._now = clock.now
        self._log = log
        self._options = options
        self._changed = threading.Condition()
        self._due: dict[QueueKey, float] = {}
        self._heap: list[tuple[float, QueueKey]] = []
        self._busy: set[QueueKey] = set()
        self._thread: threading.Thread | None = None
        self._resumed = False
        self._closed = False

    def check(self, account: str, queues: Collection[str]) -> None:
        """Look at these queues now: they are new, or their call has changed."""
        if not queues:
            return
        with self._changed:
            for queue in queues:
                self._schedule((account, queue), 0.0)
            if self._thread is None and not self._closed:
                self._thread = threading.Thread(
                    target=self._run, name="mbflow-outbound", daemon=True
                )
                self._thread.start()
            self._changed.notify()

    def wake(self) -> None:
        """The clock has moved."""
        with self._changed:
            self._changed.notify()

    def resume(self) -> None:
        """Go on with the queues that an earlier run left open; does so once."""
        with self._changed:
            if self._resumed:
                return
            self._resumed = True
        with self._store.read() as connection:
            open_queues = all_records(connection, QUEUE)
        for account, record in open_queues:
            self.check(account, [record.id])

    def close(self) -> None:
        """Waits for requests in flight; what is not sent by then is sent after a restart."""
        with self._changed:
            self._closed = True
            self._changed.notify()
        if self._thread is not None:
            self._thread.join()

    def _run(self) -> None:
        sender = QueueSender(self._store, self._now, self._log, self._options)
        pool = ThreadPoolExecutor(_SENDERS, "mbflow-outbound")
        while key := self._next_due():
            pool.submit(self._serve, sender, key)
        pool.shutdown(cancel_futures=True)
        sender.close()

    def _next_due(self) -> QueueKey | None:
        """The next queue that is due, once it is; None at the end."""
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

    def _serve(self, sender: QueueSender, key: QueueKey) -> None:
        again = None
        try:
            again = sender.send_next(*key)
        except Error as trouble:
            _LOG.error("%s", trouble.summary)
        finally:
            with self._changed:
                self._busy.discard(key)
                moments = [due for due in (self._due.get(key), again) if due is not None]
                if moments:
                    self._schedule(key, min(moments))
                self._changed.notify()

    def _schedule(self, key: QueueKey, due: float) -> None:
        self._due[key] = due
        if due != float("inf"):
            heapq.heappush(self._heap, (due, key))
