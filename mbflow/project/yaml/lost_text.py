"""Text that YAML cuts, joins or swallows without a word: a `#`, a second line, an anchor, a block.

Only files in which there could be such a text are looked through: most have none.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from itertools import pairwise
from typing import Any

from yaml.events import AliasEvent, ScalarEvent
from yaml.nodes import MappingNode, ScalarNode

from mbflow.model.problem import Problem, Severity
from mbflow.model.text import shortened
from mbflow.project.source import lines_of
from mbflow.project.yaml.parser import TEXT, events, place_of
from mbflow.schema.validator import ACTION_NAMES, flow_keys, options_of, schema, step_keys

RULE = "yaml-text"
_COMMENT = re.compile(r"[ \t]#")
"""After exactly one blank: with two it is meant as a comment, and read as one."""
_WITHOUT_KEY = re.compile(rb"\n +(?=[^-#?\s])[^:\n]*+(?::(?=\S)[^:\n]*+)*+(?=\n|\Z)")
_BLOCK = re.compile(rb"[|>][-+0-9]*[ \t]*(?:[\r\n#]|\Z)")
_HASH = re.compile(r"\s#")
_KEY = re.compile(r"\s*([A-Za-z]+):(?:\s|$)")
_KEYS = frozenset({*flow_keys(), *step_keys()}).union(*map(options_of, ACTION_NAMES))
_ITEM = re.compile(r"\s*(?:[-*+]\s|([A-Za-z]+)\s+\S+\s*$)")
_FULL = 60
"""Columns of a line that a program may have broken: PyYAML breaks at 80, others earlier."""
_QUOTES = "Put the text into quotes"


def lost_texts(root: Any, source: bytes) -> Iterator[Problem]:
    """A problem for each such text below the root node of a document."""
    if b"&" in source or b"!" in source:
        yield from _anchored(source)
    if b" #" in source or b"\t#" in source or _has_block(source) or _has_bare_line(source):
        lines = lines_of(source)
        hashes = {number for number, line in enumerate(lines) if _HASH.search(line)}
        for node, key in _scalars(root, hashes):
            yield from _lost(node, lines, key)


def _has_block(source: bytes) -> bool:
    return (b"|" in source or b">" in source) and _BLOCK.search(source) is not None


def _has_bare_line(source: bytes) -> bool:
    # A pattern that begins with one certain byte is found in half the time.
    return _WITHOUT_KEY.search(source.replace(b"\r", b"\n")) is not None


def _scalars(root: Any, hashes: set[int]) -> Iterator[tuple[Any, str | None]]:
    """The scalars to look at, in the order of the file, and the key that each is the value of."""
    seen: set[int] = set()
    waiting: list[tuple[Any, str | None]] = [(root, None)]
    while waiting:
        node, key = waiting.pop()
        kind = node.__class__
        if kind is ScalarNode:
            end = node.end_mark.line
            if end in hashes or end != node.start_mark.line or not node.value:
                yield node, key
        elif id(node) not in seen:
            seen.add(id(node))
            if kind is MappingNode:
                waiting += [(value, _key(name)) for name, value in reversed(node.value)]
            else:
                waiting += [(item, None) for item in reversed(node.value)]


def _lost(node: Any, lines: list[str], key: str | None) -> Iterator[Problem]:
    if node.style in ("|", ">"):
        yield from _swallowed(node, lines)
    elif not node.style:
        end = node.end_mark
        rest = lines[end.line][end.column :] if end.line < len(lines) else ""
        is_text = node.tag is TEXT or (key is not None and _is_hash_text(node, rest))
        if _COMMENT.match(rest) and is_text and not _is_whole(key, node.value):
            yield _problem(_cut(node), end.line + 1, end.column + 2)
        if node.tag is TEXT and _is_bent(lines[node.start_mark.line : end.line + 1]):
            message = (
                "This text goes on below, and its lines are joined by blanks. Put it into quotes, "
                "or begin it below >- (lines joined) or |- (lines kept)."
            )
            yield _problem(message, *place_of(node))


def _is_bent(lines: list[str]) -> bool:
    """Whether lines below the first seem to be more than text that goes on.

    An empty line is a line break in the text; an item of a list, or a key without its colon, is
    part of it, but for one that stands there because the line above it was full.
    """
    return any(
        not below.strip() or (len(above) < _FULL and _seems_of_its_own(below))
        for above, below in pairwise(lines)
    )


def _seems_of_its_own(line: str) -> bool:
    found = _ITEM.match(line)
    return found is not None and (found[1] is None or found[1] in _KEYS)


def _key(node: Any) -> str:
    return node.value if node.__class__ is ScalarNode else ""


def _is_whole(key: str | None, text: str) -> bool:
    """Whether the text is one that its key takes, where that is not any text: nothing was cut."""
    form = _forms().get(key or "")
    return bool(text and form and re.fullmatch(form, text))


@cache
def _forms() -> dict[str, str]:
    """The keys whose text has a form of its own, each with a pattern of it."""
    found: dict[str, str] = {}
    waiting: list[Any] = [schema("call-flow"), schema("calls")]
    while waiting:
        rule = waiting.pop()
        if isinstance(rule, dict):
            waiting += rule.values()
            for name, of in (rule.get("$defs", {}) | rule.get("properties", {})).items():
                form = of.get("else", of) if isinstance(of, dict) else {}
                words = [re.escape(word) for word in form.get("enum", ()) if isinstance(word, str)]
                patterns = [found.get(name), form.get("pattern"), "|".join(words)]
                found[name] = "|".join(filter(None, patterns))
    return {name: form for name, form in found.items() if form}


def _is_hash_text(node: Any, rest: str) -> bool:
    """`title: #1 in town`: nothing is left of it; a comment has a blank after its #."""
    return not node.value and bool(re.match(r"\s#\w", rest))


