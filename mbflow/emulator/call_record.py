"""All that is stored of a call, and the ids of its parts: its timeline follows from it.

The id of a leg or a recording leads to its call, so that nothing need be stored for either. Times
are milliseconds of the call, counted from its start.
"""

from __future__ import annotations

import json
import re
import uuid
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from typing import Any

from mbflow.model.duration import A_DURATION, duration_ms
from mbflow.model.flow import Body, Json
from mbflow.simulator.replies import CalleeAnswer, Outcome
from mbflow.testing.call import parse_acts

_MOST_ACTS = 200


@dataclass(frozen=True, slots=True)
class Callee:
    """How a destination answers, and what it does (`does`) when the call is made to it."""

    answer: CalleeAnswer
    does: tuple[Json, ...] = ()


def number_key(destination: str) -> str:
    """A destination as callees are stored by it: the plus of a number does not count."""
    return destination.strip().removeprefix("+")


def destinations_of(flow: Body) -> Iterator[str]:
    """The destinations that the transfers of a flow name."""
    steps = flow.get("steps")
    for step in steps if isinstance(steps, list) else ():
        options = step.get("options") if isinstance(step, dict) else None
        destination = options.get("destination") if isinstance(options, dict) else None
        if isinstance(destination, str) and destination:
            yield number_key(destination)


def callee_of(body: Body) -> Callee:
    """The callee of `{"outcome", "rings", "talks", "does"}`, all optional, without faults."""
    does = body.get("does", [])
    return Callee(
        CalleeAnswer(
            Outcome(str(body.get("outcome", Outcome.ANSWERED))),
            rings_ms=duration_ms(body["rings"]) if "rings" in body else None,
            talks_ms=duration_ms(body["talks"]) if "talks" in body else None,
        ),
        tuple(does) if isinstance(does, list) else (),
    )


def callee_faults(body: Body) -> Iterator[str]:
    """What is wrong with such an object, each in a sentence."""
    if body.get("outcome", Outcome.ANSWERED) not in tuple(Outcome):
        yield f"outcome must be one of {', '.join(Outcome)}."
    for name in ("rings", "talks"):
        if name in body and duration_ms(body[name]) is None:
            yield f"{name} must be {A_DURATION}."
    yield from script_faults(body.get("does", []))


def script_faults(does: Json) -> Iterator[str]:
    """What is wrong with a list of acts, each in a sentence with its place."""
    if not isinstance(does, list) or len(does) > _MOST_ACTS:
        yield f"does must be a list of at most {_MOST_ACTS} acts."
        return
    for fault in parse_acts(does)[1]:
        number, *keys = fault.path
        yield f"{'.'.join([f'does[{number}]', *map(str, keys)])}: {fault.message}"


_PARTS = re.compile("([0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{6})([0-9a-f]{6})")
_OF_CALL = "000000"


class CallPart(StrEnum):
    """What an id names; the first of its last six digits."""

    LEG = "1"
    RECORDING = "2"
    TRANSCRIPTION = "3"
    """Made because a record step has `transcribe`; numbered as its recording."""
    ORDER = "4"
    """A transcription that a client ordered."""


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
class FlowStart:
    """A flow that the call goes on with, and from when."""

    at: int
    flow: Body


@dataclass(frozen=True, slots=True)
class StoredReply:
    """What a web server answered to one request of the call; no flow where it failed."""

    after_ms: int
    flow: Body | None


@dataclass(frozen=True, slots=True)
class ExtraCallee:
    """A callee that a client called into the call."""

    at: int
    destination: str
    answer: CalleeAnswer


@dataclass(frozen=True, slots=True)
class TranscriptionOrder:
    """A client had the recording with this number transcribed."""

    at: int
    recording: int
    language: str


@dataclass(frozen=True, slots=True)
class StoredCall:
    """One call."""

    id: str
    started: float
    """Seconds since 1970."""
    time_factor: float
    """How many seconds of the call pass in one second."""
    incoming: bool
    source: str
    destination: str
    flows: tuple[FlowStart, ...]
    does: tuple[Json, ...] = ()
    """What the caller or the callee does, as a call file says it."""
    callees: Mapping[str, CalleeAnswer] = field(default_factory=dict)
    """How the destinations of the call's flows answer; others answer as usual."""
    number_id: str = ""
    """The number that was called, of an incoming call."""
    webhook: Mapping[str, str] | None = None
    """`url` and perhaps `token`."""
    webhook_ids: tuple[str, ...] = ()
    """The account's webhooks when the call began."""
    replies: tuple[StoredReply, ...] = ()
    """In the order of the call's requests."""
    extra_callees: tuple[ExtraCallee, ...] = ()
    hangups: Mapping[str, CalleeAnswer] = field(default_factory=dict)
    """Transfers that a client hung up, by number, and what became of them."""
    hangup_at: int | None = None
    updated_at: int = 0
    """When a client last changed the call."""
    deleted_recordings: tuple[int, ...] = ()
    """The recordings that were deleted."""
    orders: tuple[TranscriptionOrder, ...] = ()

    def at(self, moment: float) -> int:
        """The time of the call at a moment."""
        return max(0, int((moment - self.started) * self.time_factor * 1000))

    def moment_of(self, at: int) -> float:
        """The moment that the API shows for a time of the call, whatever its time factor."""
        return self.started + at / 1000

    def due_at(self, at: int) -> float:
        """The moment at which the call really is that far."""
        return self.started + at / 1000 / self.time_factor


def stored_call_text(call: StoredCall) -> str:
    return json.dumps(asdict(call), ensure_ascii=False, separators=(",", ":"))


def stored_call_of(text: str) -> StoredCall:
    """The call that `stored_call_text` wrote."""
    fields: dict[str, Any] = json.loads(text)
    return StoredCall(
        **{
            **fields,
            "flows": tuple(FlowStart(**entry) for entry in fields["flows"]),
            "does": tuple(fields["does"]),
            "callees": _answers(fields["callees"]),
            "webhook_ids": tuple(fields["webhook_ids"]),
            "replies": tuple(StoredReply(**entry) for entry in fields["replies"]),
            "extra_callees": tuple(
                ExtraCallee(**{**entry, "answer": _answer(entry["answer"])})
                for entry in fields["extra_callees"]
            ),
            "hangups": _answers(fields["hangups"]),
            "deleted_recordings": tuple(fields["deleted_recordings"]),
            "orders": tuple(TranscriptionOrder(**entry) for entry in fields["orders"]),
        }
    )


def _answer(fields: Mapping[str, Any]) -> CalleeAnswer:
    return CalleeAnswer(**{**fields, "outcome": Outcome(fields["outcome"])})


def _answers(entries: Mapping[str, Any]) -> dict[str, CalleeAnswer]:
    return {name: _answer(entry) for name, entry in entries.items()}
