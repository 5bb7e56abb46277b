"""What each action does in a call, as reference 6.2 and 6.3 describe it."""

from __future__ import annotations

from collections.abc import Callable
from itertools import repeat

from mbflow.graph.program import Program, Step, media_of
from mbflow.graph.ways import Why, hangs_up_on_machine, lasts_forever
from mbflow.simulator.call import Call, CallOver
from mbflow.simulator.choices import MAX_READINGS
from mbflow.simulator.fetching import ask_for_flow
from mbflow.simulator.keys import listen_through
from mbflow.simulator.recording import record
from mbflow.simulator.timing import (
    MACHINE_GREETING_MS,
    MACHINE_RECOGNISED_MS,
    MACHINE_TIMEOUT_MS,
    MEDIA_MS,
    REACTION_MS,
    speech_ms,
    tones_ms,
)
from mbflow.simulator.transcript import EndKind, Kind
from mbflow.simulator.transferring import talk, transfer


def run_step(call: Call, step: Step) -> Why:
    """Run one step and say why the call leaves it."""
    return _ACTIONS.get(step.action, _pass_over)(call, step)


def hand_over(call: Call, step: Step, why: Why) -> Program:
    """What follows a step that is the last of its flow: another flow, or the end of the call."""
    if why is Why.FETCHED and call.fetched is not None:
        return call.fetched
    if why is Why.ANSWERED:
        raise talk(call, step)
    if why is Why.UNFETCHED:
        raise CallOver(EndKind.FETCH_FAILED, step.shown_text("url"))
    text = "an answering machine picked up" if why is Why.MACHINE else ""
    raise CallOver(EndKind.HANGUP, text)


def _say(call: Call, step: Step) -> Why:
    if _meets_machine(call, step):
        return Why.MACHINE
    text, lasts = step.shown_text("payload"), speech_ms(step.text("payload"))
    forever = lasts_forever(step)
    for _ in repeat(None, MAX_READINGS if forever else _readings(step)):
        call.tell(Kind.SAY, text, lasts=lasts)
        if listen_through(call, step, lasts, ready_ms=lasts):
            return Why.KEYS
    if forever:
        raise CallOver(EndKind.ENDLESS, f"cut after {MAX_READINGS} readings of a looped text")
    return Why.NEXT


def _readings(step: Step) -> int:
    return min(max(step.number("repeat"), 1), MAX_READINGS)


def _meets_machine(call: Call, step: Step) -> bool:
    """Whether to hang up because a machine listens. A person is known as one at once.

    `machineTimeout` is how long the service listens before it decides; the machine is recognised
    from its greeting, and `delay`, the default, waits until that is over.
    """
    timeout = step.number("machineTimeout") or MACHINE_TIMEOUT_MS
    wish = step.text("ifMachine")
    if not call.caller.is_machine or wish == "continue" or timeout < MACHINE_RECOGNISED_MS:
        return False
    if hangs_up_on_machine(step):
        call.pass_time(max(MACHINE_RECOGNISED_MS - call.now, 0))
        call.tell(Kind.MACHINE, detail="hangup")
        return True
    if call.now < MACHINE_GREETING_MS:
        call.tell(Kind.MACHINE, detail="delay")
        call.pass_time(MACHINE_GREETING_MS - call.now)
    return False


def _play(call: Call, step: Step) -> Why:
    for url in media_of(step.shown.get("media")):
        call.tell(Kind.PLAY, url, lasts=MEDIA_MS)
        if listen_through(call, step, MEDIA_MS, ready_ms=MEDIA_MS):
            return Why.KEYS
    return Why.NEXT


def _pause(call: Call, step: Step) -> Why:
    lasts = step.number("length") * 1000
    call.tell(Kind.PAUSE, lasts=lasts)
    pressed = listen_through(call, step, lasts, ready_ms=REACTION_MS)
    return Why.KEYS if pressed else Why.NEXT


def _send_keys(call: Call, step: Step) -> Why:
    keys = step.text("keys")
    lasts = tones_ms(len(keys), step.number("duration"), step.number("interval"))
    call.tell(Kind.TONES, step.shown_text("keys"), lasts=lasts)
    call.pass_time(lasts)
    return Why.NEXT


def _hang_up(call: Call, step: Step) -> Why:
    return Why.HANGUP


def _pass_over(call: Call, step: Step) -> Why:
    """An action that mbflow does not know takes no time: what it does cannot be said."""
    call.tell(Kind.PASSED, step.action)
    return Why.NEXT


_ACTIONS: dict[str, Callable[[Call, Step], Why]] = {
    "say": _say,
    "play": _play,
    "pause": _pause,
    "record": record,
    "transfer": transfer,
    "sendKeys": _send_keys,
    "fetchCallFlow": ask_for_flow,
    "hangup": _hang_up,
}
