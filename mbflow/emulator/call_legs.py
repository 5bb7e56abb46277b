"""The flows of an answered call, walked on the call's clock, and the legs that come of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import count

from mbflow.emulator.call_record import GivenFlow, StoredCall, acts_of, number_key
from mbflow.flow.steps import Program, Step, parse_program
from mbflow.simulator.caller import Act, HangUp, Press
from mbflow.simulator.replies import CalleeAnswer, FlowReply, FlowRequest, Outcome, Transfers
from mbflow.simulator.timing import RINGING_MS, TALK_MS
from mbflow.simulator.transcript import EndKind, Event, EventKind, Transcript, heard_events
from mbflow.simulator.walk import simulate


@dataclass(frozen=True, slots=True)
class FlowWalk:
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


def walk_flows(
    call: StoredCall, answered: int, stop: int | None, extra: Sequence[Act] = ()
) -> FlowWalk:
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
    return FlowWalk(tuple(events), heard, ended_at, transcript.ending.kind, programs)


def _stretches(
    call: StoredCall, answered: int, stop: int | None
) -> list[tuple[GivenFlow, int | None]]:
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


def _transfers(call: StoredCall) -> Transfers:
    dials = count()

    def answer(destination: str) -> CalleeAnswer:
        known = call.parties.get(number_key(destination), CalleeAnswer())
        return call.parted.get(str(next(dials)), known)

    return answer


def _replies(
    call: StoredCall, before: Sequence[Event], programs: dict[str, Program]
) -> Callable[[FlowRequest], FlowReply | None]:
    asked = sum(event.kind is EventKind.FETCH for event in before)

    def reply(request: FlowRequest) -> FlowReply | None:
        number = asked + request.number
        if number >= len(call.replies):
            return None
        kept = call.replies[number]
        return FlowReply(
            None if kept.flow is None else _program(kept.flow, programs), kept.after_ms
        )

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


STARTING_MS = 100
"""How long a leg is `starting` before it rings. No source says; long enough to be seen."""
PICKED_UP_MS = 1000
"""When the service answers a call to one of its numbers."""
EURO_A_SECOND = 0.000217
"""What a second of an outgoing leg costs: the only cost ever captured, 0.001519 for 7 seconds."""

CONNECTED = (Outcome.ANSWERED, Outcome.MACHINE)
_SIP = {Outcome.BUSY: 486, Outcome.NO_ANSWER: 480, Outcome.FAILED: 404}


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
    """Which dial of the call's flows made it."""
    joined: int | None = None
    """Which of the parties that a client called it is."""

    @property
    def key(self) -> str:
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

    def status(self, at: int) -> str:
        """One of the seven of reference 14.4."""
        if self.is_over(at):
            return str(self.outcome) if self.failed else "hangup"
        if self.answered_at is not None and self.answered_at <= at:
            return "ongoing"
        return "starting" if at < self.at + STARTING_MS else "ringing"

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

    def parted(self, at: int) -> CalleeAnswer:
        """What becomes of the leg when it is cut at this time."""
        answered = self.answered_at
        if answered is None or answered > at:
            return CalleeAnswer(Outcome.NO_ANSWER, rings_ms=at - self.at)
        assert self.outcome is not None
        return CalleeAnswer(self.outcome, rings_ms=answered - self.at, talks_ms=at - answered)


def first_leg(call: StoredCall, at: int) -> Leg:
    """The leg of the caller, or of the party that the API calls. It ends with the call."""
    leg = Leg(at, call.source, call.destination, incoming=call.incoming)
    if call.incoming:
        leg = replace(leg, outcome=Outcome.ANSWERED, outcome_at=at + PICKED_UP_MS)
    else:
        leg = _met(leg, call.parties.get(leg.key, CalleeAnswer()))
    cut = call.hung_up
    if cut is not None and leg.outcome_at is not None and cut < leg.outcome_at:
        return replace(leg, outcome=None, outcome_at=None, ended_at=cut)
    return leg


def further_legs(call: StoredCall, first: Leg, talk: FlowWalk) -> tuple[Leg, ...]:
    """All legs of an answered call, in the order in which they began."""
    over = talk.ended_at
    legs = [*_dialled(call, talk), *_joined(call, over)]
    return (replace(first, ended_at=over), *sorted(legs, key=lambda leg: leg.at))


def _dialled(call: StoredCall, talk: FlowWalk) -> Iterator[Leg]:
    """Every dial ends in a failure, in a parting, or with its flow."""
    dials = count()
    leg = None
    for event in talk.events:
        if event.kind is EventKind.DIAL:
            leg = _dialling(call, talk, event, next(dials))
        elif leg and event.kind is EventKind.OUTCOME:
            leg = replace(leg, outcome=Outcome(event.detail), outcome_at=event.at)
        over = event.kind in (EventKind.PARTED, EventKind.END) or (leg and leg.failed)
        if leg and over:
            yield replace(leg, ended_at=event.at)
            leg = None


def _dialling(call: StoredCall, talk: FlowWalk, event: Event, number: int) -> Leg:
    step = talk.step(event)
    source = call.source
    if step and step.text("source"):
        source = number_key(step.text("source"))
    elif step and step.options.get("mask") is True and call.incoming:
        source = call.destination
    return Leg(event.at, source, number_key(event.text), dial=number)


def _joined(call: StoredCall, over: int | None) -> Iterator[Leg]:
    for number, party in enumerate(call.joined):
        leg = Leg(party.at, call.source, party.destination, joined=number)
        leg = _met(leg, party.answer)
        if leg.answered_at is not None:
            talks = TALK_MS if party.answer.talks_ms is None else party.answer.talks_ms
            leg = replace(leg, ended_at=leg.answered_at + talks)
        if over is not None and leg.outcome_at is not None and over < leg.outcome_at:
            leg = replace(leg, outcome=None, outcome_at=None, ended_at=over)
        elif over is not None and leg.ended_at is not None:
            leg = replace(leg, ended_at=min(leg.ended_at, over))
        yield leg


def _met(leg: Leg, answer: CalleeAnswer) -> Leg:
    """The leg once its destination has answered, or not."""
    rings = RINGING_MS[answer.outcome] if answer.rings_ms is None else answer.rings_ms
    met = leg.at + rings
    over = None if answer.outcome in CONNECTED else met
    return replace(leg, outcome=answer.outcome, outcome_at=met, ended_at=over)
