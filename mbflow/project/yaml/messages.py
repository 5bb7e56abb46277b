"""What the YAML parser refuses, in words for the author of the file."""

from __future__ import annotations

import re

from yaml.error import MarkedYAMLError
from yaml.reader import ReaderError

from mbflow.model.problem import Problem, Severity
from mbflow.model.text import printable
from mbflow.project.source import lines_of, position

_STARS = 'Text that begins with * or & needs quotes, as in "*".'
_HINTS = {
    "mapping values are not allowed": (
        "A colon and a space begin a value: check the indentation, "
        "and put text with a colon in quotes."
    ),
    "did not find expected alphabetic or numeric character": _STARS,
    "found undefined alias": f"No anchor has that name. {_STARS}",
    "found unexpected end of stream": "A quote that is opened here is never closed.",
    "found invalid Unicode character escape code": (
        "Write the character itself, not an escape for half of it."
    ),
    "found unknown escape character": (
        "In double quotes a backslash begins an escape: write \\\\, or use single quotes."
    ),
    "could not find expected ':'": (
        "A key needs a colon and a value; text of several lines needs quotes, or | after its key."
    ),
    "did not find expected key": "Check the indentation, and the quotes of the lines above.",
    "did not find expected '-' indicator": "Check the indentation of this list.",
    "did not find expected ',' or": "A bracket that is opened here is never closed.",
    "found unknown directive name": "Text that begins with % needs quotes.",
    "found incompatible YAML document": "mbflow reads YAML 1.1 and 1.2.",
    "found duplicate anchor": "An anchor can be given only once.",
}
_UNCLOSED = "did not find expected ',' or"
_BARE_REFERENCE = (
    "This is not valid YAML: between brackets a reference to a variable needs quotes, "
    'as in {destination: "${number}"}.'
)
_AT_CONTEXT = ("found unexpected end of stream", _UNCLOSED)
"""Where these end tells nothing: the place to look at is where the thing began."""
_MERGE_MARK = re.compile(rb"(?:^|[\r\n])(?=(?:<{7}|>{7}) )")
_MERGED = "The file has a merge conflict: choose one side, and remove the lines that mark the two."
_CANNOT_START = "found character that cannot start any token"


def trouble_of(error: Exception, source: bytes) -> Problem:
    """The problem that stands for an exception of the parser."""
    if isinstance(error, ReaderError):
        return _reader_problem(error, source)
    merge = _MERGE_MARK.search(source)
    if merge is not None:
        line, _ = position(source[: merge.end()].decode("utf-8", "replace"))
        return _problem("yaml-syntax", _MERGED, line - 1, 0)
    if not isinstance(error, MarkedYAMLError) or error.problem_mark is None:
        return Problem("yaml-syntax", Severity.ERROR, "This is not valid YAML.", line=1, column=1)
    if "expected a single document" in (error.context or ""):
        mark = error.problem_mark
        message = "A second document begins here. A file holds only one: remove the ---."
        return _problem("yaml-documents", message, mark.line, mark.column)
    said = error.problem or "it cannot be read"
    mark = error.problem_mark
    if said.startswith(_UNCLOSED) and "${" in _line(source, mark.line):
        return _problem("yaml-syntax", _BARE_REFERENCE, mark.line, mark.column)
    if said.startswith(_AT_CONTEXT) and error.context_mark is not None:
        mark = error.context_mark
    key = said if not (error.context or "").startswith("found duplicate") else error.context or ""
    hint = _start_hint(source, mark.line, mark.column) if key == _CANNOT_START else _hint(key)
    message = f"This is not valid YAML: {printable(said)}."
    return _problem("yaml-syntax", f"{message} {hint}".rstrip(), mark.line, mark.column)


def _hint(said: str) -> str:
    return next((hint for start, hint in _HINTS.items() if said.startswith(start)), "")


def _start_hint(source: bytes, line: int, column: int) -> str:
    character = _line(source, line)[column : column + 1]
    if character == "\t":
        return "A tab cannot be used for indentation: use spaces."
    return f"Text that begins with {printable(character)} needs quotes." if character else ""


def _line(source: bytes, line: int) -> str:
    lines = lines_of(source)
    return lines[line] if line < len(lines) else ""


def _reader_problem(error: ReaderError, source: bytes) -> Problem:
    """The parser counts bytes here; people count lines and characters."""
    line, column = position(source[: error.position].decode("utf-8", "replace"))
    code = error.character if isinstance(error.character, int) else 0
    if "control" in error.reason:
        message = hidden_message("control", chr(code))
    else:
        message = f"This is not UTF-8 ({error.reason}). Save the file as UTF-8."
    return _problem("yaml-encoding", message, line - 1, column - 1)


def hidden_message(kind: str, character: str) -> str:
    """What to say of a character that nobody sees."""
    shown = printable(character)
    return (
        f"The file has the {kind} character {shown}. "
        f'Remove it; in double quotes it can be written as "{shown}".'
    )


def _problem(rule: str, message: str, line: int, column: int) -> Problem:
    return Problem(rule, Severity.ERROR, message, line=line + 1, column=column + 1)
