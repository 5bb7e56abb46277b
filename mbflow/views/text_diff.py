"""Two versions of a text, line by line, with marks below the words that changed."""

from __future__ import annotations

import difflib
import json
import re
import unicodedata
from collections.abc import Iterator, Sequence
from itertools import chain, islice

from mbflow.flow.words import WHOLE, extents, is_told, look_alike
from mbflow.model.flow import Json
from mbflow.model.text import plural, printable
from mbflow.views.text import DiffLine, cells, wrap

_FEW = 6
"""Lines of a text that a diff shows whole."""
_MOST_LINES = 200
_MOST_WORDS = 1_000
"""In one place: of more all are marked, because time grows with the square of them."""
_AROUND = 10
"""Words before the first change in a line that is too long to be shown whole."""
# Chinese and Japanese have no blanks between words: there each character counts as one.
_WIDE = "\u2e80-\u9fff\uac00-\ud7af\uf900-\ufaff\uff00-\uffef"
_WORD = re.compile(f"[{_WIDE}]|[^ {_WIDE}]+")

Marked = tuple[str, list[bool]]
"""A line, and which of its words changed."""


_COLOURS = {"-": "red", "+": "green"}


def text_diff(before: Json, after: Json) -> Iterator[DiffLine]:
    """What went with `-`, what came with `+`; of many lines only those that differ.

    Below a line stand marks under the words that changed; none where no word stayed. What is not
    shown to the last character has its size and a checksum.
    """
    old, new = _lines(before, after)
    is_whole = len(old) <= _FEW and len(new) <= _FEW and _are_lines(before, after)
    if _is_text(before) and _is_text(after) and _visible(old) == _visible(new):
        yield _note("only in the blanks and breaks at the ends of lines")
        is_whole = False
    else:
        shown = list(_changes(old, new, _FEW if is_whole else 1))
        yield from shown[:_MOST_LINES]
        if len(shown) > _MOST_LINES:
            yield _note(f"… {plural(len(shown) - _MOST_LINES, 'more line')}")
        yield from _what_looks_alike("\n".join(old), "\n".join(new))
    ends = [isinstance(text, str) and text.endswith("\n") for text in (before, after)]
    if is_whole and ends[0] != ends[1]:
        yield _note(f"only the {'new' if ends[1] else 'old'} text ends with a line break")
    if not is_whole:
        lines = wrap(f"in all {extents(before, after)}", "  ", "    ")
        yield from (DiffLine(line, line) for line in lines)


def _note(text: str) -> DiffLine:
    return DiffLine(f"  {text}", f"  {text}")


def _is_text(value: Json) -> bool:
    return value is None or isinstance(value, str)


def _lines(before: Json, after: Json) -> tuple[list[str], list[str]]:
    """The lines of two texts, the items of two lists; what differs in kind as JSON."""
    if _is_text(before) and _is_text(after):
        old, new = (str(text or "").splitlines() for text in (before, after))
        return old, new
    lists = [value if isinstance(value, list) else [] for value in (before, after)]
    if lists != [before, after]:
        lists = [[] if value is None else [value] for value in (before, after)]
    old, new = ([json.dumps(item, ensure_ascii=False) for item in items] for items in lists)
    return old, new


def _are_lines(before: Json, after: Json) -> bool:
    """Whether the lines of both, as they are shown, are all that there is in them."""
    old, new = _lines(before, after)
    if isinstance(before, str) and isinstance(after, str):
        texts = [text.removesuffix("\n") for text in (before, after)]
        if [old, new] != [text.split("\n") for text in texts] or not all(texts):
            return False
    elif not isinstance(before, list) or not isinstance(after, list):
        return False
    # A line of `^` could be taken for marks.
    return all(is_told(line, WHOLE) and "^" not in line for line in [*old, *new])


def _visible(lines: list[str]) -> str:
    return "\n".join(line.rstrip() for line in lines).rstrip("\n")


def _changes(old: list[str], new: list[str], around: int) -> Iterator[DiffLine]:
    for group in difflib.SequenceMatcher(None, old, new).get_grouped_opcodes(around):
        for tag, i, to_i, j, to_j in group:
            if tag == "equal":
                for line in old[i:to_i]:
                    yield from _shown(" ", (line, []))
                continue
            went, came = _marked(old[i:to_i], new[j:to_j])
            for sign, marked in [*(("-", line) for line in went), *(("+", line) for line in came)]:
                yield from _shown(sign, marked)


