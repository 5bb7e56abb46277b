"""A call by hand: what the caller hears, and what may be done next.

Its state is the answers so far. Each one is a new simulation from the beginning; what was shown
before stays true, because transcripts are stable in time.
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
from mbflow.simulator.simulate import simulate
from mbflow.simulator.transcript import EndKind, EventKind, Transcript
from mbflow.testing.call import FAILED
from mbflow.testing.transcript_text import short_lines

HANG_UP = ("h", "hang up")


class QuestionKind(StrEnum):
    """What the answer must be."""

    KEYS = "keys"
    SPEECH = "speech"
    OUTCOME = "outcome"
    FLOW = "flow"


@dataclass(frozen=True, slots=True)
class Question:
    """One question to whoever makes the call; an empty answer lets time pass."""

    kind: QuestionKind
    text: str
    window: Window | None = None


class ManualCall:
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
        self._interactive = True
        self._replies: list[FlowReply | None] = []
        self._shown = 0

    def advance(self) -> tuple[list[str], Question | None]:
        """What happens up to the next question, a line each; no question: the call is over."""
        transcript = self.transcript()
        self.is_open = transcript.is_open
        events = transcript.events
        dials = [n for n, event in enumerate(events) if event.kind is EventKind.DIAL and event.text]
        question = self._question(transcript)
        until = len(events)
        if self._interactive and len(dials) > len(self._outcomes):
            until = dials[len(self._outcomes)] + 1
            words = listed(outcome.value for outcome in Outcome)
            question = Question(QuestionKind.OUTCOME, f"It rings: {words}? [answered]")
        lines = [line for _, line in short_lines(events[self._shown : until], transcript.flow)]
        self._shown = until
        return lines, question

    def answer(self, question: Question, text: str) -> str:
        """Read an answer; "" when it is understood, else what is wrong with it."""
        text = text.strip()
        if question.kind is QuestionKind.OUTCOME:
            return self._read_outcome(text)
        if question.kind is QuestionKind.FLOW:
            return self._read_flow(text)
        return self._read_act(question, text)

    def finish(self) -> None:
        """Nobody answers any more: the caller waits, whoever is called picks up."""
        self._interactive = False

    def transcript(self) -> Transcript:
        """The call as far as the answers lead."""
        outcomes = iter(self._outcomes)
        return simulate(
            self._program,
            self._script,
            transfers=lambda destination: CalleeAnswer(next(outcomes, Outcome.ANSWERED)),
            replies=self._reply,
            interactive=self._interactive,
        )

    def _reply(self, request: FlowRequest) -> FlowReply | None:
        return self._replies[request.number] if request.number < len(self._replies) else None

    def _question(self, transcript: Transcript) -> Question | None:
        if transcript.ending.kind is EndKind.FETCHED and transcript.request is not None:
            if not self._interactive or transcript.request.number < len(self._replies):
                return None  # an empty answer: it is left open
            text = (
                "The name of the flow that the web server gives, or failed? [leave the call here]"
            )
            return Question(QuestionKind.FLOW, text)
        if transcript.question is None:
            return None
        kind = QuestionKind.SPEECH if transcript.question.speech else QuestionKind.KEYS
        does = "Words to say, keys" if transcript.question.speech else "Keys"
        return Question(kind, f"{does}, or h to hang up? [wait]", transcript.question)

    def _read_outcome(self, text: str) -> str:
        found = [word for word in Outcome if word.value.startswith(text.lower())]
        if not text or found:
            self._outcomes.append(found[0] if text else Outcome.ANSWERED)
            return ""
        return f"Write {listed(outcome.value for outcome in Outcome)}."

    def _read_flow(self, text: str) -> str:
        program = self._find(text) if text else None
        if program is None and text not in ("", FAILED):
            return f'There is no flow "{shortened(text, 60)}".'
        self._replies.append(FlowReply(program) if text else None)
        return ""

    def _read_act(self, question: Question, text: str) -> str:
        assert question.window is not None
        if not text:
            self._script.append(Wait(question.window.end - question.window.free))
        elif text.lower() in HANG_UP:
            self._script.append(HangUp())
        elif re.fullmatch(r"[0-9*#]{1,64}", text):
            self._script.append(Press(text))
        elif question.kind is QuestionKind.SPEECH:
            self._script.append(Speak(text))
        else:
            return "Keys are 0 to 9, * and #. Press Enter alone to wait, h and Enter to hang up."
        return ""
