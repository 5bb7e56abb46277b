"""What comes next in a lane of a call: an event for a webhook, or a request for a flow.

Follows from the call and from how far the lane is.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import urlencode, urlsplit, urlunsplit

from mbflow.exchange.calling.course import Course, Request
from mbflow.exchange.calling.showing import call_shown, recording_shown
from mbflow.exchange.filling import text_of
from mbflow.exchange.moments import moment_text_ms
from mbflow.model import Body


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
class Next:
    """When a lane has something to do. Without a message there is nothing left then."""

    due: float
    message: Message | None = None


def next_event(course: Course, number: int, webhook: Mapping[str, str], *, own: bool) -> Next:
    """The event with this number, for the call's own webhook or for one of the account."""
    call = course.call
    if number >= len(course.statuses):
        return _end(course)
    at, status = course.statuses[number]
    payload = call_shown(course, at)
    if payload["status"] != status:  # It took the next one within the same millisecond.
        payload |= {"status": status, "endedAt": None}
    if own:
        payload["webhook"] = {"url": webhook["url"]}
    name = "callUpdated" if number else "callCreated"
    event: Body = {
        "timestamp": moment_text_ms(call.told(at)),
        "items": [{"type": "call", "event": name, "payload": payload}],
    }
    return Next(
        call.due(at),
        Message(
            name,
            "POST",
            webhook["url"],
            text_of(event).encode(),
            "application/json",
            webhook.get("token", ""),
        ),
    )


def next_request(course: Course, number: int) -> Next:
    """The request for a flow with this number."""
    if number >= len(course.requests):
        return _end(course)
    request = course.requests[number]
    body = b""
    if request.recording is not None:
        recording = recording_shown(course, request.recording, request.at)
        body = text_of(recording).encode()
    what = "fetchCallFlow" if request.method == "GET" else "onFinish"
    message = Message(what, request.method, _address(course, request), body)
    return Next(course.call.due(request.at), message)


def _end(course: Course) -> Next:
    """Nothing more is known; a call that waits for a flow is looked at again when that comes."""
    return Next(float("inf") if course.ended_at is None else course.call.due(course.ended_at))


def _address(course: Course, request: Request) -> str:
    """The URL with the call's data added to its query."""
    call = course.call
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
