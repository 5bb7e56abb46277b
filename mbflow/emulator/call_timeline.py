"""The course of a call from its start to its end: statuses, legs and recordings, each with times.

A function of what is stored of the call alone; times are milliseconds since the call's start. An
event, once its time has come, never changes: what a client does only decides what comes later.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

from mbflow.emulator.audio import Sound
from mbflow.emulator.call_legs import FlowWalk, Leg, first_leg, further_legs, walk_flows
from mbflow.emulator.call_record import StoredCall, stored_call_of
from mbflow.simulator.caller import Act, Machine
from mbflow.simulator.replies import Outcome
from mbflow.simulator.transcript import Event, EventKind

READY_MS = 500
"""How long a recording is `initialised`. No source says; long enough to be seen."""

SERVICE, CALLER = 220, 400
"""The pitch, in hertz, at which each side's voice stands on a recording."""


@dataclass(frozen=True, slots=True)
class CallRecording:
    """One recording. Times are milliseconds since the call's start."""

    number: int
    at: int
    type: str
    """ivr, transfer or call (reference 9)."""
    leg: int
    """The number of its leg."""
    ended_at: int | None = None
    said: str = ""
    sounds: tuple[Sound, ...] = ()
    transcribed_in: str = ""
    """The language, where the step asks for a transcription."""

    def status(self, at: int) -> str:
        if self.is_done(at):
            return "done"
        return "initialised" if at < self.at + READY_MS else "recording"

    def is_done(self, at: int) -> bool:
        return self.ended_at is not None and self.ended_at <= at

    def ms(self, at: int) -> int:
        """How long it is."""
        return (at if self.ended_at is None else min(at, self.ended_at)) - self.at


def recordings_of(talk: FlowWalk, legs: Sequence[Leg]) -> tuple[CallRecording, ...]:
    """In the order in which they began."""
    takes: list[CallRecording] = []
    running: dict[str, int] = {}
    dials = {leg.dial: number for number, leg in enumerate(legs) if leg.dial is not None}
    dialled = -1
    for index, event in enumerate(talk.events):
        if event.kind is EventKind.DIAL:
            dialled += 1
        elif event.kind is EventKind.RECORD:
            leg = dials.get(dialled, 0) if event.detail.startswith("transfer") else 0
            running[event.detail] = len(takes)
            takes.append(_begun(talk, event, len(takes), leg))
        elif event.kind is EventKind.RECORDED:
            number = running.pop(event.detail)
            takes[number] = _ended(talk, takes[number], event, index)
    return tuple(takes)


def _begun(talk: FlowWalk, event: Event, number: int, leg: int) -> CallRecording:
    step = talk.step(event) if event.detail == "ivr" else None
    language = ""
    if step and step.options.get("transcribe") is True:
        language = step.text("transcribeLanguage") or "en-US"
    kind = event.detail.partition(" ")[0]
    return CallRecording(number, event.at, kind, leg, transcribed_in=language)


def _ended(talk: FlowWalk, take: CallRecording, event: Event, index: int) -> CallRecording:
    said = event.text
    if take.type == "call":
        said = " ".join(_spoken(talk, take.at, index))
    sounds = () if take.type == "transfer" else tuple(_sounds(talk, take, index))
    return replace(take, ended_at=event.at, said=said, sounds=sounds)


def _spoken(talk: FlowWalk, since: int, until: int) -> Iterator[str]:
    """What was said in the whole call, by both sides, up to an event."""
    for index, event in enumerate(talk.events[:until]):
        if event.at < since:
            continue
        if event.kind is EventKind.SAY and talk.heard.get(index):
            yield talk.heard[index]
        elif event.kind is EventKind.RECORDED and event.detail == "ivr" and event.text:
            yield event.text


def _sounds(talk: FlowWalk, take: CallRecording, until: int) -> Iterator[Sound]:
    events = talk.events[: until + 1]
    kinds = {EventKind.SPEECH: CALLER}
    if take.type == "call":
        kinds |= {EventKind.SAY: SERVICE, EventKind.PLAY: SERVICE}
    for index, event in enumerate(events):
        if event.kind in kinds and event.at >= take.at:
            end = min(event.at + event.lasts, _silenced(events[index + 1 :]))
            yield Sound(event.at - take.at, end - take.at, kinds[event.kind])


