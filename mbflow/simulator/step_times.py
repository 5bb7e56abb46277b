"""When the steps of a call begin and end while its script is being written. Pure.

The call goes on from where it stood: to begin again for each act would take the square of its
length.
"""

from __future__ import annotations

from typing import NamedTuple

from mbflow.flow.steps import Program
from mbflow.simulator.call import Call, CallOver
from mbflow.simulator.caller import Act
from mbflow.simulator.simulate import pass_step


class StepTime(NamedTuple):
    """In milliseconds. A call may be over before it comes to the step: both are its end then."""

    begins: int
    ends: int
    free: int
    """When the caller's last act was over."""


class StepTimes:
    """A call that is run as far as somebody asked for its times."""

    def __init__(self, call: Call, program: Program) -> None:
        self._call = call
        self._program = program
        self._is_over = not program.steps

    def add(self, act: Act) -> None:
        """The caller does that after all else."""
        self._call.caller.add(act)

    def at(self, number: int) -> StepTime:
        """Of the step that the call passes after `number` others; never of an earlier one again.

        It ends where it would if the caller did nothing more.
        """
        while len(self._call.moves) < number and not self._is_over:
            self._is_over = not self._pass(self._call)
        onward = self._call.copy()
        if not self._is_over:
            self._pass(onward)
        return StepTime(self._call.now, onward.now, onward.last_act_over())

    def _pass(self, call: Call) -> bool:
        """Run one step; False where the call is over."""
        position = call.moves[-1].to if call.moves else 0
        try:
            pass_step(call, self._program, self._program.steps[position])
        except CallOver:
            return False
        return True
