"""A flow as boxes and arrows, whatever draws them."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from mbflow.flow.control_flow import Way, listens, reachable, ways
from mbflow.flow.steps import END_OF_FLOW, MISSING, Condition, Program, Step, media_of
from mbflow.flow.vocabulary import Reason, action_of
from mbflow.flow.words import main_words
from mbflow.model.text import shortened

LABEL_LENGTH = 48
"""Characters of a text that a box shows."""


class Shape(StrEnum):
    STEP = "step"
    HANGUP = "hangup"
    TRANSFER = "transfer"
    OUTSIDE = "outside"
    """What is not a step: a called party, another flow, the end of the flow."""


class Mark(StrEnum):
    """What a plan does to a box."""

    ADDED = "added"
    CHANGED = "changed"
    MOVED = "moved"
    REMOVED = "removed"


@dataclass(frozen=True, slots=True)
class Box:
    id: str
    lines: tuple[str, ...]
    shape: Shape
    reached: bool = True
    """Whether some call can come there."""
    mark: Mark | None = None


@dataclass(frozen=True, slots=True)
class Arrow:
    start: str
    end: str
    label: str = ""
    dashed: bool = False
    """The step was not run; or the way goes."""
    mark: Mark | None = None


@dataclass(frozen=True, slots=True)
class Drawing:
    """One flow; ids of boxes are unique among the drawings with different prefixes."""

    name: str
    boxes: tuple[Box, ...]
    arrows: tuple[Arrow, ...]


def draw(program: Program, prefix: str) -> Drawing:
    """Boxes for the steps and for what lies outside, arrows for the ways between them."""
    edges = ways(program)
    found = reachable(program)
    boxes = [
        Box(f"{prefix}s{number}", _lines(step), _shape(step), number in found)
        for number, step in enumerate(program.steps)
    ]
    outside: dict[str, Box] = {}
    arrows = []
    for way in edges:
        if way.why is Reason.SKIPPED and Way(way.step, Reason.NEXT, way.to) in edges:
            continue  # the box says "if"; both ways lead on to the same box
        start = boxes[way.step]
        if way.to >= 0:
            end = boxes[way.to]
        else:
            text = outside_text(program, way)
            if not text:
                continue
            end = outside.setdefault(text, Box(f"{prefix}o{len(outside)}", (text,), Shape.OUTSIDE))
        label, dashed = way_label(program.steps[way.step], way.why), way.why is Reason.SKIPPED
        arrows.append(Arrow(start.id, end.id, label, dashed))
    return Drawing(program.name, (*boxes, *outside.values()), tuple(arrows))


def condition_text(condition: Condition) -> str:
    """`choice == 1`."""
    return f"{condition.variable} {condition.operator} {condition.value}"


def _lines(step: Step) -> tuple[str, ...]:
    head = f"{step.position + 1} {step.action}"
    ifs = [f"if {condition_text(condition)}" for condition in step.conditions]
    lines = [head, *ifs, *content(step)]
    return tuple(shortened(line, LABEL_LENGTH) for line in lines if line)


def content(step: Step) -> list[str]:
    """The main option: media by the names of their files, other texts as they stand."""
    main = action_of(step.action).main
    value = step.options.get(main)
    if main == "media":
        return [url.rpartition("/")[2] or url for url in media_of(value)]
    if main and isinstance(value, str):
        return [" ".join(value.split())]
    return [main_words(step.action, step.options)]


def _shape(step: Step) -> Shape:
    return _SHAPES.get(action_of(step.action).ways[0], Shape.STEP)


_SHAPES = {Reason.HANGUP: Shape.HANGUP, Reason.ANSWERED: Shape.TRANSFER}


def outside_text(program: Program, way: Way) -> str:
    """What an arrow out of the flow leads to; "" where the step itself is the end."""
    step = program.steps[way.step]
    if way.to == END_OF_FLOW:
        return "end of the flow"
    if way.to == MISSING:
        return shortened(f"no step {step.goto}", LABEL_LENGTH)
    if way.why is Reason.ANSWERED:
        return shortened(f"talk with {step.text('destination')}", LABEL_LENGTH)
    if way.why is Reason.MACHINE:
        return "hung up on a machine"
    if way.why is Reason.FETCHED and step.action == "record":
        return shortened(f"flow of {step.text('onFinish')}", LABEL_LENGTH)
    return ""


def way_label(step: Step, why: Reason) -> str:
    """The words at an arrow; "" where it only leads on."""
    if why is Reason.NEXT:
        return "nobody presses" if listens(step) else ""
    if why is Reason.KEYS:
        stored = f"key press, stored as {step.variable}"
        return shortened(stored, 40) if step.variable else "key press"
    return _LABELS[why]


_LABELS = {
    Reason.SKIPPED: "else",
    Reason.ANSWERED: "answered",
    Reason.UNANSWERED: "not answered",
    Reason.MACHINE: "machine",
    Reason.FETCHED: "next flow",
    Reason.UNFETCHED: "no next flow",
    Reason.HANGUP: "",
}
