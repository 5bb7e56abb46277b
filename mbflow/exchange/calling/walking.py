"""The flows of an answered call, walked one after the other, with all times on the call's clock."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import count

from mbflow.exchange.calling.kept import Given, KeptCall
from mbflow.exchange.calling.parties import number_key
from mbflow.exchange.calling.scripts import acts_of
from mbflow.graph.program import Program, Step, parse_program
from mbflow.simulator.replies import Answer, Reply, Request, Transfers
from mbflow.simulator.script import Act, HangUp, Press
from mbflow.simulator.transcript import EndKind, Event, Kind, Transcript, heard_events
from mbflow.simulator.walk import simulate


@dataclass(frozen=True, slots=True)
class Walked:
    """What happened from the answer on. Times are milliseconds since the call's start."""

    events: tuple[Event, ...]
    heard: Mapping[int, str]
    """By the index of its event: a prompt, as far as it was really said."""
    ended_at: int | None
    """None: not over, as far as is known."""
    why: EndKind
    programs: Mapping[str, Program] = field(repr=False)
    """By the names that stand in events."""

    def step(self, event: Event) -> Step | None:
        return self.programs[event.flow].steps[event.step] if event.step >= 0 else None


def walked(call: KeptCall, answered: int, stop: int | None, extra: Sequence[Act] = ()) -> Walked:
    """The call from `answered` until `stop`, or until it ends by itself.

    `extra` are acts of the other party beside its script.
    """
    programs: dict[str, Program] = {}
    events: list[Event] = []
    heard: dict[int, str] = {}
    script: Sequence[Act] = (*extra, *acts_of(call.does))
    variables: Mapping[str, str] = {}
    transfers = _transfers(call)
    stretches = _stretches(call, answered, stop)
    for given, until in stretches:
        transcript = simulate(
            _program(given.flow, programs),
            script,
            transfers=transfers,
            replies=_replies(call, events, programs),
            until=None if until is None else until - given.at,
            variables=variables,
        )
        heard |= {len(events) + index: text for index, text in heard_events(transcript)}
        events += [replace(event, at=event.at + given.at) for event in transcript.events]
        ended_at = _ended_at(transcript, given.at)
        if transcript.ending.kind is not EndKind.STOPPED:
            break
        script = _shifted(transcript.left, transcript.ending.at)
        variables = transcript.variables
    return Walked(tuple(events), heard, ended_at, transcript.ending.kind, programs)


def _stretches(call: KeptCall, answered: int, stop: int | None) -> list[tuple[Given, int | None]]:
    """Each flow that was walked, from its beginning, and until when."""
    last = call.flows[-1]
    ends = [*(given.at for given in call.flows[1:]), stop]
    begun = [replace(given, at=max(given.at, answered)) for given in call.flows]
    return [
        (given, end)
        for given, end, kept in zip(begun, ends, call.flows, strict=True)
        if kept is last or (end is not None and end > given.at)
    ]


def _program(flow: Mapping[str, object], programs: dict[str, Program]) -> Program:
    """The flow under a name of its own."""
    name = str(len(programs))
    programs[name] = parse_program(name, dict(flow))  # type: ignore[arg-type]
    return programs[name]


def _transfers(call: KeptCall) -> Transfers:
    dials = count()

    def answer(destination: str) -> Answer:
        known = call.parties.get(number_key(destination), Answer())
        return call.parted.get(str(next(dials)), known)

    return answer


def _replies(
    call: KeptCall, before: Sequence[Event], programs: dict[str, Program]
) -> Callable[[Request], Reply | None]:
    asked = sum(event.kind is Kind.FETCH for event in before)

    def reply(request: Request) -> Reply | None:
        number = asked + request.number
        if number >= len(call.replies):
            return None
        kept = call.replies[number]
        return Reply(None if kept.flow is None else _program(kept.flow, programs), kept.after_ms)

    return reply


def _ended_at(transcript: Transcript, begun: int) -> int | None:
    return None if transcript.is_open else transcript.ending.at + begun


def _shifted(acts: Sequence[Act], ms: int) -> tuple[Act, ...]:
    """What the other party still has to do, counted from a later beginning."""
    return tuple(
        replace(act, at=max(act.at - ms, 0))
        if isinstance(act, Press | HangUp) and act.at is not None
        else act
        for act in acts
    )
