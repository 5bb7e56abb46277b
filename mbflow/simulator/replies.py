"""What the world outside a call answers: called parties, and web servers asked for flows."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TypeAlias

from mbflow.flow.steps import Program


class Outcome(StrEnum):
    """How the called party of a transfer meets the call."""

    ANSWERED = "answered"
    BUSY = "busy"
    NO_ANSWER = "no_answer"
    FAILED = "failed"
    MACHINE = "machine"
    """An answering machine picks up; the same as answered unless `ifMachine: hangup`."""


CONNECTED = frozenset({Outcome.ANSWERED, Outcome.MACHINE})


@dataclass(frozen=True, slots=True)
class CalleeAnswer:
    """What becomes of a transfer. None leaves the usual time (`timing`)."""

    outcome: Outcome = Outcome.ANSWERED
    rings_ms: int | None = None
    talks_ms: int | None = None


@dataclass(frozen=True, slots=True)
class FlowRequest:
    """A call asks a web server for its next flow (reference 6.4)."""

    number: int
    """Counts the requests of one call from 0."""
    method: str
    """GET for fetchCallFlow, POST for the onFinish of a recording."""
    url: str = field(repr=False)
    shown_url: str
    variables: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class FlowReply:
    """The flow that a web server gave, or None when it failed; after how many milliseconds."""

    program: Program | None
    after_ms: int = 0


Transfers: TypeAlias = Callable[[str], CalleeAnswer]
"""Given a destination. It may hold a secret value."""

Replies: TypeAlias = Callable[[FlowRequest], FlowReply | None]
"""None: not known (yet). The transcript ends there, open."""


def everyone_answers(destination: str) -> CalleeAnswer:
    return CalleeAnswer()


def nothing_known(request: FlowRequest) -> FlowReply | None:
    return None
