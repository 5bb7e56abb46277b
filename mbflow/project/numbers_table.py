"""The table of numbers in `mbflow.yaml`, edited as text: whatever is not of it stays as it is.

Pure: takes the text of a project file and gives the new one.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

from yaml.nodes import MappingNode, ScalarNode

from mbflow.model.errors import RefusedError
from mbflow.model.flow import Json
from mbflow.model.problem import has_errors
from mbflow.project.yaml.document import read_yaml
from mbflow.project.yaml.parser import composed
from mbflow.project.yaml.scalar import scalar_text

_MARK = "\ufeff"
_LINE = r"[^\r\n]*(?:\r\n|\r|\n)|[^\r\n]+"
_UNSAFE = "the table cannot be written without changing something else"


class _Unsafe(Exception):
    """Why the text cannot be edited, and at which line, counted from 0."""

    def __init__(self, why: str, line: int = 0) -> None:
        self.why, self.line = why, line


def with_numbers(source: str, environment: str, numbers: Mapping[str, str]) -> str:
    """The text in which these numbers of the environment lead to these flows, by name.

    Other lines of the table stay, and so does everything else: comments, order, quotes, ends of
    lines. Raises RefusedError with the lines to add by hand where that cannot be done safely.
    """
    text = source.removeprefix(_MARK)
    path = ("environments", environment, "numbers")
    try:
        edited = _Edit(text).having(path, numbers) if numbers else text
        if _as_json(edited) != _as_json(text, path, numbers):
            raise _Unsafe(_UNSAFE)
    except _Unsafe as unsafe:
        raise RefusedError(
            f"mbflow.yaml:{unsafe.line + 1}: {unsafe.why}, so the numbers are not written.",
            "Add these lines to it by hand:",
            *(f"    {line}" for line in _block(path, numbers, 0, 2)),
        ) from None
    return source.removesuffix(text) + edited


def _as_json(text: str, path: Sequence[str] = (), numbers: Mapping[str, str] | None = None) -> str:
    """What the text says, with the numbers at the path."""
    document = read_yaml(text.encode(), with_lost_text=False)
    is_empty = any(problem.rule == "yaml-empty" for problem in document.problems)
    if has_errors(document.problems) and not is_empty:
        raise _Unsafe(_UNSAFE)
    data: Json = {} if is_empty else document.data
    if numbers:
        inner: Any = data
        for part in path:
            if inner.get(part) is None:
                inner[part] = {}
            inner = inner[part]
        inner.update(numbers)
    return json.dumps(data, sort_keys=True)


def _block(path: Sequence[str], numbers: Mapping[str, str], indent: int, unit: int) -> list[str]:
    """The lines of the table below the keys of the path, the first of them at the indentation."""
    lines = [f"{' ' * (indent + unit * n)}{scalar_text(key)}:" for n, key in enumerate(path)]
    pad = " " * (indent + unit * len(path))
    return lines + [
        f'{pad}"{number}": {scalar_text(numbers[number])}' for number in sorted(numbers)
    ]


class _Edit:
    """One text that is edited, line by line."""

    def __init__(self, text: str) -> None:
        self._lines = re.findall(_LINE, text)
        self._end = next((re.sub(r"[^\r\n]", "", line) for line in self._lines), "") or "\n"
        self._root, problem = composed(text.encode())
        if problem is not None and problem.rule != "yaml-empty":
            raise _Unsafe(_UNSAFE, problem.line - 1)

    def having(self, path: Sequence[str], numbers: Mapping[str, str]) -> str:
        """The text with the numbers in the mapping at the path."""
        node, columns = self._root, [0]
        if node is None:
            return self._inserted(len(self._lines), _block(path, numbers, 0, 2))
        _check_block(node, "the file")
        for depth, part in enumerate(path):
            columns.append(node.value[0][0].start_mark.column)
            pair = _pair(node, part)
            if pair is None:
                return self._below(_last_line(node), path[depth:], numbers, columns)
            key, node = pair
            if _is_nothing(key, node) or self._emptied(key, node):
                columns.append(columns[-1] + self._unit(columns))
                return self._below(key.end_mark.line, path[depth + 1 :], numbers, columns)
            _check_block(node, part, key)
        new = {
            number: name
            for number, name in numbers.items()
            if not self._replace(node, number, name)
        }
        columns.append(node.value[0][0].start_mark.column)
        return self._below(_last_line(node), (), new, columns)

    def _replace(self, table: Any, number: str, name: str) -> bool:
        """Whether the number has a line, which then leads to the flow of that name."""
        pair = _pair(table, number)
        if pair is None:
            return False
        key, value = pair
        start, end = value.start_mark, value.end_mark
        is_plain = isinstance(value, ScalarNode) and start.line == end.line == key.start_mark.line
        if not is_plain or start.index < key.end_mark.index:
            raise _Unsafe(f"{number} does not have its flow on its line", key.start_mark.line)
        line = self._lines[start.line]
        self._lines[start.line] = line[: start.column] + scalar_text(name) + line[end.column :]
        return True

    def _emptied(self, key: Any, node: Any) -> bool:
        """Whether `{}` stood behind the key, which is gone from its line now."""
        start, end = node.start_mark, node.end_mark
        is_empty = isinstance(node, MappingNode) and not node.value
        if not is_empty or start.line != end.line or start.index < key.end_mark.index:
            return False
        line = self._lines[start.line]
        if line[start.column : start.column + 1] != "{":  # an anchor or a tag stands before it
            return False
        self._lines[start.line] = line[: start.column].rstrip() + line[end.column :]
        return True

    def _unit(self, columns: Sequence[int]) -> int:
        """Blanks by which the file indents, as far as its mappings tell."""
        if columns[-1] > columns[-2]:
            return columns[-1] - columns[-2]
        inner = [node for _, node in self._root.value if _is_block(node)]
        return next((found for node in inner if (found := node.value[0][0].start_mark.column)), 2)

    def _below(
        self, last: int, path: Sequence[str], numbers: Mapping[str, str], columns: Sequence[int]
    ) -> str:
        """The text with the lines below the last one of a mapping, and below its comments."""
        indent = columns[-1]
        while last > 0 and not self._lines[last].strip():
            last -= 1
        at = last + 1
        for number, line in enumerate(self._lines[at:], at):
            bare = line.strip()
            if bare and not (bare.startswith("#") and len(line) - len(line.lstrip()) >= indent):
                break
            at = number + 1 if bare else at
        return self._inserted(at, _block(path, numbers, indent, self._unit(columns)))

    def _inserted(self, at: int, block: Sequence[str]) -> str:
        lines, new = self._lines, [f"{line}{self._end}" for line in block]
        if not new:
            return "".join(lines)
        if lines and at == len(lines) and not lines[-1].endswith(("\r", "\n")):
            lines[-1] += self._end
            new[-1] = block[-1]
        is_top = not block[0].startswith(" ")
        gap = [self._end] if is_top and at and lines[at - 1].strip() else []
        return "".join([*lines[:at], *gap, *new, *lines[at:]])


def _pair(mapping: Any, key: str) -> tuple[Any, Any] | None:
    return next((pair for pair in mapping.value if pair[0].value == key), None)


def _is_block(node: Any) -> bool:
    return isinstance(node, MappingNode) and bool(node.value) and not node.flow_style


def _is_nothing(key: Any, node: Any) -> bool:
    """Whether there is nothing behind the key's colon."""
    if not isinstance(node, ScalarNode) or node.value or node.style:
        return False
    return bool(
        node.end_mark.line == key.end_mark.line and node.start_mark.index == node.end_mark.index
    )


def _check_block(node: Any, what: str, key: Any = None) -> None:
    line = (key or node).start_mark.line
    if isinstance(node, MappingNode) and node.flow_style:
        raise _Unsafe(f"{what} is written in braces", line)
    # What an alias repeats stands before it.
    if not _is_block(node) or (key is not None and node.start_mark.index < key.end_mark.index):
        raise _Unsafe(f"{what} is not written as lines of its own", line)


def _last_line(node: Any) -> int:
    """Of a node, counted from 0. The marks of a block say only where the next one begins."""
    if isinstance(node, ScalarNode) or node.flow_style:
        end = node.end_mark
        return int(
            end.line - 1 if end.column == 0 and end.line > node.start_mark.line else end.line
        )
    parts = [part for of in node.value for part in (of if isinstance(of, tuple) else (of,))]
    return max(map(_last_line, parts))
