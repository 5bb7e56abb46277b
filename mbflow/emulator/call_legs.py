"""The flows of an answered call, run on the call's clock, and the legs that come of it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from itertools import count

from mbflow.emulator.call_record import FlowStart, StoredCall, number_key
from mbflow.flow.steps import Program, Step, parse_program
from mbflow.simulator.caller import Act, HangUp, Press
from mbflow.simulator.replies import (
    CONNECTED,
    CalleeAnswer,
    FlowReply,
    FlowRequest,
    Outcome,
    Replies,
    Transfers,
)
from mbflow.simulator.simulate import simulate
from mbflow.simulator.timing import RINGING_MS, TALK_MS
from mbflow.simulator.transcript import EndKind, Event, EventKind, heard_events
from mbflow.testing.call import parse_acts


@dataclass(frozen=True, slots=True)
class FlowRun:
    """What happened from the answer on. Times are milliseconds since the call's start."""

    events: tuple[Event, ...]
    heard: Mapping[int, str]
    """By the index of its event: a prompt, as far as it was really said."""
    ended_at: int | None
    """None: not over, as far as is known."""
    programs: Mapping[str, Program] = field(repr=False)
    """By the names that stand in events."""

    def step(self, event: Event) -> Step | None:
        return self.programs[event.flow].steps[event.step] if event.step >= 0 else None


def run_flows(
    call: StoredCall, answered: int, stop: int | None, extra: Sequence[Act] = ()
) -> FlowRun:
    """The call from `answered` until `stop`, or until it ends by itself.

    `extra` are acts of the caller or callee beside its script.
    """
    programs: dict[str, Program] = {}
    events: list[Event] = []
    heard: dict[int, str] = {}
    script: Sequence[Act] = (*extra, *parse_acts(list(call.does))[0])
    variables: Mapping[str, str] = {}
    transfers = _transfers(call)
    for start, until in _flow_spans(call, answered, stop):
        transcript = simulate(
            _program(start.flow, programs),
            script,
            transfers=transfers,
            replies=_replies(call, events, programs),
            until=None if until is None else until - start.at,
            variables=variables,
        )
        heard |= {len(events) + index: text for index, text in heard_events(transcript)}
        events += [replace(event, at=event.at + start.at) for event in transcript.events]
        ended_at = None if transcript.is_open else transcript.ending.at + start.at
        if transcript.ending.kind is not EndKind.STOPPED:
            break
        script = _shift_acts(transcript.left, transcript.ending.at)
        variables = transcript.variables
    return FlowRun(tuple(events), heard, ended_at, programs)


def _flow_spans(
    call: StoredCall, answered: int, stop: int | None
) -> list[tuple[FlowStart, int | None]]:
    """Each flow that the call was in, from its beginning, and until when."""
    last = call.flows[-1]
    ends = [*(start.at for start in call.flows[1:]), stop]
    spans = []
    for flow, end in zip(call.flows, ends, strict=True):
        start = replace(flow, at=max(flow.at, answered))
        if flow is last or (end is not None and end > start.at):
            spans.append((start, end))
    return spans


def _program(flow: Mapping[str, object], programs: dict[str, Program]) -> Program:
    """The flow under a name of its own."""
    name = str(len(programs))
    programs[name] = parse_program(name, dict(flow))  # type: ignore[arg-type]
    return programs[name]


def _transfers(call: StoredCall) -> Transfers:
    dials = count()

    def answer(destination: str) -> CalleeAnswer:
        known = call.callees.get(number_key(destination), CalleeAnswer())
        return call.hangups.get(str(next(dials)), known)

    return answer


def _replies(call: StoredCall, events: Sequence[Event], programs: dict[str, Program]) -> Replies:
    """Those to the requests that come after the `events`."""
    earlier = sum(event.kind is EventKind.FETCH for event in events)

    def reply(request: FlowRequest) -> FlowReply | None:
        number = earlier + request.number
        if number >= len(call.replies):
            return None
        stored = call.replies[number]
        program = None if stored.flow is None else _program(stored.flow, programs)
        return FlowReply(program, stored.after_ms)

    return reply


def _shift_acts(acts: Sequence[Act], ms: int) -> tuple[Act, ...]:
    """What the caller or callee still has to do, counted from a later beginning."""
    return tuple(
        replace(act, at=max(act.at - ms, 0))
        if isinstance(act, Press | HangUp) and act.at is not None
        else act
        for act in acts
    )


STARTING_MS = 100
"""How long a leg is `starting` before it rings. No source says; long enough to be seen."""
PICKED_UP_MS = 1000
"""When the service answers a call to one of its numbers."""
EURO_A_SECOND = 0.000217
"""What a second of an outgoing leg costs: the only cost ever captured, 0.001519 for 7 seconds."""

_SIP = {Outcome.BUSY: 486, Outcome.NO_ANSWER: 480, Outcome.FAILED: 404}


class LegStatus(StrEnum):
    """The seven of reference 14.4."""

    STARTING = "starting"
    RINGING = "ringing"
    ONGOING = "ongoing"
    BUSY = "busy"
    NO_ANSWER = "no_answer"
    FAILED = "failed"
    HANGUP = "hangup"


