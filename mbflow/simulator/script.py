"""A call of the space as a script: what the caller does, and what the others do. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from mbflow.flow.control_flow import finish_keys, listens
from mbflow.flow.steps import Program, Step
from mbflow.flow.vocabulary import Reason
from mbflow.simulator.call import Call
from mbflow.simulator.caller import Act, Machine, Press, Speak, Wait
from mbflow.simulator.inputs import enter
from mbflow.simulator.replies import CalleeAnswer, FlowReply, FlowRequest, Outcome, Transfers
from mbflow.simulator.simulate import simulate
from mbflow.simulator.space import Move, Space
from mbflow.simulator.step_times import StepTimes
from mbflow.simulator.timing import speech_ms
from mbflow.simulator.transcript import Transcript

WORDS = "This is a message."
"""What a caller says into a recording."""


@dataclass(frozen=True, slots=True)
class Script:
    """A call as a call file states it."""

    does: tuple[Act, ...] = ()
    transfers: Mapping[str, Outcome] = field(default_factory=dict)
    """By destination; whoever is not named answers."""
    failing: frozenset[str] = frozenset()
    """The URLs that give no flow; what others give is not known."""

    def call(self, program: Program) -> Transcript:
        """The call to that flow."""
        return simulate(program, self.does, transfers=self._transfers(program), replies=self._reply)

    def begin(self, program: Program) -> Call:
        """The call to that flow before its first step."""
        return Call(program, self.does, transfers=self._transfers(program), replies=self._reply)

    def _reply(self, request: FlowRequest) -> FlowReply | None:
        return FlowReply(None) if request.shown_url in self.failing else None

    def _transfers(self, program: Program) -> Transfers:
        shown = {step.raw_text("destination"): step.text("destination") for step in program.steps}

        def answer(destination: str) -> CalleeAnswer:
            return CalleeAnswer(self.transfers.get(shown.get(destination, ""), Outcome.ANSWERED))

        return answer


def script_of(
    space: Space,
    path: Sequence[Move],
    side: int = 0,
    root: int = 0,
    unanswered: Outcome = Outcome.BUSY,
    program: Program | None = None,
    pressed_after: Callable[[Move], int | None] = lambda move: None,
) -> Script:
    """The call that goes that way from its beginning; its times are those of one of the flows.

    `root` says where a call without moves begins, `unanswered` why a number does not answer;
    `program` is that flow with its secrets, where a text that holds one has another length.

    Keys are pressed when the prompt has been heard, and in the middle of it where one of the flows
    takes them only later: else nobody could tell them apart. Where
    `pressed_after` gives milliseconds for a move, they are pressed so long after its step began.
    """
    writer = _Writer(space, path, side, root, unanswered, program)
    writer.pressed_after = pressed_after
    for number, move in enumerate(path):
        writer.add(move, path[number + 1 :])
    return writer.script


class _Writer:
    def __init__(
        self,
        space: Space,
        path: Sequence[Move],
        side: int,
        root: int,
        unanswered: Outcome,
        program: Program | None,
    ) -> None:
        self._side = side
        self._programs = [walk.program for walk in space.walks]
        self._program = program or self._programs[side]
        self.pressed_after: Callable[[Move], int | None]
        self._passed = len(space.entries[side])
        self._has_chance = False
        """Whether a key pressed at once would be taken elsewhere than it is meant for."""
        self._is_recorded = False
        """Whether more words would go into the same recording."""
        root = path[0].origin if path else root
        machine = (Machine(),) if space.situation(root).is_machine else ()
        outcomes = {Reason.UNANSWERED: unanswered, Reason.MACHINE: Outcome.MACHINE}
        choices = [move.choice for move in path]
        self._world = Script(
            machine,
            {party: outcomes[why] for why, party in choices if why in outcomes},
            frozenset(party for why, party in choices if why is Reason.UNFETCHED),
        )
        self._times = StepTimes(self._world.begin(self._program), self._program)
        self._acts: list[Act] = []

    @property
    def script(self) -> Script:
        return replace(self._world, does=(*self._world.does, *self._acts))

    def add(self, move: Move, later: Sequence[Move]) -> None:
        taken = move.taken[self._side]
        if taken is None:
            return
        step = self._program.steps[taken.step]
        if taken.why is Reason.KEYS:
            self._press(step, move, later)
        elif step.action == "record":
            self._speak(step)
        else:
            self._has_chance = self._has_chance or listens(step)
        self._passed += len(taken.ways)

    def _press(self, step: Step, move: Move, later: Sequence[Move]) -> None:
        is_early = any(self._takes_later(side, move, later) for side in range(len(move.taken)))
        after = self.pressed_after(move)
        if is_early or self._has_chance or after is not None:
            self._wait(is_early=is_early, after=after)
        keys = move.choice.about
        self._act(Press(keys))
        # Another key that comes at once would belong to this input, if more keys are waited for.
        self._has_chance = not enter(step, keys).is_complete

    def _takes_later(self, side: int, move: Move, later: Sequence[Move]) -> bool:
        """Whether the flow does not take the key now, and would take it at a later step."""
        now, steps = move.taken[side], self._programs[side].steps
        after = (taken for one in later if (taken := one.taken[side]) is not None)
        is_passed = now is not None and now.why is not Reason.KEYS
        return is_passed and any(listens(steps[taken.step]) for taken in after)

    def _wait(self, *, is_early: bool, after: int | None = None) -> None:
        begins, ends, free = self._times.at(self._passed)
        ms = begins - free
        if after is not None:
            ms += after
        elif is_early or ms <= 0:  # a step above that is over at once would take the key
            ms += (ends - begins) // 2
        if ms > 0:
            self._act(Wait(ms))

    def _speak(self, step: Step) -> None:
        if 0 < step.number("maxLength") * 1000 <= speech_ms(WORDS):
            self._has_chance = True  # who speaks on hears nothing of a menu that follows
            return
        finish = finish_keys(step)
        if self._is_recorded:
            self._wait(is_early=False)
        self._act(Speak(WORDS))
        if finish:
            self._act(Press(finish[-1]))
        else:
            self._has_chance = self._is_recorded = True

    def _act(self, act: Act) -> None:
        self._has_chance = self._is_recorded = False
        self._acts.append(act)
        self._times.add(act)
