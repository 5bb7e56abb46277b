"""What a party does in a call, in the words of call files, as the simulator's acts."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from mbflow.calls.durations import milliseconds
from mbflow.model import Json
from mbflow.simulator.script import Act, HangUp, Machine, Press, Speak, Wait

LONGEST_MS = 24 * 3600 * 1000

_DURATION = re.compile(r"[0-9]{1,9}(\.[0-9]{1,3})?(ms|s|m|h)")
_KEYS = re.compile("[0-9*#]{1,200}")
_ACTS = ("press", "say", "wait", "hang_up", "machine")
_MOST = 200
_LONGEST_TEXT = 2000


def acts_of(does: Sequence[Json]) -> tuple[Act, ...]:
    """The acts of a list without faults."""
    return tuple(_act(act) for act in does if isinstance(act, dict))


def faults_of_does(does: Json) -> Iterator[str]:
    """What is wrong with a list of acts, each in a sentence."""
    if not isinstance(does, list) or len(does) > _MOST:
        yield f"does must be a list of at most {_MOST} acts."
        return
    for number, act in enumerate(does):
        if wanted := _fault(act):
            yield f"does[{number}] {wanted}."


def duration_ms(stated: Json) -> int | None:
    """A duration such as `1.5`, `"30s"` or `"500ms"`, of at most a day; None for what is none."""
    if isinstance(stated, bool) or not isinstance(stated, int | float | str):
        return None
    if isinstance(stated, str) and not _DURATION.fullmatch(stated):
        return None
    if not isinstance(stated, str) and not 0 <= stated <= LONGEST_MS:
        return None
    ms = milliseconds(stated)
    return ms if ms <= LONGEST_MS else None


def _act(act: Mapping[str, Any]) -> Act:
    at = milliseconds(act["at"]) if "at" in act else None
    if "press" in act:
        return Press(act["press"], at)
    if "say" in act:
        return Speak(act["say"])
    if "wait" in act:
        return Wait(milliseconds(act["wait"]))
    return HangUp(at) if "hang_up" in act else Machine()


def _fault(act: Json) -> str:
    names = [name for name in _ACTS if isinstance(act, dict) and name in act]
    if not isinstance(act, dict) or len(names) != 1:
        return f"must be an object with one of {', '.join(_ACTS)}"
    (name,) = names
    spare = act.keys() - {name} - ({"at"} if name in ("press", "hang_up") else set())
    if spare:
        return f"does not take {', '.join(sorted(spare))}"
    if "at" in act and duration_ms(act["at"]) is None:
        return "has a time that is no duration, such as 1.5 or 30s"
    return _value_fault(name, act[name])


def _value_fault(name: str, value: Json) -> str:
    if name in ("hang_up", "machine"):
        return "" if value is True else f"must have true for {name}"
    if name == "wait":
        return "must wait for a duration, such as 1.5 or 30s" if duration_ms(value) is None else ""
    if name == "press":
        pressed = isinstance(value, str) and _KEYS.fullmatch(value)
        return "" if pressed else "must press keys out of 0-9, * and #, as a text"
    spoken = isinstance(value, str) and len(value) <= _LONGEST_TEXT
    return "" if spoken else f"must say a text of at most {_LONGEST_TEXT} characters"
