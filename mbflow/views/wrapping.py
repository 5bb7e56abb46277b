"""Texts in lines that fit a terminal."""

from __future__ import annotations

import textwrap

from mbflow.printable import printable

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
