"""Markdown that fits a comment: what there is shares the room, and what is cut is counted."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from mbflow.model.text import plural
from mbflow.views.text import fence

BUDGET = 60_000
"""Characters. GitHub refuses comments of more than 65,536."""
RESERVE = 200
"""Room for a note about what is cut, and for what stands between the parts."""
_LEAST, _MOST = 300, 4_000
"""Characters that a block has more than its line: fewer would say nothing."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing of a list: a line, that becomes a folded block where there is room."""

    line: str
    summary: str
    """What stands above the fold, as HTML."""
    body: Callable[[], Sequence[str]] | None
    """The lines below it; asked for only where there may be room. None: the line says all."""
    is_open: bool = False


def size_of(parts: Sequence[str]) -> int:
    """Characters of the parts with a blank line after each."""
    return sum(len(part) + 2 for part in parts)


def fit(entries: Sequence[Entry], room: int, noun: str, elsewhere: str) -> list[str]:
    """A line each, the first ones before all others; then blocks, with equal rights to the room.

    What does not fit is counted by its `noun`; `elsewhere` says what holds it. A small block leaves
    its share to the large ones.
    """
    parts, note = fit_lines([entry.line for entry in entries], room, noun, elsewhere, gap=2)
    room -= size_of(parts)
    begun = cut = 0
    while begun < len(parts) and room >= _LEAST:
        batch = entries[begun : min(len(parts), begun + room // _LEAST)]
        blocks, left = _blocks(batch, room)
        cut += left
        room -= sum(
            len(block) - len(entry.line) for block, entry in zip(blocks, batch, strict=True)
        )
        parts[begun : begun + len(batch)] = blocks
        begun += len(batch)
    cut += sum(entry.body is not None for entry in entries[begun : len(parts)])
    short = f"*{plural(cut, noun)} cut short here; {elsewhere}.*" if cut else ""
    return [*parts, *filter(None, [note or short])]


def fit_lines(
    lines: Sequence[str], room: int, noun: str, elsewhere: str, *, gap: int = 1
) -> tuple[list[str], str]:
    """The first lines that fit, and a note that counts the others: "" where there are none."""
    kept: list[str] = []
    for line in lines:
        room -= len(line) + gap
        if room < 0:
            left = len(lines) - len(kept)
            fits = "does not fit" if left == 1 else "do not fit"
            return kept, f"*{plural(left, f'more {noun}')} {fits} here; {elsewhere}.*"
        kept.append(line)
    return kept, ""


def cut_lines(lines: Sequence[str], room: int) -> str:
    """The lines, or the first ones that fit with the number of the others below them."""
    text = "\n".join(lines)
    if len(text) <= room:
        return text
    text = text[: max(0, room - 40)]
    whole = text.rpartition("\n")[0] or f"{text}…"
    left = len(lines) - whole.count("\n") - 1
    return f"{whole}\n    … {plural(left, 'more line')}" if left else whole


def _blocks(entries: Sequence[Entry], room: int) -> tuple[list[str], int]:
    """All of them in so much more room than their lines take, and how many had to be cut."""
    folds = [(entry, entry.body() if entry.body else ()) for entry in entries]
    whole = [len(_block(*fold)) - len(fold[0].line) for fold in folds]
    share = _share([min(_MOST, size) for size in whole], room)
    blocks = [_block(entry, body, len(entry.line) + share) for entry, body in folds]
    return blocks, sum(size > share for size in whole)


def _block(entry: Entry, body: Sequence[str], most: int | None = None) -> str:
    """In at most so many characters; the line where not even a cut block fits."""
    if entry.body is None:
        return entry.line
    opened = " open" if entry.is_open else ""
    head, foot = f"<details{opened}><summary>{entry.summary}</summary>\n\n", "\n\n</details>"
    text = "\n".join(body)
    block = f"{head}{fence(text)}{foot}"
    if most is None or len(block) <= most:
        return block
    around = len(block) - len(text)
    block = f"{head}{fence(cut_lines(body, most - around))}{foot}"
    return block if len(block) <= most else entry.line


def _share(sizes: Sequence[int], room: int) -> int:
    """How much each may have, so that all together have no more than there is."""
    left = len(sizes)
    for size in sorted(sizes):
        if size * left > room:
            return room // left
        room -= size
        left -= 1
    return max(sizes, default=0)
