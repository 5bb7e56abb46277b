"""What a caller does, as values. All times are milliseconds since the call was answered."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias


@dataclass(frozen=True, slots=True)
class Press:
    """Keys, one after the other; without `at` the first waits for the next step that listens."""

    keys: str
    at: int | None = None


@dataclass(frozen=True, slots=True)
class Speak:
    """Words into the next recording."""

    text: str


@dataclass(frozen=True, slots=True)
class Wait:
    """Nothing, for so long after the act before."""

    ms: int


@dataclass(frozen=True, slots=True)
class HangUp:
    """The caller ends the call: at a time, or right after the act before."""

    at: int | None = None


@dataclass(frozen=True, slots=True)
class Machine:
    """The party that picked up this call is an answering machine."""


Act: TypeAlias = Press | Speak | Wait | HangUp | Machine


def act_text(act: Act) -> str:
    """The act in the words of a call file: `press 12`, `say 'yes'`, `hang up at 3 s`."""
    match act:
        case Press():
            return f"press {act.keys}{_when(act.at)}"
        case Speak():
            return f"say {act.text!r}"
        case Wait():
            return f"wait {act.ms / 1000:g} s"
        case HangUp():
            return f"hang up{_when(act.at)}"
        case Machine():
            return "be a machine"


def _when(at: int | None) -> str:
    return "" if at is None else f" at {at / 1000:g} s"
