"""Runs a call through a flow on a virtual clock.

A function of the flow, the script and the replies alone: no clock, no chance, no memory.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NoReturn

from mbflow.flow.steps import END_OF_FLOW, MISSING, Program, Step
from mbflow.flow.vocabulary import Reason
from mbflow.simulator.actions import next_program, run_step
from mbflow.simulator.call import MAX_MOVES, Call, CallOver, all_hold
from mbflow.simulator.caller import Act
from mbflow.simulator.replies import Replies, Transfers, everyone_answers, nothing_known
from mbflow.simulator.transcript import EndKind, Move, Transcript


def simulate(
    program: Program,
    script: Sequence[Act] = (),
    *,
    transfers: Transfers = everyone_answers,
    replies: Replies = nothing_known,
    interactive: bool = False,
    until: int | None = None,
    variables: Mapping[str, str] | None = None,
) -> Transcript:
    """One call, from being answered to its end.

    `interactive` ends it as QUESTION where the caller could act and the script says nothing.
    `until` is when the service is told to end it (STOPPED), in milliseconds; `variables` are set
    beforehand.
    """
    call = Call(
        program,
        script,
        transfers=transfers,
        replies=replies,
        interactive=interactive,
        until=until,
        variables=variables,
    )
    try:
        _run(call, program)
    except CallOver as over:
        return call.transcript(over)


def _run(call: Call, program: Program) -> NoReturn:
    while True:
        call.enter(program)
        move = pass_step(call, program, program.steps[0])
        while move.to >= 0:
            move = pass_step(call, program, program.steps[move.to])
        program = next_program(call, program.steps[move.step], move.why)


def pass_step(call: Call, program: Program, step: Step) -> Move:
    """Run one step, and write down which way the call leaves it.

    Raises CallOver where the call is over then.
    """
    call.step = step
    why = run_step(call, step) if all_hold(step.conditions, call.variables) else Reason.SKIPPED
    move = call.leave(step, why)
    if move.to in (END_OF_FLOW, MISSING):
        raise end_of_flow(step, move.to)
    if len(call.moves) >= MAX_MOVES:
        raise CallOver(EndKind.ENDLESS, f"cut after {MAX_MOVES} steps")
    return move


def end_of_flow(step: Step, to: int) -> CallOver:
    """How the call ends where no step follows: below the last one, or for want of the target."""
    if to == MISSING:
        return CallOver(EndKind.BROKEN, f"no step has the id {step.goto!r}")
    return CallOver(EndKind.END_OF_FLOW)
