"""Keys that a caller presses while a step runs."""

from __future__ import annotations

from mbflow.graph.program import Step
from mbflow.graph.ways import listens
from mbflow.simulator.call import Call
from mbflow.simulator.choices import input_is_complete, input_text
from mbflow.simulator.timing import KEY_GAP_MS, KEYS_APART_MS
from mbflow.simulator.transcript import Kind


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
            call.tell(Kind.KEY, key, detail="end")
            break
        call.tell(Kind.KEY, key)
        keys += key
        if input_is_complete(step, keys):
            break
        key = _next_key(call)
    value = input_text(keys, key)
    if step.variable:
        call.variables[step.variable] = value
    call.tell(Kind.INPUT, value, detail=step.variable)


def _next_key(call: Call) -> str:
    ready = call.now + KEYS_APART_MS
    pressed = call.next_input(call.now + KEY_GAP_MS, keys=True, ready=ready)
    return pressed.text if pressed else ""
