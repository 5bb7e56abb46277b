"""All that is stored of a call, and the ids of its parts. What it is at any moment follows from it.

So the id of a leg or a recording leads to its call, and nothing need be stored for either.

Times are milliseconds of the call, counted from its start.
"""

from __future__ import annotations

import json
import re
import uuid
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from typing import Any

from mbflow.model.flow import Body, Json
from mbflow.simulator.caller import Act, HangUp, Machine, Press, Speak, Wait
from mbflow.simulator.replies import CalleeAnswer, Outcome
from mbflow.testing.call import milliseconds

LONGEST_MS = 24 * 3600 * 1000

_DURATION = re.compile(r"[0-9]{1,9}(\.[0-9]{1,3})?(ms|s|m|h)")
_SCRIPT_KEYS = re.compile("[0-9*#]{1,200}")
_ACTS = ("press", "say", "wait", "hang_up", "machine")
_MOST = 200
_LONGEST_TEXT = 2000


def acts_of(does: Sequence[Json]) -> tuple[Act, ...]:
    """The acts of a list without faults."""
    return tuple(_act(act) for act in does if isinstance(act, dict))


def faults_of_does(does: Json) -> Iterator[str]:
    """What is wrong with a list of acts, each in a sentence."""
    if not isinstance(does, list) or len(does) > _MOST:
        yield f"does must be a list of at most {_MOST} acts."
        return
    for number, act in enumerate(does):
        if wanted := _fault(act):
            yield f"does[{number}] {wanted}."


def duration_ms(stated: Json) -> int | None:
    """A duration such as `1.5`, `"30s"` or `"500ms"`, of at most a day; None for what is none."""
    if isinstance(stated, bool) or not isinstance(stated, int | float | str):
        return None
    if isinstance(stated, str) and not _DURATION.fullmatch(stated):
        return None
    if not isinstance(stated, str) and not 0 <= stated <= LONGEST_MS:
        return None
    ms = milliseconds(stated)
    return ms if ms <= LONGEST_MS else None


def _act(act: Mapping[str, Any]) -> Act:
    at = milliseconds(act["at"]) if "at" in act else None
    if "press" in act:
        return Press(act["press"], at)
    if "say" in act:
        return Speak(act["say"])
    if "wait" in act:
        return Wait(milliseconds(act["wait"]))
    return HangUp(at) if "hang_up" in act else Machine()


def _fault(act: Json) -> str:
    names = [name for name in _ACTS if isinstance(act, dict) and name in act]
    if not isinstance(act, dict) or len(names) != 1:
        return f"must be an object with one of {', '.join(_ACTS)}"
    (name,) = names
    spare = act.keys() - {name} - ({"at"} if name in ("press", "hang_up") else set())
    if spare:
        return f"does not take {', '.join(sorted(spare))}"
    if "at" in act and duration_ms(act["at"]) is None:
        return "has a time that is no duration, such as 1.5 or 30s"
    return _value_fault(name, act[name])


def _value_fault(name: str, value: Json) -> str:
    if name in ("hang_up", "machine"):
        return "" if value is True else f"must have true for {name}"
    if name == "wait":
        return "must wait for a duration, such as 1.5 or 30s" if duration_ms(value) is None else ""
    if name == "press":
        pressed = isinstance(value, str) and _SCRIPT_KEYS.fullmatch(value)
        return "" if pressed else "must press keys out of 0-9, * and #, as a text"
    spoken = isinstance(value, str) and len(value) <= _LONGEST_TEXT
    return "" if spoken else f"must say a text of at most {_LONGEST_TEXT} characters"


OUTCOMES = tuple(Outcome)
_KEYS = ("outcome", "rings", "talks", "does")


@dataclass(frozen=True, slots=True)
class Party:
    """How a destination meets a call, and what it does when the call is its own (`does`)."""

    answer: CalleeAnswer
    does: tuple[Json, ...] = ()


def number_key(destination: str) -> str:
    """The destination under which a party is kept: the plus of a number does not count."""
    return destination.strip().removeprefix("+")


def destinations_of(flow: Body) -> Iterator[str]:
    """The destinations that the transfers of a flow name."""
    steps = flow.get("steps")
    for step in steps if isinstance(steps, list) else ():
        options = step.get("options") if isinstance(step, dict) else None
        destination = options.get("destination") if isinstance(options, dict) else None
        if isinstance(destination, str) and destination:
            yield number_key(destination)


def party_of(body: Body) -> Party:
    """The party of `{"outcome", "rings", "talks", "does"}`, all optional, without faults."""
    does = body.get("does", [])
    return Party(
        CalleeAnswer(
            Outcome(str(body.get("outcome", Outcome.ANSWERED))),
            rings_ms=duration_ms(body["rings"]) if "rings" in body else None,
            talks_ms=duration_ms(body["talks"]) if "talks" in body else None,
        ),
        tuple(does) if isinstance(does, list) else (),
    )


def faults_of_party(body: Body) -> Iterator[str]:
    """What is wrong with such an object, each in a sentence."""
    for name in sorted(body.keys() - set(_KEYS)):
        yield f"{name} is none of {', '.join(_KEYS)}."
    if body.get("outcome", Outcome.ANSWERED) not in OUTCOMES:
        yield f"outcome must be one of {', '.join(OUTCOMES)}."
    for name in ("rings", "talks"):
        if name in body and duration_ms(body[name]) is None:
            yield f"{name} must be a duration of at most a day, such as 1.5 or 30s."
    yield from faults_of_does(body.get("does", []))


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
