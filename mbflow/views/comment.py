"""Markdown that fits a comment: what there is shares the room, and what is cut is counted.

Nothing is cut within a fence or a fold: lines go, and blocks, whole ones.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from typing import NamedTuple
from urllib.parse import quote

from mbflow.model.text import plural
from mbflow.views.text import code, fence

RESERVE = 200
"""Room for a note about what is cut, and for what stands between the parts."""
_LEAST, _MOST = 300, 4_000
"""Characters that a block has more than its line: fewer would say nothing."""
SMALL = 2_500
"""Characters of a block that stands open, without its diagram."""
_NAME = 100
"""Characters of a name in a marker."""


def marker(verb: str, project: str, environment: str) -> str:
    """`<!-- mbflow plan acme/production -->`: by this first line a comment is found again."""
    # Two dashes would end the comment.
    names = (
        quote(name, safe=" ", errors="replace")[:_NAME].replace("--", "-%2D")
        for name in (project, environment)
    )
    return f"<!-- mbflow {verb} {'/'.join(names)} -->"


class Files(NamedTuple):
    """Files as a comment names them: as links where it is known where they can be read."""

    address: str = ""
    """Of the project's folder at the commit, with a slash at its end; empty where none is known."""

    def link(self, file: str, place: str = "") -> str:
        """The file, or a place in it: `:3:5`."""
        text = code(f"{file}{place}")
        if not self.address or not file:
            return text
        line = re.match(r":(\d+)", place)
        below = quote(file, errors="surrogateescape") + (f"#L{line[1]}" if line else "")
        return f"[{text}]({self.address}{below})"


class Section(NamedTuple):
    """What has to be read before all else: a line each, in full or, where room is scarce, brief."""

    title: str
    noun: str
    lines: Sequence[str]
    briefs: Sequence[str]

    def text(self, lines: Sequence[str], note: str = "") -> str:
        return "\n\n".join(filter(None, [self.title, "\n".join(lines), note]))


