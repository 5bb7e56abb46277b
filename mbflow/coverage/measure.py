"""Coverage: which branches of which flows a set of simulated calls went through."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from mbflow.coverage.branches import Branch, branches
from mbflow.graph.program import OVER, Program
from mbflow.graph.ways import Way, Why
from mbflow.simulator.transcript import EndKind, Kind, Transcript


@dataclass(frozen=True, slots=True)
class FlowCoverage:
    """The branches of one flow, and those that no call went through."""

    program: Program
    branches: tuple[Branch, ...]
    missed: tuple[Branch, ...]

    @property
    def covered(self) -> int:
        return len(self.branches) - len(self.missed)


def measure(
    programs: Mapping[str, Program], transcripts: Iterable[Transcript]
) -> list[FlowCoverage]:
    """The coverage of each flow of `programs`, in their order. Other flows are left out."""
    edges: dict[str, set[Way]] = {name: set() for name in programs}
    run: dict[str, set[int]] = {name: set() for name in programs}
    for transcript in transcripts:
        _note(transcript, edges, run)
    return [_of_flow(program, edges[name], run[name]) for name, program in programs.items()]


def percent(flows: Sequence[FlowCoverage]) -> float:
    """Of all branches, those covered, rounded down to a tenth: 100 means every one."""
    whole = sum(len(flow.branches) for flow in flows)
    covered = sum(flow.covered for flow in flows)
    return covered * 1000 // whole / 10 if whole else 100.0


def _note(
    transcript: Transcript, edges: Mapping[str, set[Way]], run: Mapping[str, set[int]]
) -> None:
    for move in transcript.moves:
        if move.flow in edges:
            edges[move.flow].add(Way(move.step, move.why, move.to))
            if move.why is not Why.SKIPPED:
                run[move.flow].add(move.step)
    if transcript.ending.kind is EndKind.FETCHED:
        _note_open_fetch(transcript, edges)
    for event in transcript.events:  # a caller may hang up in a step that is never left
        if event.step >= 0 and event.flow in run:
            run[event.flow].add(event.step)


def _note_open_fetch(transcript: Transcript, edges: Mapping[str, set[Way]]) -> None:
    """A call that was handed to a flow nobody knows went that way, and was left there."""
    last = next(event for event in reversed(transcript.events) if event.kind is Kind.FETCH)
    if last.flow in edges:
        edges[last.flow].add(Way(last.step, Why.FETCHED, OVER))


def _of_flow(program: Program, edges: set[Way], run: set[int]) -> FlowCoverage:
    every = branches(program)
    missed = [branch for branch in every if not _is_covered(branch, edges, run)]
    return FlowCoverage(program, tuple(every), tuple(missed))


def _is_covered(branch: Branch, edges: set[Way], run: set[int]) -> bool:
    return not branch.taken_by.isdisjoint(edges) if branch.taken_by else branch.step in run
