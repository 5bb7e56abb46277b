"""All that is stored of a call, and the ids of its parts. What it is at any moment follows from it.

So the id of a leg or a recording leads to its call, and nothing need be stored for either.

Times are milliseconds of the call, counted from its start.
"""

from __future__ import annotations

import json
import re
import uuid
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from typing import Any

from mbflow.model.flow import Body, Json
from mbflow.simulator.replies import CalleeAnswer, Outcome

_PARTS = re.compile("([0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{6})([0-9a-f]{6})")
_OF_CALL = "000000"


class CallPart(StrEnum):
    """What an id names; the first of its last six digits."""

    LEG = "1"
    RECORDING = "2"
    TRANSCRIPTION = "3"
    """Made because a record step has `transcribe`; numbered as its recording."""
    ORDERED = "4"
    """A transcription that a client asked for."""


def new_call_id() -> str:
    return str(uuid.uuid4())[:-6] + _OF_CALL


def part_id(call: str, part: CallPart, number: int) -> str:
    return f"{call[:-6]}{part}{number:05x}"


def call_of(name: str) -> str:
    """The id of the call to which a part belongs; "" where the id names no part of a call."""
    match = _PARTS.fullmatch(name)
    return match[1] + _OF_CALL if match else ""


def number_of(name: str, part: CallPart) -> int:
    """Which leg, recording or transcription of its call an id names; -1 where it names none."""
    match = _PARTS.fullmatch(name)
    return int(match[2][1:], 16) if match and match[2][0] == part else -1


@dataclass(frozen=True, slots=True)
class GivenFlow:
    """A flow that the call was given, and when."""

    at: int
    flow: Body


@dataclass(frozen=True, slots=True)
class StoredReply:
    """What a web server answered to one request of the call; no flow where it failed."""

    after_ms: int
    flow: Body | None


@dataclass(frozen=True, slots=True)
class JoinedParty:
    """A party that a client called into the call."""

    at: int
    destination: str
    answer: CalleeAnswer


@dataclass(frozen=True, slots=True)
class OrderedTranscription:
    """A transcription that a client asked for, of the recording with this number."""

    at: int
    recording: int
    language: str


@dataclass(frozen=True, slots=True)
class StoredCall:
    """One call."""

    id: str
    started: float
    """Seconds since 1970."""
    factor: float
    """How many seconds of the call pass in one second."""
    incoming: bool
    source: str
    destination: str
    flows: tuple[GivenFlow, ...]
    does: tuple[Json, ...] = ()
    """What the party at the other end does, as a call file says it."""
    parties: Mapping[str, CalleeAnswer] = field(default_factory=dict)
    """How the destinations that the call's flows name meet a call; others answer as usual."""
    number_id: str = ""
    """The number that was called, of an incoming call."""
    webhook: Mapping[str, str] | None = None
    """`url` and perhaps `token`."""
    hooks: tuple[str, ...] = ()
    """The account's webhooks when the call began."""
    replies: tuple[StoredReply, ...] = ()
    """In the order of the call's requests."""
    joined: tuple[JoinedParty, ...] = ()
    parted: Mapping[str, CalleeAnswer] = field(default_factory=dict)
    """Dials of the flow that a client cut short, by number, and what became of them."""
    hung_up: int | None = None
    changed: int = 0
    """When a client last changed the call."""
    deleted: tuple[int, ...] = ()
    """The recordings that were deleted."""
    ordered: tuple[OrderedTranscription, ...] = ()

    def at(self, moment: float) -> int:
        """The time of the call at a moment."""
        return max(0, int((moment - self.started) * self.factor * 1000))

    def told(self, at: int) -> float:
        """The moment as which a time of the call is told: as if it had never run faster."""
        return self.started + at / 1000

    def due(self, at: int) -> float:
        """The moment at which the call really is that far."""
        return self.started + at / 1000 / self.factor


def stored_call_text(call: StoredCall) -> str:
    return json.dumps(asdict(call), ensure_ascii=False, separators=(",", ":"))


def stored_call_of(text: str) -> StoredCall:
    """The call that `kept_text` wrote."""
    fields: dict[str, Any] = json.loads(text)
    return StoredCall(
        **{
            **fields,
            "flows": tuple(GivenFlow(**entry) for entry in fields["flows"]),
            "does": tuple(fields["does"]),
            "parties": _answers(fields["parties"]),
            "hooks": tuple(fields["hooks"]),
            "replies": tuple(StoredReply(**entry) for entry in fields["replies"]),
            "joined": tuple(
                JoinedParty(**{**entry, "answer": answer_of(entry["answer"])})
                for entry in fields["joined"]
            ),
            "parted": _answers(fields["parted"]),
            "deleted": tuple(fields["deleted"]),
            "ordered": tuple(OrderedTranscription(**entry) for entry in fields["ordered"]),
        }
    )


def answer_of(fields: Mapping[str, Any]) -> CalleeAnswer:
    return CalleeAnswer(**{**fields, "outcome": Outcome(fields["outcome"])})


def _answers(entries: Mapping[str, Any]) -> dict[str, CalleeAnswer]:
    return {name: answer_of(entry) for name, entry in entries.items()}
