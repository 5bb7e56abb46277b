"""What a call has to send: a queue for each webhook, one for its flows, and what comes next.

A queue is a record, so that a restart goes on where the emulator stopped. It holds how much of it
is done; what comes next follows from the call.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, field
from urllib.parse import urlencode, urlsplit, urlunsplit

from mbflow.emulator.call_objects import call_object, recording_object
from mbflow.emulator.call_record import StoredCall
from mbflow.emulator.call_timeline import TimedFlowRequest, Timeline
from mbflow.emulator.context import QUEUE
from mbflow.emulator.responses import moment_text_ms, text_of
from mbflow.emulator.store import Record, Records
from mbflow.model.flow import Body, Json

FLOWS = "flows"
OWN = "own"
"""The queues of a call's flows and of its own webhook; the others are named by their webhook."""
_MOST = 10


@dataclass(frozen=True, slots=True)
class DeliveryQueue:
    """How far a queue is."""

    call: str
    name: str
    done: int = 0
    """How many messages were delivered or given up."""
    tries: int = 0
    """How often the next one was tried."""
    not_before: float = 0.0
    """The moment of the next try."""

    @property
    def id(self) -> str:
        return f"{self.call}/{self.name}"


def open_queues(records: Records, call: StoredCall) -> None:
    """Open those queues of a call that are not open yet."""
    for name in _names(call):
        queue = DeliveryQueue(call.id, name)
        if records.get(QUEUE, queue.id) is None:
            records.add(QUEUE, queue_record(queue))


def queues_of(records: Records, calls: Iterable[str]) -> list[str]:
    """The ids of the open queues of calls."""
    return [queue.id for call in calls for queue in records.page(QUEUE, call, 0, _MOST)]


def queue_record(queue: DeliveryQueue) -> Record:
    return Record(queue.id, json.dumps(asdict(queue)), parent=queue.call)


def queue_of(record: Record) -> DeliveryQueue:
    return DeliveryQueue(**json.loads(record.text))


def _names(call: StoredCall) -> Iterator[str]:
    if call.webhook:
        yield OWN
    yield from call.webhook_ids
    if any(_fetches(step) for start in call.flows for step in _steps(start.flow.get("steps"))):
        yield FLOWS


def _steps(steps: Json) -> list[Json]:
    return steps if isinstance(steps, list) else []


def _fetches(step: Json) -> bool:
    """Whether a step asks a web server for a flow. What such a flow asks for is in its queue."""
    options = step.get("options") if isinstance(step, dict) else None
    return isinstance(options, dict) and bool(options.get("url") or options.get("onFinish"))


@dataclass(frozen=True, slots=True)
class Message:
    """One request to somebody's web server."""

    what: str
    """callCreated, callUpdated, fetchCallFlow or onFinish."""
    method: str
    url: str
    body: bytes = b""
    content_type: str = ""
    token: str = field(default="", repr=False)
    """The secret with which it is signed."""


@dataclass(frozen=True, slots=True)
class NextMessage:
    """When a queue is due, and its message; none where nothing is left then."""

    due: float
    message: Message | None = None


def next_event(
    timeline: Timeline, number: int, webhook: Mapping[str, str], *, own: bool
) -> NextMessage:
    """The event with this number, for the call's own webhook or for one of the account."""
    call = timeline.call
    if number >= len(timeline.statuses):
        return _end(timeline)
    at, status = timeline.statuses[number]
    payload = call_object(timeline, at)
    if payload["status"] != status:  # It took the next one within the same millisecond.
        payload |= {"status": status, "endedAt": None}
    if own:
        payload["webhook"] = {"url": webhook["url"]}
    name = "callUpdated" if number else "callCreated"
    event: Body = {
        "timestamp": moment_text_ms(call.moment_of(at)),
        "items": [{"type": "call", "event": name, "payload": payload}],
    }
    return NextMessage(
        call.due_at(at),
        Message(
            name,
            "POST",
            webhook["url"],
            text_of(event).encode(),
            "application/json",
            webhook.get("token", ""),
        ),
    )


def next_request(timeline: Timeline, number: int) -> NextMessage:
    """The request for a flow with this number."""
    if number >= len(timeline.requests):
        return _end(timeline)
    request = timeline.requests[number]
    body = b""
    if request.recording is not None:
        recording = recording_object(timeline, request.recording, request.at)
        body = text_of(recording).encode()
    what = "fetchCallFlow" if request.method == "GET" else "onFinish"
    message = Message(what, request.method, _address(timeline, request), body)
    return NextMessage(timeline.call.due_at(request.at), message)


def _end(timeline: Timeline) -> NextMessage:
    """Nothing more is known; a call that waits for a flow is looked at again when that comes."""
    return NextMessage(
        float("inf") if timeline.ended_at is None else timeline.call.due_at(timeline.ended_at)
    )


def _address(timeline: Timeline, request: TimedFlowRequest) -> str:
    """The URL with the call's data added to its query."""
    call = timeline.call
    data = {"callID": call.id, "source": call.source, "destination": call.destination}
    if call.number_id:
        data["numberID"] = call.number_id
    data["variables"] = json.dumps(dict(request.variables), ensure_ascii=False)
    try:
        parts = urlsplit(request.url)
    except ValueError:
        return request.url
    query = "&".join(part for part in (parts.query, urlencode(data)) if part)
    return urlunsplit(parts._replace(query=query, fragment=""))
