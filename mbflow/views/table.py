"""Columns of text, as wide as a terminal shows them."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Sequence

_NARROWEST = 10
"""Columns that the last one keeps, however narrow the terminal is."""
_GAP = 2
_LONGEST = 2000
"""Characters of a cell, as long as a URL may be: each row is padded to the longest one."""

Column = Sequence[str]
"""The head, then one cell a row."""


def table(columns: Sequence[Column], width: int | None = None) -> str:
    """One line a row; the last column is cut where a line would be longer than `width`."""
    return "\n".join(_lines(list(map(_bounded, columns)), width))


def fitting(columns: Sequence[Column], width: int | None) -> Sequence[Column]:
    """The columns, most important first, as far as they fit whole; at least one."""
    if width is None:
        return columns
    kept, used = 0, -_GAP
    for column in map(_bounded, columns):
        used += _GAP + _widest(column)
        if used > width and kept:
            break
        kept += 1
    return columns[:kept]


def sharing(columns: Sequence[Column], width: int | None) -> Sequence[Column]:
    """The last but one cut so that the last has room: at least half of what the others leave."""
    if width is None:
        return columns
    *others, second, last = map(_bounded, columns)
    used = sum(_widest(column) + _GAP for column in others) + _GAP
    room = max(2 * _NARROWEST, width - used)
    share = max(room // 2, room - _widest(last))
    return [*others, [cut(cell, share) for cell in second], last]


def right_aligned(column: Column) -> Column:
    column = _bounded(column)
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


def _bounded(column: Column) -> Column:
    return [cell if len(cell) <= _LONGEST else f"{cell[: _LONGEST - 1]}…" for cell in column]


def _widest(column: Column) -> int:
    return max(cells(cell) for cell in column)


def _cell(character: str) -> int:
    if unicodedata.category(character) in ("Mn", "Me", "Cf"):
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1
