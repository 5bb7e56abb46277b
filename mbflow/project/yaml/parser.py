"""Bytes to YAML nodes, or the problem that forbids it: size, encoding, syntax, depth, aliases.

Nodes carry line and column. No node is kept for a good file: who needs a place composes again.
"""

from __future__ import annotations

import math
import operator
import re
from collections.abc import Iterator
from typing import Any, NamedTuple

from yaml._yaml import CParser
from yaml.error import YAMLError
from yaml.events import MappingEndEvent, MappingStartEvent, SequenceEndEvent, SequenceStartEvent
from yaml.nodes import MappingNode, ScalarNode

from mbflow.model.problem import Problem, Severity
from mbflow.project.source import WIDE, hidden_character
from mbflow.project.yaml.messages import hidden_message, trouble_of

TEXT = object()
"""The answer for a scalar that is text: its value is the text itself."""


class Unusable(NamedTuple):
    """The answer for a number that JSON cannot carry."""

    reason: str


_NULLS = ("", "~", "null", "Null", "NULL")
_TRUES = ("true", "True", "TRUE")
_FALSES = ("false", "False", "FALSE")
_MAY_BE_OTHER = frozenset("-+.0123456789~nNtTfF")
"""A plain scalar that begins otherwise is text."""

_INTEGER = re.compile(r"[-+]?[0-9]+")
_OCTAL = re.compile(r"0o[0-7]+")
_HEXADECIMAL = re.compile(r"0x[0-9a-fA-F]+")
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?")
_NOT_FINITE = re.compile(r"[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN)")
_LONGEST_NUMBER = 3000
"""Characters. Python refuses to write integers of more than 4,300 digits."""

_known: dict[str, object] = {
    **dict.fromkeys(_NULLS),
    **dict.fromkeys(_TRUES, True),
    **dict.fromkeys(_FALSES, False),
}
_KNOWN_AT_MOST = 50_000
_UNKNOWN = object()


def plain_value(text: str) -> object:
    """The value of a plain scalar: None, bool, int or float, or `TEXT`, or `Unusable`."""
    if text and text[0] not in _MAY_BE_OTHER:
        return TEXT
    value = _known.get(text, _UNKNOWN)
    if value is _UNKNOWN:
        value = _number(text)
        if len(text) <= 20 and len(_known) < _KNOWN_AT_MOST:
            _known[text] = value
    return value


def _number(text: str) -> object:
    if _INTEGER.fullmatch(text):
        return _whole(text, 10)
    if _OCTAL.fullmatch(text):
        return _whole(text[2:], 8)
    if _HEXADECIMAL.fullmatch(text):
        return _whole(text[2:], 16)
    if _FLOAT.fullmatch(text):
        value = float(text)
        return value if math.isfinite(value) else Unusable("is too large for a number")
    if _NOT_FINITE.fullmatch(text):
        return Unusable("is not a number that JSON can hold")
    return TEXT


def _whole(digits: str, base: int) -> object:
    if len(digits) > _LONGEST_NUMBER:
        return Unusable(f"has more than {_LONGEST_NUMBER} digits")
    return int(digits, base)


# What YAML 1.1 (PyYAML's safe loader and many others) reads as something other than text.
_OTHER_IN_1_1 = r"""[yYnN]|[yY]es|YES|[nN]o|NO|[oO]n|ON|[oO]ff|OFF
    |[-+]?0b[01_]+|[-+]?0[0-7_]+|[-+]?[0-9][0-9_]*|[-+]?0x[0-9a-fA-F_]+
    |[-+]?[0-9][0-9_]*(:[0-5]?[0-9])+(\.[0-9_]*)?
    |[-+]?[0-9][0-9_]*(\.[0-9_]*)?([eE][-+]?[0-9]+)?|[-+]?\.[0-9][0-9_]*([eE][-+]?[0-9]+)?
    |[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}([Tt\ \t].*)?
    |<<|="""


def is_text_everywhere(text: str) -> bool:
    """Whether a plain scalar is text for readers of YAML 1.1 and of YAML 1.2 alike."""
    return plain_value(text) is TEXT and not re.fullmatch(_OTHER_IN_1_1, text, re.VERBOSE)


LARGEST_FILE = 256 * 1024
"""Bytes."""
DEEPEST = 64
MOST_NODES = 100_000

_ALWAYS_SHALLOW = 4096
"""Bytes. The C composer recurses, and crashes the process from some 30,000 levels on."""
_DEEP_INDENT = re.compile(rb"[ \t?:-]{500}")


def compose(source: bytes) -> Any:
    """The root node, or None for a file without content. Raises nothing for sound files only:
    call it on sources that `composed` has accepted."""
    return _Parser(source).get_single_node()


def events(source: bytes) -> Iterator[Any]:
    """The parser's events of a source that `composed` has accepted."""
    parser = _Parser(source)
    while (event := parser.get_event()) is not None:
        yield event


