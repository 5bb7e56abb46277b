"""The quirks and faults that `mbflow emulate` knows, as text for a terminal."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable

_WIDTH = 79


def choices_text(choices: Iterable[tuple[str, str]]) -> str:
    """Name and description in two columns."""
    choices = list(choices)
    column = max(len(name) for name, _ in choices) + 2
    return "\n".join(
        textwrap.fill(
            f"{name:{column}}{description}",
            _WIDTH,
            subsequent_indent=" " * column,
            break_on_hyphens=False,
        )
        for name, description in choices
    )
