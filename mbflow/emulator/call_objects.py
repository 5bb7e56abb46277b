"""A call and its parts at one moment, as the API shows them (reference sections 7 to 10)."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from mbflow.emulator.call_record import CallPart, part_id
from mbflow.emulator.call_timeline import CallRecording, Timeline
from mbflow.emulator.responses import moment_text
from mbflow.model.flow import Body

CREATED_MS, TRANSCRIBING_MS = 1000, 2000
"""How long a transcription is `created`, then `transcribing`. No source says."""
NO_LEG = "00000000-0000-0000-0000-000000000000"
"""The legId of transcriptions in lists and in the answer to POST."""


class TranscriptionStatus(StrEnum):
    CREATED = "created"
    TRANSCRIBING = "transcribing"
    DONE = "done"


@dataclass(frozen=True, slots=True)
class Transcription:
    """What was said on a recording, in writing; begun `at` milliseconds of the call."""

    id: str
    recording: CallRecording
    at: int

    def status(self, at: int) -> TranscriptionStatus:
        if at < self.at + CREATED_MS:
            return TranscriptionStatus.CREATED
        return TranscriptionStatus.DONE if self.is_done(at) else TranscriptionStatus.TRANSCRIBING

    def is_done(self, at: int) -> bool:
        return at >= self.at + CREATED_MS + TRANSCRIBING_MS

    def updated_at(self, at: int) -> int:
        steps = (self.at, self.at + CREATED_MS, self.at + CREATED_MS + TRANSCRIBING_MS)
        return max(step for step in steps if step <= max(at, self.at))


def call_object(timeline: Timeline, at: int) -> Body:
    call = timeline.call
    ended_at = timeline.ended_at if timeline.is_over(at) else None
    return {
        "id": call.id,
        "status": timeline.status(at),
        "source": call.source,
        "destination": call.destination,
        "createdAt": moment_text(call.started),
        "updatedAt": moment_text(call.moment_of(timeline.updated_at(at))),
        "endedAt": None if ended_at is None else moment_text(call.moment_of(ended_at)),
    }


def leg_object(timeline: Timeline, number: int, at: int) -> Body:
    """`sipResponseCode` is absent until it is known."""
    call, leg = timeline.call, timeline.legs[number]
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
        "createdAt": moment_text(call.moment_of(leg.at)),
        "updatedAt": moment_text(call.moment_of(latest)),
        "answeredAt": None if answered is None else moment_text(call.moment_of(answered)),
        "endedAt": None if ended is None else moment_text(call.moment_of(ended)),
        **({} if code is None else {"sipResponseCode": code}),
    }


def recording_object(timeline: Timeline, recording: CallRecording, at: int) -> Body:
    call = timeline.call
    done = recording.ended_at if recording.is_done(at) else None
    return {
        "id": part_id(call.id, CallPart.RECORDING, recording.number),
        "format": "wav",
        "legId": part_id(call.id, CallPart.LEG, recording.leg),
        "status": recording.status(at),
        "duration": recording.seconds(at),
        "type": recording.type,
        "createdAt": moment_text(call.moment_of(recording.at)),
        "updatedAt": moment_text(call.moment_of(recording.at if done is None else done)),
        "deletedAt": None,
    }


def transcription_object(
    timeline: Timeline, transcription: Transcription, at: int, *, leg: bool = False
) -> Body:
    call = timeline.call
    return {
        "id": transcription.id,
        "recordingId": part_id(call.id, CallPart.RECORDING, transcription.recording.number),
        "status": transcription.status(at),
        "createdAt": moment_text(call.moment_of(transcription.at)),
        "updatedAt": moment_text(call.moment_of(transcription.updated_at(at))),
        "legId": part_id(call.id, CallPart.LEG, transcription.recording.leg) if leg else NO_LEG,
    }


def transcriptions_of(timeline: Timeline, recording: CallRecording, at: int) -> list[Transcription]:
    """Newest first."""
    call = timeline.call
    orders = [
        Transcription(part_id(call.id, CallPart.ORDER, number), recording, order.at)
        for number, order in enumerate(call.orders)
        if order.recording == recording.number
    ]
    own = []
    ended_at = recording.ended_at
    if recording.transcription_language and ended_at is not None and ended_at <= at:
        name = part_id(call.id, CallPart.TRANSCRIPTION, recording.number)
        own = [Transcription(name, recording, ended_at)]
    return [*reversed(orders), *own]
