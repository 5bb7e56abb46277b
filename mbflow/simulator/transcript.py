"""What happened in a simulated call: timed events, the way through the flows, and how it ended.

Prefix-stable: an event, once it has happened, does not depend on anything after its time.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from mbflow.flow.vocabulary import Reason
from mbflow.simulator.caller import Act, Window
from mbflow.simulator.replies import FlowRequest
from mbflow.simulator.timing import heard_part


class EventKind(StrEnum):
    """What happened, with the meaning of `text` and `detail` of such an event."""

    SAY = "say"
    """text: what is said; lasts: how long that takes."""
    PLAY = "play"
    """text: the address of the media; lasts: its supposed length."""
    PAUSE = "pause"
    """lasts: how long the silence is."""
    KEY = "key"
    """text: the key; detail: a KeyUse."""
    INPUT = "input"
    """text: all keys of one input; detail: the variable that holds them."""
    DIAL = "dial"
    """text: the destination that is rung."""
    OUTCOME = "outcome"
    """text: the destination; detail: an Outcome."""
    PARTED = "parted"
    """A connected transfer is over. text: the destination; detail: who ended it."""
    RECORD = "record"
    """A recording begins. detail: a RecordingKind."""
    SPEECH = "speech"
    """text: what the caller begins to say; lasts: how long that takes."""
    RECORDED = "recorded"
    """text: what was said; detail: as RECORD; lasts: the length that it got; why: how it ended."""
    TONES = "tones"
    """text: the keys that are sent; lasts: how long that takes."""
    MACHINE = "machine"
    """A machine was recognised. detail: `hangup` or `delay`."""
    FETCH = "fetch"
    """text: the URL; detail: GET or POST."""
    REPLY = "reply"
    """text: the name of the flow that came; detail: a ReplyKind."""
    PASSED = "passed"
    """text: an unknown action; it is passed over."""
    END = "end"
    """text: why; detail: an EndKind."""


class KeyUse(StrEnum):
    """What comes of a key."""

    TAKEN = ""
    UNHEARD = "unheard"
    RECORDED = "recorded"
    FINISH = "finish"
    """It ends the recording."""
    END = "end"
    """It ends the input."""


class RecordingKind(StrEnum):
    """What is recorded."""

    IVR = "ivr"
    """What the caller says in a record step; so the service calls it (reference 9)."""
    CALL = "call"
    TRANSFER_IN = "transfer in"
    TRANSFER_OUT = "transfer out"


class ReplyKind(StrEnum):
    FLOW = "flow"
    FAILED = "failed"


class EndKind(StrEnum):
    HANGUP = "hangup"
    CALLER = "caller"
    END_OF_FLOW = "end_of_flow"
    TRANSFERRED = "transferred"
    FETCHED = "fetched"
    """Open: the flow of a web server takes over, and it is not known."""
    FETCH_FAILED = "fetch_failed"
    MAX_DURATION = "max_duration"
    STOPPED = "stopped"
    """The service was told to end the call, or to go on with another flow."""
    ENDLESS = "endless"
    """Cut: nothing in the flow ends the call."""
    BROKEN = "broken"
    """A goto names no step."""
    QUESTION = "question"
    """Open: the caller may act, and the script says nothing (interactive calls only)."""


OPEN_ENDS = frozenset({EndKind.FETCHED, EndKind.QUESTION})
"""The call is not over: what comes next is not known yet."""


@dataclass(frozen=True, slots=True)
class Event:
    """One thing that happened, `at` milliseconds after the call was answered."""

    at: int
    kind: EventKind
    flow: str
    step: int
    """Index of the step; -1 for what belongs to the whole call."""
    text: str = ""
    detail: str = ""
    lasts: int = 0
    why: str = ""


@dataclass(frozen=True, slots=True)
class Move:
    """The call left a step: `to` is the index of another, or a target such as END_OF_FLOW."""

    at: int
    flow: str
    step: int
    why: Reason
    to: int


@dataclass(frozen=True, slots=True)
class Ending:
    """How the call ended; `text` is the destination, the URL, or the reason."""

    kind: EndKind
    at: int
    text: str = ""


@dataclass(frozen=True, slots=True)
class Transcript:
    """A whole call."""

    flow: str
    """The name of the flow that took the call."""
    events: tuple[Event, ...]
    moves: tuple[Move, ...]
    ending: Ending
    variables: Mapping[str, str]
    left: tuple[Act, ...] = ()
    """What the caller never came to do."""
    question: Window | None = field(default=None, compare=False)
    """Where the script ran out, of a call that ended as QUESTION."""
    request: FlowRequest | None = field(default=None, compare=False)
    """The request that waits for its reply, of a call that ended as FETCHED."""

    @property
    def is_open(self) -> bool:
        return self.ending.kind in OPEN_ENDS


def heard(transcript: Transcript) -> list[str]:
    """What the caller heard, in order: texts as far as they were said, and addresses of media."""
    return [text for _, text in heard_events(transcript)]


def heard_events(transcript: Transcript) -> list[tuple[int, str]]:
    """What the caller heard, each with the index of its event."""
    found = []
    for number, event in enumerate(transcript.events):
        if event.kind is EventKind.SAY:
            lasted = _lasted(transcript.events, number)
            whole = lasted >= event.lasts
            found.append((number, event.text if whole else heard_part(event.text, lasted)))
        elif event.kind is EventKind.PLAY:
            found.append((number, event.text))
    return [(number, text) for number, text in found if text]


def _lasted(events: tuple[Event, ...], number: int) -> int:
    """How long a prompt was really heard: a key that was taken, or the end, cuts it."""
    event = events[number]
    for later in events[number + 1 :]:
        if later.at >= event.at + event.lasts:
            break
        is_key = later.kind is EventKind.KEY and later.detail != KeyUse.UNHEARD
        if later.kind is EventKind.END or is_key:
            return later.at - event.at
    return event.lasts
