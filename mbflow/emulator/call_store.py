"""Stored calls: started, found by the path that names them, and changed."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from mbflow.emulator.call_record import (
    Callee,
    FlowStart,
    StoredCall,
    call_of,
    callee_of,
    destinations_of,
    new_call_id,
    number_key,
    stored_call_text,
)
from mbflow.emulator.call_timeline import Timeline, timeline_of
from mbflow.emulator.context import CALL, CALLEE, FLOW, NUMBER, WEBHOOK, Context
from mbflow.emulator.delivery_queue import open_queues
from mbflow.emulator.flows import DEFAULT
from mbflow.emulator.responses import conflict, not_found
from mbflow.emulator.store import Record, Records
from mbflow.model.flow import Body, Json
from mbflow.simulator.replies import CalleeAnswer

MOST_WEBHOOKS = 5


@dataclass(frozen=True, slots=True)
class CallStart:
    """When a call begins, and how fast its time goes."""

    moment: float
    time_factor: float


def place_call(
    records: Records,
    start: CallStart,
    *,
    source: str,
    destination: str,
    flow: Body,
    webhook: Mapping[str, str] | None = None,
) -> Record:
    """Call a destination and take the answered call through the flow."""
    call = _new_call(records, start, flow, source=source, destination=destination, incoming=False)
    callees = {**callee_answers(records, [destination]), **call.callees}
    does = callee(records, destination).does
    return _add_call(records, replace(call, does=does, callees=callees, webhook=webhook))


def receive_call(
    records: Records, start: CallStart, *, source: str, destination: str, does: tuple[Json, ...]
) -> Record | None:
    """A caller calls a number; None where neither the number nor the account has a flow for it."""
    number = records.find_by_tag(NUMBER, destination)
    stored = records.get(FLOW, number.parent) if number else records.find_by_tag(FLOW, DEFAULT)
    if stored is None:
        return None
    flow: Body = json.loads(stored.text)
    call = _new_call(records, start, flow, source=source, destination=destination, incoming=True)
    number_id = number.id if number else ""
    return _add_call(records, replace(call, does=does, number_id=number_id))


def callee(records: Records, destination: str) -> Callee:
    """How a destination behaves in calls from now on."""
    record = records.get(CALLEE, number_key(destination))
    return callee_of(json.loads(record.text)) if record else Callee(CalleeAnswer())


def callee_answers(records: Records, destinations: Iterable[str]) -> dict[str, CalleeAnswer]:
    """How those of the destinations answer for which that is stored."""
    stored = {name: records.get(CALLEE, name) for name in map(number_key, destinations)}
    return {name: callee(records, name).answer for name, record in stored.items() if record}


def _new_call(
    records: Records, start: CallStart, flow: Body, *, source: str, destination: str, incoming: bool
) -> StoredCall:
    return StoredCall(
        id=new_call_id(),
        started=start.moment,
        time_factor=start.time_factor,
        incoming=incoming,
        source=source,
        destination=destination,
        flows=(FlowStart(0, flow),),
        callees=callee_answers(records, destinations_of(flow)),
        webhook_ids=tuple(hook.id for hook in records.page(WEBHOOK, "", 0, MOST_WEBHOOKS)),
    )


def _add_call(records: Records, call: StoredCall) -> Record:
    record = Record(call.id, stored_call_text(call))
    records.add(CALL, record)
    open_queues(records, call)
    return record


@dataclass(frozen=True, slots=True)
class CurrentCall:
    """A call, and how far it is: `at` milliseconds from its start."""

    record: Record
    timeline: Timeline
    at: int

    @property
    def call(self) -> StoredCall:
        return self.timeline.call

    @property
    def is_over(self) -> bool:
        return self.timeline.is_over(self.at)


def current_call(context: Context, record: Record) -> CurrentCall:
    timeline = timeline_of(record.text)
    return CurrentCall(record, timeline, timeline.call.at(context.moment))


def find_call(context: Context) -> CurrentCall:
    """The call that the path names; refused with 404 where the account has none."""
    name = context.ids["call"]
    record = context.records.get(CALL, name)
    if record is None:
        raise not_found("call", name)
    return current_call(context, record)


def find_call_of(context: Context, part: str) -> CurrentCall | None:
    """The call to which the part with this id belongs; None where the path names another one."""
    name = call_of(part)
    if "call" in context.ids and find_call(context).call.id != name:
        return None
    record = context.records.get(CALL, name) if name else None
    return current_call(context, record) if record else None


def store_call(context: Context, current: CurrentCall, **changes: Any) -> CurrentCall:
    """The call with these changes, stored."""
    call = replace(current.call, updated_at=current.at, **changes)
    record = replace(current.record, text=stored_call_text(call))
    context.records.replace(CALL, record)
    context.updated_calls.add(call.id)
    return current_call(context, record)


def refuse_if_over(current: CurrentCall) -> None:
    if current.is_over:
        raise conflict(f"Call `{current.call.id}` has ended.")