class Block(NamedTuple):
    """Something below a line: a fence, or a sentence."""

    lines: Sequence[str]
    info: str = ""
    above: str = ""
    """Markdown before the fence."""
    is_list: bool = False
    """Whether there is no use in a part of it, where there is room for the whole."""

    def text(self, most: int | None = None) -> str:
        """In at most so many characters: "" where nothing fits."""
        whole = self._around("\n".join(self.lines))
        if most is None or len(whole) <= most:
            return whole
        room = most - len(whole) + len("\n".join(self.lines))
        if room < _LEAST // 3:
            return ""
        cut = self._around(cut_lines(self.lines, room))
        return cut if len(cut) <= most else ""

    def _around(self, text: str) -> str:
        fenced = [fence(text, self.info)] if text else []
        return "\n\n".join([*filter(None, [self.above]), *fenced])


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing of a list: a line, that becomes a folded block where there is room."""

    line: str
    summary: str
    """What stands above the fold, as HTML."""
    blocks: Sequence[Callable[[], Block | None]] = ()
    """Below it, the most important first; made only where there may be room."""
    diagram: Callable[[], Block | None] | None = None
    """Below them: there whole or not at all, and only where all else is."""
    intro: str = ""
    """Markdown that stands first below it."""
    is_open: bool = False
    """Whether it stands open where it is small."""
    count: int = 1
    """How many things it tells of."""


def size_of(parts: Sequence[str]) -> int:
    """Characters of the parts with a blank line after each."""
    return sum(len(part) + 2 for part in parts)


def fit(entries: Sequence[Entry], room: int, noun: str, elsewhere: str) -> list[str]:
    """A line each before all else; then the first blocks of all, and so on while all have room.

    What does not fit is counted by its `noun`; `elsewhere` says what holds it. Blocks of one rank
    have equal rights to the room, and a small one leaves its share to the large ones.
    """
    every, counts = [entry.line for entry in entries], [entry.count for entry in entries]
    lines, note = fit_lines(every, room, noun, elsewhere, gap=2, counts=counts)
    if note:
        # A part of what the first come to says more than the names of the last.
        lines, note = fit_lines(every, room * 2 // 3, noun, elsewhere, gap=2, counts=counts)
    room -= size_of(lines)
    folds = [_Fold(entry) for entry in entries[: len(lines)]]
    for rank in range(max((len(entry.blocks) for entry in entries), default=0)):
        waiting = [one for one in folds if rank < len(one.entry.blocks)]
        if room < _LEAST:
            _mark_as_cut(waiting)
        else:
            room = _fill(waiting, rank, room)
    _draw(folds, room)
    cut = sum(one.entry.count for one in folds if one.is_cut)
    short = f"*{plural(cut, noun)} cut short here; {elsewhere}.*" if cut else ""
    return [*_parts(folds), *filter(None, [note or short])]


def _parts(folds: Iterable[_Fold]) -> Iterator[str]:
    """Lines that follow each other are one list, without blank lines between them."""
    for is_folded, group in groupby(folds, lambda one: bool(one.texts)):
        texts = [one.text() for one in group]
        yield from texts if is_folded else ["\n".join(texts)]


def fit_sections(sections: Sequence[Section], room: int, elsewhere: str) -> list[str]:
    """All lines in full, or all brief; else as many as fit, in order, and the others counted."""
    for is_brief in (False, True):
        parts = [one.text(one.briefs if is_brief else one.lines) for one in sections]
        if size_of(parts) <= room:
            return parts
    parts = []
    for number, one in enumerate(sections, 1):
        later = sum(len(other.title) + RESERVE for other in sections[number:])
        here = room - size_of(parts) - later - len(one.title) - RESERVE
        lines, note = fit_lines(one.briefs, here, one.noun, elsewhere)
        part = one.text(lines, note)
        if size_of([*parts, part]) <= room:
            parts.append(part)
    return parts


def fit_lines(
    lines: Sequence[str],
    room: int,
    noun: str,
    elsewhere: str,
    *,
    gap: int = 1,
    counts: Sequence[int] = (),
) -> tuple[list[str], str]:
    """The first lines that fit, and a note that counts the others: "" where there are none.

    `counts` is how much each line stands for, where that is not one.
    """
    kept: list[str] = []
    for line in lines:
        room -= len(line) + gap
        if room < 0:
            left = sum(counts[len(kept) :]) or len(lines) - len(kept)
            more, fits = "more " if kept else "", "does not fit" if left == 1 else "do not fit"
            return kept, f"*{plural(left, f'{more}{noun}')} {fits} here; {elsewhere}.*"
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


@dataclass(slots=True)
class _Fold:
    """What of one entry is shown."""

    entry: Entry
    texts: list[str] = field(default_factory=list)
    drawn: int = 0
    """Characters of diagrams."""
    is_cut: bool = False

    def text(self) -> str:
        if not self.texts:
            return self.entry.line
        parts = [*filter(None, [self.entry.intro]), *self.texts]
        is_open = self.entry.is_open and size_of(parts) - self.drawn <= SMALL
        head = f"<details{' open' if is_open else ''}><summary>{self.entry.summary}</summary>"
        return "\n\n".join([head, *parts, "</details>"])

    def cost(self, text: str) -> int:
        """Characters that it takes more with this text."""
        if self.texts:
            return len(text) + 2
        head = len("<details open><summary></summary></details>") + len(self.entry.summary)
        intro = len(self.entry.intro) + 2 if self.entry.intro else 0
        return head + intro + len(text) + 4 - len(self.entry.line)


def _fill(folds: Sequence[_Fold], rank: int, room: int) -> int:
    """Puts the blocks of one rank in; gives the room that is left: none where one has too little"""
    begun, is_short = 0, False
    while begun < len(folds) and room >= _LEAST:
        batch = folds[begun : begun + room // _LEAST]
        used, has_room = _add(batch, rank, room)
        room -= used
        begun += len(batch)
        is_short = is_short or not has_room
    _mark_as_cut(folds[begun:])
    return 0 if is_short or begun < len(folds) else room


def _mark_as_cut(folds: Sequence[_Fold]) -> None:
    for one in folds:
        one.is_cut = True


def _add(batch: Sequence[_Fold], rank: int, room: int) -> tuple[int, bool]:
    """The characters that were taken, and whether each block has as much as it may have."""
    made = ((one, one.entry.blocks[rank]()) for one in batch)
    found = [(one, block) for one, block in made if block is not None]
    whole = [one.cost(block.text()) for one, block in found]
    wanted = [
        size if block.is_list else min(_MOST, size)
        for (_, block), size in zip(found, whole, strict=True)
    ]
    share = _share(wanted, room)
    used = 0
    for (one, block), size in zip(found, whole, strict=True):
        text = block.text(share - one.cost(""))
        one.is_cut = one.is_cut or size > share
        if text:
            used += one.cost(text)
            one.texts.append(text)
    return used, max(wanted, default=0) <= share


def _draw(folds: Sequence[_Fold], room: int) -> None:
    """The first diagrams, as far as there is room."""
    for one in folds:
        if room < _LEAST:
            return
        block = one.entry.diagram() if one.entry.diagram is not None else None
        if block is not None:
            text = block.text()
            room -= one.cost(text)
            if room >= 0:
                one.texts.append(text)
                one.drawn = len(text)


def _share(sizes: Sequence[int], room: int) -> int:
    """How much each may have, so that all together have no more than there is."""
    left = len(sizes)
    for size in sorted(sizes):
        if size * left > room:
            return room // left
        room -= size
        left -= 1
    return max(sizes, default=0)
