"""Coverage: the branches of flows, and which of them a set of simulated calls went through."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from mbflow.flow.control_flow import Way, listens, reasons, ways
from mbflow.flow.steps import END_OF_FLOW, OVER, Program, Step
from mbflow.flow.vocabulary import Reason
from mbflow.simulator.transcript import EndKind, EventKind, Transcript


class BranchKind(StrEnum):
    """What kind of branch. The texts are for people."""

    RUN = "runs"
    SKIPPED = "is skipped, its condition fails"
    KEYS = "a key is pressed"
    NOBODY = "nobody presses a key"
    ANSWERED = "the transfer is answered"
    UNANSWERED = "the transfer is busy, failed or not answered"
    MACHINE = "an answering machine is hung up on"
    FETCHED = "the web server gives the next flow"
    UNFETCHED = "the web server gives no flow"
    FALLS_OFF = "the flow ends below its last step"


@dataclass(frozen=True, slots=True)
class Branch:
    """One branch, at the step with that index; `ways` are the edges that cover it.

    Without edges it is covered by the step being run.
    """

    step: int
    kind: BranchKind
    ways: frozenset[Way] = frozenset()


def branches(program: Program) -> list[Branch]:
    """All branches of a flow, in the order of its steps.

    Steps that follow each other and ask for the same keys (a text, and the pause after it) are one
    question: it counts once whether keys are pressed, and once whether nobody presses.
    """
    edges = ways(program)
    found = [Branch(step.position, BranchKind.RUN) for step in program.steps]
    for way in edges:
        if way.why in _KINDS and not (way.why in _FETCHES and _always_ends(program, way)):
            found.append(Branch(way.step, _KINDS[way.why], frozenset({way})))
    by_step: defaultdict[int, list[Way]] = defaultdict(list)
    for way in edges:
        by_step[way.step].append(way)
    for question in questions(program):
        found += _question_branches(question, by_step)
    falls = frozenset(way for way in edges if way.to == END_OF_FLOW)
    if falls:
        found.append(Branch(len(program.steps) - 1, BranchKind.FALLS_OFF, falls))
    return sorted(found, key=lambda branch: branch.step)


_KINDS = {
    Reason.SKIPPED: BranchKind.SKIPPED,
    Reason.ANSWERED: BranchKind.ANSWERED,
    Reason.UNANSWERED: BranchKind.UNANSWERED,
    Reason.MACHINE: BranchKind.MACHINE,
    Reason.FETCHED: BranchKind.FETCHED,
    Reason.UNFETCHED: BranchKind.UNFETCHED,
}
_FETCHES = frozenset({Reason.FETCHED, Reason.UNFETCHED})


def _always_ends(program: Program, way: Way) -> bool:
    """A fetchCallFlow ends its flow one way or the other: that it runs is all there is to it."""
    return program.steps[way.step].action == "fetchCallFlow"


def questions(program: Program) -> Iterator[tuple[Step, ...]]:
    """Runs of steps that listen for the same keys."""
    question: list[Step] = []
    for step in program.steps:
        if question and not _is_same_question(question[-1], step):
            yield tuple(question)
            question = []
        if listens(step):
            question.append(step)
    if question:
        yield tuple(question)


def _is_same_question(one: Step, other: Step) -> bool:
    prompt = (one.goto, one.variable, one.conditions)
    return listens(other) and prompt == (other.goto, other.variable, other.conditions)


def _question_branches(
    question: tuple[Step, ...], edges: Mapping[int, list[Way]]
) -> Iterator[Branch]:
    last = question[-1]
    asked = (way for step in question for way in edges.get(step.position, ()))
    keys = frozenset(way for way in asked if way.why is Reason.KEYS)
    yield Branch(question[0].position, BranchKind.KEYS, keys)
    silent = {Reason.NEXT, *_FETCHES} & set(reasons(last))
    if silent:
        quiet = frozenset(way for way in edges.get(last.position, ()) if way.why in silent)
        yield Branch(last.position, BranchKind.NOBODY, quiet)


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
            if move.why is not Reason.SKIPPED:
                run[move.flow].add(move.step)
    if transcript.ending.kind is EndKind.FETCHED:
        _note_open_fetch(transcript, edges)
    for event in transcript.events:  # a caller may hang up in a step that is never left
        if event.step >= 0 and event.flow in run:
            run[event.flow].add(event.step)


def _note_open_fetch(transcript: Transcript, edges: Mapping[str, set[Way]]) -> None:
    """A call that was handed to a flow nobody knows went that way, and was left there."""
    last = next(event for event in reversed(transcript.events) if event.kind is EventKind.FETCH)
    if last.flow in edges:
        edges[last.flow].add(Way(last.step, Reason.FETCHED, OVER))


def _of_flow(program: Program, edges: set[Way], run: set[int]) -> FlowCoverage:
    every = branches(program)
    missed = [branch for branch in every if not _is_covered(branch, edges, run)]
    return FlowCoverage(program, tuple(every), tuple(missed))


def _is_covered(branch: Branch, edges: set[Way], run: set[int]) -> bool:
    return not branch.ways.isdisjoint(edges) if branch.ways else branch.step in run
