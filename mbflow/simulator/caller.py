"""The caller: acts as values, and when in a call they are done."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from copy import copy
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeAlias

from mbflow.simulator.timing import KEYS_APART_MS


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


def deed_text(act: Act) -> str:
    """What the caller did, in few words: `presses 12`, `speaks`."""
    match act:
        case Press():
            return f"presses {act.keys}"
        case Speak():
            return "speaks"
        case Wait():
            return "waits"
        case HangUp():
            return "hangs up"
        case Machine():
            return "an answering machine"


def _when(at: int | None) -> str:
    return "" if at is None else f" at {at / 1000:g} s"


class InputKind(StrEnum):
    KEY = "key"
    SPEECH = "speech"
    HANG_UP = "hang_up"


@dataclass(frozen=True, slots=True)
class Input:
    """One thing the caller does, at a time."""

    at: int
    kind: InputKind
    text: str = ""


@dataclass(frozen=True, slots=True)
class Window:
    """A stretch of the call in which the caller may act; what happens at `end` comes after it.

    `ready` is when a key comes that has no time of its own: when the prompt has been heard. That
    may be the very end, and still counts for this window.
    """

    start: int
    end: int
    keys: bool = False
    speech: bool = False
    ready: int = 0
    free: int = 0
    """Since when the caller has nothing to do; told only where the script runs out."""


class Caller:
    """A script and how far it has been acted out."""

    def __init__(self, script: Sequence[Act]) -> None:
        self.is_machine = any(isinstance(act, Machine) for act in script)
        self._acts = deque(act for act in script if not isinstance(act, Machine))
        self._rest = ""  # keys of the press that has begun
        self._free = 0  # when the act before was over

    @property
    def free(self) -> int:
        """When the act before was over."""
        return self._free

    @property
    def left(self) -> tuple[Act, ...]:
        """What the caller never came to do."""
        begun = (Press(self._rest),) if self._rest else ()
        return (*begun, *(act for act in self._acts if not isinstance(act, Wait)))

    def add(self, act: Act) -> None:
        """The caller does that after all else."""
        if not isinstance(act, Machine):
            self._acts.append(act)

    def copy(self) -> Caller:
        """The same caller, who goes on by himself."""
        other = copy(self)
        other._acts = self._acts.copy()
        return other

    def is_idle(self, window: Window) -> bool:
        """Whether the script says nothing about this window, though the caller could act in it."""
        if self._rest:
            return False
        self._wait()
        return not self._acts and max(self._free, window.start) < window.end

    def next(self, window: Window) -> Input | None:
        """The first thing that the caller does in the window, or None."""
        if self._rest:
            at = max(self._free + KEYS_APART_MS, window.start)
            return self._key(at) if at < window.end else None
        self._wait()
        act = self._acts[0] if self._acts else None
        if isinstance(act, Press):
            return self._press(act, window)
        if isinstance(act, HangUp):
            return self._hang_up(act, window)
        if isinstance(act, Speak) and window.speech:
            return self._speak(act, window)
        return None

    def busy_until(self, at: int) -> None:
        """What the caller has begun (speaking) lasts until then."""
        self._free = at

    def _wait(self) -> None:
        while self._acts and isinstance(self._acts[0], Wait):
            self._free += self._acts.popleft().ms  # type: ignore[union-attr]

    def _press(self, act: Press, window: Window) -> Input | None:
        if act.at is None and not window.keys:
            return None
        if act.at is None and self._free <= window.start:
            return self._begin(act, window.ready) if window.ready <= window.end else None
        at = max(self._free if act.at is None else act.at, window.start)
        return self._begin(act, at) if at < window.end else None

    def _begin(self, act: Press, at: int) -> Input:
        self._acts.popleft()
        self._rest = act.keys
        return self._key(at)

    def _key(self, at: int) -> Input:
        key, self._rest = self._rest[:1], self._rest[1:]
        self._free = at
        return Input(at, InputKind.KEY, key)

    def _hang_up(self, act: HangUp, window: Window) -> Input | None:
        at = max(self._free if act.at is None else act.at, window.start)
        if at >= window.end:
            return None
        self._acts.popleft()
        return Input(at, InputKind.HANG_UP)

    def _speak(self, act: Speak, window: Window) -> Input | None:
        at = max(self._free, window.start)
        if at >= window.end:
            return None
        self._acts.popleft()
        return Input(at, InputKind.SPEECH, act.text)
