"""One call while it runs: its clock, its variables, and what has happened so far.

Where a step leads stands in `flow.control_flow`, how long things last in `timing`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from copy import copy
from dataclasses import replace
from typing import NoReturn

from mbflow.flow.control_flow import most_keys, target
from mbflow.flow.steps import Condition, Program, Step
from mbflow.flow.vocabulary import Reason
from mbflow.simulator.caller import Act, Caller, Input, InputKind, Window
from mbflow.simulator.replies import FlowRequest, Replies, Transfers
from mbflow.simulator.timing import LONGEST_CALL_MS
from mbflow.simulator.transcript import (
    OPEN_ENDS,
    Ending,
    EndKind,
    Event,
    EventKind,
    KeyUse,
    Move,
    RecordingKind,
    Transcript,
)

UNSET = ""
"""What a variable holds that nothing has set (open question 26): empty text, as in Go, which the
service is most likely written in. So a condition can ask whether nobody pressed a key."""

MAX_FETCHES = 100
"""Flows that one call may fetch from web servers; no limit is documented (open question 28). A
survey of a hundred questions passes, a flow that fetches itself is cut."""

MAX_MOVES = 10_000
"""Steps that one call may pass; only keys and fetched flows lead backwards, so this is never met by
a call that a person could make."""

MAX_READINGS = 1_000
"""How often a text is read out: `loop` without end, or a `repeat` far out of range."""

ON_FINISH_AFTER_HANGUP = True
"""A recording that ends because the caller hangs up is handed to `onFinish` as well (open question
31): the guides rely on it for the last answer of a survey. The reply is not run."""


def all_hold(conditions: Sequence[Condition], variables: Mapping[str, str]) -> bool:
    """Several conditions must all hold (reference 6.3: a guess from the only real sample)."""
    return all(holds(condition, variables) for condition in conditions)


def holds(condition: Condition, variables: Mapping[str, str]) -> bool:
    """`==` compares as text. No other operator was ever seen: it never holds (open question 23)."""
    return condition.operator == "==" and variables.get(condition.variable, UNSET) == (
        condition.raw
    )


def input_is_complete(step: Step, keys: str) -> bool:
    """Whether the keys so far are all that the step collects."""
    most = most_keys(step)
    return bool(most) and len(keys) >= most


def input_text(keys: str, end_key: str) -> str:
    """What the variable receives: the keys without the end key.

    An end key pressed alone is handed over itself: a menu that asks for `#` alone would get nothing
    otherwise, and the one server seen in the wild expects a lone star as "*" (reference 6.3).
    """
    return keys or end_key


class CallOver(Exception):
    """The call has ended, or cannot go on for want of an answer: unwinds the run."""

    def __init__(self, kind: EndKind, text: str = "") -> None:
        super().__init__(kind)
        self.kind = kind
        self.text = text


class Call:
    """The state of one call."""

    def __init__(
        self,
        program: Program,
        script: Sequence[Act],
        *,
        transfers: Transfers,
        replies: Replies,
        interactive: bool = False,
        until: int | None = None,
        variables: Mapping[str, str] | None = None,
    ) -> None:
        self.caller = Caller(script)
        self.transfers = transfers
        self.replies = replies
        self.now = 0
        self.program = self._first = program
        self.step: Step | None = None
        self.variables: dict[str, str] = dict(variables or {})
        self.moves: list[Move] = []
        self.fetches = 0
        self.waiting: FlowRequest | None = None
        self._events: list[Event] = []
        self._interactive = interactive
        self._question: Window | None = None
        self.limit = longest_ms(program)
        self._stopped = until is not None and until < self.limit
        if until is not None:
            self.limit = min(self.limit, until)
        self.talk_ms = 0
        self.fetched: Program | None = None
        if program.record:
            self.add_event(EventKind.RECORD, detail=RecordingKind.CALL)

    def copy(self) -> Call:
        """The same call, which goes on by itself."""
        other = copy(self)
        other.caller, other.variables = self.caller.copy(), dict(self.variables)
        other.moves, other._events = self.moves.copy(), self._events.copy()
        return other

    def last_act_over(self) -> int:
        """When the caller's last act was over."""
        for event in reversed(self._events):
            if event.kind is EventKind.KEY and event.detail != KeyUse.UNHEARD:
                return event.at
            if event.kind is EventKind.SPEECH:
                return event.at + event.lasts
        return 0

    def enter(self, program: Program) -> None:
        """Begin a flow: the first one, or one that a web server gave."""
        self.program, self.step = program, None
        if not program.steps:
            raise no_steps()

    def add_event(
        self, kind: EventKind, text: str = "", *, detail: str = "", lasts: int = 0, why: str = ""
    ) -> None:
        """Something happens now."""
        step = self.step.position if self.step else -1
        self._events.append(
            Event(self.now, kind, self.program.name, step, text, detail, lasts, why)
        )

    def next_input(
        self, end: int, *, keys: bool = False, speech: bool = False, ready: int = 0
    ) -> Input | None:
        """Let time pass until the caller does something, at most until `end`; None: nothing."""
        ready = min(max(ready, self.now), end)
        window = Window(self.now, min(end, self.limit), keys, speech, ready)
        if self._interactive and (keys or speech) and self.caller.is_idle(window):
            self._question = replace(window, free=self.caller.free)
            raise CallOver(EndKind.QUESTION)
        done = self.caller.next(window)
        self.now = window.end if done is None else done.at
        if done is None:
            if end > self.limit:
                raise self._too_long()
            return None
        if done.kind is InputKind.HANG_UP:
            raise CallOver(EndKind.CALLER)
        return done

    def pass_time(self, ms: int) -> None:
        """Let time pass in which no key is taken."""
        end = self.now + ms
        while done := self.next_input(end):
            self.add_event(EventKind.KEY, done.text, detail=KeyUse.UNHEARD)

    def leave(self, step: Step, why: Reason) -> Move:
        """Write down which way the call leaves a step."""
        move = Move(
            self.now, self.program.name, step.position, why, target(self.program, step, why)
        )
        self.moves.append(move)
        return move

    def wait_for(self, request: FlowRequest) -> NoReturn:
        """The reply is not known: the caller may still hang up, nothing else can happen."""
        self.waiting = request
        while done := self.caller.next(Window(self.now, self.limit)):
            self.now = done.at
            if done.kind is InputKind.HANG_UP:
                raise CallOver(EndKind.CALLER)
            self.add_event(EventKind.KEY, done.text, detail=KeyUse.UNHEARD)
        if self._stopped:
            self.now = self.limit
            raise self._too_long()
        raise CallOver(EndKind.FETCHED, request.shown_url)

    def transcript(self, over: CallOver) -> Transcript:
        """The transcript of the call, once it is over."""
        if over.kind not in OPEN_ENDS:
            self.step = None
            if self._first.record:
                self.add_event(
                    EventKind.RECORDED,
                    detail=RecordingKind.CALL,
                    lasts=self.now,
                    why="the call is over",
                )
            self.add_event(EventKind.END, over.text, detail=over.kind)
        return Transcript(
            self._first.name,
            tuple(self._events),
            tuple(self.moves),
            Ending(over.kind, self.now, over.text),
            self.variables,
            self.caller.left,
            question=self._question,
            request=self.waiting,
        )

    def _too_long(self) -> CallOver:
        return CallOver(EndKind.STOPPED) if self._stopped else too_long(self._first)


def no_steps() -> CallOver:
    """How the call of a flow without steps ends."""
    return CallOver(EndKind.END_OF_FLOW, "the flow has no steps")


def longest_ms(program: Program) -> int:
    """How long a call of the flow may last."""
    return program.max_seconds * 1000 or LONGEST_CALL_MS


def too_long(program: Program) -> CallOver:
    """How a call of the flow ends that is cut then."""
    if program.max_seconds:
        return CallOver(EndKind.MAX_DURATION, f"maxDuration: {program.max_seconds} s")
    hours = LONGEST_CALL_MS // 3_600_000
    return CallOver(EndKind.ENDLESS, f"cut after {hours} hours: nothing ends the call")
