"""The tree of a YAML file, made of the parser's events and of the text between them."""

from __future__ import annotations

import re
from collections import Counter
from typing import Any

from yaml.events import (
    AliasEvent,
    DocumentStartEvent,
    MappingStartEvent,
    NodeEvent,
    ScalarEvent,
    StreamStartEvent,
)

from mbflow.project.yaml.parser import TEXT, Unusable, events, plain_value
from mbflow.project.yaml.tree import INDICATORS, Entry, Node, OddForm, Place, Tree

_LINE_END = re.compile(r"(\r\n|\r|\n)")
_ANCHOR = re.compile(r"&\S+\s*")
_BLOCK_HEAD = re.compile(rf"(&\S+[ \t]+)?({INDICATORS.pattern})")


def tree_of(source: str) -> Tree:
    """The tree of a text without byte order mark that `read_yaml` has accepted.

    Raises OddForm where it cannot be one.
    """
    return _Reader(source).tree()


class _Reader:
    def __init__(self, source: str) -> None:
        parts = _LINE_END.split(source)
        self._lines, self._ends = parts[::2], parts[1::2]
        self._events = events(source.encode())
        self._anchors: dict[str, Node] = {}
        self._spans: dict[int, list[tuple[int, int]]] = {}
        """Where scalars stand in lines that hold a `#`: one of theirs begins no comment."""

    def tree(self) -> Tree:
        openings = (StreamStartEvent, DocumentStartEvent)
        root = self._node(next(one for one in self._events if not isinstance(one, openings)))
        self._place(root)
        first = root.entries[0].first if root.is_block else root.start[0]
        head = self._head(first)
        if root.is_block:
            self._attach(root, first)
        else:
            self._attach_in_brackets(root)
            root.after += filter(None, [self._beside(root.end[0]).strip()])
        last = root.entries[-1] if root.is_block else None
        below, root.after_line = self._gap(root.end[0] + 1, len(self._lines), last, -1)
        root.after += below
        tree = Tree(root, head, self._lines, self._ends)
        self._check_comments(tree, first)
        return tree

    def _check_comments(self, tree: Tree, first: int) -> None:
        """A comment without a place in the tree would be lost; those of the head are in it."""
        known = Counter(tree.comments()) - Counter(tree.head)
        for line in range(first, len(self._lines)):
            comment = self._beside(line).strip()
            known[comment] -= 1
            if comment and known[comment] < 0:
                raise OddForm(line)

    def _node(self, event: Any) -> Node:
        mark = event.start_mark
        start = (mark.line, mark.column)
        end = (event.end_mark.line, event.end_mark.column)
        if isinstance(event, AliasEvent):
            known = self._anchors[str(event.anchor)]
            return Node(known.data, known.kind, alias=str(event.anchor), start=start, end=end)
        if event.tag is not None and event.tag != "!":
            raise OddForm(mark.line)
        if isinstance(event, ScalarEvent):
            node = self._scalar(event, start, end)
        else:
            node = self._collection(event, start)
        if event.anchor:
            node.anchor = str(event.anchor)
            self._anchors[node.anchor] = node
        return node

    def _scalar(self, event: ScalarEvent, start: Place, end: Place) -> Node:
        if event.style in ("|", ">"):
            return self._text_block(event, start, end)
        self._cover(start, end)
        text = self._text(start, end)
        text = _ANCHOR.sub("", text, count=1) if event.anchor else text
        data: Any = TEXT if event.style else plain_value(event.value)
        if isinstance(data, Unusable):
            raise OddForm(start[0])
        data = event.value if data is TEXT else data
        return Node(data, style=event.style or "plain", text=text, start=start, end=end)

    def _text_block(self, event: ScalarEvent, start: Place, end: Place) -> Node:
        line, column = start
        head = _BLOCK_HEAD.match(self._lines[line], column)
        if head is None:
            raise OddForm(line)
        end = self._end_of_block(start, end, keeps="+" in head[2])
        self._cover(start, (line, head.end()))
        self._cover((line + 1, 0), end)
        text = self._text((line, head.start(2)), end)
        return Node(event.value, style=str(event.style), text=text, start=start, end=end)

    def _collection(self, event: Any, start: Place) -> Node:
        is_mapping = isinstance(event, MappingStartEvent)
        node = Node(None, dict if is_mapping else list, in_brackets=bool(event.flow_style))
        node.start = start
        while isinstance(event := next(self._events), NodeEvent):
            key = self._node(event) if is_mapping else None
            if key is not None and (key.kind is not str or key.alias):
                raise OddForm(key.start[0])
            node.entries.append(Entry(self._node(next(self._events) if is_mapping else event), key))
        node.end = (event.end_mark.line, event.end_mark.column)
        if is_mapping:
            node.data = {str(one.key and one.key.data): one.node.data for one in node.entries}
        else:
            node.data = [one.node.data for one in node.entries]
        return node

    def _text(self, start: Place, end: Place) -> str:
        lines = self._lines[start[0] : end[0] + 1]
        lines[-1] = lines[-1][: end[1]]
        lines[0] = lines[0][start[1] :]
        return "\n".join(lines)

    def _cover(self, start: Place, end: Place) -> None:
        for line in range(start[0], end[0] + 1):
            if line < len(self._lines) and "#" in self._lines[line]:
                first = start[1] if line == start[0] else 0
                last = end[1] if line == end[0] else len(self._lines[line])
                self._spans.setdefault(line, []).append((first, last))

    def _end_of_block(self, start: Place, end: Place, *, keeps: bool) -> Place:
        """The end of its last line; blank lines below belong to it where it keeps them."""
        line = end[0] if end[1] else end[0] - 1
        while line > start[0] and not keeps and not self._lines[line].strip():
            line -= 1
        return line, len(self._lines[line])

    def _place(self, node: Node) -> None:
        """The lines of entries, and the ends of blocks, which the parser does not give."""
        for entry in node.entries:
            if entry.node.entries:
                self._place(entry.node)
        if not node.is_block:
            return
        if node.kind is dict:
            self._place_keys(node)
        else:
            self._place_dashes(node)
        last = node.entries[-1]
        node.end = max(last.node.end, (last.first, 0), last.key.end if last.key else (0, 0))

    def _place_keys(self, node: Node) -> None:
        for entry in node.entries:
            assert entry.key is not None
            line, column = entry.key.start
            before = self._lines[line][:column].rstrip()
            column = len(before) - 1 if before.endswith("?") else column
            node.column = column if node.column < 0 else node.column
            if column != node.column or (line, column) < node.start:
                raise OddForm(line)
            entry.first = line

    def _place_dashes(self, node: Node) -> None:
        line, node.column = node.start
        if node.anchor:
            line = self._next_content(line + 1)
            node.column = len(self._lines[line]) - len(self._lines[line].lstrip())
        for number, entry in enumerate(node.entries):
            if number:
                line = self._next_content(node.entries[number - 1].node.end[0] + 1)
            if self._lines[line][node.column : node.column + 1] != "-":
                raise OddForm(line)
            entry.first = line

    def _next_content(self, line: int) -> int:
        while line < len(self._lines):
            text = self._lines[line].strip()
            if text and not text.startswith("#"):
                return line
            line += 1
        raise OddForm(line - 1)

    def _head(self, first: int) -> list[str]:
        lines = [line.strip() for line in self._lines[:first]]
        if any(line.startswith("%") for line in lines):
            return lines
        if self._lines[first].startswith("---"):
            raise OddForm(first)
        return [line.removeprefix("---").strip() for line in lines if line != "---"]

    def _attach(self, node: Node, line: int) -> None:
        """Gives the entries of a block their comments; lines above `line` are others'."""
        before: Entry | None = None
        for entry in node.entries:
            entry.above, entry.top = self._gap(line, entry.first, before, node.column)
            inner, head = entry.node, entry.key.end[0] if entry.key else entry.first
            if inner.is_block:
                beside = self._lines[inner.entries[0].first][: inner.column]
                entry.is_compact = bool(beside.strip())
            if inner.is_block and (entry.key or not entry.is_compact):
                if inner.start[0] > head and inner.anchor:
                    raise OddForm(inner.start[0])
                entry.beside = self._beside(head)
                self._attach(inner, head + 1)
            elif inner.is_block:
                self._attach(inner, entry.first)
            else:
                between = [self._beside(number).strip() for number in range(head, inner.start[0])]
                entry.above += filter(None, between)
                is_text = inner.style in "|>"
                entry.beside = self._beside(inner.start[0] if is_text else inner.end[0])
                self._attach_in_brackets(inner)
            line, before = max(inner.end[0], head) + 1, entry

    def _gap(
        self, line: int, stop: int, before: Entry | None, column: int
    ) -> tuple[list[str], int]:
        """What stands between two entries and belongs to the second, and its first line.

        Comments that are indented more than it belong to the end of what stands before it.
        """
        found: list[str] = []
        blank: list[str] = []
        deepest = 1 << 30
        for number in range(line, stop):
            text = self._lines[number].strip()
            if text and not text.startswith("#") and (column >= 0 or text != "..."):
                raise OddForm(number)
            if not text.startswith("#"):
                blank.append("")
                continue
            deepest = min(deepest, self._lines[number].index("#"))
            home = None if found or before is None else _closing(before.node, deepest, column)
            if home is None:
                found += [*blank, text]
            else:
                home.after_line = number - len(blank) if home.after_line < 0 else home.after_line
                home.after += [*blank, text]
                line = number + 1
            blank = []
        return found + blank, line

    def _attach_in_brackets(self, node: Node) -> None:
        before: Entry | None = None
        line = node.start[0]
        for entry in node.entries:
            self._give(line, (entry.key or entry.node).start[0], before, entry.above)
            self._attach_in_brackets(entry.node)
            line, before = entry.node.end[0], entry
        if node.in_brackets:
            self._give(line, node.end[0], before, node.after)

    def _give(self, line: int, stop: int, before: Entry | None, others: list[str]) -> None:
        """Comments within brackets: beside an entry, or on lines of their own."""
        for number in range(line, stop):
            comment = self._beside(number)
            if comment and before is not None and number == before.node.end[0]:
                before.beside = comment
            elif comment:
                others.append(comment.strip())

    def _beside(self, line: int) -> str:
        """The comment of a line, with the one blank or the two before it; "" without one."""
        text = self._lines[line]
        spans = self._spans.get(line, ())
        at = text.find("#")
        while at >= 0 and any(first <= at < last for first, last in spans):
            at = text.find("#", at + 1)
        if at < 0:
            return ""
        is_one = re.search(r"[^\s,][ \t]$", text[:at]) is not None  # a comma ends what is before it
        return f"{' ' if is_one else '  '}{text[at:].rstrip()}"


def _closing(node: Node, deepest: int, column: int) -> Node | None:
    """The innermost block that ends with this node and begins at that column or left of it.

    What has nothing in it begins right of its key.
    """
    found, at = None, max(column, 0)
    while node.is_block:
        is_beside_key = node.kind is list and node.column == column < deepest
        if column < node.column <= deepest or is_beside_key:
            found = node
        at, node = node.column, node.entries[-1].node
    return node if node.is_nothing and deepest > at else found
