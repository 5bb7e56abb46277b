"""A call and its parts at one moment, as the API shows them (reference sections 7 to 10)."""

from __future__ import annotations

from dataclasses import dataclass

from mbflow.emulator.call_record import CallPart, part_id
from mbflow.emulator.call_timeline import CallRecording, Timeline
from mbflow.emulator.responses import moment_text
from mbflow.model.flow import Body

CREATED_MS, TRANSCRIBING_MS = 1000, 2000
"""How long a transcription is `created`, then `transcribing`. No source says."""
NO_LEG = "00000000-0000-0000-0000-000000000000"
"""The legId of transcriptions in lists and in the answer to POST."""


@dataclass(frozen=True, slots=True)
class Transcription:
    """What was said on a recording, in writing; begun `at` milliseconds of the call."""

    id: str
    take: CallRecording
    at: int

    def status(self, at: int) -> str:
        if at < self.at + CREATED_MS:
            return "created"
        return "done" if self.is_done(at) else "transcribing"

    def is_done(self, at: int) -> bool:
        return at >= self.at + CREATED_MS + TRANSCRIBING_MS

    def updated_at(self, at: int) -> int:
        steps = (self.at, self.at + CREATED_MS, self.at + CREATED_MS + TRANSCRIBING_MS)
        return max(step for step in steps if step <= max(at, self.at))


def call_shown(course: Timeline, at: int) -> Body:
    call = course.call
    ended_at = course.ended_at if course.is_over(at) else None
    return {
        "id": call.id,
        "status": course.status(at),
        "source": call.source,
        "destination": call.destination,
        "createdAt": moment_text(call.started),
        "updatedAt": moment_text(call.told(course.updated_at(at))),
        "endedAt": None if ended_at is None else moment_text(call.told(ended_at)),
    }


def leg_shown(course: Timeline, number: int, at: int) -> Body:
    """`sipResponseCode` is absent until it is known."""
    call, leg = course.call, course.legs[number]
    answered = leg.answered_at if leg.answered_at is not None and leg.answered_at <= at else None
    ended = leg.ended_at if leg.is_over(at) else None
    code = leg.sip_code(at)
    latest = max(time for time in (leg.at, answered, ended) if time is not None)
    return {
        "id": part_id(call.id, CallPart.LEG, number),
        "callId": call.id,
        "source": leg.source,
        "destination": leg.destination,
        "status": leg.status(at),
        "direction": "incoming" if leg.incoming else "outgoing",
        "cost": leg.cost(at),
        "currency": "EUR",
        "duration": leg.seconds(at),
        "createdAt": moment_text(call.told(leg.at)),
        "updatedAt": moment_text(call.told(latest)),
        "answeredAt": None if answered is None else moment_text(call.told(answered)),
        "endedAt": None if ended is None else moment_text(call.told(ended)),
        **({} if code is None else {"sipResponseCode": code}),
    }


def recording_shown(course: Timeline, take: CallRecording, at: int) -> Body:
    call = course.call
    done = take.ended_at if take.is_done(at) else None
    return {
        "id": part_id(call.id, CallPart.RECORDING, take.number),
        "format": "wav",
        "legId": part_id(call.id, CallPart.LEG, take.leg),
        "status": take.status(at),
        "duration": -(-take.ms(at) // 1000),
        "type": take.type,
        "createdAt": moment_text(call.told(take.at)),
        "updatedAt": moment_text(call.told(take.at if done is None else done)),
        "deletedAt": None,
    }


def transcription_shown(
    course: Timeline, written: Transcription, at: int, *, leg: bool = False
) -> Body:
    call = course.call
    return {
        "id": written.id,
        "recordingId": part_id(call.id, CallPart.RECORDING, written.take.number),
        "status": written.status(at),
        "createdAt": moment_text(call.told(written.at)),
        "updatedAt": moment_text(call.told(written.updated_at(at))),
        "legId": part_id(call.id, CallPart.LEG, written.take.leg) if leg else NO_LEG,
    }


def transcriptions_of(course: Timeline, take: CallRecording, at: int) -> list[Transcription]:
    """Newest first."""
    call = course.call
    asked = [
        Transcription(part_id(call.id, CallPart.ORDERED, number), take, order.at)
        for number, order in enumerate(call.ordered)
        if order.recording == take.number
    ]
    made = []
    if take.transcribed_in and take.ended_at is not None and take.ended_at <= at:
        name = part_id(call.id, CallPart.TRANSCRIPTION, take.number)
        made = [Transcription(name, take, take.ended_at)]
    return [*reversed(asked), *made]
