"""What a change does to a flow as callers meet it: boxes and branches that come or go. Pure.

A menu is one box, and a branch of it has the keys that lead there, as in `testing.call_graph`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

from mbflow.flow.alignment import align
from mbflow.flow.canonical import Form
from mbflow.flow.diagram import Mark
from mbflow.flow.steps import Program, parse_program
from mbflow.model.flow import SafeBody
from mbflow.model.text import shortened
from mbflow.plan.model import Change
from mbflow.simulator.transcript import Transcript
from mbflow.testing.call_graph import START, CallGraph, Edge, Node, call_graph, hops_of
from mbflow.testing.coverage import passed_by


class DiffNode(NamedTuple):
    id: str
    """Of the new graph; one that goes has `-` before its own."""
    node: Node
    mark: Mark | None


class DiffEdge(NamedTuple):
    start: str
    end: str
    edge: Edge
    mark: Mark | None
    """Added or removed; None for one that leads where it led."""


class GraphDiff(NamedTuple):
    """The graph as it will be, and what goes of the one that is."""

    nodes: tuple[DiffNode, ...]
    edges: tuple[DiffEdge, ...]
    before: Program
    after: Program
    is_folded: bool
    """False where conditions stand at their steps."""

    @property
    def changed_branches(self) -> Iterator[Edge]:
        """Those of the new flow that are new, or come from or lead to what is new or changed."""
        marks = {one.id: one.mark for one in self.nodes}
        for one in self.edges:
            if one.mark is not Mark.REMOVED and (one.mark or marks[one.start] or marks[one.end]):
                yield one.edge

    def branch_words(self, edge: Edge) -> str:
        """`step 1: nobody presses`, `step 3: on to step 4`."""
        steps = {one.node.id: one.node.steps for one in self.nodes if one.mark is not Mark.REMOVED}
        to = f"on to step {steps[edge.end][0] + 1}" if steps[edge.end] else "on to the end"
        if edge.start == START:
            return "the beginning of the call"
        noun = "key " if edge.keys else ""
        return shortened(f"step {steps[edge.start][-1] + 1}: {noun}{edge.label or to}", 80)


def graph_diff(change: Change) -> GraphDiff:
    """The graph of a create, an update or a delete."""
    bodies = [SafeBody(body or {"steps": []}) for body in (change.before, change.after)]
    before, after = (parse_program(change.name, body) for body in bodies)
    graphs = [call_graph(program) if program.steps else _NOTHING for program in (before, after)]
    live_of = align(*map(Form, bodies)).live_of
    names = _names(graphs, live_of)
    marks = dict(_marks(change, graphs, live_of))
    nodes = [DiffNode(node.id, node, marks.get(node.id)) for node in graphs[1].nodes]
    known = {one.id for one in nodes}
    gone = (node for node in graphs[0].nodes if names[node.id] not in known)
    nodes += [DiffNode(names[node.id], node, Mark.REMOVED) for node in gone]
    edges = tuple(_edges(graphs, names))
    return GraphDiff(tuple(nodes), edges, before, after, graphs[1].is_folded)


_NOTHING = CallGraph((), (), is_folded=True)


def _names(graphs: Iterable[CallGraph], live_of: Mapping[int, int]) -> Mapping[str, str]:
    """Node of the live graph to what it is in the new one; to a name of its own where it goes."""
    before, after = graphs
    owner = {step: node.id for node in after.nodes for step in node.steps}
    new_of = {live: owner[new] for new, live in live_of.items() if new in owner}
    names = {START: START}
    for node in before.nodes:
        kept = [new_of[step] for step in node.steps if step in new_of]
        if node.steps:
            names[node.id] = kept[0] if kept else f"-{node.id}"
    for edge in before.edges:  # an end belongs to the box that leads there
        if edge.end not in names:
            _, _, text = edge.end.partition("-")
            names[edge.end] = f"{names[edge.start]}-{text}"
    return names


def _marks(
    change: Change, graphs: Iterable[CallGraph], live_of: Mapping[int, int]
) -> Iterator[tuple[str, Mark]]:
    """What becomes of the boxes of the new graph; one is new where all of its steps are."""
    before, after = graphs
    edited = {edit.desired for edit in change.edits if edit.kind == "change"}
    owner = {step: node.id for node in before.nodes for step in node.steps}
    stay = {*live_of.values()}
    shrunk = {owner[step] for step in owner if step not in stay}
    for node in after.nodes:
        new = [step for step in node.steps if step not in live_of]
        lives = [owner.get(live_of[step]) for step in node.steps if step in live_of]
        if new and not lives:
            yield node.id, Mark.ADDED
        elif new or edited.intersection(node.steps) or shrunk.intersection(lives):
            yield node.id, Mark.CHANGED


def _edges(graphs: Iterable[CallGraph], names: Mapping[str, str]) -> Iterator[DiffEdge]:
    before, after = graphs
    was = {(names[one.start], one.label, names[one.end]): one for one in before.edges}
    will_be = {(one.start, one.label, one.end): one for one in after.edges}
    for key, edge in will_be.items():
        yield DiffEdge(key[0], key[2], edge, None if key in was else Mark.ADDED)
    for key, edge in was.items():
        if key not in will_be:
            yield DiffEdge(key[0], key[2], edge, Mark.REMOVED)


def missed_branches(
    graph: GraphDiff, transcripts: Iterable[Transcript]
) -> tuple[int, tuple[str, ...]]:
    """How many branches change, and in words those that none of these calls goes through."""
    name, calls = graph.after.name, list(transcripts)
    ran = passed_by(name, calls).ran
    gone = {hop.way for call in calls for hop in hops_of(call, name)}
    starts = {one.id for one in graph.nodes if ran.intersection(one.node.steps)}
    branches = list(graph.changed_branches)
    missed = (
        edge
        for edge in branches
        if (edge.end not in starts if edge.start == START else gone.isdisjoint(edge.hops))
    )
    return len(branches), tuple(map(graph.branch_words, missed))
