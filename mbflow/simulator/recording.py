"""The record step: what the caller says, until a key, silence, the length or a hang-up ends it."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from mbflow.graph.program import Step
from mbflow.graph.ways import Why, finish_keys, listens
from mbflow.simulator.call import Call, CallOver
from mbflow.simulator.caller import Input, InputKind
from mbflow.simulator.choices import ON_FINISH_AFTER_HANGUP
from mbflow.simulator.fetching import ask_for_flow, tell_request
from mbflow.simulator.keys import take_input
from mbflow.simulator.timing import REACTION_MS, heard_part, speech_ms
from mbflow.simulator.transcript import EndKind, Kind

DETAIL = "ivr"
"""The type that the service gives these recordings (reference 9)."""


class Stop(StrEnum):
    """What ended a recording."""

    KEY = "key"
    SILENCE = "silence"
    LENGTH = "maxLength"
    HANG_UP = "hang_up"
    CALL_OVER = "call_over"
    INPUT = "input"
    """A key that the step takes as input, and not to finish the recording."""


@dataclass(slots=True)
class _Take:
    """A recording in the making: when it began, and what was said when."""

    began: int
    said: list[tuple[int, str]] = field(default_factory=list)


def record(call: Call, step: Step) -> Why:
    """Record, and hand the recording to `onFinish` where there is one."""
    call.tell(Kind.RECORD, detail=DETAIL)
    take = _Take(call.now)
    try:
        stop, key = _listen(call, step, take)
    except CallOver as over:
        _cut_off(call, step, take, over)
        raise
    _tell_recorded(call, take, stop)
    if stop is Stop.INPUT:
        take_input(call, step, key)
        return Why.KEYS
    return ask_for_flow(call, step) if step.text("onFinish") else Why.NEXT


def _listen(call: Call, step: Step, take: _Take) -> tuple[Stop, str]:
    never = call.limit + 1
    patience = step.number("timeout") * 1000
    full = call.now + step.number("maxLength") * 1000 if step.number("maxLength") else never
    silent = call.now + patience if patience else never
    ready = call.now + REACTION_MS
    takes_keys = bool(finish_keys(step)) or listens(step)
    while True:
        done = call.next_input(min(full, silent), keys=takes_keys, speech=True, ready=ready)
        if done is None:
            return (Stop.LENGTH if full <= silent else Stop.SILENCE), ""
        if done.kind is InputKind.SPEECH:
            until = _speak(call, take, done)
            silent = until + patience if patience else never
        elif done.text in finish_keys(step):
            call.tell(Kind.KEY, done.text, detail="finish")
            return Stop.KEY, done.text
        elif listens(step):
            return Stop.INPUT, done.text
        else:
            call.tell(Kind.KEY, done.text, detail="recorded")


def _speak(call: Call, take: _Take, done: Input) -> int:
    """The caller begins to speak; gives the time at which that is over."""
    lasts = speech_ms(done.text)
    call.tell(Kind.SPEECH, done.text, lasts=lasts)
    call.caller.busy_until(call.now + lasts)
    take.said.append((call.now, done.text))
    return call.now + lasts


def _cut_off(call: Call, step: Step, take: _Take, over: CallOver) -> None:
    if over.kind is EndKind.ASKED:
        return
    hung_up = over.kind is EndKind.CALLER
    _tell_recorded(call, take, Stop.HANG_UP if hung_up else Stop.CALL_OVER)
    if hung_up and ON_FINISH_AFTER_HANGUP and step.text("onFinish"):
        tell_request(call, step)


def _tell_recorded(call: Call, take: _Take, stop: Stop) -> None:
    said = " ".join(heard_part(text, call.now - at) for at, text in take.said)
    call.tell(Kind.RECORDED, said, detail=DETAIL, lasts=call.now - take.began, why=stop)
