"""Problems as text for people, as JSON and as SARIF; and a run that stopped."""

from __future__ import annotations

import struct
from collections.abc import Collection, Iterator, Mapping, Sequence
from itertools import groupby
from urllib.parse import quote

from mbflow import __version__
from mbflow.model.errors import Stop
from mbflow.model.flow import Json
from mbflow.model.paths import path_text
from mbflow.model.problem import Problem, Severity, in_order, problem_json
from mbflow.model.text import listed, plural, printable, shortened
from mbflow.rules import RULES, Rule
from mbflow.views.comment import Block
from mbflow.views.text import BUDGET, Style, cells, code, cut, line_width

Lines = Mapping[tuple[str, int], str]
"""File and line number to the line as it stands in the file."""

_AFTER = 28
"""Columns that are kept for what follows the place of a problem in its line."""
_OF_INDENTATION = ("yaml-syntax",)
"""Rules of which the cause may be how far a line is indented, against the one above."""
_COLOURS = {Severity.ERROR: "red", Severity.WARNING: "yellow"}


def problems_text(
    problems: Sequence[Problem], lines: Lines | None = None, style: Style | None = None
) -> str:
    """The problems grouped by file, each with its line and a caret where the line is known."""
    groups = groupby(in_order(problems), key=lambda problem: problem.file)
    return "\n\n".join(
        "\n".join(
            text for problem in group for text in _problem(problem, lines or {}, style or Style())
        )
        for _, group in groups
    )


def counts_text(
    problems: Sequence[Problem], flows: int, call_files: int = 0, calendars: int = 0
) -> str:
    """`8 flows, 1 calendar and 2 call files checked: 1 error, 2 warnings.`"""
    errors = sum(problem.severity is Severity.ERROR for problem in problems)
    warnings = len(problems) - errors
    found = ", ".join(_counted({"error": errors, "warning": warnings})) or "no problems"
    counted = _counted({"flow": flows, "calendar": calendars, "call file": call_files})
    files = listed(counted, last="and") or "No flow"
    return f"{files} checked: {found}."


def problems_json(problems: Sequence[Problem]) -> dict[str, Json]:
    return {"problems": [problem_json(problem) for problem in in_order(problems)]}


def place_text(problem: Problem) -> str:
    """`flows/menu.yaml:3:7`, or less where less is known."""
    place = f":{problem.line}:{problem.column}" if problem.line else ""
    return f"{printable(problem.file)}{place}"


def _problem(problem: Problem, lines: Lines, style: Style) -> Iterator[str]:
    place = style.paint(place_text(problem), "bold")
    kind = style.paint(f"{problem.severity}:", _COLOURS[problem.severity], "bold")
    start = f"{place}: " if problem.file else ""
    yield f"{start}{kind} {printable(problem.message)} {style.paint(f'[{problem.rule}]', 'dim')}"
    line = lines.get((problem.file, problem.line))
    if line is not None and problem.column <= len(line) + 1:
        indented = problem.rule in _OF_INDENTATION
        above = lines.get((problem.file, problem.line - 1), "") if indented else ""
        if above.strip():
            yield f"    {cut(printable(above.expandtabs(1)), _room())}"
        yield from _marked(line, problem.column, style, indented=indented)


def _marked(line: str, column: int, style: Style, *, indented: bool) -> Iterator[str]:
    before = line[: column - 1].expandtabs(1)
    before = printable(before if indented else before.lstrip())
    room = _room()
    if cells(before) > room - _AFTER:
        before = f"…{_last_of(before, room - _AFTER - 1)}"
    after = cut(printable(line[column - 1 : column - 1 + 4 * room]), room - cells(before))
    yield f"    {before}{after}"
    yield f"    {' ' * cells(before)}{style.paint('^', 'cyan', 'bold')}"


def _room() -> int:
    """Columns of a line of a file, which is indented by four."""
    return line_width() - 4


def _last_of(text: str, width: int) -> str:
    """As much of the text's end as fits into so many columns."""
    text = text[-width:]
    while cells(text) > width:
        text = text[1:]
    return text


def _counted(numbers: Mapping[str, int]) -> list[str]:
    return [plural(number, noun) for noun, number in numbers.items() if number]


def stop_document(stop: Stop) -> dict[str, Json]:
    """No other document of mbflow has `error`. `problems` are there when files are wrong."""
    document: dict[str, Json] = {
        "error": {"summary": stop.summary, "details": [detail for detail in stop.details]},
        "exit_code": int(stop.code),
    }
    if stop.problems:
        document["problems"] = [problem_json(problem) for problem in in_order(stop.problems)]
    return document


MOST_LINES = 200
"""Of a comment that says why something stopped."""


def stop_markdown(stop: Stop, head: str = "### mbflow", room: int = BUDGET) -> str:
    """The same for a comment, in which nothing else would stand: in so many characters."""
    text = problems_text(stop.problems) if stop.problems else "\n".join(stop.details)
    lines = [cut(printable(line), _LONGEST) for line in text.splitlines()]
    left = len(lines) - MOST_LINES
    if left > 0:
        lines[MOST_LINES:] = [f"… and {plural(left, 'line')} more"]
    told = f"{head}: {code(shortened(stop.summary, min(_MOST_SUMMARY, room // 2)))}"
    body = Block(lines).text(room - len(told) - 2)
    return "\n\n".join([told, *filter(None, [body])])


