"""The timeline of a call from its start to its end: statuses, legs and recordings, each with times.

A function of what is stored of the call alone; times are milliseconds since the call's start. An
event, once its time has come, never changes: what a client does only decides what comes later.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import lru_cache
from typing import TypeAlias

from mbflow.emulator.audio import Sound
from mbflow.emulator.call_legs import FlowRun, Leg, first_leg, further_legs, run_flows
from mbflow.emulator.call_record import StoredCall, stored_call_of
from mbflow.emulator.speech import Words
from mbflow.simulator.caller import Act, Machine
from mbflow.simulator.replies import Outcome
from mbflow.simulator.transcript import Event, EventKind, KeyUse, RecordingKind

READY_MS = 500
"""How long a recording is `initialised`. No source says; long enough to be seen."""

DEFAULT_LANGUAGE = "en-US"

SERVICE, CALLER = 220, 400
"""The pitch, in hertz, at which each side's voice stands on a recording."""


class RecordingStatus(StrEnum):
    INITIALISED = "initialised"
    RECORDING = "recording"
    DONE = "done"


class RecordingType(StrEnum):
    """Those of reference 9."""

    IVR = "ivr"
    TRANSFER = "transfer"
    CALL = "call"


@dataclass(frozen=True, slots=True)
class CallRecording:
    """One recording. Times are milliseconds since the call's start."""

    number: int
    at: int
    type: RecordingType
    leg: int = 0
    """The number of its leg."""
    ended_at: int | None = None
    said: str = ""
    sounds: tuple[Sound, ...] = ()
    transcription_language: str = ""
    """Where the step asks for a transcription."""

    def status(self, at: int) -> RecordingStatus:
        if self.is_done(at):
            return RecordingStatus.DONE
        is_ready = at >= self.at + READY_MS
        return RecordingStatus.RECORDING if is_ready else RecordingStatus.INITIALISED

    def is_done(self, at: int) -> bool:
        return self.ended_at is not None and self.ended_at <= at

    def seconds(self, at: int) -> int:
        """How long it is, in begun seconds; 0 while it is only initialised."""
        return 0 if self.status(at) is RecordingStatus.INITIALISED else -(-self.ms(at) // 1000)

    def ms(self, at: int) -> int:
        """How long it is."""
        return (at if self.ended_at is None else min(at, self.ended_at)) - self.at


def recordings_of(run: FlowRun, legs: Sequence[Leg]) -> tuple[CallRecording, ...]:
    """In the order in which they began."""
    recordings: list[CallRecording] = []
    open_recordings: dict[str, int] = {}
    dials = {leg.dial: number for number, leg in enumerate(legs) if leg.dial is not None}
    dial = -1
    for index, event in enumerate(run.events):
        if event.kind is EventKind.DIAL:
            dial += 1
        elif event.kind is EventKind.RECORD:
            open_recordings[event.detail] = len(recordings)
            recording = _begin(run, event, len(recordings))
            if recording.type is RecordingType.TRANSFER:
                recording = replace(recording, leg=dials.get(dial, 0))
            recordings.append(recording)
        elif event.kind is EventKind.RECORDED:
            number = open_recordings.pop(event.detail)
            recordings[number] = _end(run, recordings[number], event, index)
    return tuple(recordings)


def _begin(run: FlowRun, event: Event, number: int) -> CallRecording:
    step = run.step(event) if event.detail == RecordingKind.IVR else None
    language = ""
    if step and step.options.get("transcribe") is True:
        language = step.text("transcribeLanguage") or DEFAULT_LANGUAGE
    kind = RecordingType(event.detail.partition(" ")[0])
    return CallRecording(number, event.at, kind, transcription_language=language)


def _end(run: FlowRun, recording: CallRecording, event: Event, index: int) -> CallRecording:
    said = event.text
    if recording.type is RecordingType.CALL:
        said = " ".join(_spoken(run, recording.at, index))
    is_transfer = recording.type is RecordingType.TRANSFER
    sounds = () if is_transfer else tuple(_sounds(run, recording, index))
    return replace(recording, ended_at=event.at, said=said, sounds=sounds)


def _spoken(run: FlowRun, since: int, until: int) -> Iterator[str]:
    """What was said in the whole call, by both sides, up to an event."""
    for index, event in enumerate(run.events[:until]):
        if event.at < since:
            continue
        if event.kind is EventKind.SAY and run.heard.get(index):
            yield run.heard[index]
        elif event.kind is EventKind.RECORDED and event.detail == RecordingKind.IVR and event.text:
            yield event.text


def _sounds(run: FlowRun, recording: CallRecording, until: int) -> Iterator[Sound]:
    events = run.events[: until + 1]
    kinds = {EventKind.SPEECH: CALLER}
    if recording.type is RecordingType.CALL:
        kinds |= {EventKind.SAY: SERVICE, EventKind.PLAY: SERVICE}
    said = Words("", DEFAULT_LANGUAGE, "female")
    for index, event in enumerate(events):
        said = _words(run, event, said)
        if event.kind in kinds and event.at >= recording.at:
            end = min(event.at + event.lasts, _cut_at(events[index + 1 :]))
            start, words = event.at - recording.at, None
            if event.kind is EventKind.SAY:
                words = said
            elif event.kind is EventKind.SPEECH:
                words = _words_of_caller(event, recording, said)
            yield Sound(start, end - recording.at, kinds[event.kind], words, event.lasts)


def _words(run: FlowRun, event: Event, before: Words) -> Words:
    """The last words of the service, once `event` has begun."""
    step = run.step(event)
    if event.kind is not EventKind.SAY or step is None:
        return before
    return Words(event.text, step.text("language") or before.language, step.text("voice"))


def _words_of_caller(event: Event, recording: CallRecording, said: Words) -> Words:
    """In the language of the transcription, or in that of the last text; in the other voice."""
    voice = "female" if said.voice == "male" else "male"
    return Words(event.text, recording.transcription_language or said.language, voice)


def _cut_at(later: Sequence[Event]) -> int:
    """When what comes next cuts a voice short; the end of the recording comes at the latest."""
    return next(e.at for e in later if e.kind is not EventKind.KEY or e.detail != KeyUse.UNHEARD)


QUEUED_MS = 200
"""How long a call waits before it is begun. No source says; long enough to be seen."""

_CACHE_SIZE = 512


class CallStatus(StrEnum):
    """Those of reference 7; the last three are those of a call that nobody took."""

    QUEUED = "queued"
    STARTING = "starting"
    ONGOING = "ongoing"
    ENDED = "ended"
    BUSY = "busy"
    NO_ANSWER = "no_answer"
    FAILED = "failed"


StatusChange: TypeAlias = tuple[int, CallStatus]
"""When a call took a status."""


@dataclass(frozen=True, slots=True)
class TimedFlowRequest:
    """The call asks a web server for a flow; `recording` is what is posted to an `onFinish`."""

    at: int
    method: str
    url: str
    variables: tuple[tuple[str, str], ...]
    recording: CallRecording | None = None


@dataclass(frozen=True, slots=True)
class Timeline:
    """All that is known of a call, the future included as far as it is settled."""

    call: StoredCall
    statuses: tuple[StatusChange, ...]
    """In order."""
    ended_at: int | None
    """None: not over, as far as is known."""
    legs: tuple[Leg, ...]
    """In the order in which they began; a leg's number is its place."""
    recordings: tuple[CallRecording, ...]
    requests: tuple[TimedFlowRequest, ...]

    def status(self, at: int) -> CallStatus:
        return [status for since, status in self.statuses if since <= at][-1]

    def is_over(self, at: int) -> bool:
        return self.ended_at is not None and self.ended_at <= at

    def updated_at(self, at: int) -> int:
        """When the call last changed."""
        changes = [self.call.updated_at, *(since for since, _ in self.statuses)]
        return max(change for change in changes if change <= at)


@lru_cache(maxsize=_CACHE_SIZE)
def timeline_of(text: str) -> Timeline:
    """The timeline of the call that is stored as `text`."""
    call = stored_call_of(text)
    first = first_leg(call, 0 if call.incoming else QUEUED_MS)
    if first.answered_at is None:
        return _unanswered(call, first)
    run = run_flows(call, first.answered_at, _stop(call, first), _machine(first))
    legs = further_legs(call, first, run)
    recordings = recordings_of(run, legs)
    return Timeline(
        call,
        _statuses(call, first.answered_at, run.ended_at, CallStatus.ENDED),
        run.ended_at,
        legs,
        recordings,
        _requests(run, recordings),
    )


def _unanswered(call: StoredCall, first: Leg) -> Timeline:
    ended_at = first.ended_at
    assert ended_at is not None
    final = CallStatus.ENDED if first.is_cancelled else CallStatus(str(first.outcome))
    legs = (first,) if first.at <= ended_at else ()
    return Timeline(call, _statuses(call, None, ended_at, final), ended_at, legs, (), ())


def _stop(call: StoredCall, first: Leg) -> int | None:
    """When the call is ended from outside its flow: by a client, or by a callee who hangs up."""
    ends = [] if call.hangup_at is None else [call.hangup_at]
    callee = None if call.incoming else call.callees.get(first.number)
    if callee and callee.talks_ms is not None and first.answered_at is not None:
        ends.append(first.answered_at + callee.talks_ms)
    return min(ends, default=None)


def _machine(first: Leg) -> tuple[Act, ...]:
    return (Machine(),) if first.outcome is Outcome.MACHINE else ()


def _statuses(
    call: StoredCall, answered_at: int | None, ended_at: int | None, final: CallStatus
) -> tuple[StatusChange, ...]:
    found = [(0, CallStatus.STARTING)]
    if not call.incoming:
        found = [(0, CallStatus.QUEUED), (QUEUED_MS, CallStatus.STARTING)]
    if answered_at is not None:
        found.append((answered_at, CallStatus.ONGOING))
    if ended_at is None:
        return tuple(found)
    return (*(change for change in found if change[0] <= ended_at), (ended_at, final))


def _requests(run: FlowRun, recordings: tuple[CallRecording, ...]) -> tuple[TimedFlowRequest, ...]:
    found: list[TimedFlowRequest] = []
    variables: dict[str, str] = {}
    for event in run.events:
        if event.kind is EventKind.INPUT and event.detail:
            variables[event.detail] = event.text
        elif event.kind is EventKind.FETCH:
            recording = _recording_at(recordings, event.at) if event.detail == "POST" else None
            so_far = tuple(variables.items())
            request = TimedFlowRequest(event.at, event.detail, event.text, so_far, recording)
            found.append(request)
    return tuple(found)


def _recording_at(recordings: tuple[CallRecording, ...], at: int) -> CallRecording | None:
    """The recording that a record step has ended at this time."""
    found = [one for one in recordings if one.ended_at == at and one.type is RecordingType.IVR]
    return found[-1] if found else None
