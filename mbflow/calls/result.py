"""Simulated calls run: each call of a file against its flow."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from mbflow.calls.call import Call
from mbflow.calls.check import Failure, failures
from mbflow.graph.program import Program
from mbflow.simulator.replies import Answer, Reply, Request
from mbflow.simulator.transcript import Transcript
from mbflow.simulator.walk import simulate


@dataclass(frozen=True, slots=True)
class Result:
    """One call that was run; without failures it passed."""

    key: str
    """The flow that was called."""
    file: str
    """The call file."""
    line: int
    call: Call
    transcript: Transcript
    failures: tuple[Failure, ...]


def run_call(
    call: Call, program: Program, fetched: Mapping[str, Program | None]
) -> tuple[Transcript, tuple[Failure, ...]]:
    """`fetched`: what each URL gives, None where the fetch fails; other URLs are not known."""

    def reply(request: Request) -> Reply | None:
        return Reply(fetched[request.url]) if request.url in fetched else None

    def answer(destination: str) -> Answer:
        outcome = call.transfers.get(destination)
        return Answer() if outcome is None else Answer(outcome)

    transcript = simulate(program, call.does, transfers=answer, replies=reply)
    return transcript, tuple(failures(call, transcript, program))
