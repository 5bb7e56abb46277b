"""Files as text: UTF-8, with or without a byte order mark before it, lines as editors count them.

Every file that mbflow reads comes through here: those that people write, and its own.
"""

from __future__ import annotations

import codecs
import re

_WIDE_MARKS = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE, codecs.BOM_UTF32_BE)
"""UTF-32 of the other order begins like UTF-16."""
# YAML 1.1 ends a line at these, YAML 1.2 and editors do not; a byte order mark amid text is left
# behind where files were joined. Nobody sees any of them.
_HIDDEN = "[\x85\u2028\u2029\ufeff]"
_ANY_HIDDEN = re.compile(rb"\xc2\x85|\xe2\x80[\xa8\xa9]|\xef\xbb\xbf")
_LINE_END = re.compile(r"\r\n|\r|\n")
_LINE_END_BYTES = re.compile(_LINE_END.pattern.encode())

WIDE = "The file is UTF-16 or UTF-32. Save it as UTF-8."


class NotText(ValueError):
    """Why bytes are not the text of a file; `line` and `column` count from 1."""

    def __init__(self, message: str, line: int = 1, column: int = 1) -> None:
        super().__init__(message)
        self.message = message
        self.line = line
        self.column = column


def without_mark(source: bytes) -> bytes:
    """The bytes without a byte order mark of UTF-8 at their beginning: Windows editors write it.

    Raises NotText for the marks of UTF-16 and UTF-32.
    """
    if source.startswith(codecs.BOM_UTF8):
        return source[len(codecs.BOM_UTF8) :]
    if source.startswith(_WIDE_MARKS):
        raise NotText(WIDE)
    return source


def text_of(source: bytes) -> str:
    """The text of a file. Raises NotText where it is not UTF-8."""
    plain = without_mark(source)
    try:
        return plain.decode("utf-8")
    except UnicodeDecodeError as error:
        line, column = position(plain[: error.start].decode("utf-8", "replace"))
        reason = error.reason
    raise NotText(f"This is not UTF-8 ({reason}). Save the file as UTF-8.", line, column)


def lines_of(source: bytes | str) -> list[str]:
    """The lines as editors and code hosts count them, without their ends.

    Only LF, CR and CRLF end one; what is not UTF-8 is replaced.
    """
    if isinstance(source, bytes):
        source = source.removeprefix(codecs.BOM_UTF8).decode("utf-8", "replace")
    return _LINE_END.split(source)


def records_of(source: bytes) -> list[bytes]:
    """The lines of a file that may be damaged. Raises NotText for UTF-16 and UTF-32."""
    return _LINE_END_BYTES.split(without_mark(source))


def position(before: str) -> tuple[int, int]:
    """Line and column, from 1, of what follows this text."""
    lines = lines_of(before)
    return len(lines), len(lines[-1]) + 1


def hidden_character(source: bytes) -> tuple[str, int, int] | None:
    """The first character that nobody sees and readers of YAML disagree on: where it stands."""
    if source.isascii() or _ANY_HIDDEN.search(source) is None:
        return None
    text = source.decode("utf-8", "replace")
    found = re.search(_HIDDEN, text)
    return (found[0], *position(text[: found.start()])) if found else None