def _silenced(later: Sequence[Event]) -> int:
    """When what comes next cuts a voice short; the end of the recording comes at the latest."""
    return next(e.at for e in later if e.kind is not EventKind.KEY or e.detail != "unheard")


QUEUED_MS = 200
"""How long a call waits before it is begun. No source says; long enough to be seen."""

_REMEMBERED = 512


@dataclass(frozen=True, slots=True)
class TimedFlowRequest:
    """The call asks a web server for a flow; `recording` is what is posted to an `onFinish`."""

    number: int
    at: int
    method: str
    url: str
    variables: tuple[tuple[str, str], ...]
    recording: CallRecording | None = None


@dataclass(frozen=True, slots=True)
class Timeline:
    """All that is known of a call, the future included as far as it is settled."""

    call: StoredCall
    statuses: tuple[tuple[int, str], ...]
    """When the call took each status, in order."""
    ended_at: int | None
    """None: not over, as far as is known."""
    legs: tuple[Leg, ...]
    """In the order in which they began; a leg's number is its place."""
    recordings: tuple[CallRecording, ...]
    requests: tuple[TimedFlowRequest, ...]

    def status(self, at: int) -> str:
        return [status for since, status in self.statuses if since <= at][-1]

    def is_over(self, at: int) -> bool:
        return self.ended_at is not None and self.ended_at <= at

    def updated_at(self, at: int) -> int:
        """When the call last changed."""
        changes = [self.call.changed, *(since for since, _ in self.statuses)]
        return max(change for change in changes if change <= at)


@lru_cache(maxsize=_REMEMBERED)
def timeline_of(text: str) -> Timeline:
    """The course of the call that is stored as `text`."""
    call = stored_call_of(text)
    first = first_leg(call, 0 if call.incoming else QUEUED_MS)
    if first.answered_at is None:
        return _unanswered(call, first)
    talk = walk_flows(call, first.answered_at, _stop(call, first), _machine(first))
    legs = further_legs(call, first, talk)
    recordings = recordings_of(talk, legs)
    return Timeline(
        call,
        _statuses(call, (first.answered_at, "ongoing"), talk.ended_at, "ended"),
        talk.ended_at,
        legs,
        recordings,
        _requests(talk, recordings),
    )


def _unanswered(call: StoredCall, first: Leg) -> Timeline:
    over = first.ended_at
    assert over is not None
    final = "ended" if first.is_cancelled else str(first.outcome)
    legs = (first,) if first.at <= over else ()
    return Timeline(call, _statuses(call, None, over, final), over, legs, (), ())


def _stop(call: StoredCall, first: Leg) -> int | None:
    """When the call is ended from outside its flow: by a client, or by the party that hangs up."""
    talks = None if call.incoming else call.parties.get(first.key)
    ends = [
        call.hung_up,
        first.answered_at + talks.talks_ms
        if talks and talks.talks_ms is not None and first.answered_at is not None
        else None,
    ]
    return min((end for end in ends if end is not None), default=None)


def _machine(first: Leg) -> tuple[Act, ...]:
    return (Machine(),) if first.outcome is Outcome.MACHINE else ()


def _statuses(
    call: StoredCall, then: tuple[int, str] | None, over: int | None, final: str
) -> tuple[tuple[int, str], ...]:
    begins = [(0, "starting")] if call.incoming else [(0, "queued"), (QUEUED_MS, "starting")]
    found = [*begins, *([then] if then else [])]
    if over is None:
        return tuple(found)
    return (*(entry for entry in found if entry[0] <= over), (over, final))


def _requests(
    talk: FlowWalk, recordings: tuple[CallRecording, ...]
) -> tuple[TimedFlowRequest, ...]:
    found: list[TimedFlowRequest] = []
    variables: dict[str, str] = {}
    for event in talk.events:
        if event.kind is EventKind.INPUT and event.detail:
            variables[event.detail] = event.text
        elif event.kind is EventKind.FETCH:
            take = _finished(recordings, event) if event.detail == "POST" else None
            found.append(
                TimedFlowRequest(
                    len(found), event.at, event.detail, event.text, tuple(variables.items()), take
                )
            )
    return tuple(found)


def _finished(recordings: tuple[CallRecording, ...], event: Event) -> CallRecording | None:
    ready = [take for take in recordings if take.ended_at == event.at and take.type == "ivr"]
    return ready[-1] if ready else None
