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
        "A key needs a colon, a blank and a value; "
        "text of several lines needs quotes, or | after its key."
    ),
    "did not find expected key": "Check the indentation, and the quotes of the lines above.",
    "did not find expected '-' indicator": "Check the indentation of this list.",
    "did not find expected ',' or": "A bracket that is opened here is never closed.",
    "block sequence entries are not allowed": (
        "A dash and a blank begin a list: text that begins with them needs quotes, "
        "and a list begins on the line below its key."
    ),
    "mapping keys are not allowed": "Text that begins with a question mark needs quotes.",
    "did not find expected comment or line break": (
        "Text that begins with | or > needs quotes; a block of text begins on the line below."
    ),
    "did not find expected <document start>": (
        "Three dots end the file: remove their line, and what stands below it."
    ),
    "did not find expected hexdecimal number": (
        "An escape needs all its digits, as in \\u00e9; a backslash that is meant is written \\\\."
    ),
    "found unknown directive name": "Text that begins with % needs quotes.",
    "found incompatible YAML document": "mbflow reads YAML 1.1 and 1.2.",
    "found duplicate anchor": "An anchor can be given only once.",
}
_UNCLOSED = "did not find expected ',' or"
_NO_CONTENT = "did not find expected node content"
_BARE_REFERENCE = (
    "This is not valid YAML: between brackets a reference to a variable needs quotes, "
    'as in {destination: "${number}"}.'
)
_BETWEEN = (
    'Between brackets a text with {} in it needs quotes, as in {{payload: "Note: we are closed"}}.'
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
    cause = _cause(said, source, mark.line, mark.column)
    if cause:
        return _problem("yaml-syntax", cause, mark.line, mark.column)
    comment = _comment(said, error, source)
    if comment is not None:
        return comment
    if said.startswith(_AT_CONTEXT) and error.context_mark is not None:
        mark = error.context_mark
    key = said if not (error.context or "").startswith("found duplicate") else error.context or ""
    hint = _start_hint(source, mark.line, mark.column) if key == _CANNOT_START else _hint(key)
    message = f"This is not valid YAML: {printable(said)}."
    return _problem("yaml-syntax", f"{message} {hint}".rstrip(), mark.line, mark.column)


def _cause(said: str, source: bytes, line: int, column: int) -> str:
    """What a text without quotes did to the parser, seen from where it stopped; "" if nothing."""
    text = _line(source, line)
    before, character = text[:column].rstrip(), printable(text[column : column + 1])
    last = before[-1:]
    if said.startswith(_NO_CONTENT) and character in (",", "]", "}"):
        return f"Text that begins with {character} needs quotes."
    if not said.startswith((_UNCLOSED, "did not find expected key")) or not before:
        return ""
    if last in ("'", '"'):
        inside = '\\"' if last == '"' else "''"
        return (
            "The text goes on after its closing quote. Put the whole text into quotes: "
            f"inside of them {last} is written {inside}."
        )
    if not said.startswith(_UNCLOSED):
        begin = {"]": "[", "}": "{"}.get(last, "")
        return f"Text that begins with {begin} needs quotes." if begin else ""
    if character == ":" and re.search(r"[:,\[{]\s", before):
        return _BETWEEN.format("a colon and a blank")
    if character and character in "[{" and last not in ("", "{", "[", ",", ":"):
        return _BETWEEN.format(f"a {character}")
    return ""


def _comment(said: str, error: MarkedYAMLError, source: bytes) -> Problem | None:
    """The comment that took the closing bracket with it, and maybe the value before it."""
    last = error.problem_mark.line if error.problem_mark else 0
    if said.startswith(_NO_CONTENT):
        first = last = last - 1
    elif said.startswith(_UNCLOSED) and error.context_mark is not None:
        first = error.context_mark.line
    else:
        return None
    for number in range(max(first, 0), last + 1):
        found = re.search(r"[^\s,\[{]\s#|[\s,\[{]#(?=\S)", _line(source, number))
        if found:
            message = (
                "# begins a comment here, and the bracket that is opened before it is not "
                "closed. Put text with a # into quotes."
            )
            return _problem("yaml-syntax", message, number, found.end() - 1)
    return None


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
