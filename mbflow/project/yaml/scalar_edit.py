"""Scalars in the manner of those whose place they take: in their quotes, folded in their lines."""

from __future__ import annotations

from collections.abc import Iterator

from mbflow.model.flow import Json
from mbflow.model.paths import same_document
from mbflow.project.yaml.scalar import WIDTH, folds, quoted, scalar_lines, scalar_text, wrapped
from mbflow.project.yaml.tree import Node

Change = tuple[Node, Json]
"""A scalar of the file, and the value that takes its place."""


def scalar_changes(node: Node, value: Json) -> Iterator[Change | None]:
    """The scalars that differ, where nothing else does; None for any other difference."""
    if same_document(node.data, value):
        return
    if isinstance(value, dict | list) and value:
        items = list(value.values()) if isinstance(value, dict) else value
        if not _is_alike(node, value):
            yield None
            return
        for entry, item in zip(node.entries, items, strict=True):
            yield from scalar_changes(entry.node, item)
    elif isinstance(value, dict | list) or not is_scalar(node) or "\n" in node.text:
        yield None
    else:
        yield node, value


def _is_alike(node: Node, value: dict[str, Json] | list[Json]) -> bool:
    """Whether it has as many items, or the same keys in the same order."""
    if isinstance(value, dict):
        return [one.key and one.key.data for one in node.entries] == list(value)
    return node.kind is list and len(node.entries) == len(value)


def is_scalar(node: Node) -> bool:
    """Whether it is a scalar of a file."""
    return node.kind is str and not node.alias and node.style != "new"


def replaced_lines(node: Node, value: Json, indent: int, column: int) -> list[str]:
    """The new value in the manner of the one whose place it takes; see `scalar_lines`."""
    if same_document(node.data, value) and "\n" not in node.text:
        return [node.text]
    if isinstance(value, str) and node.indicators:
        if folds(value) and node.style == ">":
            return [">-", *(" " * indent + line for line in _refolded(node, value, WIDTH - indent))]
        return scalar_lines(value, indent, WIDTH)
    found = scalar_lines(value, indent, column)
    return [_in_quotes(node, value) or found[0]] if len(found) == 1 else found


def replaced_in_brackets(node: Node, value: Json) -> str:
    """The same between brackets, where all is on one line."""
    if isinstance(value, str):
        return _in_quotes(node, value) or scalar_text(value, in_brackets=True)
    return scalar_lines(value, 0, 0)[0]


def _in_quotes(node: Node, value: Json) -> str:
    """A text in the quotes that the former one had; "" where it had none."""
    if isinstance(value, str) and node.style == '"':
        return quoted(value)
    if isinstance(value, str) and node.style == "'" and value.isprintable():
        return "'" + value.replace("'", "''") + "'"
    return ""


def _refolded(node: Node, text: str, width: int) -> list[str]:
    """The text in lines: those at its beginning and its end that say the same stay as they are."""
    former = [line.strip() for line in node.text.split("\n")[1:] if line.strip()]
    if " ".join(former) != node.data:
        former = []
    first: list[str] = []
    while former and text.startswith(f"{former[0]} "):
        first.append(former.pop(0))
        text = text[len(first[-1]) + 1 :]
    last: list[str] = []
    while former and text.endswith(f" {former[-1]}"):
        last.insert(0, former.pop())
        text = text[: -len(last[0]) - 1]
    return [*first, *wrapped(text, width), *last]
