"""Texts for people: harmless in terminals and logs, shortened, with the word probably meant."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

# C0 and C1 controls, line and paragraph separators, zero-width and bidirectional controls,
# interlinear marks, tags, lone surrogates and what XML cannot hold: nothing that a reader could see
# or should obey.
HIDDEN = (
    "[\x00-\x1f\x7f-\x9f\u00ad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f"
    "\ufeff\ufff9-\ufffb\ufffe\uffff\ud800-\udfff\U000e0000-\U000e007f]"
)
_SHORT = {"\n": "\\n", "\r": "\\r", "\t": "\\t", "\x1b": "\\e"}
# GitHub reads `::error` at the start of a line, and `##[error]` anywhere in one, as commands;
# others read `##vso[…]` and `##teamcity[…]`.
_COMMAND = r"^(\s*):(?=:)|##(?=\w*\[)"


def printable(text: str) -> str:
    """The text on one line, with every character that could act written as an escape."""
    if not (text.isascii() and text.isprintable()):
        text = re.sub(HIDDEN, _escape, text)
    if "::" in text or "##" in text:
        text = re.sub(_COMMAND, lambda m: f"{m[1] or ''}\\x3a" if ":" in m[0] else "#\\x23", text)
    return text


def is_command(line: str) -> bool:
    """Whether a CI system could take the line for a command of its own."""
    return re.search(_COMMAND, line) is not None


@dataclass(frozen=True, slots=True, init=False)
class Command:
    """A command to copy, or options to add to one: the program, and its words."""

    words: tuple[str, ...]

    def __init__(self, *words: str) -> None:
        object.__setattr__(self, "words", words)

    def __str__(self) -> str:
        """The line: what a shell would take apart, or obey, is in quotes."""
        import shlex

        return shlex.join(self.words)


Line = str | Command
"""What messages are made of. A command stands on a line of its own; the cli writes it."""


def lines_to_set(variable: str) -> tuple[Line, ...]:
    """How to give a process variable a secret value, which stays out of the shell's history."""
    read, export = Command("read", "-rs", variable), Command("export", variable)
    return "In a terminal, to type it unseen:", read, export


def shortened(text: str, length: int) -> str:
    """Printable text of at most `length` characters, cut with an ellipsis."""
    text = printable(text[: length * 2])
    return text if len(text) <= length else text[: length - 1] + "…"


def broken_flow_message(name: str) -> str:
    """Why a call could not be made: the errors stand in the flow's own file."""
    return f'The flow "{shortened(name, 80)}" has errors, so it cannot be called.'


def _escape(match: re.Match[str]) -> str:
    character = match[0]
    number = ord(character)
    if character in _SHORT:
        return _SHORT[character]
    if number < 0x100:
        return f"\\x{number:02x}"
    return f"\\u{number:04x}" if number < 0x10000 else f"\\U{number:08x}"


def nearest(word: str, known: Iterable[str]) -> str | None:
    """The known word that `word` was meant to be, or None where none is near."""
    import difflib  # only needed once something is wrong

    by_folded = {name.casefold(): name for name in sorted(known)}
    found = difflib.get_close_matches(word[:100].casefold(), by_folded, n=1, cutoff=0.6)
    return by_folded[found[0]] if found else None


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """` Did you mean "x"?` with a space before it, or nothing."""
    found = nearest(word, known)
    return f' Did you mean "{shortened(found, 60)}"?' if found is not None else ""


def typo_guess(word: str, known: Iterable[str]) -> str:
    """` Did you mean "x"?` where the case is wrong, or one or two letters that are no digits.

    For names of flows: the nearest of many would often be another flow that answers well.
    """
    import difflib

    def wrong(name: str) -> int:
        codes = difflib.SequenceMatcher(None, word, name, autojunk=False).get_opcodes()
        return sum(max(b - a, d - c) for tag, a, b, c, d in codes if tag != "equal")

    word = word[:100].casefold()
    most = min(2, len(word) // 2)
    digits = re.findall(r"\d", word)
    near = [
        (wrong(name.casefold()), name)
        for name in known
        if abs(len(name) - len(word)) <= most and re.findall(r"\d", name) == digits
    ]
    found = min(near, default=(most + 1, ""))
    return f' Did you mean "{shortened(found[1], 60)}"?' if found[0] <= most else ""


def listed(words: Iterable[str], *, last: str = "or") -> str:
    """`a, b or c`."""
    *head, tail = list(words) or [""]
    return f"{', '.join(head)} {last} {tail}" if head else tail


def listed_shortly(words: Sequence[str], most: int = 5) -> str:
    """`a, b, c and 12 more`: what is not listed is counted."""
    shown = ", ".join(words[:most])
    return f"{shown} and {len(words) - most:,} more" if len(words) > most else shown


def plural(number: int, noun: str) -> str:
    """`1 call`, `2 calls`, `12,000 calls`."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


_WILD = {"**/": "(?:.*/)?", "**": ".*", "*": "[^/]*", "?": "[^/]"}


def is_pattern(text: str) -> bool:
    """Whether it has a character that stands for others: no name of a flow needs one."""
    return "*" in text or "?" in text


def names_like(pattern: str, names: Iterable[str]) -> list[str]:
    """The names that the pattern fits, in their order: `*` within a folder, `**` across them."""
    pattern = re.sub(r"(\*\*/)+", "**/", pattern)  # else a long one could take long to match
    parts = re.split(r"(\*\*/|\*\*|\*|\?)", pattern)
    expression = re.compile("".join(_WILD.get(part) or re.escape(part) for part in parts))
    return [name for name in names if expression.fullmatch(name)]
