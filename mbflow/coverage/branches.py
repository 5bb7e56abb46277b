"""The branches of a flow: everything that some simulated call should once have gone through."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from mbflow.graph.program import END_OF_FLOW, Program, Step
from mbflow.graph.ways import Way, Why, listens, reasons, ways


class Kind(StrEnum):
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
    """One branch, at the step with that index; `taken_by` are the edges that cover it.

    Without edges it is covered by the step being run.
    """

    step: int
    kind: Kind
    taken_by: frozenset[Way] = frozenset()


def branches(program: Program) -> list[Branch]:
    """All branches of a flow, in the order of its steps.

    Steps that follow each other and ask for the same keys (a text, and the pause after it) are one
    question: it counts once whether keys are pressed, and once whether nobody presses.
    """
    edges = ways(program)
    found = [Branch(step.position, Kind.RUN) for step in program.steps]
    for way in edges:
        if way.why in _KINDS and not (way.why in _FETCHES and _always_ends(program, way)):
            found.append(Branch(way.step, _KINDS[way.why], frozenset({way})))
    for question in questions(program):
        found += _question_branches(question, edges)
    falls = frozenset(way for way in edges if way.to == END_OF_FLOW)
    if falls:
        found.append(Branch(len(program.steps) - 1, Kind.FALLS_OFF, falls))
    return sorted(found, key=lambda branch: branch.step)


_KINDS = {
    Why.SKIPPED: Kind.SKIPPED,
    Why.ANSWERED: Kind.ANSWERED,
    Why.UNANSWERED: Kind.UNANSWERED,
    Why.MACHINE: Kind.MACHINE,
    Why.FETCHED: Kind.FETCHED,
    Why.UNFETCHED: Kind.UNFETCHED,
}
_FETCHES = frozenset({Why.FETCHED, Why.UNFETCHED})


def _always_ends(program: Program, way: Way) -> bool:
    """A fetchCallFlow ends its flow one way or the other: that it runs is all there is to it."""
    return program.steps[way.step].action == "fetchCallFlow"


def questions(program: Program) -> Iterator[tuple[Step, ...]]:
    """Runs of steps that listen for the same keys."""
    question: list[Step] = []
    for step in program.steps:
        if question and not _asks_the_same(question[-1], step):
            yield tuple(question)
            question = []
        if listens(step):
            question.append(step)
    if question:
        yield tuple(question)


def _asks_the_same(one: Step, other: Step) -> bool:
    asked = (one.goto, one.variable, one.conditions)
    return listens(other) and asked == (other.goto, other.variable, other.conditions)


def _question_branches(question: tuple[Step, ...], edges: list[Way]) -> Iterator[Branch]:
    steps = {step.position for step in question}
    last = question[-1]
    keys = frozenset(way for way in edges if way.step in steps and way.why is Why.KEYS)
    yield Branch(question[0].position, Kind.KEYS, keys)
    silent = {Why.NEXT, *_FETCHES} & set(reasons(last))
    if silent:
        quiet = frozenset(way for way in edges if way.step == last.position and way.why in silent)
        yield Branch(last.position, Kind.NOBODY, quiet)
