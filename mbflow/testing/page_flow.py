"""One flow and its calls as the page takes them: steps in words, boxes and edges, events. Pure.

Steps count from 0, as in the paths of problems; times are in milliseconds. Made of what may be
shown only.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from mbflow.flow.diagram import condition_text, content
from mbflow.flow.step_lines import steps_lines
from mbflow.flow.steps import Program, Step
from mbflow.model.flow import Json, SafeBody
from mbflow.model.text import printable, shortened
from mbflow.simulator.transcript import Event, Transcript
from mbflow.testing.call_graph import CallGraph, hops_of
from mbflow.testing.dial_table import dial_table
from mbflow.testing.expectations import Failure
from mbflow.testing.transcript_text import event_words

DRAWN = 600
"""Characters of a text that a box shows; the list of the steps shows all."""
MOST_EVENTS = 400
"""Events of a call that are kept: a menu that repeats itself for an hour says nothing new."""


def side_json(
    body: SafeBody, program: Program, graph: CallGraph, wordings: Mapping[str, str]
) -> dict[str, Json]:
    """What is drawn, listed and dialled of a flow; `wordings` as `dial_table` takes them."""
    table = dial_table(program, wordings)
    return {
        "steps": _steps(body, program, graph),
        "drawing": _drawing(graph, program),
        "dial": {"why": table} if isinstance(table, str) else {"table": table},
    }


def _steps(body: SafeBody, program: Program, graph: CallGraph) -> list[Json]:
    reached = graph.reached
    told = zip(program.steps, steps_lines(body), strict=True)
    return [
        {
            "action": printable(step.action),
            "words": printable(words),
            "details": [printable(line) for line in details],
            "text": "\n".join(_content(step, None)),
            "language": step.text("language"),
            "voice": step.text("voice"),
            "reached": step.position in reached,
        }
        for step, (words, details) in told
    ]


def _content(step: Step, length: int | None = DRAWN) -> list[str]:
    lines = [printable(line) for line in content(step)]
    return [line if length is None else shortened(line, length) for line in lines if line]


def _drawing(graph: CallGraph, program: Program) -> dict[str, Json]:
    nodes: list[Json] = [
        {
            "id": node.id,
            "kind": node.kind.value,
            "steps": list(node.steps),
            "lines": [_box(program.steps[step], is_folded=graph.is_folded) for step in node.steps],
            "text": printable(node.text),
        }
        for node in graph.nodes
    ]
    edges: list[Json] = [
        {
            "from": edge.start,
            "to": edge.end,
            "label": shortened(edge.label, 80),
            "keys": [printable(key) for key in edge.keys],
            "why": edge.hops[0].why.value if edge.hops else "",
        }
        for edge in graph.edges
    ]
    return {"nodes": nodes, "edges": edges, "is_folded": graph.is_folded}


def _box(step: Step, *, is_folded: bool) -> dict[str, Json]:
    conditions = () if is_folded else step.conditions
    return {
        "action": printable(step.action),
        "ifs": [shortened(f"if {condition_text(one)}", 80) for one in conditions],
        "content": list(_content(step)),
    }


def edges_of(transcript: Transcript, graph: CallGraph) -> Iterator[tuple[int, int]]:
    """When the call went along which edge of the drawing of the flow that took it."""
    place = {way: number for number, edge in enumerate(graph.edges) for way in edge.hops}
    for at, way in hops_of(transcript, transcript.flow):
        if way in place:
            yield at, place[way]


def call_json(
    name: str, transcript: Transcript, graph: CallGraph, failures: Sequence[Failure] = ()
) -> dict[str, Json]:
    """A call that can be played back."""
    events = transcript.events[:MOST_EVENTS]
    edges: list[Json] = [[at, edge] for at, edge in edges_of(transcript, graph)]
    return {
        "name": printable(name),
        "passed": not failures,
        "failures": [
            {"message": printable(one.message), "event": min(one.event, len(events) - 1)}
            for one in failures
        ],
        "events": [_event(event, transcript.flow) for event in events],
        "edges": edges[:MOST_EVENTS],
        "left_out": len(transcript.events) - len(events),
        "ends_at": transcript.ending.at,
    }


def _event(event: Event, flow: str) -> dict[str, Json]:
    return {
        "at": event.at,
        "flow": printable(event.flow) if event.flow != flow else "",
        "step": event.step,
        "kind": event.kind.value,
        "words": list(event_words(event)),
        "lasts": event.lasts,
    }
