"""Text in the forms that output takes: colour, wrapped lines, Markdown, JSON."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from contextvars import ContextVar
from math import inf
from typing import TYPE_CHECKING, NamedTuple

from mbflow.model.text import printable

if TYPE_CHECKING:
    from mbflow.model.flow import Json

_CODES = {"red": 31, "green": 32, "yellow": 33, "cyan": 36, "bold": 1, "dim": 2}


class Style(NamedTuple):
    """Colours text, or leaves it as it is."""

    colour: bool = False

    def paint(self, text: str, *names: str) -> str:
        if not self.colour or not text:
            return text
        codes = ";".join(str(_CODES[name]) for name in names)
        return f"\x1b[{codes}m{text}\x1b[0m"


# GitHub counts 65,536 characters (code points) for the text of a pull request and four times as
# many bytes for a comment: what has so few characters is within both. GitLab takes a million.
BUDGET = 65_000
"""Characters of a comment."""
LEAST = 1_000
"""Characters of a comment that can say how much there is."""
WIDTH = 80
"""Columns of files and pipes, and of terminals that are as wide."""
_NARROW = 40
_columns: ContextVar[int] = ContextVar("columns", default=WIDTH)


def fit_lines_into(columns: int) -> None:
    """From now on lines are for a terminal of so many columns; 80 at most, and 40 at least."""
    _columns.set(max(_NARROW, min(WIDTH, columns)))


def line_width() -> int:
    """Columns that a line may take: in a narrow terminal words would break, and marks stand
    under others.
    """
    return _columns.get()


def wrap(text: str, first: str = "", rest: str = "") -> list[str]:
    """Lines of at most `line_width` with room for an indent. No word is cut, not even a key."""
    room = line_width() - 4
    if len(first) + len(text) <= room and "  " not in text and text.strip() == text:
        return [printable(first + text)]
    import textwrap

    lines = textwrap.wrap(
        text,
        room,
        initial_indent=first,
        subsequent_indent=rest,
        break_long_words=False,
        break_on_hyphens=False,
    )
    # Once more, because a line that was harmless in the middle of a text may now begin with `::`.
    return [printable(line) for line in lines] or [first]


class DiffLine(NamedTuple):
    """A line of a difference: as a terminal shows it, and as it stands in a `diff` fence.

    There the first character is the sign: what begins with `-` is red, with `+` green.
    """

    text: str
    fenced: str
    colour: str = ""
    """Of the first form."""

    def paint(self, style: Style) -> str:
        return style.paint(self.text, self.colour) if self.colour else self.text


def fence(text: str, info: str = "") -> str:
    """A code block whose fence is longer than any run of backticks inside."""
    longest = max((len(run) for run in re.findall(r"`+", text)), default=0)
    ticks = "`" * max(3, longest + 1)
    return f"{ticks}{info}\n{text}\n{ticks}"


def code(text: str) -> str:
    """A code span on one line; nothing of an empty text, whose ticks would begin a longer span."""
    text = printable(text)
    if not text:
        return ""
    longest = max((len(run) for run in re.findall(r"`+", text)), default=0)
    ticks = "`" * (longest + 1)
    pad = " " if longest else ""
    return f"{ticks}{pad}{text}{pad}{ticks}"


def plain(value: Json) -> str:
    """Any JSON value on one line, a text without quotes."""
    if isinstance(value, str):
        return printable(value)
    import json

    return printable(json.dumps(value, ensure_ascii=False))


def json_text(document: Mapping[str, Json] | Sequence[Json]) -> str:
    """Indented and in ASCII: control and bidi characters stand as escapes.

    So does one character of `##[` and the like, which CI systems take for commands.
    """
    import json

    return re.sub(r"##(?=\w*\[)", r"#\\u0023", json.dumps(document, indent=2, ensure_ascii=True))


_NARROWEST = 10
"""Columns that the last one keeps, however narrow the terminal is."""
_GAP = 2
_LONGEST = 2000
"""Characters of a cell, as long as a URL may be: each row is padded to the longest one."""

Column = Sequence[str]
"""The head, then one cell a row."""


def table(columns: Sequence[Column], width: int | None = None) -> str:
    """One line a row; the last column is cut where a line would be longer than `width`."""
    return "\n".join(_lines(list(map(_shorten, columns)), width))


def fit_columns(columns: Sequence[Column], width: int | None) -> Sequence[Column]:
    """The columns, most important first, as far as they fit whole; at least one."""
    if width is None:
        return columns
    kept, used = 0, -_GAP
    for column in map(_shorten, columns):
        used += _GAP + _widest(column)
        if used > width and kept:
            break
        kept += 1
    return columns[:kept]


def share_width(columns: Sequence[Column], width: int | None) -> Sequence[Column]:
    """The last but one cut so that the last has room: at least half of what the others leave."""
    if width is None:
        return columns
    *others, second, last = map(_shorten, columns)
    used = sum(_widest(column) + _GAP for column in others) + _GAP
    room = max(2 * _NARROWEST, width - used)
    share = max(room // 2, room - _widest(last))
    return [*others, [cut(cell, share) for cell in second], last]


def room_beside(columns: Sequence[Column], width: int | None) -> float:
    """Columns of the terminal that these leave to others."""
    used = sum(_widest(column) + _GAP for column in map(_shorten, columns))
    return inf if width is None else width - used


def align_right(column: Column) -> Column:
    column = _shorten(column)
    wide = _widest(column)
    return [" " * (wide - cells(cell)) + cell for cell in column]


def cells(text: str) -> int:
    """Columns of a terminal that the text takes: wide characters take two, marks none."""
    if text.isascii():
        return len(text)
    return sum(_cell(character) for character in text)


def cut(text: str, width: int | None) -> str:
    """The text in at most `width` columns, with an ellipsis where something is left out."""
    if width is None or cells(text) <= width:
        return text
    kept, left = "", width - 1
    for character in text:
        left -= _cell(character)
        if left < 0:
            break
        kept += character
    return f"{kept}…"


def _lines(columns: Sequence[Column], width: int | None) -> Iterator[str]:
    widths = [_widest(column) for column in columns[:-1]]
    left = None if width is None else max(_NARROWEST, width - sum(widths) - _GAP * len(widths))
    for *row, last in zip(*columns, strict=True):
        padded = (cell + " " * (wide - cells(cell)) for cell, wide in zip(row, widths, strict=True))
        yield (" " * _GAP).join([*padded, cut(last, left)]).rstrip()


def _shorten(column: Column) -> Column:
    return [cell if len(cell) <= _LONGEST else f"{cell[: _LONGEST - 1]}…" for cell in column]


def _widest(column: Column) -> int:
    return max(cells(cell) for cell in column)


def _cell(character: str) -> int:
    import unicodedata

    if unicodedata.category(character) in ("Mn", "Me", "Cf"):
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1
