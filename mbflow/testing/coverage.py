"""Coverage: the branches of flows, and which of them a set of simulated calls went through."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from typing import Protocol

from mbflow.flow.control_flow import Way, listens, reasons, ways
from mbflow.flow.steps import END_OF_FLOW, OVER, Program, Step, without_secrets
from mbflow.flow.vocabulary import Reason
from mbflow.simulator.search import Passed, passed
from mbflow.simulator.space import decided_space
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

    def is_in(self, passed: Passed) -> bool:
        """Whether calls that pass these steps and ways go through it."""
        return not self.ways.isdisjoint(passed.ways) if self.ways else self.step in passed.ran


def branches(program: Program) -> list[Branch]:
    """All branches of a flow by its plain graph, in the order of its steps.

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


@dataclass(frozen=True)
class FlowCoverage:
    """The branches of one flow, and those that no call went through. Worked out when asked for."""

    program: Program
    passed: Passed
    """What the calls that were made passed."""

    @property
    def name(self) -> str:
        return self.program.name

    @cached_property
    def branches(self) -> tuple[Branch, ...]:
        """Those that some call can go through, or did: another flow may have set variables."""
        every = branches(self.program)
        if all(branch.is_in(self.passed) for branch in every):
            return tuple(every)
        # A space takes as long as reading the file: only where a branch is missed.
        space = decided_space(without_secrets(self.program))
        if space is None:
            return tuple(every)
        can = passed(space)
        return tuple(one for one in every if one.is_in(can) or one.is_in(self.passed))

    @cached_property
    def missed(self) -> tuple[Branch, ...]:
        return tuple(branch for branch in self.branches if not branch.is_in(self.passed))

    @property
    def covered(self) -> int:
        return len(self.branches) - len(self.missed)


def measure(
    programs: Mapping[str, Program], transcripts: Iterable[Transcript]
) -> list[FlowCoverage]:
    """The coverage of each flow of `programs`, in their order. Other flows are left out."""
    went = _passed(programs, transcripts)
    return [FlowCoverage(program, went[name]) for name, program in programs.items()]


def passed_by(name: str, transcripts: Iterable[Transcript]) -> Passed:
    """What calls passed of the flow of that name."""
    return _passed([name], transcripts)[name]


def _passed(names: Iterable[str], transcripts: Iterable[Transcript]) -> Mapping[str, Passed]:
    ran: dict[str, set[int]] = {name: set() for name in names}
    gone: dict[str, set[Way]] = {name: set() for name in ran}
    for transcript in transcripts:
        _note(transcript, ran, gone)
    return {name: Passed(frozenset(ran[name]), frozenset(gone[name])) for name in ran}


class Coverage(Protocol):
    """Of a flow or of a number: its branches, and how many of them are covered."""

    @property
    def name(self) -> str: ...
    @property
    def branches(self) -> Sequence[object]: ...
    @property
    def covered(self) -> int: ...


def percent(parts: Sequence[Coverage]) -> float:
    """Of all branches, those covered, rounded down to a tenth: 100 means every one."""
    whole = sum(len(part.branches) for part in parts)
    covered = sum(part.covered for part in parts)
    return covered * 1000 // whole / 10 if whole else 100.0


def _note(
    transcript: Transcript, ran: Mapping[str, set[int]], gone: Mapping[str, set[Way]]
) -> None:
    for move in transcript.moves:
        if move.flow in gone:
            gone[move.flow].add(Way(move.step, move.why, move.to))
            if move.why is not Reason.SKIPPED:
                ran[move.flow].add(move.step)
    if transcript.ending.kind is EndKind.FETCHED:
        _note_open_fetch(transcript, gone)
    for event in transcript.events:  # a caller may hang up in a step that is never left
        if event.step >= 0 and event.flow in ran:
            ran[event.flow].add(event.step)


def _note_open_fetch(transcript: Transcript, gone: Mapping[str, set[Way]]) -> None:
    """A call that was handed to a flow nobody knows went that way, and was left there."""
    last = next(event for event in reversed(transcript.events) if event.kind is EventKind.FETCH)
    if last.flow in gone:
        gone[last.flow].add(Way(last.step, Reason.FETCHED, OVER))