def _shown(sign: str, marked: Marked) -> Iterator[DiffLine]:
    """A line with its sign, and marks below it. What is wrapped stands further in than any line.

    In a fence each line of it has the sign; marks have none, for they are of neither text.
    """
    colour = _COLOURS.get(sign, "")
    line, changed = _cut(*marked)
    words = iter(changed)
    indent, further = f"  {sign} ", "      "
    for part in wrap(printable(line), indent, further):
        below = _marks(part[: len(indent)], part[len(indent) :], words)
        yield DiffLine(part, f"{sign}{part[3:]}", colour)
        if below:
            yield DiffLine(below, below[2:], colour)
        indent = further


def _marks(indent: str, text: str, changed: Iterator[bool]) -> str:
    """`^^^^` under each word that changed; "" where there is none."""
    marks = ""
    for word, is_changed in zip(_words(text), changed, strict=False):
        if is_changed:
            marks = marks.ljust(cells(indent + text[: word.start()])) + "^" * cells(word[0])
    return marks


def _cut(line: str, changed: list[bool]) -> Marked:
    """The line; of one without end as many words as anybody reads, from the first that changed."""
    if len(line) <= WHOLE:
        return line, changed
    words = list(_words(line))
    first = max(0, (changed.index(True) if any(changed) else 0) - _AROUND)
    start = words[first].start() if words else 0
    kept = [word for word in words[first:] if word.end() - start <= WHOLE]
    if not kept:
        return line[start : start + WHOLE] + "…", []
    head, foot = "… " if first else "", " …" if len(kept) + first < len(words) else ""
    text = f"{head}{line[start : kept[-1].end()]}{foot}"
    return text, [*([False] if head else []), *changed[first : first + len(kept)]]


def _words(text: str) -> Iterator[re.Match[str]]:
    """The words of a line or of a part of it: as many in the text as in what is shown of it."""
    return (word for word in _WORD.finditer(text) if not printable(word[0]).isspace())


def _marked(old: Sequence[str], new: Sequence[str]) -> tuple[list[Marked], list[Marked]]:
    """The lines that went and those that came, each with which of its words changed."""
    before, after = ([[w[0] for w in _words(line)] for line in lines] for lines in (old, new))
    one, two = _changed_words([*chain(*before)], [*chain(*after)])
    went = [(line, [*islice(one, len(words))]) for line, words in zip(old, before, strict=True)]
    came = [(line, [*islice(two, len(words))]) for line, words in zip(new, after, strict=True)]
    return went, came


def _changed_words(old: list[str], new: list[str]) -> tuple[Iterator[bool], Iterator[bool]]:
    """Of each word whether it is only on its own side; of none where no word is on both."""
    first = _alike(old, new)
    last = _alike(old[first:][::-1], new[first:][::-1])
    one, two = old[first : len(old) - last], new[first : len(new) - last]
    went, came = [True] * len(one), [True] * len(two)
    if max(len(one), len(two)) <= _MOST_WORDS:
        matcher = difflib.SequenceMatcher(None, one, two, autojunk=False)
        for i, j, size in matcher.get_matching_blocks():
            went[i : i + size] = came[j : j + size] = [False] * size
    if not first and not last and all(went) and all(came):
        went, came = [], []
    sides = ([False] * first + side + [False] * last for side in (went, came))
    return iter(next(sides)), iter(next(sides))


def _alike(old: Sequence[str], new: Sequence[str]) -> int:
    """How many words both begin with."""
    pairs = enumerate(zip(old, new, strict=False))
    return next((n for n, (one, two) in pairs if one != two), min(len(old), len(new)))


def _what_looks_alike(old: str, new: str) -> Iterator[DiffLine]:
    """What only an eye for Unicode sees: no-break spaces, accents of their own, wide digits."""
    if old == new or not look_alike(old, new):
        return
    for side, only in (("old", {*old} - {*new}), ("new", {*new} - {*old})):
        for character in islice(sorted(only), _FEW):
            name = unicodedata.name(character, "a character without a name").lower()
            yield _note(f"only the {side} text has {name} (U+{ord(character):04X})")
