"""YAML files as documents: plain data, a place for every path, a problem for all that is odd.

Nothing is raised for a bad file.
"""

from __future__ import annotations

from sys import intern
from typing import Any

from yaml.nodes import MappingNode, ScalarNode, SequenceNode

from mbflow.model.flow import Json, Path
from mbflow.model.problem import Problem, has_errors
from mbflow.model.text import shortened
from mbflow.project.source import NotText, without_mark
from mbflow.project.yaml.lost_text import lost_texts
from mbflow.project.yaml.parser import (
    DEEPEST,
    TEXT,
    Unusable,
    compose,
    composed,
    error_at,
    place_of,
    too_deep,
)
from mbflow.schema.validator import is_odd_number

_ODD = frozenset({str, Unusable})
"""What stands in `node.tag` for a scalar without a value: a tag from the file, or a bad number."""


class _Builder:
    """Makes the data, and collects what is odd on the way: such parts are left out."""

    def __init__(self) -> None:
        self.problems: list[Problem] = []
        self.too_deep = False
        self.has_odd_number = False

    def value(self, node: Any, depth: int) -> Json:
        kind = node.__class__
        if kind is ScalarNode:
            return self._scalar(node)
        if depth > DEEPEST:
            if not self.too_deep:
                self.problems.append(too_deep(node))
            self.too_deep = True
            return None
        if node.tag is not None:
            self._tagged(node)
        if kind is MappingNode:
            return self._mapping(node, depth)
        return [self.value(item, depth + 1) for item in node.value]

    def _scalar(self, node: Any) -> Json:
        value = node.tag
        if value is TEXT:
            text: str = node.value
            return intern(text) if len(text) < 20 else text
        if value.__class__ in _ODD:
            return self._odd(node)
        if is_odd_number(value):
            self.has_odd_number = True
        return value  # type: ignore[no-any-return]

    def _mapping(self, node: Any, depth: int) -> Json:
        result: dict[str, Json] = {}
        for key_node, value_node in node.value:
            if key_node.tag is TEXT:
                key = intern(key_node.value)
            else:
                self._odd_key(key_node)
                continue
            if not value_node.value and _is_bare(key_node, value_node):
                self._bare_entry(key, key_node)
            if key in result or (key == "<<" and not key_node.style):
                self._refused_key(key, key_node, node)
                continue
            if value_node.tag is TEXT:  # Most are: they are not worth a call.
                text = value_node.value
                result[key] = intern(text) if len(text) < 20 else text
            else:
                result[key] = self.value(value_node, depth + 1)
        return result

    def _bare_entry(self, key: str, node: Any) -> None:
        shown = shortened(key, 40)
        why = "between brackets a comma ends a text" if ":" not in key else "a blank is missing"
        message = f'"{shown}" has no value: {why}. Put text with a comma or a colon into quotes, '
        message += 'as in {payload: "For sales, press 1"}; a key has a colon and a blank.'
        self.problems.append(error_at("yaml-syntax", message, place_of(node)))

    def _odd(self, node: Any) -> Json:
        if isinstance(node.tag, Unusable):
            message = f"{shortened(node.value, 30)} {node.tag.reason}."
            self.problems.append(error_at("yaml-number", message, place_of(node)))
            return None
        self._tagged(node)
        text: str = node.value
        return text

    def _tagged(self, node: Any) -> None:
        tag = shortened(node.tag.replace("tag:yaml.org,2002:", "!!"), 40)
        message = f"The tag {tag} has no meaning here. Remove it; quotes make any value text."
        self.problems.append(error_at("yaml-tag", message, place_of(node)))

    def _odd_key(self, node: Any) -> None:
        if isinstance(node, ScalarNode):
            text = shortened(node.value, 40)
            message = f'The key {text} is not text. Put it in quotes: "{text}".'
        else:
            message = "A list or a mapping cannot be a key. Keys are text."
        self.problems.append(error_at("yaml-key", message, place_of(node)))

    def _refused_key(self, key: str, node: Any, mapping: Any) -> None:
        if key == "<<" and not node.style:
            message = "YAML 1.2 has no merge keys: << is not understood. Write the keys out."
            self.problems.append(error_at("yaml-merge-key", message, place_of(node)))
            return
        first = next(other for other, _ in mapping.value if other.value == key)
        message = (
            f'The key "{shortened(key, 40)}" is given twice, first in line '
            f"{first.start_mark.line + 1}. Keep one of them."
        )
        self.problems.append(error_at("duplicate-key", message, place_of(node)))


def _is_bare(key: Any, value: Any) -> bool:
    """Whether an entry of `{…}` has no colon: both marks of its empty value are its key's end."""
    if value.__class__ is not ScalarNode or value.style:
        return False
    return bool(value.end_mark.index == key.end_mark.index and not key.style)


def read_yaml(source: bytes, *, with_lost_text: bool = True) -> Document:
    """Everything that can be known of a file's content; see `Document`.

    `with_lost_text`: look for text that YAML bends, too, which is a warning.
    """
    try:
        source = without_mark(source)
    except NotText as error:
        wide = error_at("yaml-encoding", error.message, (error.line, error.column))
        return Document(source, None, (wide,))
    root, problem = composed(source)
    if problem is not None:
        return Document(source, None, (problem,))
    builder = _Builder()
    data = builder.value(root, 1)
    lost = lost_texts(root, source) if with_lost_text else ()
    problems = (*builder.problems, *lost)
    return Document(source, None if builder.too_deep else data, problems, builder.has_odd_number)


class Document:
    """One YAML file: its data, and where everything in it stands.

    `data` is None where the file cannot be read; `problems` then says why. `has_odd_number` says
    whether `schema.validator.is_odd_number` is true of any value in it.
    Positions are found by composing the file again, so only when something must be placed.
    """

    __slots__ = ("_root", "_source", "data", "has_odd_number", "problems")

    def __init__(
        self,
        source: bytes,
        data: Json,
        problems: tuple[Problem, ...],
        has_odd_number: bool = False,
    ) -> None:
        self.data = data
        self.problems = problems
        self.has_odd_number = has_odd_number
        self._source = source
        self._root: Any = None

    def place(self, path: Path, *, key: bool = False) -> tuple[int, int]:
        """Line and column, from 1, of the value at `path`, or of its key.

        Lists and mappings that begin on a line below their key are placed at the key. A path that
        does not exist gives the place of the last part that does.
        """
        key_node, node = self._find(path)
        if node is None:
            return 0, 0
        if key_node is None:
            return place_of(node)
        below = node.start_mark.line > key_node.start_mark.line
        return place_of(key_node if key or (below and not isinstance(node, ScalarNode)) else node)

    def source_text(self, path: Path) -> str | None:
        """The scalar at `path` as it is written, without quotes: `0612` where the data has 612."""
        _, node = self._find(path)
        return node.value if isinstance(node, ScalarNode) else None

    def _find(self, path: Path) -> tuple[Any, Any]:
        unreadable = self.data is None and has_errors(self.problems)
        if self._root is None and not unreadable:
            self._root = compose(self._source)
        key_node, node = None, self._root
        for part in path:
            found = _child(node, part)
            if found is None:
                break
            key_node, node = found
        return key_node, node


def _child(node: Any, part: str | int) -> tuple[Any, Any] | None:
    """The key node, where there is one, and the value node of one part of a path."""
    if isinstance(node, MappingNode):
        return next((pair for pair in node.value if pair[0].value == part), None)
    if isinstance(node, SequenceNode) and isinstance(part, int) and part < len(node.value):
        return None, node.value[part]
    return None
