"""Call flows as diagrams: Mermaid that GitHub renders, and Graphviz DOT."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from mbflow.graph.drawing import Arrow, Box, Drawing, Shape

MERMAID_EDGES = 500
"""More arrows than these GitHub does not draw."""

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


def mermaid(drawings: Sequence[Drawing]) -> str:
    """One flowchart; several flows are a frame each."""
    lines = ["flowchart TD"]
    for number, drawing in enumerate(drawings):
        if len(drawings) == 1:
            lines += _mermaid_flow(drawing, "  ")
        else:
            lines.append(f'  subgraph f{number}["{_mermaid_text(drawing.name)}"]')
            lines += [*_mermaid_flow(drawing, "    "), "  end"]
    lost = [box.id for drawing in drawings for box in drawing.boxes if not box.reached]
    if lost:
        lines += ["  classDef lost stroke-dasharray: 4 4,opacity: 0.5"]
        lines += [f"  class {','.join(lost)} lost"]
    return "\n".join(lines)


def dot(drawings: Sequence[Drawing]) -> str:
    """One graph; several flows are a cluster each."""
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
            lines.append(f"    label={_dot_text(drawing.name)};")
            lines += [*_dot_flow(drawing, "    "), "  }"]
    return "\n".join([*lines, "}"])


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
    return _MERMAID_SPECIAL.sub(lambda match: f"#{ord(match[0])};", text)


# A list mark counts at the beginning of a line only: "1." and "-".
_MERMAID_SPECIAL = re.compile(r"""[^\w\s.,:!?'()/+=@$…-]|_|^[-+]|(?<=^\d)\.|(?<=^\d\d)\.""")


def _dot_flow(drawing: Drawing, indent: str) -> Iterator[str]:
    for box in drawing.boxes:
        yield f"{indent}{box.id} [{_dot_box(box)}];"
    for arrow in drawing.arrows:
        yield f"{indent}{arrow.start} -> {arrow.end}{_dot_arrow(arrow)};"


def _dot_box(box: Box) -> str:
    label = _dot_text("\n".join(box.lines))
    style = "" if box.reached else ", style=dashed, fontcolor=gray"
    return f"label={label}, shape={_DOT_SHAPES[box.shape]}{style}"


def _dot_arrow(arrow: Arrow) -> str:
    found = [f"label={_dot_text(arrow.label)}"] if arrow.label else []
    found += ["style=dashed"] if arrow.dashed else []
    return f" [{', '.join(found)}]" if found else ""


def _dot_text(text: str) -> str:
    """Graphviz reads backslashes and HTML character codes in labels."""
    escaped = text.replace("&", "&amp;").replace("\\", "\\\\").replace('"', '\\"')
    escaped = escaped.replace("\n", "\\n")
    return f'"{escaped}"'
