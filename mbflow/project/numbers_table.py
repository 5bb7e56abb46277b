"""The table of numbers in `mbflow.yaml`, with the lines of an account: what else is in it stays.

Pure: takes the text of a project file and gives the new one.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from mbflow.model.errors import RefusedError
from mbflow.model.flow import Json
from mbflow.model.paths import same_document
from mbflow.model.problem import Severity
from mbflow.project.source import lines_of
from mbflow.project.yaml.document import read_yaml
from mbflow.project.yaml.edit import edited_text
from mbflow.project.yaml.layout import document_lines
from mbflow.project.yaml.scalar_edit import is_scalar
from mbflow.project.yaml.tree import Entry, Node, OddForm, Tree, node_of
from mbflow.project.yaml.tree_reader import tree_of

_MARK = "\ufeff"
_UNSAFE = "the table cannot be written without changing something else"


def with_numbers(source: str, environment: str, numbers: Mapping[str, str]) -> str:
    """The text in which these numbers of the environment lead to these flows, by name.

    Other lines of the table stay, and so does everything else: comments, order, quotes, ends of
    lines. Raises RefusedError with the lines to add by hand where that cannot be done safely.
    """
    text = source.removeprefix(_MARK)
    path = ("environments", environment, "numbers")
    try:
        new = _edited(text, path, numbers) if numbers else text
    except OddForm as odd:
        raise RefusedError(
            f"mbflow.yaml:{odd.line + 1}: {odd.why or _UNSAFE}, so the numbers are not written.",
            "Add these lines to it by hand:",
            *(f"    {line}" for line in document_lines(node_of(_wanted({}, path, numbers)), [])),
        ) from None
    return source.removesuffix(text) + new


def _edited(text: str, path: Sequence[str], numbers: Mapping[str, str]) -> str:
    document = read_yaml(text.encode(), with_lost_text=False)
    problem = next((one for one in document.problems if one.severity is Severity.ERROR), None)
    if problem is not None and problem.rule != "yaml-empty":
        raise OddForm(problem.line - 1)
    wanted = _wanted(document.data, path, numbers)
    if problem is not None:
        own, new = set[int](), _with_first_lines(text, wanted)
    else:
        tree = tree_of(text)
        own = _own_lines(tree, path, numbers)
        new = edited_text(tree, wanted, lambda *_: (), {})
    if text and not text.endswith(("\n", "\r")):
        new = new.rstrip("\r\n")
    lines = iter(lines_of(new))
    others = (line for number, line in enumerate(lines_of(text)) if number not in own)
    is_right = same_document(read_yaml(new.encode()).data, wanted)
    if not is_right or not all(line in lines for line in others):
        raise OddForm(0)
    return new


def _wanted(data: Json, path: Sequence[str], numbers: Mapping[str, str]) -> dict[str, Json]:
    """What the file is to say: its data, with the numbers in the mapping at the path."""
    known = data if isinstance(data, dict) else {}
    if not path:
        return {**known, **dict(sorted(numbers.items()))}
    first, *rest = path
    return {**known, first: _wanted(known.get(first), rest, numbers)}


def _with_first_lines(text: str, document: Json) -> str:
    """The text, which holds only comments, and the document below them."""
    found = re.search("\r\n|\r|\n", text)
    end = found[0] if found else "\n"
    above = text if not text or text.endswith(end) else text + end
    gap = end if lines_of(above.removesuffix(end))[-1].strip() else ""
    return above + gap + "".join(line + end for line in document_lines(node_of(document), []))


def _own_lines(tree: Tree, path: Sequence[str], numbers: Mapping[str, str]) -> set[int]:
    """The lines, from 0, that may change: those of the numbers, and a key with empty braces.

    Raises OddForm where a mapping on the way, or the flow of a number, is not in lines of its own.
    """
    node, what, line = tree.root, "the file", tree.root.start[0]
    for part in path:
        _check_block(node, what, line)
        entry = _entry(node, part)
        if entry is None:
            return set()
        node, what, line = entry.node, part, entry.first
        if node.is_nothing and not node.anchor:
            return {node.start[0]}
    _check_block(node, what, line)
    return {_line_of(entry, number) for number in numbers if (entry := _entry(node, number))}


def _entry(mapping: Node, key: str) -> Entry | None:
    return next((one for one in mapping.entries if one.key and one.key.data == key), None)


def _check_block(node: Node, what: str, line: int) -> None:
    if node.kind is dict and node.in_brackets:
        raise OddForm(line, f"{what} is written in braces")
    if node.kind is not dict or not node.is_block:
        raise OddForm(line, f"{what} is not written as lines of its own")


def _line_of(entry: Entry, number: str) -> int:
    node = entry.node
    if not is_scalar(node) or not entry.first == node.start[0] == node.end[0]:
        raise OddForm(entry.first, f"{number} does not have its flow on its line")
    return entry.first
