"""How long the moves of a space last: at the least, usually, and at the most. Pure.

Steps that are passed over take no time.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from mbflow.flow.control_flow import asks_for_flow, finish_keys, lasts_forever, most_keys
from mbflow.flow.steps import Step, media_of
from mbflow.flow.vocabulary import Reason
from mbflow.simulator.actions import readings, recognises_machines
from mbflow.simulator.call import MAX_READINGS
from mbflow.simulator.inputs import enter
from mbflow.simulator.replies import Outcome
from mbflow.simulator.script import WORDS
from mbflow.simulator.space import Move, Space
from mbflow.simulator.timing import (
    KEY_GAP_MS,
    KEYS_APART_MS,
    LONGEST_CALL_MS,
    MACHINE_GREETING_MS,
    MACHINE_RECOGNISED_MS,
    MEDIA_MS,
    REACTION_MS,
    RINGING_MS,
    speech_ms,
    tones_ms,
)


class Duration(NamedTuple):
    """Milliseconds; None where nobody knows: a web server's time, and what has no end."""

    least: int
    """Keys come at once, and whoever is called answers at once."""
    usual: int | None
    """As the call of `script_of` goes: a prompt is heard, then keys come in one go. Who does not
    answer is rung for as long as the simulator rings."""
    most: int | None
    """A caller who hesitates before each key, and speaks for as long as may be."""


_NO_TIME = Duration(0, 0, 0)
_RINGS = RINGING_MS[Outcome.ANSWERED], RINGING_MS[Outcome.NO_ANSWER]


def duration_of(space: Space, move: Move, side: int = 0) -> Duration:
    """How long the move lasts in one of the flows."""
    taken = move.taken[side]
    if taken is None:
        return _NO_TIME
    step = space.walks[side].program.steps[taken.step]
    if taken.why is Reason.KEYS:
        return _until_keys(step, move.choice.about)
    if step.action == "transfer":
        return _ringing(taken.why)
    if taken.why is Reason.MACHINE:
        return Duration(0, MACHINE_RECOGNISED_MS, MACHINE_RECOGNISED_MS)
    lasts = _alone(step)
    if asks_for_flow(step):
        return Duration(lasts.least, None, None)
    may_be_machine = len(space.roots) == 1 or space.situation(move.origin).is_machine
    is_greeted = may_be_machine and step.action == "say" and recognises_machines(step)
    if is_greeted and lasts.most is not None:
        return lasts._replace(most=lasts.most + MACHINE_GREETING_MS)
    return lasts


def usual_ms(space: Space, path: Sequence[Move]) -> int | None:
    """How long a call usually lasts; None where a web server is asked."""
    found = [duration_of(space, move).usual for move in path]
    known = [ms for ms in found if ms is not None]
    return sum(known) if len(known) == len(found) else None


def silence_ms(space: Space, move: Move, *, is_quick: bool) -> int | None:
    """How long the move lasts with a caller who does nothing and says nothing.

    A recording lasts until a web server is asked for what follows, if one is. `is_quick`: whoever
    does not answer is busy.
    """
    taken = move.taken[0]
    if taken is None:
        return 0
    step = space.walks[0].program.steps[taken.step]
    if step.action != "record":
        lasts = duration_of(space, move)
        return lasts.least if is_quick and taken.why is Reason.UNANSWERED else lasts.usual
    return min(_limits(step), default=None)


def endless_ms(step: Step) -> int | None:
    """How long a step without an end is simulated with a caller who does nothing.

    None for one that ends.
    """
    if step.action == "record":
        return None if _limits(step) else LONGEST_CALL_MS
    if not lasts_forever(step):
        return None
    return MAX_READINGS * speech_ms(step.raw_text("payload"))


def _alone(step: Step) -> Duration:
    """The step with a caller who presses no key that is an input; a transfer is not among these."""
    if step.action == "say":
        ms = speech_ms(step.raw_text("payload")) * readings(step)
        return Duration(0, None, None) if lasts_forever(step) else Duration(ms, ms, ms)
    if step.action == "record":
        return _recording(step)
    ms = 0
    if step.action == "play":
        ms = MEDIA_MS * len(media_of(step.options.get("media")))
    elif step.action == "pause":
        ms = step.number("length") * 1000
    elif step.action == "sendKeys":
        ms = tones_ms(step)
    return Duration(ms, ms, ms)


def _limits(step: Step) -> list[int]:
    """When a recording ends in which nobody speaks: at its length, or for its silence."""
    return [ms for name in ("maxLength", "timeout") if (ms := step.number(name) * 1000)]


def _recording(step: Step) -> Duration:
    if lasts_forever(step):
        return Duration(0, None, None)
    longest, patience = step.number("maxLength") * 1000, step.number("timeout") * 1000
    spoken = speech_ms(WORDS)
    ends = [spoken] if finish_keys(step) else [spoken + patience] if patience else []
    least = 0 if finish_keys(step) else min(_limits(step), default=0)
    usual = min([*ends, *([longest] if longest else [])], default=None)
    return Duration(least, usual, longest or None)


def _ringing(why: Reason) -> Duration:
    shortest, longest = _RINGS
    if why is Reason.UNANSWERED:
        return Duration(shortest, longest, longest)
    more = MACHINE_RECOGNISED_MS if why is Reason.MACHINE else 0
    return Duration(shortest, shortest + more, longest + more)


def _until_keys(step: Step, typed: str) -> Duration:
    """The prompt until the first key, then the keys of one input."""
    whole = _alone(step)
    heard = {
        "say": speech_ms(step.raw_text("payload")),
        "play": MEDIA_MS,
        "pause": min(REACTION_MS, step.number("length") * 1000),
    }.get(step.action, min([REACTION_MS, *_limits(step)]))
    longest = most_keys(step)
    made = enter(step, typed)
    usual = (made.taken - 1) * KEYS_APART_MS + (0 if made.is_complete else KEY_GAP_MS)
    most = None if whole.most is None or not longest else (longest - 1) * KEY_GAP_MS + whole.most
    return Duration(0, heard + usual, most)
