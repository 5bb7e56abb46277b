"""The graph of a flow as callers meet it: conditions are folded into the branches that they make.

A branch of a menu is labelled with the keys that lead there. Made from the space of all calls;
where that is not decided, from the plain graph, and boxes say "if". Pure.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from enum import StrEnum
from itertools import pairwise
from typing import NamedTuple

from mbflow.flow.control_flow import Way, listens, most_keys, reachable, ways
from mbflow.flow.diagram import outside_text, way_label
from mbflow.flow.steps import OVER, Condition, Program, Step, without_secrets
from mbflow.flow.vocabulary import Reason, action_of
from mbflow.simulator.inputs import KEYPAD, enter
from mbflow.simulator.space import Space, decided_space
from mbflow.simulator.transcript import EndKind, EventKind, Transcript
from mbflow.simulator.walk import ENDLESS
from mbflow.testing.coverage import questions


class NodeKind(StrEnum):
    START = "start"
    STEP = "step"
    MENU = "menu"
    """It listens for keys: a text and the pause after it are one."""
    TRANSFER = "transfer"
    RECORD = "record"
    FETCH = "fetch"
    HANGUP = "hangup"
    TALK = "talk"
    """The end, with the called party."""
    END = "end"
    """The end of any other kind."""


class Node(NamedTuple):
    id: str
    kind: NodeKind
    steps: tuple[int, ...] = ()
    """Indexes, from 0."""
    text: str = ""
    """What an end is."""


class Edge(NamedTuple):
    start: str
    end: str
    label: str
    keys: tuple[str, ...] = ()
    """The inputs that lead there and that conditions ask for."""
    hops: tuple[Way, ...] = ()
    """The ways out of one of its steps and into another, or to a target that ends the call."""


class CallGraph(NamedTuple):
    nodes: tuple[Node, ...]
    edges: tuple[Edge, ...]
    is_folded: bool
    """False where steps stand in it with their conditions."""

    @property
    def reached(self) -> frozenset[int]:
        """The steps that some call comes to."""
        return frozenset(step for node in self.nodes for step in node.steps)


START = "start"


def call_graph(program: Program) -> CallGraph:
    """Nodes from the beginning of a call to its ends, and the ways between them."""
    program = without_secrets(program)
    space = decided_space(program)
    found = _Hops(program)
    if space is None:
        found.note_plain()
    else:
        found.note_space(space)
    return CallGraph(*_parts(found), space is not None)


class _Hops:
    """What follows what: each way from a step that runs to the next that does, with its inputs."""

    def __init__(self, program: Program) -> None:
        self.program = program
        self.first: dict[int, None] = {}
        self.inputs: dict[Way, dict[str, None]] = {}

    def note_plain(self) -> None:
        self.first[0 if self.program.steps else -1] = None
        found = reachable(self.program)
        edges = [way for way in ways(self.program) if way.step in found]
        for way in edges:
            # Where both lead on to the same box, the box says "if" and one arrow is enough.
            if way.why is not Reason.SKIPPED or way._replace(why=Reason.NEXT) not in edges:
                self.inputs.setdefault(way, {})

    def note_space(self, space: Space) -> None:
        for root in space.roots:
            to = space.situation(root).places[0].step
            hops = list(_hops(space.entries[0], to))
            self.first[hops[0].step if hops else to] = None
            self.inputs |= {hop: {} for hop in hops if hop not in self.inputs}
        for move in space.every_move():
            taken = move.taken[0]
            if taken is None:
                continue
            own = taken.ways or (Way(taken.step, taken.why, ENDLESS),)
            for number, hop in enumerate(_hops(own, taken.to.step)):
                typed = self.inputs.setdefault(hop, {})
                if number == 0 and hop.why is Reason.KEYS:
                    typed[move.choice.about] = None


def _hops(passed: Iterable[Way], to: int) -> Iterator[Way]:
    """The ways without the steps that were skipped on them; `to` is where the last one leads."""
    ran = [way for way in passed if way.why is not Reason.SKIPPED]
    for way, after in pairwise(ran):
        yield way._replace(to=after.step)
    if ran:
        yield ran[-1]._replace(to=to)


def _parts(found: _Hops) -> tuple[tuple[Node, ...], tuple[Edge, ...]]:
    owner = {step: nodes for nodes in _nodes(found) for step in nodes.steps}
    nodes = {node.id: node for node in (Node(START, NodeKind.START), *owner.values())}
    ends: dict[str, Node] = {}
    edges = []
    for first in found.first:
        if first in owner:
            edges.append(Edge(START, owner[first].id, ""))
    for (start, why, to), hops in _bundles(found, owner).items():
        node = owner[start]
        if to >= 0:
            end = owner[to].id
        elif text := _end_text(found.program, hops[0]):
            kind = NodeKind.TALK if why is Reason.ANSWERED else NodeKind.END
            end = f"{node.id}-{text}"
            ends[end] = Node(end, kind, text=text)
        else:
            continue
        label, keys = _label(found, why, hops, node)
        edges.append(Edge(node.id, end, label, keys, tuple(hops)))
    order = {node: number for number, node in enumerate(nodes)}
    edges.sort(key=lambda edge: (order[edge.start], *_rank(edge)))
    return (*nodes.values(), *ends.values()), tuple(_told_apart(edges, found.program))


def _rank(edge: Edge) -> tuple[bool, bool, list[int]]:
    """Keys stand in the order of the keypad, other keys behind them, and then what nobody does."""
    is_key = bool(edge.hops) and edge.hops[0].why is Reason.KEYS
    return not is_key, not edge.keys, [KEYPAD.find(key) for key in "".join(edge.keys[:1])]


def _bundles(
    found: _Hops, owner: Mapping[int, Node]
) -> Mapping[tuple[int, Reason, int], list[Way]]:
    """Hops between the same nodes are one edge; those inside of a node are none."""
    bundles: defaultdict[tuple[int, Reason, int], list[Way]] = defaultdict(list)
    for hop in found.inputs:
        start = owner[hop.step].steps[0]
        to = owner[hop.to].steps[0] if hop.to >= 0 else hop.to
        if start != to or hop.why is Reason.KEYS or len(owner[hop.step].steps) == 1:
            bundles[start, hop.why, to].append(hop)
    return bundles


def _nodes(found: _Hops) -> Iterator[Node]:
    """A node for each step that is come to; steps that ask one question are one node."""
    steps = found.program.steps
    into: defaultdict[int, set[Way]] = defaultdict(set)
    for hop in found.inputs:
        into[hop.to].add(hop)
    begun = {*found.first, *into}
    later: dict[int, int] = {}
    for question in questions(found.program):
        for one, other in pairwise(question):
            alone = all(
                hop.step == one.position and hop.why is Reason.NEXT for hop in into[other.position]
            )
            if alone and other.position in into and other.position not in found.first:
                later[other.position] = later.get(one.position, one.position)
    members: defaultdict[int, list[int]] = defaultdict(list)
    for position in range(len(steps)):
        if position in begun:
            members[later.get(position, position)].append(position)
    for first, of in members.items():
        yield Node(f"s{first}", _kind(steps[first]), tuple(of))


def _kind(step: Step) -> NodeKind:
    if listens(step):
        return NodeKind.MENU
    if step.action in ("transfer", "record", "hangup"):
        return NodeKind(step.action)
    return NodeKind.FETCH if Reason.FETCHED in action_of(step.action).ways else NodeKind.STEP


def _end_text(program: Program, hop: Way) -> str:
    if hop.to == ENDLESS:
        return "goes on until the caller hangs up"
    return outside_text(program, hop)


def _label(
    found: _Hops, why: Reason, hops: Sequence[Way], node: Node
) -> tuple[str, tuple[str, ...]]:
    step = found.program.steps[hops[-1].step]
    if why is not Reason.KEYS:
        return way_label(step, why), ()
    others = [hop for hop in found.inputs if hop.step in node.steps and hop.why is Reason.KEYS]
    conditions = (one for each in found.program.steps for one in each.conditions)
    asked = {one.value for one in conditions if one.variable == step.variable}
    typed = {enter(step, keys).value: None for hop in hops for keys in found.inputs[hop]}
    keys = tuple(value for value in typed if value in asked)
    noun = "key" if most_keys(step) == 1 else "keys"
    if {hop.to for hop in others} == {hop.to for hop in hops}:
        return f"any {noun}", keys
    other = "another key" if noun == "key" else "other keys"
    return ", ".join([*keys, other] if len(keys) < len(typed) else keys), keys


def _told_apart(edges: Sequence[Edge], program: Program) -> Iterator[Edge]:
    """Where one label leads to several steps, what was entered before decides: it is told, too."""
    counts = Counter((edge.start, edge.label) for edge in edges)
    for edge in edges:
        conditions: Sequence[Condition] = ()
        if counts[edge.start, edge.label] > 1 and edge.hops:
            to = edge.hops[0].to
            conditions = program.steps[to].conditions if to >= 0 else ()
            told = " and ".join(f"{one.variable} is {one.value}" for one in conditions)
            told = f"if {told}" if told else "else"
            edge = edge._replace(label=f"{edge.label}, {told}" if edge.label else told)
        yield edge


class Hop(NamedTuple):
    """A way that a call went, and when."""

    at: int
    way: Way


def hops_of(transcript: Transcript, flow: str) -> Iterator[Hop]:
    """The ways that a call went through a flow, without the steps that were skipped on them."""
    last: Hop | None = None
    for move in transcript.moves:
        is_here, is_skipped = move.flow == flow, move.why is Reason.SKIPPED
        if is_here and is_skipped and last is not None:
            last = last._replace(way=last.way._replace(to=move.to))
            continue
        if last is not None:
            yield last
        way = Way(move.step, move.why, move.to)
        last = Hop(move.at, way) if is_here and not is_skipped else None
    if last is not None:
        yield last
    if transcript.ending.kind is EndKind.FETCHED:  # to a flow that nobody knows
        event = next(one for one in reversed(transcript.events) if one.kind is EventKind.FETCH)
        if event.flow == flow:
            yield Hop(event.at, Way(event.step, Reason.FETCHED, OVER))