_MOST_SUMMARY = 1_000
_LONGEST = 250
"""Characters of one line in a comment."""

_UNITS = 100
"""How many characters from the beginning of a line are hashed, without spaces and tabs."""
_FACTOR = 37
_END = b"\xff\xff"


def line_hashes(source: bytes, wanted: Collection[int]) -> dict[int, str]:
    """`hash:count` of the lines wanted, which count from 1; `count` tells equal lines apart.

    Lines that there are not are left out.
    """
    text = source.decode("utf-8", "replace").replace("\r\n", "\n").replace("\r", "\n")
    lines = [line.encode("utf-16-le") for line in _without_blanks(text).split("\n")]
    whole = "\n".encode("utf-16-le").join(lines) + _END + bytes(2 * _UNITS)
    found: dict[int, str] = {}
    seen: dict[bytes, int] = {}
    start = 0
    for number, line in enumerate(lines, start=1):
        window = whole[start : start + 2 * _UNITS]
        seen[window] = seen.get(window, 0) + 1
        if number in wanted:
            found[number] = f"{_hash(window):x}:{seen[window]}"
        start += len(line) + 2
    return found


def _without_blanks(text: str) -> str:
    return text.replace(" ", "").replace("\t", "")


def _hash(window: bytes) -> int:
    value = 0
    for unit in struct.unpack(f"<{_UNITS}H", window):
        value = (value * _FACTOR + unit) % 2**64
    return value


_SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
_ROOT = "%SRCROOT%"
_DESCRIPTION_LENGTH = 1024
"""GitHub takes no more of a description."""


def sarif(problems: Sequence[Problem], sources: Mapping[str, bytes]) -> dict[str, Json]:
    """One run with a result for each problem. Files are relative to the root of the repository.

    `sources` holds the files as they are; a problem of another one is known by its place.
    """
    used = sorted({problem.rule for problem in problems})
    driver: dict[str, Json] = {
        "name": "mbflow",
        "version": __version__,
        "rules": [_rule(RULES[rule]) for rule in used],
    }
    hashes = _hashes(problems, sources)
    run: dict[str, Json] = {
        "tool": {"driver": driver},
        "columnKind": "unicodeCodePoints",
        "originalUriBaseIds": {_ROOT: {"description": {"text": "The root of the repository."}}},
        "results": [
            _result(problem, used.index(problem.rule), hashes) for problem in in_order(problems)
        ],
    }
    return {"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]}


def _rule(rule: Rule) -> dict[str, Json]:
    description = rule.manual.partition("\n\nFails:")[0]
    return {
        "id": rule.id,
        "shortDescription": {"text": rule.summary},
        "fullDescription": {"text": description[:_DESCRIPTION_LENGTH]},
        "help": {"text": rule.manual, "markdown": rule.manual},
        "defaultConfiguration": {"level": rule.severity.value},
    }


def _result(problem: Problem, index: int, hashes: Mapping[tuple[str, int], str]) -> dict[str, Json]:
    line, column = _place(problem)
    location: dict[str, Json] = {
        "artifactLocation": {"uri": _uri(problem.file), "uriBaseId": _ROOT},
        "region": {"startLine": line, "startColumn": column, "endLine": line},
    }
    fingerprint = hashes.get((problem.file, line)) or _by_place(problem)
    return {
        "ruleId": problem.rule,
        "ruleIndex": index,
        "level": problem.severity.value,
        "message": {"text": _text(problem.message)},
        "locations": [{"physicalLocation": location}],
        "partialFingerprints": {"primaryLocationLineHash": fingerprint},
    }


def _place(problem: Problem) -> tuple[int, int]:
    """Line and column; what is wrong with a file as a whole is shown at its beginning."""
    return problem.line or 1, problem.column or 1


def _uri(file: str) -> str:
    """A reference below the root, also of a name that is not text."""
    return quote(file, errors="surrogateescape")


def _text(message: str) -> str:
    """Without what SARIF reads as a link: a text from a file could make one."""
    return printable(message).replace("](", "] (")


def _hashes(
    problems: Sequence[Problem], sources: Mapping[str, bytes]
) -> dict[tuple[str, int], str]:
    wanted: dict[str, set[int]] = {}
    for problem in problems:
        wanted.setdefault(problem.file, set()).add(_place(problem)[0])
    return {
        (file, line): found
        for file, lines in wanted.items()
        if file in sources
        for line, found in line_hashes(sources[file], lines).items()
    }


def _by_place(problem: Problem) -> str:
    """For a file that could not be read, or must not be."""
    import hashlib

    place = f"{problem.rule}\0{path_text(problem.path)}"
    return f"{hashlib.sha256(place.encode('utf-8', 'replace')).hexdigest()[:16]}:1"
