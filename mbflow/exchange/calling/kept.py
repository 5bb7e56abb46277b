"""All that is stored of a call. What the call is at any moment follows from it: see `course`.

Times are milliseconds of the call, counted from its start.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from mbflow.model import Body, Json
from mbflow.simulator.replies import Answer, Outcome


@dataclass(frozen=True, slots=True)
class Given:
    """A flow that the call was given, and when."""

    at: int
    flow: Body


@dataclass(frozen=True, slots=True)
class KeptReply:
    """What a web server answered to one request of the call; no flow where it failed."""

    after_ms: int
    flow: Body | None


@dataclass(frozen=True, slots=True)
class Joined:
    """A party that a client called into the call."""

    at: int
    destination: str
    answer: Answer


@dataclass(frozen=True, slots=True)
class Ordered:
    """A transcription that a client asked for, of the recording with this number."""

    at: int
    recording: int
    language: str


@dataclass(frozen=True, slots=True)
class KeptCall:
    """One call."""

    id: str
    started: float
    """Seconds since 1970."""
    factor: float
    """How many seconds of the call pass in one second."""
    incoming: bool
    source: str
    destination: str
    flows: tuple[Given, ...]
    does: tuple[Json, ...] = ()
    """What the party at the other end does, as a call file says it."""
    parties: Mapping[str, Answer] = field(default_factory=dict)
    """How the destinations that the call's flows name meet a call; others answer as usual."""
    number_id: str = ""
    """The number that was called, of an incoming call."""
    webhook: Mapping[str, str] | None = None
    """`url` and perhaps `token`."""
    hooks: tuple[str, ...] = ()
    """The account's webhooks when the call began."""
    replies: tuple[KeptReply, ...] = ()
    """In the order of the call's requests."""
    joined: tuple[Joined, ...] = ()
    parted: Mapping[str, Answer] = field(default_factory=dict)
    """Dials of the flow that a client cut short, by number, and what became of them."""
    hung_up: int | None = None
    changed: int = 0
    """When a client last changed the call."""
    deleted: tuple[int, ...] = ()
    """The recordings that were deleted."""
    ordered: tuple[Ordered, ...] = ()

    def at(self, moment: float) -> int:
        """The time of the call at a moment."""
        return max(0, int((moment - self.started) * self.factor * 1000))

    def told(self, at: int) -> float:
        """The moment as which a time of the call is told: as if it had never run faster."""
        return self.started + at / 1000

    def due(self, at: int) -> float:
        """The moment at which the call really is that far."""
        return self.started + at / 1000 / self.factor


def kept_text(call: KeptCall) -> str:
    return json.dumps(asdict(call), ensure_ascii=False, separators=(",", ":"))


def kept_of(text: str) -> KeptCall:
    """The call that `kept_text` wrote."""
    fields: dict[str, Any] = json.loads(text)
    return KeptCall(
        **{
            **fields,
            "flows": tuple(Given(**entry) for entry in fields["flows"]),
            "does": tuple(fields["does"]),
            "parties": _answers(fields["parties"]),
            "hooks": tuple(fields["hooks"]),
            "replies": tuple(KeptReply(**entry) for entry in fields["replies"]),
            "joined": tuple(
                Joined(**{**entry, "answer": answer_of(entry["answer"])})
                for entry in fields["joined"]
            ),
            "parted": _answers(fields["parted"]),
            "deleted": tuple(fields["deleted"]),
            "ordered": tuple(Ordered(**entry) for entry in fields["ordered"]),
        }
    )


def answer_of(fields: Mapping[str, Any]) -> Answer:
    return Answer(**{**fields, "outcome": Outcome(fields["outcome"])})


def _answers(entries: Mapping[str, Any]) -> dict[str, Answer]:
    return {name: answer_of(entry) for name, entry in entries.items()}