def composed(source: bytes) -> tuple[Any, Problem | None]:
    """The root node, or what keeps it from being made."""
    problem = _refusal(source)
    if problem is not None:
        return None, problem
    try:
        root = compose(source)
    except (YAMLError, ValueError) as error:
        return None, trouble_of(error, source)
    if root is None:
        return None, error_at("yaml-empty", "The file is empty, or holds only comments.", (1, 1))
    if b"&" in source or len(source) > MOST_NODES // 2:
        return root, _Measure().trouble(root)
    return root, None


def _refusal(source: bytes) -> Problem | None:
    """What must be refused before the composer sees it."""
    if len(source) > LARGEST_FILE:
        return error_at("yaml-limit", f"The file is larger than {LARGEST_FILE // 1024} KB.")
    if b"\0" in source[:4]:
        return error_at("yaml-encoding", WIDE, (1, 1))
    hidden = hidden_character(source)
    if hidden is not None:
        character, *place = hidden
        message = hidden_message("invisible", character)
        return error_at("yaml-encoding", message, (place[0], place[1]))
    if len(source) > _ALWAYS_SHALLOW and _may_be_deep(source):
        return _depth_problem(source)
    return None


def _may_be_deep(source: bytes) -> bool:
    brackets = source.count(b"[") + source.count(b"{")
    return brackets > 1000 or _DEEP_INDENT.search(source) is not None


def _depth_problem(source: bytes) -> Problem | None:
    """Walks the events, which nest on the heap, to look at the depth before the stack is used."""
    parser, depth = _Parser(source), 0
    try:
        while (event := parser.get_event()) is not None:
            if isinstance(event, MappingStartEvent | SequenceStartEvent):
                depth += 1
                if depth > DEEPEST:
                    return too_deep(event)
            elif isinstance(event, MappingEndEvent | SequenceEndEvent):
                depth -= 1
    except (YAMLError, ValueError) as error:
        mark = getattr(error, "problem_mark", None)
        if "nesting depth" not in str(error) or mark is None:
            return trouble_of(error, source)
        # libyaml 0.2.6 bounds the depth itself, at more levels than ours and before it gives the
        # events: what stands before its bound is still deep enough to find ours.
        return _depth_problem(source.decode("utf-8", "replace")[: mark.index].encode())
    return None


class _Parser(CParser):
    """The C parser with scalar rules of our own.

    `resolve` answers with the value itself where a tag is expected, so that building the data
    needs no second look at the text. The composer asks for the two other methods at every node
    and ignores their answers: C functions that do nothing make them cheap.
    """

    descend_resolver = operator.is_
    ascend_resolver = bool

    def resolve(self, kind: type, value: str, implicit: tuple[bool, bool]) -> object:
        if kind is not ScalarNode:
            return None
        if not implicit[0] or (value and value[0] not in _MAY_BE_OTHER):
            return TEXT
        return plain_value(value)


class _Measure:
    """Counts the nodes that a document has once aliases are expanded, each anchor counted once."""

    def __init__(self) -> None:
        self._sizes: dict[int, int] = {}
        self._open: set[int] = set()

    def trouble(self, root: Any) -> Problem | None:
        try:
            size = self._size(root, 1)
        except _Endless as found:
            return error_at(
                "yaml-alias",
                "This alias is inside the value that it repeats. Write out what is meant instead.",
                place_of(found.node),
            )
        except _Bottomless as found:
            return too_deep(found.node)
        if size <= MOST_NODES:
            return None
        message = f"With its aliases expanded the file has more than {MOST_NODES:,} values."
        return error_at("yaml-limit", message, (1, 1))

    def _size(self, node: Any, depth: int) -> int:
        if node.__class__ is ScalarNode:
            return 1
        mine = id(node)
        if mine in self._sizes:
            return self._sizes[mine]
        if mine in self._open:
            raise _Endless(node)
        if depth > DEEPEST:
            raise _Bottomless(node)
        self._open.add(mine)
        inside = node.value
        if node.__class__ is MappingNode:
            inside = [part for pair in inside for part in pair]
        self._sizes[mine] = 1 + sum(self._size(part, depth + 1) for part in inside)
        self._open.discard(mine)
        return self._sizes[mine]


class _Endless(Exception):
    def __init__(self, node: Any) -> None:
        self.node = node


class _Bottomless(_Endless):
    pass


def error_at(rule: str, message: str, place: tuple[int, int] = (0, 0)) -> Problem:
    """The problem with line and column, from 1; without them that of the file as a whole."""
    return Problem(rule, Severity.ERROR, message, line=place[0], column=place[1])


def too_deep(node: Any) -> Problem:
    """The problem of a node that lies below the deepest level."""
    return error_at(
        "yaml-limit", f"The file is nested deeper than {DEEPEST} levels here.", place_of(node)
    )


def place_of(node: Any) -> tuple[int, int]:
    """Line and column, from 1."""
    return node.start_mark.line + 1, node.start_mark.column + 1
