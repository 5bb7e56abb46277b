"""Where a change touches a flow, drawn as callers meet it: a menu is a box, its keys are arrows.

Only what changes and its neighbours is drawn; `plan_diagram` draws all steps of a change.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import NamedTuple

from mbflow.flow.diagram import LABEL_LENGTH, Arrow, Box, Drawing, Mark, Shape, condition_text
from mbflow.flow.diagram import content as content_of
from mbflow.model.text import shortened
from mbflow.plan.graph_diff import DiffEdge, DiffNode, GraphDiff
from mbflow.testing.call_graph import NodeKind

MOST_BOXES = 40
_SHAPES = {
    NodeKind.START: Shape.OUTSIDE,
    NodeKind.TRANSFER: Shape.TRANSFER,
    NodeKind.HANGUP: Shape.HANGUP,
    NodeKind.TALK: Shape.OUTSIDE,
    NodeKind.END: Shape.OUTSIDE,
}


class Neighbourhood(NamedTuple):
    """A drawing, and how many of the boxes that change are not in it."""

    drawing: Drawing
    left: int


def draw_neighbourhood(diff: GraphDiff, prefix: str, most: int = MOST_BOXES) -> Neighbourhood:
    """The boxes that change, or between which an arrow does, then those around them.

    The drawing has no boxes where nothing changes that can be drawn.
    """
    changed = [edge for edge in diff.edges if edge.mark is not None]
    ends = {end for edge in changed for end in (edge.start, edge.end)}
    heart = [node for node in diff.nodes if node.mark is not None or node.id in ends]
    inside = {node.id for node in heart}
    around = {
        end
        for edge in diff.edges
        if inside & {edge.start, edge.end}
        for end in (edge.start, edge.end)
    } - inside
    chosen = [*heart, *(node for node in diff.nodes if node.id in around)][:most]
    ids = {node.id: f"{prefix}n{number}" for number, node in enumerate(chosen)}
    kept = [node for node in diff.nodes if node.id in ids]
    cut = _open_ended(diff, ids)
    boxes = tuple(_box(node, diff, ids[node.id], node.id in cut) for node in kept)
    arrows = tuple(_arrow(edge, ids) for edge in diff.edges if {edge.start, edge.end} <= {*ids})
    name = diff.after.name
    return Neighbourhood(Drawing(name, boxes, arrows), len(heart) - min(len(heart), most))


def _open_ended(diff: GraphDiff, ids: Collection[str]) -> set[str]:
    """Boxes with more ways out than are drawn."""
    return {edge.start for edge in diff.edges if edge.start in ids and edge.end not in ids}


def _box(node: DiffNode, diff: GraphDiff, box_id: str, has_more: bool) -> Box:
    lines = [shortened(line, LABEL_LENGTH) for line in _lines(node, diff)]
    lines += ["…"] if has_more else []
    shape = _SHAPES.get(node.node.kind, Shape.STEP)
    return Box(box_id, tuple(lines), shape, mark=node.mark if node.node.steps else None)


def _lines(node: DiffNode, diff: GraphDiff) -> Iterator[str]:
    if not node.node.steps:
        yield node.node.text or "a call comes in"
        return
    program = diff.before if node.mark is Mark.REMOVED else diff.after
    was = "was " if node.mark is Mark.REMOVED else ""
    for position in node.node.steps:
        step = program.steps[position]
        yield f"{was}{position + 1} {step.action}"
        if not diff.is_folded:
            yield from (f"if {condition_text(one)}" for one in step.conditions)
        yield from filter(None, content_of(step))


def _arrow(edge: DiffEdge, ids: dict[str, str]) -> Arrow:
    label = shortened(edge.edge.label, LABEL_LENGTH)
    is_gone = edge.mark is Mark.REMOVED
    return Arrow(ids[edge.start], ids[edge.end], label, dashed=is_gone, mark=edge.mark)