def _cut(node: Any) -> str:
    if not node.value:
        return f"There is no value: # begins a comment. {_QUOTES} if the # belongs to it."
    word = node.value.rpartition(" ")[2]
    at = "here" if re.match("(live|test)_", word) else f'at "{shortened(word, 20)}"'
    return (
        f"The text ends {at}: # after a blank begins a comment. {_QUOTES} if the # belongs to it; "
        "write two blanks before a comment."
    )


def _swallowed(node: Any, lines: list[str]) -> Iterator[Problem]:
    first = node.start_mark.line + 1
    if not node.value:
        message = (
            "This block of text is empty: its lines stand below, indented more than its key. "
            "Text that begins with | or > needs quotes."
        )
        yield _problem(message, *place_of(node))
    for number in range(first, _end(node, lines)):
        found = _KEY.match(lines[number])
        if found and found[1] in _KEYS:
            message = (
                f'"{found[1]}:" is part of the text above it here. Indent the line like its key '
                f"if it is a key of its own; {_QUOTES.lower()} if it is none."
            )
            yield _problem(message, number + 1, found.start(1) + 1)


def _end(node: Any, lines: list[str]) -> int:
    """The number of the line behind the block: the node's own mark may stand further below."""
    first = node.start_mark.line + 1
    indent = next((_indent(line) for line in lines[first:] if line.strip()), 0)
    inside = range(first, len(lines))
    return next((n for n in inside if lines[n].strip() and _indent(lines[n]) < indent), len(lines))


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip(" "))


def _anchored(source: bytes) -> Iterator[Problem]:
    """Texts that begin with & or !: YAML takes their first word for something else."""
    anchors: dict[str, Any] = {}
    for event in events(source):
        if isinstance(event, AliasEvent):
            anchors.pop(str(event.anchor), None)
        elif isinstance(event, ScalarEvent):
            if event.tag == "!":
                message = "Text that begins with ! needs quotes."
                yield _problem(message, *place_of(event), severity=Severity.ERROR)
            if event.anchor and not event.style:
                anchors[event.anchor] = event
    for name, event in anchors.items():
        message = (
            f"&{shortened(name, 20)} is taken for a name of what follows, which nothing repeats, "
            f"and is no part of the text. {_QUOTES}, or remove it."
        )
        yield _problem(message, *place_of(event), severity=Severity.ERROR)


def _problem(
    message: str, line: int, column: int, severity: Severity = Severity.WARNING
) -> Problem:
    return Problem(
        RULE if severity is Severity.WARNING else "yaml-syntax",
        severity,
        message,
        line=line,
        column=column,
    )
