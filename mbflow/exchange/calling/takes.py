"""The recordings of a call: when each was made, what stands on it, and what was said."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from mbflow.exchange.calling.audio import Sound
from mbflow.exchange.calling.legs import Leg
from mbflow.exchange.calling.walking import Walked
from mbflow.simulator.transcript import Event, Kind

READY_MS = 500
"""How long a recording is `initialised`. No source says; long enough to be seen."""

SERVICE, CALLER = 220, 400
"""The pitch, in hertz, at which each side's voice stands on a recording."""


@dataclass(frozen=True, slots=True)
class Take:
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


def takes_of(talk: Walked, legs: Sequence[Leg]) -> tuple[Take, ...]:
    """In the order in which they began."""
    takes: list[Take] = []
    running: dict[str, int] = {}
    dials = {leg.dial: number for number, leg in enumerate(legs) if leg.dial is not None}
    dialled = -1
    for index, event in enumerate(talk.events):
        if event.kind is Kind.DIAL:
            dialled += 1
        elif event.kind is Kind.RECORD:
            leg = dials.get(dialled, 0) if event.detail.startswith("transfer") else 0
            running[event.detail] = len(takes)
            takes.append(_begun(talk, event, len(takes), leg))
        elif event.kind is Kind.RECORDED:
            number = running.pop(event.detail)
            takes[number] = _ended(talk, takes[number], event, index)
    return tuple(takes)


def _begun(talk: Walked, event: Event, number: int, leg: int) -> Take:
    step = talk.step(event) if event.detail == "ivr" else None
    language = ""
    if step and step.options.get("transcribe") is True:
        language = step.text("transcribeLanguage") or "en-US"
    kind = event.detail.partition(" ")[0]
    return Take(number, event.at, kind, leg, transcribed_in=language)


def _ended(talk: Walked, take: Take, event: Event, index: int) -> Take:
    said = event.text
    if take.type == "call":
        said = " ".join(_spoken(talk, take.at, index))
    sounds = () if take.type == "transfer" else tuple(_sounds(talk, take, index))
    return replace(take, ended_at=event.at, said=said, sounds=sounds)


def _spoken(talk: Walked, since: int, until: int) -> Iterator[str]:
    """What was said in the whole call, by both sides, up to an event."""
    for index, event in enumerate(talk.events[:until]):
        if event.at < since:
            continue
        if event.kind is Kind.SAY and talk.heard.get(index):
            yield talk.heard[index]
        elif event.kind is Kind.RECORDED and event.detail == "ivr" and event.text:
            yield event.text


def _sounds(talk: Walked, take: Take, until: int) -> Iterator[Sound]:
    events = talk.events[: until + 1]
    kinds = {Kind.SPEECH: CALLER}
    if take.type == "call":
        kinds |= {Kind.SAY: SERVICE, Kind.PLAY: SERVICE}
    for index, event in enumerate(events):
        if event.kind in kinds and event.at >= take.at:
            end = min(event.at + event.lasts, _silenced(events[index + 1 :]))
            yield Sound(event.at - take.at, end - take.at, kinds[event.kind])


def _silenced(later: Sequence[Event]) -> int:
    """When what comes next cuts a voice short; the end of the recording comes at the latest."""
    return next(e.at for e in later if e.kind is not Kind.KEY or e.detail != "unheard")
