"""The transfer step: ringing another party, and the talk when it answers."""

from __future__ import annotations

from mbflow.graph.program import Step
from mbflow.graph.ways import Why, hangs_up_on_machine
from mbflow.simulator.call import Call, CallOver
from mbflow.simulator.replies import Answer, Outcome
from mbflow.simulator.timing import MACHINE_RECOGNISED_MS, RINGING_MS, TALK_MS
from mbflow.simulator.transcript import EndKind, Kind

_CHANNELS = {"in": ("in",), "out": ("out",), "both": ("in", "out")}


def transfer(call: Call, step: Step) -> Why:
    """Ring the destination. A step without one fails at once, as a number nobody has."""
    shown = step.shown_text("destination")
    call.tell(Kind.DIAL, shown)
    destination = step.text("destination")
    answer = call.transfers(destination) if destination else Answer(Outcome.FAILED)
    call.pass_time(RINGING_MS[answer.outcome] if answer.rings_ms is None else answer.rings_ms)
    call.tell(Kind.OUTCOME, shown, detail=answer.outcome)
    if answer.outcome is Outcome.MACHINE and hangs_up_on_machine(step):
        _part_from_machine(call, shown)
        return Why.MACHINE
    if answer.outcome not in (Outcome.ANSWERED, Outcome.MACHINE):
        return Why.UNANSWERED
    call.talk_ms = TALK_MS if answer.talks_ms is None else answer.talks_ms
    return Why.ANSWERED


def talk(call: Call, step: Step) -> CallOver:
    """The two parties talk until one of them hangs up; both ways the call was transferred."""
    began, shown = call.now, step.shown_text("destination")
    channels = _CHANNELS.get(step.text("record"), ())
    for channel in channels:
        call.tell(Kind.RECORD, detail=f"transfer {channel}")
    over, who = CallOver(EndKind.TRANSFERRED, shown), "the called party"
    try:
        call.pass_time(call.talk_ms)
    except CallOver as cut:
        who = "the caller" if cut.kind is EndKind.CALLER else "the service"
        over = over if cut.kind is EndKind.CALLER else cut
    for channel in channels:
        call.tell(Kind.RECORDED, detail=f"transfer {channel}", lasts=call.now - began)
    call.tell(Kind.PARTED, shown, detail=who)
    return over


def _part_from_machine(call: Call, shown: str) -> None:
    try:
        call.pass_time(MACHINE_RECOGNISED_MS)
        call.tell(Kind.MACHINE, detail="hangup")
    finally:
        call.tell(Kind.PARTED, shown, detail="the service")
