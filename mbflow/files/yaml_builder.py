"""YAML nodes to plain data, and a problem for everything in them that plain data cannot hold."""

from __future__ import annotations

from sys import intern
from typing import Any

from yaml.nodes import MappingNode, ScalarNode

from mbflow.files.scalars import TEXT, Unusable
from mbflow.files.yaml_composer import DEEPEST, place_of, too_deep
from mbflow.model import Json
from mbflow.printable import shortened
from mbflow.problem import Problem, Severity

_ODD = frozenset({str, Unusable})
"""What stands in `node.tag` for a scalar without a value: a tag from the file, or a bad number."""


def build(root: Any) -> tuple[Json, list[Problem]]:
    """The data below a node; None where it nests too deep. Odd parts are left out and told of."""
    builder = _Builder()
    data = builder.value(root, 1)
    return None if builder.too_deep else data, builder.problems


class _Builder:
    """Makes the data, and collects what is odd on the way."""

    def __init__(self) -> None:
        self.problems: list[Problem] = []
        self.too_deep = False

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
        return value  # type: ignore[no-any-return]

    def _mapping(self, node: Any, depth: int) -> Json:
        result: dict[str, Json] = {}
        for key_node, value_node in node.value:
            if key_node.tag is TEXT:
                key = intern(key_node.value)
            else:
                self._odd_key(key_node)
                continue
            if key in result or (key == "<<" and not key_node.style):
                self._refused_key(key, key_node, node)
                continue
            result[key] = (
                self._scalar(value_node)
                if value_node.__class__ is ScalarNode
                else self.value(value_node, depth + 1)
            )
        return result

    def _odd(self, node: Any) -> Json:
        if isinstance(node.tag, Unusable):
            message = f"{shortened(node.value, 30)} {node.tag.reason}."
            self.problems.append(_error("yaml-number", message, place_of(node)))
            return None
        self._tagged(node)
        text: str = node.value
        return text

    def _tagged(self, node: Any) -> None:
        tag = shortened(node.tag.replace("tag:yaml.org,2002:", "!!"), 40)
        message = f"The tag {tag} has no meaning here. Remove it; quotes make any value a text."
        self.problems.append(_error("yaml-tag", message, place_of(node)))

    def _odd_key(self, node: Any) -> None:
        if isinstance(node, ScalarNode):
            text = shortened(node.value, 40)
            message = f'The key {text} is not a text. Put it in quotes: "{text}".'
        else:
            message = "A list or a mapping cannot be a key. Keys are texts."
        self.problems.append(_error("yaml-key", message, place_of(node)))

    def _refused_key(self, key: str, node: Any, mapping: Any) -> None:
        if key == "<<" and not node.style:
            message = "YAML 1.2 has no merge keys: << is not understood. Write the keys out."
            self.problems.append(_error("yaml-merge-key", message, place_of(node)))
            return
        first = next(other for other, _ in mapping.value if other.value == key)
        message = (
            f'The key "{shortened(key, 40)}" stands twice in one mapping: '
            f"first in line {first.start_mark.line + 1}. Keep one of them."
        )
        self.problems.append(_error("duplicate-key", message, place_of(node)))


def _error(rule: str, message: str, place: tuple[int, int]) -> Problem:
    return Problem(rule, Severity.ERROR, message, line=place[0], column=place[1])
