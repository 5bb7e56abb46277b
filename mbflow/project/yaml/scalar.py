"""Scalars as YAML for people: plain where every reader takes them for the same text, else in double
quotes, long ones folded, those of several lines as a block.

No line is one that a CI system takes for a command.
"""

from __future__ import annotations

import math
import re
import textwrap

from mbflow.model.errors import Error
from mbflow.model.flow import Json
from mbflow.model.text import is_command
from mbflow.project.yaml.parser import is_text_everywhere

WIDTH = 80
"""Columns. Longer texts are folded where that loses nothing."""

_PLAIN = re.compile(r"(?:[^\W\d_]|\$\$?\{)(?:[^:#]|:(?=[^ ])|(?<! )#)*")
_NOT_IN_BRACKETS = re.compile(r"[][{},:#]")
_PLAIN_KEY = re.compile(r"[A-Za-z_][A-Za-z0-9_-]*")


def scalar_lines(value: Json, indent: int, column: int) -> list[str]:
    """The value, which is no list or mapping with anything in it: its first line, and those below.

    `indent` is that of the lines below, `column` that at which the first line begins. Raises Error
    for what YAML cannot hold: half of a surrogate pair, an infinite number.
    """
    if isinstance(value, str):
        return _text(value, indent, column)
    if isinstance(value, float):
        return [_float(value)]
    if isinstance(value, dict):
        return ["{}"]
    if isinstance(value, list):
        return ["[]"]
    return ["null" if value is None else str(value).lower()]


def _float(value: float) -> str:
    if not math.isfinite(value):
        raise Error("The flow has a number that YAML and JSON cannot hold.")
    mantissa, e, exponent = repr(value).partition("e")
    return f"{mantissa}.0{e}{exponent}" if e and "." not in mantissa else repr(value)


def _text(text: str, indent: int, column: int) -> list[str]:
    pad = " " * indent
    lines = _literal_lines(text)
    if lines is not None:
        chomping = "" if text.endswith("\n") else "-"
        return [f"|{chomping}", *(f"{pad}{line}" if line else "" for line in lines)]
    if column + len(text) > WIDTH and folds(text):
        lines = wrapped(text, WIDTH - indent)
        if not any(map(is_command, lines)):
            return [">-", *(f"{pad}{line}" for line in lines)]
    return [scalar_text(text)]


def _literal_lines(text: str) -> list[str] | None:
    """The lines of a text that can stand as a literal block, or None."""
    lines = text.removesuffix("\n").split("\n")
    if len(lines) < 2 or text.startswith((" ", "\n")) or not lines[-1]:
        return None
    return lines if all(map(_is_sound, lines)) else None


def _is_sound(line: str) -> bool:
    return line.isprintable() and not line.endswith(" ") and not is_command(line)


def folds(text: str) -> bool:
    """Whether joining wrapped lines with single spaces gives the text back."""
    return text.isprintable() and all(text.split(" "))


def wrapped(text: str, width: int) -> list[str]:
    return textwrap.wrap(text, max(width, 40), break_long_words=False, break_on_hyphens=False)


def key_text(key: str) -> str:
    """The key of a mapping, in quotes where it is more than a plain word."""
    if _PLAIN_KEY.fullmatch(key) and is_text_everywhere(key):
        return key
    return quoted(key)


def scalar_text(text: str, *, in_brackets: bool = False) -> str:
    """The text on one line, in quotes where some reader of YAML would else read another value."""
    plain = (
        text.isprintable()
        and _PLAIN.fullmatch(text)
        and not text.endswith((" ", ":"))
        and not is_command(text)
        and is_text_everywhere(text)
        and not (in_brackets and _NOT_IN_BRACKETS.search(text))
    )
    return text if plain else quoted(text)


_HASHES = re.compile(r"##(?=\w*\[)")
_HASHES_APART = r"#\\x23"
_PERHAPS_ESCAPED = re.compile(r'["\\]|[^ -~]')
_ESCAPES = {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\t": "\\t", "\r": "\\r"}


def quoted(text: str) -> str:
    """The text in double quotes, on one line."""
    escaped = _PERHAPS_ESCAPED.sub(lambda found: _escape(found[0]), text)
    return f'"{_HASHES.sub(_HASHES_APART, escaped)}"'


def _escape(character: str) -> str:
    if character in _ESCAPES:
        return _ESCAPES[character]
    number = ord(character)
    if character.isprintable():
        return character
    if 0xD800 <= number <= 0xDFFF:
        raise Error("The flow has half of a surrogate pair, which is not a character.")
    if number < 0x100:
        return f"\\x{number:02x}"
    return f"\\u{number:04x}" if number < 0x10000 else f"\\U{number:08x}"
