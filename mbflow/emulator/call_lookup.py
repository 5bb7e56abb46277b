"""The stored call, leg or recording that a path names, as it stands when the request comes."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from mbflow.emulator.call_legs import Leg
from mbflow.emulator.call_record import (
    CallPart,
    StoredCall,
    call_of,
    number_of,
    part_id,
    stored_call_text,
)
from mbflow.emulator.call_timeline import CallRecording, Timeline, timeline_of
from mbflow.emulator.context import CALL, Context
from mbflow.emulator.responses import CONFLICT, Refused, not_found
from mbflow.emulator.store import Record


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
