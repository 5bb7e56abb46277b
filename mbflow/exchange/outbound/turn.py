"""One turn of a lane: what is due is sent, and how it went is stored."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from mbflow.exchange.calling.course import Course, course_of
from mbflow.exchange.calling.kept import KeptReply, kept_of, kept_text
from mbflow.exchange.calling.parties import destinations_of
from mbflow.exchange.context import CALL, LANE, WEBHOOK
from mbflow.exchange.deliveries import Deliveries, Delivery
from mbflow.exchange.lanes import FLOWS, OWN, Lane, lane_of, lane_record
from mbflow.exchange.manner import Manner
from mbflow.exchange.outbound.fetched import NoFlow, flow_of
from mbflow.exchange.outbound.messages import Message, Next, next_event, next_request
from mbflow.exchange.outbound.sending import Received, Sender
from mbflow.exchange.outbound.signing import signature
from mbflow.exchange.placing import parties
from mbflow.exchange.store import Records, Store
from mbflow.model import Body


@dataclass(frozen=True, slots=True)
class Turn:
    """What taking a turn needs."""

    store: Store
    sender: Sender
    deliveries: Deliveries
    now: Callable[[], float]
    manner: Manner

    def take(self, account: str, lane_id: str) -> float | None:
        """Send what is due in a lane; the moment of its next turn, or None when it is over."""
        with self.store.writing() as connection:
            records = Records(connection, account)
            record = records.get(LANE, lane_id)
            if record is None:
                return None
            lane = lane_of(record)
            coming = _coming(records, lane)
            due = max(coming.due, lane.not_before)
            if due > self.now():
                return due
            if coming.message is None:
                records.remove(LANE, lane_id)
                return None
        received = self._sent(account, lane, coming.message)
        with self.store.writing() as connection:
            records = Records(connection, account)
            problem = self._outcome(records, lane, received)
            again = self._moved_on(lane, bool(problem))
            records.replace(LANE, lane_record(again))
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

    def _sent(self, account: str, lane: Lane, message: Message) -> Received:
        headers = signature(
            message.token, message.url, message.body, legacy=self.manner.legacy_signatures
        )
        if message.content_type:
            headers["Content-Type"] = message.content_type
        return self.sender.send(message.method, message.url, headers=headers, body=message.body)

    def _outcome(self, records: Records, lane: Lane, received: Received) -> str:
        """Why it failed, if it did. What a web server gave is stored in the call."""
        problem = received.problem
        if not problem and not received.is_success:
            problem = f"status {received.status}"
        return self._replied(records, lane, received, problem) if lane.name == FLOWS else problem

    def _moved_on(self, lane: Lane, failed: bool) -> Lane:
        """The lane before its next try, or its next message. A call asks for a flow only once."""
        if failed and lane.name != FLOWS and lane.tries < len(self.manner.retries):
            wait = self.manner.retries[lane.tries]
            return replace(lane, tries=lane.tries + 1, not_before=self.now() + wait)
        return Lane(lane.call, lane.name, lane.done + 1)

    def _replied(self, records: Records, lane: Lane, received: Received, problem: str) -> str:
        """Store a web server's reply in its call; why it is no flow, if it is none."""
        flow: Body | None = None
        if not problem:
            try:
                flow = flow_of(received.body, received.content_type)
            except NoFlow as trouble:
                problem = str(trouble)
        record = records.get(CALL, lane.call)
        assert record is not None
        call, request = kept_of(record.text), course_of(record.text).requests[lane.done]
        after = max(call.at(self.now()) - request.at, 0)
        call = replace(
            call,
            replies=(*call.replies, KeptReply(after, flow)),
            parties={**parties(records, destinations_of(flow or {})), **call.parties},
        )
        records.replace(CALL, replace(record, text=kept_text(call)))
        return problem


def _coming(records: Records, lane: Lane) -> Next:
    record = records.get(CALL, lane.call)
    if record is None:
        return Next(0.0)
    course = course_of(record.text)
    if lane.name == FLOWS:
        return next_request(course, lane.done)
    webhook = _webhook(records, course, lane)
    if webhook is None:
        return Next(0.0)
    return next_event(course, lane.done, webhook, own=lane.name == OWN)


def _webhook(records: Records, course: Course, lane: Lane) -> Mapping[str, str] | None:
    """Where the lane leads; None for a webhook that was deleted meanwhile."""
    if lane.name == OWN:
        return course.call.webhook
    record = records.get(WEBHOOK, lane.name)
    fields: dict[str, Any] | None = json.loads(record.text) if record else None
    return fields
