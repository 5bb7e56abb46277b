"""Problems as SARIF 2.1.0, the form in which code scanning services take findings.

The same values as GitHub's own upload action makes (github/codeql-action, src/fingerprints.ts): it
warns of others. Uploads that go past the action need them in the file.

Holds what GitHub asks for beyond the standard: a region, a fingerprint and a full description
always (docs.github.com, "SARIF support for code scanning").
"""

from __future__ import annotations

import hashlib
import struct
from collections.abc import Collection, Mapping, Sequence
from urllib.parse import quote

from mbflow import __version__
from mbflow.model.flow import Json
from mbflow.model.paths import path_text
from mbflow.model.problem import Problem, in_order
from mbflow.model.text import printable
from mbflow.rules import RULES, Rule

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
    place = f"{problem.rule}\0{path_text(problem.path)}"
    return f"{hashlib.sha256(place.encode('utf-8', 'replace')).hexdigest()[:16]}:1"
