"""YAML files as documents: plain data, a place for every path, a problem for all that is odd.

Nothing is raised for a bad file.
"""

from __future__ import annotations

from typing import Any

from yaml.nodes import MappingNode, ScalarNode, SequenceNode

from mbflow.files.yaml_builder import build
from mbflow.files.yaml_composer import compose, composed, place_of
from mbflow.model import Json, Path
from mbflow.problem import Problem, Severity, has_errors

_BYTE_ORDER_MARK = b"\xef\xbb\xbf"


def read_yaml(source: bytes) -> Document:
    """Everything that can be known of a file's content; see `Document`."""
    root, problem = composed(source)
    if problem is not None:
        return Document(source, None, (problem,))
    data, problems = build(root)
    if source.startswith(_BYTE_ORDER_MARK):
        message = "The file starts with a byte order mark. Save it as UTF-8 without one."
        mark = Problem("yaml-encoding", Severity.WARNING, message, line=1, column=1)
        problems.insert(0, mark)
    return Document(source, data, tuple(problems))


class Document:
    """One YAML file: its data, and where everything in it stands.

    `data` is None where the file cannot be read; `problems` then says why.
    Positions are found by composing the file again, so only when something must be placed.
    """

    __slots__ = ("_root", "_source", "data", "problems")

    def __init__(self, source: bytes, data: Json, problems: tuple[Problem, ...]) -> None:
        self.data = data
        self.problems = problems
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
