"""Diagrams of flows that are hard to draw, and of changes to them, written into a folder.

Every text that Mermaid, Markdown or HTML could read as its own stands wherever a text can stand.
"""

from __future__ import annotations

import random
import sys
from itertools import pairwise
from pathlib import Path

NASTY = {
    "quotes": '"a" \'b\' `c` \\" "] --> x',
    "brackets": "[a] (b) {c} <d> [[e]] ((f)) {{g}} >h] |i|",
    "end": "end",
    "words": "graph subgraph flowchart class style click TD",
    "direction": "in direction TD of it",
    "html": "<b>bold</b> <br/> &lt; &amp; &#35; <img src=x>",
    "script": "<script>alert(1)</script>",
    "markdown": "**b** _i_ ~~s~~ [x](https://e.example) # `c` * l",
    "list": "1. one",
    "dash": "- one",
    "codes": "#35; #quot; #9829; %% remark %%{init: {}}%%",
    "semicolon": "a; b; end; c",
    "arrows": "a --> b -.-> c ==> d --o e --x f & g ::: h",
    "shape": "@{shape: x, label: y}",
    "emoji": "🎉👩‍👩‍👧‍👦🇳🇱 日本語 עברית العربية ñ e\u0301",
    "control": "\x1b[31m \u202e a\tb\r\nc \x00 \ud800",
    "long": "A word, and another one. " * 60,
    "narrow": "x" * 1_400,
    "blank": " ",
    "math": "$$x^2$$ $y$ $$$",
    "icon": "fa:fa-car fab:fa-x b:fa-phone",
    "front": "--- title: x ---",
    "title": "accTitle: x accDescr: y",
}
PIECES = [
    *" []{}()<>|\"'`#;&%@:*_~.-=+/\\^$!?,x1\n\t",
    "end",
    "direction TD",
    "direction LR",
    "-->",
]
PIECES += ["subgraph ", "class ", "click ", "href", "call", "%%", ":::", "style ", "default", "🎉"]


def flow(text: str) -> dict[str, object]:
    """One flow with the text at every place where a diagram could show it."""
    say = {"payload": text, "language": "en-GB", "voice": "female"}
    condition = {"variable": text, "operator": "==", "value": text}
    return {
        "title": text,
        "steps": [
            {"action": "say", "options": say, "onKeypressGoto": text, "onKeypressVar": text},
            {"action": "pause", "options": {"length": 1}, "conditions": [condition, condition]},
            {"action": "play", "options": {"media": f"https://e.example/{text}.wav"}},
            {"action": "record", "options": {"onFinish": f"https://e.example/{text}"}},
            {"id": text, "action": "transfer", "options": {"destination": text}},
        ],
    }


def long_flow(steps: int) -> dict[str, object]:
    say = {"payload": "Please hold the line, we are here.", "language": "en-GB", "voice": "male"}
    return {"steps": [{"action": "say", "options": say}] * steps}


def flows() -> dict[str, dict[str, object]]:
    """Bodies by the name of their flow. Few are valid files; live flows can be like that."""
    draws = random.Random(4711)
    drawn = ["".join(draws.choices(PIECES, k=draws.randint(1, 12))) for _ in range(150)]
    found = {text: flow(text) for text in [*NASTY.values(), *drawn]}
    return found | {"no steps": {"steps": []}, "long": long_flow(500)}


def main(folder: Path) -> None:
    """A diagram of each flow alone, and of every two flows as frames of one."""
    from mbflow.flow.diagram import draw
    from mbflow.flow.steps import parse_program
    from mbflow.plan.graph_diff import graph_diff
    from mbflow.plan.model import Change, ChangeKind
    from mbflow.views.diagram import mermaid
    from mbflow.views.menu_diagram import draw_neighbourhood

    programs = [parse_program(name, body) for name, body in flows().items()]
    groups = [[program] for program in programs]
    groups += [list(pair) for pair in zip(programs[:-2:2], programs[1:-2:2], strict=False)]
    for number, group in enumerate(groups):
        drawings = [draw(program, f"f{place}") for place, program in enumerate(group)]
        (folder / f"nasty-{number:03}.mmd").write_text(mermaid(drawings), encoding="utf-8")
    bodies = [*flows().values()]
    for number, (before, after) in enumerate(pairwise(bodies)):
        change = Change("menu", ChangeKind.UPDATE, before=before, after=after)
        drawing, _ = draw_neighbourhood(graph_diff(change), "f0")
        text = mermaid([drawing], has_legend=False)
        (folder / f"change-{number:03}.mmd").write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
