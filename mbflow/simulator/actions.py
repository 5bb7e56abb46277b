"""What each action does in a call, as reference 6.2 and 6.3 describe it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from itertools import repeat

from mbflow.flow.control_flow import finish_keys, hangs_up_on_machine, lasts_forever, listens
from mbflow.flow.steps import Program, Step, media_of
from mbflow.flow.vocabulary import Reason
from mbflow.simulator.call import (
    MAX_FETCHES,
    MAX_READINGS,
    ON_FINISH_AFTER_HANGUP,
    Call,
    CallOver,
    input_is_complete,
    input_text,
)
from mbflow.simulator.caller import Input, InputKind
from mbflow.simulator.replies import CONNECTED, CalleeAnswer, FlowRequest, Outcome
from mbflow.simulator.timing import (
    KEY_GAP_MS,
    KEYS_APART_MS,
    MACHINE_GREETING_MS,
    MACHINE_RECOGNISED_MS,
    MACHINE_TIMEOUT_MS,
    MEDIA_MS,
    REACTION_MS,
    RINGING_MS,
    TALK_MS,
    heard_part,
    speech_ms,
    tones_ms,
)
from mbflow.simulator.transcript import EndKind, EventKind, KeyUse, RecordingKind, ReplyKind


class RecordingEnd(StrEnum):
    """What ended a recording."""

    KEY = "key"
    SILENCE = "silence"
    LENGTH = "maxLength"
    HANG_UP = "hang_up"
    CALL_OVER = "call_over"
    INPUT = "input"
    """A key that the step takes as input, and not to finish the recording."""


@dataclass(slots=True)
class _Recording:
    """A recording in the making: when it began, and what was said when."""

    began: int
    said: list[tuple[int, str]] = field(default_factory=list)


def record(call: Call, step: Step) -> Reason:
    """Record, and hand the recording to `onFinish` where there is one."""
    call.add_event(EventKind.RECORD, detail=RecordingKind.IVR)
    recording = _Recording(call.now)
    try:
        stop, key = _listen(call, step, recording)
    except CallOver as over:
        _interrupt(call, step, recording, over)
        raise
    _end_recording(call, recording, stop)
    if stop is RecordingEnd.INPUT:
        take_input(call, step, key)
        return Reason.KEYS
    return ask_for_flow(call, step) if step.raw_text("onFinish") else Reason.NEXT


def _listen(call: Call, step: Step, recording: _Recording) -> tuple[RecordingEnd, str]:
    never = call.limit + 1
    patience = step.number("timeout") * 1000
    full = call.now + step.number("maxLength") * 1000 if step.number("maxLength") else never
    silent = call.now + patience if patience else never
    ready = call.now + REACTION_MS
    hears_keys = bool(finish_keys(step)) or listens(step)
    while True:
        done = call.next_input(min(full, silent), keys=hears_keys, speech=True, ready=ready)
        if done is None:
            return (RecordingEnd.LENGTH if full <= silent else RecordingEnd.SILENCE), ""
        if done.kind is InputKind.SPEECH:
            until = _speak(call, recording, done)
            silent = until + patience if patience else never
        elif done.text in finish_keys(step):
            call.add_event(EventKind.KEY, done.text, detail=KeyUse.FINISH)
            return RecordingEnd.KEY, done.text
        elif listens(step):
            return RecordingEnd.INPUT, done.text
        else:
            call.add_event(EventKind.KEY, done.text, detail=KeyUse.RECORDED)


def _speak(call: Call, recording: _Recording, done: Input) -> int:
    """The caller begins to speak; gives the time at which that is over."""
    lasts = speech_ms(done.text)
    call.add_event(EventKind.SPEECH, done.text, lasts=lasts)
    call.caller.busy_until(call.now + lasts)
    recording.said.append((call.now, done.text))
    return call.now + lasts


def _interrupt(call: Call, step: Step, recording: _Recording, over: CallOver) -> None:
    if over.kind is EndKind.QUESTION:
        return
    hung_up = over.kind is EndKind.CALLER
    _end_recording(call, recording, RecordingEnd.HANG_UP if hung_up else RecordingEnd.CALL_OVER)
    if hung_up and ON_FINISH_AFTER_HANGUP and step.raw_text("onFinish"):
        send_request(call, step)


def _end_recording(call: Call, recording: _Recording, stop: RecordingEnd) -> None:
    said = " ".join(heard_part(text, call.now - at) for at, text in recording.said)
    call.add_event(
        EventKind.RECORDED,
        said,
        detail=RecordingKind.IVR,
        lasts=call.now - recording.began,
        why=stop,
    )


def send_request(call: Call, step: Step) -> FlowRequest:
    """The request goes out: GET for fetchCallFlow, POST for onFinish (reference 6.4)."""
    method, option = ("POST", "onFinish") if step.action == "record" else ("GET", "url")
    shown = step.text(option)
    request = FlowRequest(call.fetches, method, step.raw_text(option), shown, dict(call.variables))
    call.fetches += 1
    call.add_event(EventKind.FETCH, shown, detail=method)
    return request


def ask_for_flow(call: Call, step: Step) -> Reason:
    """Ask for the flow that goes on with the call.

    Variables stay: the service hands them to the web server, so they belong to the call (open
    question 26).
    """
    if call.fetches >= MAX_FETCHES:
        raise CallOver(EndKind.ENDLESS, f"cut after {MAX_FETCHES} fetched flows")
    request = send_request(call, step)
    reply = call.replies(request)
    if reply is None:
        call.wait_for(request)
    call.pass_time(reply.after_ms)
    call.fetched = reply.program
    if reply.program is None:
        call.add_event(EventKind.REPLY, detail=ReplyKind.FAILED)
        return Reason.UNFETCHED
    call.add_event(EventKind.REPLY, reply.program.name, detail=ReplyKind.FLOW)
    return Reason.FETCHED


def listen_through(call: Call, step: Step, ms: int, *, ready_ms: int) -> bool:
    """Let a step run for `ms`; True as soon as its keys were pressed.

    `ready_ms` after its beginning a key comes that the script gives no time.
    """
    if not listens(step):
        call.pass_time(ms)
        return False
    pressed = call.next_input(call.now + ms, keys=True, ready=call.now + ready_ms)
    if pressed is None:
        return False
    take_input(call, step, pressed.text)
    return True


def take_input(call: Call, step: Step, first: str) -> None:
    """Collect one input that begins with the key `first`, and store it.

    The first key silences the step. What follows is collected until the end key, until there are
    `maxNumKeys` of them, or until no key comes for a while.
    """
    keys, key = "", first
    while key:
        if step.end_key and key == step.end_key:
            call.add_event(EventKind.KEY, key, detail=KeyUse.END)
            break
        call.add_event(EventKind.KEY, key)
        keys += key
        if input_is_complete(step, keys):
            break
        key = _next_key(call)
    value = input_text(keys, key)
    if step.variable:
        call.variables[step.variable] = value
    call.add_event(EventKind.INPUT, value, detail=step.variable)


def _next_key(call: Call) -> str:
    ready = call.now + KEYS_APART_MS
    pressed = call.next_input(call.now + KEY_GAP_MS, keys=True, ready=ready)
    return pressed.text if pressed else ""


CHANNELS = {"in": [RecordingKind.TRANSFER_IN], "out": [RecordingKind.TRANSFER_OUT]}
CHANNELS["both"] = CHANNELS["in"] + CHANNELS["out"]


def transfer(call: Call, step: Step) -> Reason:
    """Ring the destination. A step without one fails at once, as a number nobody has."""
    shown = step.text("destination")
    call.add_event(EventKind.DIAL, shown)
    destination = step.raw_text("destination")
    answer = call.transfers(destination) if destination else CalleeAnswer(Outcome.FAILED)
    call.pass_time(RINGING_MS[answer.outcome] if answer.rings_ms is None else answer.rings_ms)
    call.add_event(EventKind.OUTCOME, shown, detail=answer.outcome)
    if answer.outcome is Outcome.MACHINE and hangs_up_on_machine(step):
        _part_from_machine(call, shown)
        return Reason.MACHINE
    if answer.outcome not in CONNECTED:
        return Reason.UNANSWERED
    call.talk_ms = TALK_MS if answer.talks_ms is None else answer.talks_ms
    return Reason.ANSWERED


def talk(call: Call, step: Step) -> CallOver:
    """The two parties talk until one of them hangs up; both ways the call was transferred."""
    began, shown = call.now, step.text("destination")
    channels = CHANNELS.get(step.raw_text("record"), [])
    for channel in channels:
        call.add_event(EventKind.RECORD, detail=channel)
    over, who = CallOver(EndKind.TRANSFERRED, shown), "the called party"
    try:
        call.pass_time(call.talk_ms)
    except CallOver as cut:
        who = "the caller" if cut.kind is EndKind.CALLER else "the service"
        over = over if cut.kind is EndKind.CALLER else cut
    for channel in channels:
        call.add_event(EventKind.RECORDED, detail=channel, lasts=call.now - began)
    call.add_event(EventKind.PARTED, shown, detail=who)
    return over


def _part_from_machine(call: Call, shown: str) -> None:
    try:
        call.pass_time(MACHINE_RECOGNISED_MS)
        call.add_event(EventKind.MACHINE, detail="hangup")
    finally:
        call.add_event(EventKind.PARTED, shown, detail="the service")


def run_step(call: Call, step: Step) -> Reason:
    """Run one step and say why the call leaves it."""
    return RUN.get(step.action, _pass_over)(call, step)


def next_program(call: Call, step: Step, why: Reason) -> Program:
    """What follows a step that is the last of its flow: another flow, or the end of the call."""
    if why is Reason.FETCHED and call.fetched is not None:
        return call.fetched
    if why is Reason.ANSWERED:
        raise talk(call, step)
    raise end_of_call(step, why)


def end_of_call(step: Step, why: Reason) -> CallOver:
    """How the call ends with a step after which neither another flow nor a conversation comes."""
    if why is Reason.UNFETCHED:
        return CallOver(EndKind.FETCH_FAILED, step.text("url"))
    text = "an answering machine picked up" if why is Reason.MACHINE else ""
    return CallOver(EndKind.HANGUP, text)


def _say(call: Call, step: Step) -> Reason:
    if _meets_machine(call, step):
        return Reason.MACHINE
    text, lasts = step.text("payload"), speech_ms(step.raw_text("payload"))
    forever = lasts_forever(step)
    for _ in repeat(None, readings(step)):
        call.add_event(EventKind.SAY, text, lasts=lasts)
        if listen_through(call, step, lasts, ready_ms=lasts):
            return Reason.KEYS
    if forever:
        raise end_of_loop()
    return Reason.NEXT


def end_of_loop() -> CallOver:
    """Where a text that is repeated without end is cut."""
    return CallOver(EndKind.ENDLESS, f"cut after {MAX_READINGS} readings of a looped text")


def readings(step: Step) -> int:
    """How often a text is read out at most."""
    return MAX_READINGS if lasts_forever(step) else min(max(step.number("repeat"), 1), MAX_READINGS)


def _meets_machine(call: Call, step: Step) -> bool:
    """Whether to hang up because a machine listens. A person is known as one at once.

    The machine is recognised from its greeting, and `delay`, the default, waits until that is over.
    """
    if not call.caller.is_machine or not recognises_machines(step):
        return False
    if hangs_up_on_machine(step):
        call.pass_time(max(MACHINE_RECOGNISED_MS - call.now, 0))
        call.add_event(EventKind.MACHINE, detail="hangup")
        return True
    if call.now < MACHINE_GREETING_MS:
        call.add_event(EventKind.MACHINE, detail="delay")
        call.pass_time(MACHINE_GREETING_MS - call.now)
    return False


def recognises_machines(step: Step) -> bool:
    """Whether the text waits to hear a machine; `machineTimeout` is how long it listens for one."""
    timeout = step.number("machineTimeout") or MACHINE_TIMEOUT_MS
    return step.raw_text("ifMachine") != "continue" and timeout >= MACHINE_RECOGNISED_MS


def _play(call: Call, step: Step) -> Reason:
    for url in media_of(step.options.get("media")):
        call.add_event(EventKind.PLAY, url, lasts=MEDIA_MS)
        if listen_through(call, step, MEDIA_MS, ready_ms=MEDIA_MS):
            return Reason.KEYS
    return Reason.NEXT


def _pause(call: Call, step: Step) -> Reason:
    lasts = step.number("length") * 1000
    call.add_event(EventKind.PAUSE, lasts=lasts)
    pressed = listen_through(call, step, lasts, ready_ms=REACTION_MS)
    return Reason.KEYS if pressed else Reason.NEXT


def _send_keys(call: Call, step: Step) -> Reason:
    lasts = tones_ms(step)
    call.add_event(EventKind.TONES, step.text("keys"), lasts=lasts)
    call.pass_time(lasts)
    return Reason.NEXT


def _hang_up(call: Call, step: Step) -> Reason:
    return Reason.HANGUP


def _pass_over(call: Call, step: Step) -> Reason:
    """An action that mbflow does not know takes no time: what it does cannot be said."""
    call.add_event(EventKind.PASSED, step.action)
    return Reason.NEXT


RUN: Mapping[str, Callable[[Call, Step], Reason]] = {
    "say": _say,
    "play": _play,
    "pause": _pause,
    "record": record,
    "transfer": transfer,
    "sendKeys": _send_keys,
    "fetchCallFlow": ask_for_flow,
    "hangup": _hang_up,
}
"""Action to what it does: gives why the call leaves the step."""