@dataclass(frozen=True, slots=True)
class Leg:
    """One leg. Times are milliseconds since the call's start."""

    at: int
    source: str
    destination: str
    incoming: bool = False
    outcome: Outcome | None = None
    """None while it rings, and for good when it was cancelled."""
    outcome_at: int | None = None
    ended_at: int | None = None
    dial: int | None = None
    """Which transfer of the call's flows made it."""
    extra: int | None = None
    """Which of the call's extra callees it is."""

    @property
    def number(self) -> str:
        return number_key(self.destination)

    @property
    def answered_at(self) -> int | None:
        return self.outcome_at if self.outcome in CONNECTED else None

    @property
    def failed(self) -> bool:
        return self.outcome is not None and self.outcome not in CONNECTED

    @property
    def is_cancelled(self) -> bool:
        return self.outcome is None and self.ended_at is not None

    def is_over(self, at: int) -> bool:
        return self.ended_at is not None and self.ended_at <= at

    def status(self, at: int) -> LegStatus:
        if self.is_over(at):
            return LegStatus(str(self.outcome)) if self.failed else LegStatus.HANGUP
        if self.answered_at is not None and self.answered_at <= at:
            return LegStatus.ONGOING
        return LegStatus.STARTING if at < self.at + STARTING_MS else LegStatus.RINGING

    def seconds(self, at: int) -> int:
        """How long the parties have been connected, in begun seconds."""
        if self.answered_at is None or self.answered_at > at:
            return 0
        end = at if self.ended_at is None else min(at, self.ended_at)
        return -(-(end - self.answered_at) // 1000)

    def cost(self, at: int) -> float:
        return 0.0 if self.incoming else round(self.seconds(at) * EURO_A_SECOND, 6)

    def sip_code(self, at: int) -> int | None:
        """None while it rings, and for a leg that was cancelled."""
        if self.outcome is None or self.outcome_at is None or self.outcome_at > at:
            return None
        return _SIP.get(self.outcome, 200)

    def cut_answer(self, at: int) -> CalleeAnswer:
        """What becomes of the leg when it is hangup_at at this time."""
        answered = self.answered_at
        if answered is None or answered > at:
            return CalleeAnswer(Outcome.NO_ANSWER, rings_ms=at - self.at)
        assert self.outcome is not None
        return CalleeAnswer(self.outcome, rings_ms=answered - self.at, talks_ms=at - answered)


def first_leg(call: StoredCall, at: int) -> Leg:
    """The leg of the caller, or of the callee that the API calls. It ends with the call."""
    leg = Leg(at, call.source, call.destination, incoming=call.incoming)
    if call.incoming:
        leg = replace(leg, outcome=Outcome.ANSWERED, outcome_at=at + PICKED_UP_MS)
    else:
        leg = _answer_leg(leg, call.callees.get(leg.number, CalleeAnswer()))
    hangup_at = call.hangup_at
    if hangup_at is not None and leg.outcome_at is not None and hangup_at < leg.outcome_at:
        return replace(leg, outcome=None, outcome_at=None, ended_at=hangup_at)
    return leg


def further_legs(call: StoredCall, first: Leg, run: FlowRun) -> tuple[Leg, ...]:
    """All legs of an answered call, in the order in which they began."""
    ended_at = run.ended_at
    legs = [*_transfer_legs(call, run), *_extra_legs(call, ended_at)]
    return (replace(first, ended_at=ended_at), *sorted(legs, key=lambda leg: leg.at))


def _transfer_legs(call: StoredCall, run: FlowRun) -> Iterator[Leg]:
    """Every transfer ends in a failure, in a hang-up, or with its flow."""
    dials = count()
    leg = None
    for event in run.events:
        if event.kind is EventKind.DIAL:
            leg = _dial_leg(call, run, event, next(dials))
        elif leg and event.kind is EventKind.OUTCOME:
            leg = replace(leg, outcome=Outcome(event.detail), outcome_at=event.at)
        is_over = event.kind in (EventKind.PARTED, EventKind.END) or (leg and leg.failed)
        if leg and is_over:
            yield replace(leg, ended_at=event.at)
            leg = None


def _dial_leg(call: StoredCall, run: FlowRun, event: Event, number: int) -> Leg:
    step = run.step(event)
    source = call.source
    if step and step.text("source"):
        source = number_key(step.text("source"))
    elif step and step.options.get("mask") is True and call.incoming:
        source = call.destination
    return Leg(event.at, source, number_key(event.text), dial=number)


def _extra_legs(call: StoredCall, ended_at: int | None) -> Iterator[Leg]:
    for number, callee in enumerate(call.extra_callees):
        leg = Leg(callee.at, call.source, callee.destination, extra=number)
        leg = _answer_leg(leg, callee.answer)
        if leg.answered_at is not None:
            talks = TALK_MS if callee.answer.talks_ms is None else callee.answer.talks_ms
            leg = replace(leg, ended_at=leg.answered_at + talks)
        if ended_at is not None and leg.outcome_at is not None and ended_at < leg.outcome_at:
            leg = replace(leg, outcome=None, outcome_at=None, ended_at=ended_at)
        elif ended_at is not None and leg.ended_at is not None:
            leg = replace(leg, ended_at=min(leg.ended_at, ended_at))
        yield leg


def _answer_leg(leg: Leg, answer: CalleeAnswer) -> Leg:
    """The leg once its destination has answered, or not."""
    rings = RINGING_MS[answer.outcome] if answer.rings_ms is None else answer.rings_ms
    at = leg.at + rings
    ended_at = None if answer.outcome in CONNECTED else at
    return replace(leg, outcome=answer.outcome, outcome_at=at, ended_at=ended_at)
