"""Diagrams of call flows as Mermaid and DOT."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from mbflow.flow.diagram import Arrow, Box, Drawing, Mark, Shape
from mbflow.model.flow import Json
from mbflow.model.text import printable

MERMAID_EDGES = 500
MERMAID_CHARACTERS = 50_000
"""More arrows, or a longer text, GitHub does not draw: the limits that Mermaid sets itself."""

_MERMAID_SHAPES = {
    Shape.STEP: '["{}"]',
    Shape.HANGUP: '(["{}"])',
    Shape.TRANSFER: '[["{}"]]',
    Shape.OUTSIDE: '("{}")',
}
_DOT_SHAPES = {
    Shape.STEP: "box",
    Shape.HANGUP: "oval",
    Shape.TRANSFER: "box3d",
    Shape.OUTSIDE: "plaintext",
}


class _Colours(NamedTuple):
    """Light enough for black letters, on a white page and on a dark one."""

    fill: str
    line: str


_COLOURS = {
    Mark.ADDED: _Colours("#dafbe1", "#1a7f37"),
    Mark.CHANGED: _Colours("#fff8c5", "#9a6700"),
    Mark.MOVED: _Colours("#ddf4ff", "#0969da"),
    Mark.REMOVED: _Colours("#ffebe9", "#cf222e"),
}
_BLACK = "#1f2328"


def mermaid(drawings: Sequence[Drawing], *, has_legend: bool = True) -> str:
    """One flowchart; several flows are a frame each. Marks are colours, with a legend.

    Without a legend where the colours are told beside it.
    """
    drawings = [*drawings, *(_legend(drawings) if has_legend else [])]
    if len(drawings) == 1:
        lines = ["flowchart TD", *_mermaid_flow(drawings[0], "  ")]
    else:
        lines = ["flowchart LR"]  # which puts frames below each other: a page has little width
        for number, drawing in enumerate(drawings):
            lines += _mermaid_frame(drawing, f"f{number}")
    lost = [box.id for drawing in drawings for box in drawing.boxes if not box.reached]
    if lost:
        lines += ["  classDef lost stroke-dasharray: 4 4,opacity: 0.5"]
        lines += [f"  class {','.join(lost)} lost"]
    return "\n".join([*lines, *_mermaid_colours(drawings)])


def mermaid_limit(text: str, drawings: Sequence[Drawing]) -> str:
    """Why GitHub does not draw the diagram with this text; "" where it does."""
    arrows = sum(len(drawing.arrows) for drawing in drawings)
    if arrows > MERMAID_EDGES:
        return f"GitHub draws at most {MERMAID_EDGES} arrows, and these are {arrows:,}."
    if len(text) > MERMAID_CHARACTERS:
        most = f"{MERMAID_CHARACTERS:,} characters"
        return f"GitHub draws diagrams of at most {most}, and this one has {len(text):,}."
    return ""


def dot(drawings: Sequence[Drawing]) -> str:
    """One graph; several flows are a cluster each. Marks are colours, with a legend."""
    drawings = [*drawings, *_legend(drawings)]
    lines = [
        "digraph mbflow {",
        '  node [fontname="sans-serif"];',
        '  edge [fontname="sans-serif"];',
    ]
    for number, drawing in enumerate(drawings):
        if len(drawings) == 1:
            lines += _dot_flow(drawing, "  ")
        else:
            lines.append(f"  subgraph cluster_{number} {{")
            lines.append(f"    label={_dot_text(printable(drawing.name))};")
            lines += [*_dot_flow(drawing, "    "), "  }"]
    return "\n".join([*lines, "}"])


def _legend(drawings: Sequence[Drawing]) -> list[Drawing]:
    """A box for each mark that is there; nothing where there is none."""
    there = {box.mark for drawing in drawings for box in drawing.boxes}
    boxes = [
        Box(f"legend_{mark}", (mark,), Shape.STEP, mark=mark) for mark in Mark if mark in there
    ]
    return [Drawing("legend", tuple(boxes), ())] if boxes else []


def _mermaid_colours(drawings: Sequence[Drawing]) -> Iterator[str]:
    for mark, colours in _COLOURS.items():
        ids = [box.id for drawing in drawings for box in drawing.boxes if box.mark is mark]
        if ids:
            dashes = ",stroke-dasharray:4 4" if mark is Mark.REMOVED else ""
            style = f"fill:{colours.fill},stroke:{colours.line},color:{_BLACK}{dashes}"
            yield f"  classDef {mark} {style}"
            yield f"  class {','.join(ids)} {mark}"
    arrows = [arrow for drawing in drawings for arrow in drawing.arrows]
    for mark, colours in _COLOURS.items():
        places = [str(place) for place, arrow in enumerate(arrows) if arrow.mark is mark]
        if places:
            yield f"  linkStyle {','.join(places)} stroke:{colours.line},stroke-width:3px"


def _mermaid_frame(drawing: Drawing, frame: str) -> Iterator[str]:
    yield f'  subgraph {frame}["{_mermaid_text(printable(drawing.name))}"]'
    yield "    direction TB"
    yield from _mermaid_flow(drawing, "    ")
    yield "  end"


def _mermaid_flow(drawing: Drawing, indent: str) -> Iterator[str]:
    for box in drawing.boxes:
        label = "<br/>".join(map(_mermaid_text, box.lines))
        yield f"{indent}{box.id}{_MERMAID_SHAPES[box.shape].format(label)}"
    for arrow in drawing.arrows:
        line = "-.->" if arrow.dashed else "-->"
        label = f'|"{_mermaid_text(arrow.label)}"|' if arrow.label else ""
        yield f"{indent}{arrow.start} {line}{label} {arrow.end}"


def _mermaid_text(text: str) -> str:
    """What Mermaid, Markdown or HTML could read as its own stands as a character code."""
    apart = _MERMAID_PAIRS.sub(_NOTHING, text)
    return _MERMAID_SPECIAL.sub(lambda match: f"#{ord(match[0])};", apart)


# A list mark counts at the beginning of a line only: "1." and "-". Mermaid takes a line that holds
# "direction TD" for the statement.
_MERMAID_SPECIAL = re.compile(
    r"""[^\w\s.,:!?'()/+=@$…-]|_|^[-+]|(?<=^\d)\.|(?<=^\d\d)\.|(?<=direction)\s"""
)
# Mathematics stands between "$$" and an icon is "fa:fa-x", also where that is written in codes.
_MERMAID_PAIRS = re.compile(r"(?<=\$)(?=\$)|(?<=:)(?=fa-)")
_NOTHING = "\u200c"
"""A sign of no width that keeps its neighbours apart."""


