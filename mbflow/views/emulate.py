"""The quirks and faults that `mbflow emulate` knows, as text for a terminal."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable

from mbflow.exchange.faults import KINDS, SYNTAX
from mbflow.exchange.quirks import Quirk

_WIDTH = 79
_HOW = (
    "METHOD and the glob may be *, and a * in the glob spans slashes; /v1 and a last slash are"
    " left out. before (the usual): the request is not carried out. after: it is, and only the"
    " answer suffers. nth=N strikes the Nth matching request only, p=0.1 one in ten (--seed)."
)


def quirks_text() -> str:
    """Every quirk with what it changes."""
    return _columns((quirk.value, quirk.description) for quirk in Quirk)


def faults_text() -> str:
    """How a fault is written, and every kind."""
    return "\n".join(
        [
            f'--fault "{SYNTAX}"',
            "",
            _columns(KINDS.items()),
            "",
            textwrap.fill(_HOW, _WIDTH),
            "",
            'For example: --fault "POST /call-flows 503 after nth=1"',
        ]
    )


def _columns(rows: Iterable[tuple[str, str]]) -> str:
    rows = list(rows)
    column = max(len(name) for name, _ in rows) + 2
    return "\n".join(
        textwrap.fill(
            f"{name:{column}}{description}",
            _WIDTH,
            subsequent_indent=" " * column,
            break_on_hyphens=False,
        )
        for name, description in rows
    )
