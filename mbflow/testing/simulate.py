"""A flow walked by hand: what the caller hears, and what may be done next.

Nothing is kept but the answers so far. Each one is a new simulation from the beginning; what was
told before stays true, because transcripts are stable in time.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from mbflow.flow.steps import Program
from mbflow.model.text import listed, shortened
from mbflow.simulator.caller import Act, HangUp, Machine, Press, Speak, Wait, Window
from mbflow.simulator.replies import CalleeAnswer, FlowReply, FlowRequest, Outcome
from mbflow.simulator.transcript import EndKind, EventKind, Transcript
from mbflow.simulator.walk import simulate
from mbflow.testing.call import FAILED
from mbflow.testing.transcript_text import short_lines

HANG_UP = ("h", "hang up")


class NeededReply(StrEnum):
    """What is asked for."""

    KEYS = "keys"
    SPEECH = "speech"
    OUTCOME = "outcome"
    FLOW = "flow"


@dataclass(frozen=True, slots=True)
class Question:
    """One question to whoever walks the call; an empty answer lets time pass."""

    wanted: NeededReply
    text: str
    window: Window | None = None


class CallByHand:
    """One call."""

    def __init__(
        self, program: Program, find: Callable[[str], Program | None], *, machine: bool = False
    ) -> None:
        self._script: list[Act] = [Machine()] if machine else []
        self._outcomes: list[Outcome] = []
        self.is_open = False
        """Whether the call was left to the flow of a web server."""
        self._program = program
        self._find = find
        self._asking = True
        self._replies: list[FlowReply | None] = []
        self._told = 0

    def advance(self) -> tuple[list[str], Question | None]:
        """What happens up to the next question, a line each; no question: the call is over."""
        transcript = self._simulate()
        self.is_open = transcript.is_open
        events = transcript.events
        dials = [n for n, event in enumerate(events) if event.kind is EventKind.DIAL and event.text]
        question = self._question(transcript)
        until = len(events)
        if self._asking and len(dials) > len(self._outcomes):
            until = dials[len(self._outcomes)] + 1
            words = listed(outcome.value for outcome in Outcome)
            question = Question(NeededReply.OUTCOME, f"It rings: {words}? [answered]")
        lines = [line for _, line in short_lines(events[self._told : until], transcript.flow)]
        self._told = until
        return lines, question

    def answer(self, question: Question, text: str) -> str:
        """Take an answer; "" when it is understood, else what is wrong with it."""
        text = text.strip()
        if question.wanted is NeededReply.OUTCOME:
            return self._take_outcome(text)
        if question.wanted is NeededReply.FLOW:
            return self._take_flow(text)
        return self._take_act(question, text)

    def finish(self) -> None:
        """Nobody answers any more: the caller waits, whoever is called picks up."""
        self._asking = False

    def _simulate(self) -> Transcript:
        outcomes = iter(self._outcomes)
        return simulate(
            self._program,
            self._script,
            transfers=lambda destination: CalleeAnswer(next(outcomes, Outcome.ANSWERED)),
            replies=self._reply,
            asking=self._asking,
        )

    def _reply(self, request: FlowRequest) -> FlowReply | None:
        return self._replies[request.number] if request.number < len(self._replies) else None

    def _question(self, transcript: Transcript) -> Question | None:
        if transcript.ending.kind is EndKind.FETCHED and transcript.request is not None:
            if not self._asking or transcript.request.number < len(self._replies):
                return None  # an empty answer: it is left open
            text = "The key of the flow that comes, or failed? [leave the call here]"
            return Question(NeededReply.FLOW, text)
        if transcript.asks is None:
            return None
        wanted = NeededReply.SPEECH if transcript.asks.speech else NeededReply.KEYS
        does = "Words to say, keys" if transcript.asks.speech else "Keys"
        return Question(wanted, f"{does}, or h to hang up? [wait]", transcript.asks)

    def _take_outcome(self, text: str) -> str:
        found = [word for word in Outcome if word.value.startswith(text.lower())]
        if not text or found:
            self._outcomes.append(found[0] if text else Outcome.ANSWERED)
            return ""
        return f"Write {listed(outcome.value for outcome in Outcome)}."

    def _take_flow(self, text: str) -> str:
        program = self._find(text) if text else None
        if program is None and text not in ("", FAILED):
            return f'There is no flow "{shortened(text, 60)}".'
        self._replies.append(FlowReply(program) if text else None)
        return ""

    def _take_act(self, question: Question, text: str) -> str:
        assert question.window is not None
        if not text:
            self._script.append(Wait(question.window.end - question.window.free))
        elif text.lower() in HANG_UP:
            self._script.append(HangUp())
        elif re.fullmatch(r"[0-9*#]{1,64}", text):
            self._script.append(Press(text))
        elif question.wanted is NeededReply.SPEECH:
            self._script.append(Speak(text))
        else:
            return "Keys are 0 to 9, * and #. Press Enter alone to wait, h and Enter to hang up."
        return ""
