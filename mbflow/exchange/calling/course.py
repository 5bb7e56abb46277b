"""The course of a call from its start to its end: statuses, legs and recordings, each with times.

A function of what is stored of the call alone; times are milliseconds since the call's start. An
event, once its time has come, never changes: what a client does only decides what comes later.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from mbflow.exchange.calling.kept import KeptCall, kept_of
from mbflow.exchange.calling.legs import Leg, first_leg, further_legs
from mbflow.exchange.calling.takes import Take, takes_of
from mbflow.exchange.calling.walking import Walked, walked
from mbflow.simulator.replies import Outcome
from mbflow.simulator.script import Act, Machine
from mbflow.simulator.transcript import Event, Kind

QUEUED_MS = 200
"""How long a call waits before it is begun. No source says; long enough to be seen."""

_REMEMBERED = 512


@dataclass(frozen=True, slots=True)
class Request:
    """The call asks a web server for a flow; `recording` is what is posted to an `onFinish`."""

    number: int
    at: int
    method: str
    url: str
    variables: tuple[tuple[str, str], ...]
    recording: Take | None = None


@dataclass(frozen=True, slots=True)
class Course:
    """All that is known of a call, the future included as far as it is settled."""

    call: KeptCall
    statuses: tuple[tuple[int, str], ...]
    """When the call took each status, in order."""
    ended_at: int | None
    """None: not over, as far as is known."""
    legs: tuple[Leg, ...]
    """In the order in which they began; a leg's number is its place."""
    recordings: tuple[Take, ...]
    requests: tuple[Request, ...]

    def status(self, at: int) -> str:
        return [status for since, status in self.statuses if since <= at][-1]

    def is_over(self, at: int) -> bool:
        return self.ended_at is not None and self.ended_at <= at

    def updated_at(self, at: int) -> int:
        """When the call last changed."""
        changes = [self.call.changed, *(since for since, _ in self.statuses)]
        return max(change for change in changes if change <= at)


@lru_cache(maxsize=_REMEMBERED)
def course_of(text: str) -> Course:
    """The course of the call that is stored as `text`."""
    call = kept_of(text)
    first = first_leg(call, 0 if call.incoming else QUEUED_MS)
    if first.answered_at is None:
        return _unanswered(call, first)
    talk = walked(call, first.answered_at, _stop(call, first), _machine(first))
    legs = further_legs(call, first, talk)
    recordings = takes_of(talk, legs)
    return Course(
        call,
        _statuses(call, (first.answered_at, "ongoing"), talk.ended_at, "ended"),
        talk.ended_at,
        legs,
        recordings,
        _requests(talk, recordings),
    )


def _unanswered(call: KeptCall, first: Leg) -> Course:
    over = first.ended_at
    assert over is not None
    final = "ended" if first.is_cancelled else str(first.outcome)
    legs = (first,) if first.at <= over else ()
    return Course(call, _statuses(call, None, over, final), over, legs, (), ())


def _stop(call: KeptCall, first: Leg) -> int | None:
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
    call: KeptCall, then: tuple[int, str] | None, over: int | None, final: str
) -> tuple[tuple[int, str], ...]:
    begins = [(0, "starting")] if call.incoming else [(0, "queued"), (QUEUED_MS, "starting")]
    found = [*begins, *([then] if then else [])]
    if over is None:
        return tuple(found)
    return (*(entry for entry in found if entry[0] <= over), (over, final))


def _requests(talk: Walked, recordings: tuple[Take, ...]) -> tuple[Request, ...]:
    found: list[Request] = []
    variables: dict[str, str] = {}
    for event in talk.events:
        if event.kind is Kind.INPUT and event.detail:
            variables[event.detail] = event.text
        elif event.kind is Kind.FETCH:
            take = _finished(recordings, event) if event.detail == "POST" else None
            found.append(
                Request(
                    len(found), event.at, event.detail, event.text, tuple(variables.items()), take
                )
            )
    return tuple(found)


def _finished(recordings: tuple[Take, ...], event: Event) -> Take | None:
    ready = [take for take in recordings if take.ended_at == event.at and take.type == "ivr"]
    return ready[-1] if ready else None