def _dot_flow(drawing: Drawing, indent: str) -> Iterator[str]:
    for box in drawing.boxes:
        yield f"{indent}{box.id} [{_dot_box(box)}];"
    for arrow in drawing.arrows:
        yield f"{indent}{arrow.start} -> {arrow.end}{_dot_arrow(arrow)};"


def _dot_box(box: Box) -> str:
    label = _dot_text("\n".join(box.lines))
    return f"label={label}, shape={_DOT_SHAPES[box.shape]}{_dot_style(box)}"


def _dot_style(box: Box) -> str:
    if box.mark is None:
        return "" if box.reached else ", style=dashed, fontcolor=gray"
    fill, line = _COLOURS[box.mark]
    dashed = box.mark is Mark.REMOVED or not box.reached
    style = "filled,dashed" if dashed else "filled"
    return f', style="{style}", fillcolor="{fill}", color="{line}", fontcolor="{_BLACK}"'


def _dot_arrow(arrow: Arrow) -> str:
    found = [f"label={_dot_text(arrow.label)}"] if arrow.label else []
    found += ["style=dashed"] if arrow.dashed else []
    return f" [{', '.join(found)}]" if found else ""


def _dot_text(text: str) -> str:
    """Graphviz reads backslashes and HTML character codes in labels."""
    escaped = text.replace("&", "&amp;").replace("\\", "\\\\").replace('"', '\\"')
    escaped = escaped.replace("\n", "\\n")
    return f'"{escaped}"'


def diagram_json(drawings: Sequence[Drawing]) -> dict[str, Json]:
    """The document of `graph --format json`. A mark is what a plan does to a box."""
    return {
        "flows": [
            {
                "flow": drawing.name,
                "boxes": [_box_json(box) for box in drawing.boxes],
                "arrows": [
                    {"from": arrow.start, "to": arrow.end, "label": arrow.label}
                    for arrow in drawing.arrows
                ],
            }
            for drawing in drawings
        ]
    }


def _box_json(box: Box) -> dict[str, Json]:
    return {
        "id": box.id,
        "lines": list(box.lines),
        "shape": box.shape.value,
        "reached": box.reached,
        "mark": None if box.mark is None else box.mark.value,
    }
