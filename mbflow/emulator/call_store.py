"""Stored calls: begun, found by the path that names them or a part of them, and changed."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from mbflow.emulator.call_legs import Leg
from mbflow.emulator.call_record import (
    CallPart,
    GivenFlow,
    Party,
    StoredCall,
    call_of,
    destinations_of,
    new_call_id,
    number_key,
    number_of,
    part_id,
    party_of,
    stored_call_text,
)
from mbflow.emulator.call_timeline import CallRecording, Timeline, timeline_of
from mbflow.emulator.context import CALL, FLOW, NUMBER, PARTY, WEBHOOK, Context
from mbflow.emulator.delivery_queue import open_queues
from mbflow.emulator.flows import DEFAULT
from mbflow.emulator.responses import CONFLICT, Refused, not_found
from mbflow.emulator.store import Record, Records
from mbflow.model.flow import Body, Json
from mbflow.simulator.replies import CalleeAnswer

MOST_WEBHOOKS = 5


@dataclass(frozen=True, slots=True)
class Begun:
    """When a call begins, and how fast its time goes."""

    moment: float
    factor: float


def place_call(
    records: Records,
    begun: Begun,
    *,
    source: str,
    destination: str,
    flow: Body,
    webhook: Mapping[str, str] | None = None,
) -> Record:
    """Call a destination and take the answered call through the flow."""
    return _kept(
        records,
        StoredCall(
            id=new_call_id(),
            started=begun.moment,
            factor=begun.factor,
            incoming=False,
            source=source,
            destination=destination,
            flows=(GivenFlow(0, flow),),
            does=party(records, destination).does,
            parties=parties(records, [destination, *destinations_of(flow)]),
            webhook=webhook,
            hooks=_hooks(records),
        ),
    )


def take_call(
    records: Records, begun: Begun, *, source: str, destination: str, does: tuple[Json, ...]
) -> Record | None:
    """A caller calls a number; None where neither the number nor the account has a flow for it."""
    number = records.tagged(NUMBER, destination)
    stored = records.get(FLOW, number.parent) if number else records.tagged(FLOW, DEFAULT)
    if stored is None:
        return None
    flow: Body = json.loads(stored.text)
    return _kept(
        records,
        StoredCall(
            id=new_call_id(),
            started=begun.moment,
            factor=begun.factor,
            incoming=True,
            source=source,
            destination=destination,
            flows=(GivenFlow(0, flow),),
            does=does,
            parties=parties(records, destinations_of(flow)),
            number_id=number.id if number else "",
            hooks=_hooks(records),
        ),
    )


def party(records: Records, destination: str) -> Party:
    """How a destination meets calls from now on."""
    record = records.get(PARTY, number_key(destination))
    return party_of(json.loads(record.text)) if record else Party(CalleeAnswer())


def parties(records: Records, destinations: Iterable[str]) -> dict[str, CalleeAnswer]:
    """How those of the destinations that were given a behaviour meet a call."""
    known = {name: records.get(PARTY, name) for name in map(number_key, destinations)}
    return {name: party(records, name).answer for name, record in known.items() if record}


def _hooks(records: Records) -> tuple[str, ...]:
    return tuple(record.id for record in records.page(WEBHOOK, "", 0, MOST_WEBHOOKS))


def _kept(records: Records, call: StoredCall) -> Record:
    record = Record(call.id, stored_call_text(call))
    records.add(CALL, record)
    open_queues(records, call)
    return record


@dataclass(frozen=True, slots=True)
class Running:
    """A call, and how far it is: `at` milliseconds from its start."""

    record: Record
    course: Timeline
    at: int

    @property
    def call(self) -> StoredCall:
        return self.course.call

    @property
    def is_over(self) -> bool:
        return self.course.is_over(self.at)


def running(context: Context, record: Record) -> Running:
    course = timeline_of(record.text)
    return Running(record, course, course.call.at(context.moment))


def named_call(context: Context) -> Running:
    """The call that the path names; refused with 404 where the account has none."""
    name = context.ids["call"]
    record = context.records.get(CALL, name)
    if record is None:
        raise not_found("call", name)
    return running(context, record)


def named_leg(context: Context) -> tuple[Running, int]:
    """The leg that the path names, long or short, by its number; else refused with 404."""
    name = context.ids["leg"]
    found = _owner(context, name)
    number = number_of(name, CallPart.LEG)
    if found is None or not any(number == known for known, _ in legs_so_far(found)):
        raise not_found("leg", name)
    return found, number


def named_recording(context: Context) -> tuple[Running, CallRecording]:
    """The recording that the path names, long or short; else refused with 404."""
    name = context.ids["recording"]
    if "leg" in context.ids:
        named_leg(context)
    found = _owner(context, name)
    for take in [] if found is None else recordings_so_far(found):
        if take.number == number_of(name, CallPart.RECORDING) and found is not None:
            own = part_id(found.call.id, CallPart.LEG, take.leg)
            if context.ids.get("leg", own) == own:
                return found, take
    raise not_found("recording", name)


def legs_so_far(found: Running) -> list[tuple[int, Leg]]:
    """The legs that have begun, each with its number."""
    return [(n, leg) for n, leg in enumerate(found.course.legs) if leg.at <= found.at]


def recordings_so_far(found: Running) -> list[CallRecording]:
    """The recordings that have begun and were not deleted."""
    return [
        take
        for take in found.course.recordings
        if take.at <= found.at and take.number not in found.call.deleted
    ]


def changed(context: Context, found: Running, **changes: Any) -> Running:
    """The call with these changes, stored."""
    call = replace(found.call, changed=found.at, **changes)
    record = replace(found.record, text=stored_call_text(call))
    context.records.replace(CALL, record)
    context.touched.add(call.id)
    return running(context, record)


def refuse_ended(found: Running) -> None:
    if found.is_over:
        raise Refused(409, (CONFLICT, f"Call `{found.call.id}` has ended."))


def _owner(context: Context, name: str) -> Running | None:
    """The call to which the part with this id belongs; None where the path names another one."""
    owner = call_of(name)
    if "call" in context.ids and named_call(context).call.id != owner:
        return None
    record = context.records.get(CALL, owner) if owner else None
    return running(context, record) if record else None
