"""Text in the forms that output takes: colour, wrapped lines, Markdown, JSON."""

from __future__ import annotations

import json
import re
import textwrap
from collections.abc import Mapping
from dataclasses import dataclass

from mbflow.model.flow import Json
from mbflow.model.text import printable

_CODES = {"red": 31, "green": 32, "yellow": 33, "cyan": 36, "bold": 1, "dim": 2}


@dataclass(frozen=True, slots=True)
class Style:
    """Paints text, or leaves it as it is."""

    colour: bool = False

    def paint(self, text: str, *names: str) -> str:
        if not self.colour or not text:
            return text
        codes = ";".join(str(_CODES[name]) for name in names)
        return f"\x1b[{codes}m{text}\x1b[0m"


WIDTH = 80


def wrapped(text: str, first: str = "", rest: str = "") -> list[str]:
    """Lines of at most `WIDTH` columns with room for an indent. No word is cut, not even a key."""
    if len(first) + len(text) <= WIDTH - 4 and "  " not in text and text.strip() == text:
        return [printable(first + text)]
    lines = textwrap.wrap(
        text,
        WIDTH - 4,
        initial_indent=first,
        subsequent_indent=rest,
        break_long_words=False,
        break_on_hyphens=False,
    )
    # Once more, because a line that was harmless in the middle of a text may now begin with `::`.
    return [printable(line) for line in lines] or [first]


def fenced(text: str) -> str:
    """A code block whose fence is longer than any run of backticks inside."""
    longest = max((len(run) for run in re.findall(r"`+", text)), default=0)
    fence = "`" * max(3, longest + 1)
    return f"{fence}\n{text}\n{fence}"


def code(text: str) -> str:
    """A code span on one line."""
    text = printable(text)
    longest = max((len(run) for run in re.findall(r"`+", text)), default=0)
    fence = "`" * (longest + 1)
    pad = " " if longest else ""
    return f"{fence}{pad}{text}{pad}{fence}"


_COMMAND = re.compile(r"##(?=\w*\[)")


def json_text(document: Mapping[str, Json]) -> str:
    """Indented and in ASCII: control and bidi characters stand as escapes.

    So does one character of `##[` and the like, which CI systems take for commands.
    """
    return _COMMAND.sub(r"#\\u0023", json.dumps(document, indent=2, ensure_ascii=True))
