"""A file's text with another value in it: only what differs is written, all else stays as it is.

A step that moves takes its comments along; one that goes, loses them. An alias that no longer says
what is meant is written out. What is new is indented as its neighbours are.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import zip_longest

from mbflow.model.flow import Json, Path
from mbflow.project.yaml.layout import (
    Style,
    block_lines,
    document_lines,
    entry_lines,
    split_comments,
    step_of,
    style_of,
)
from mbflow.project.yaml.scalar_edit import (
    Change,
    is_scalar,
    replaced_in_brackets,
    replaced_lines,
    scalar_changes,
)
from mbflow.project.yaml.tree import Entry, Node, OddForm, Order, Tree
from mbflow.project.yaml.tree_edit import Origins, TreeEdit, key_of, new_keys


def edited_text(tree: Tree, value: Json, order: Order, origins: Origins) -> str:
    """The text of the file with this value in place of its own.

    `order` says where new keys go; lists without origins are compared item by item. A file
    that is one pair of brackets becomes lines. Raises OddForm for a value of another kind.
    """
    nodes = TreeEdit(order, origins, ())
    text = _Editor(tree, nodes).text(value)
    # An anchor on a text that nothing repeats is taken for a part of it by whoever reads the file.
    repeated = {node.alias for node in tree.root.nodes() if node.alias}
    unused = repeated - nodes.anchors.used
    return _Editor(tree, TreeEdit(order, origins, unused)).text(value) if unused else text


class _Editor:
    def __init__(self, tree: Tree, nodes: TreeEdit) -> None:
        self._tree = tree
        self._nodes = nodes
        pairs = zip_longest(tree.lines, tree.ends, fillvalue="")
        self._lines = [line + end for line, end in pairs if line or end]
        self._end = tree.ends[0] if tree.ends else "\n"
        self._blocks: list[Node] = []
        """Those that are being written, the innermost last."""

    @property
    def _column(self) -> int:
        """Of the keys or dashes of the block that is being written."""
        return self._blocks[-1].column

    @property
    def _style(self) -> Style:
        return style_of(*reversed(self._blocks))

    def text(self, value: Json) -> str:
        root = self._tree.root
        if not root.is_block:
            new = self._nodes.edited(root, value, (), None)
            return "".join(self._ended(document_lines(new, self._tree.head)))
        if not isinstance(value, root.kind) or not value:
            raise OddForm(0)
        stop = self._last_comment(root.after_line)
        lines = self._lines[: root.entries[0].first]
        lines += self._block(root, value, (), None, stop)
        lines += self._lines[stop:]
        return "".join([*self._ended(lines[:-1]), *lines[-1:]])

    def _last_comment(self, line: int) -> int:
        """The line below the last comment of the document, from a line on below its content."""
        for number, text in enumerate(self._lines[line:], line + 1):
            if text.startswith("..."):
                break
            line = number if text.lstrip().startswith("#") else line
        return line

    def _block(self, node: Node, value: Json, path: Path, within: Json, stop: int) -> list[str]:
        """The lines of a block and of the comments at its end, up to the line `stop`."""
        end = node.after_line if 0 <= node.after_line < stop else stop
        stops = [*(one.top for one in node.entries[1:]), end]
        after = self._lines[end:stop]
        self._blocks.append(node)
        if isinstance(value, dict):
            lines = self._mapping(node, value, path, within, stops, after)
        else:
            assert isinstance(value, list)
            lines = [*self._sequence(node, value, path, stops), *after]
        self._blocks.pop()
        self._nodes.anchors.assign(node, value)
        return lines

    def _mapping(
        self,
        node: Node,
        value: dict[str, Json],
        path: Path,
        within: Json,
        stops: Sequence[int],
        after: list[str],
    ) -> list[str]:
        """The pairs of a mapping; a new one at its end stands below the comments there."""
        found: list[tuple[str, list[str]]] = []
        for entry, stop in zip(node.entries, stops, strict=True):
            key = key_of(entry)
            if key in value:
                found.append((key, self._entry(entry, value[key], (*path, key), value, stop)))
        if found:
            found[-1][1].extend(after)
        elif after:
            found.append(("", after))
        for key in new_keys(node, value):
            place = self._nodes.place(key, [one for one, _ in found], path, within)
            new = self._new(value[key], (*path, key), value, key)
            is_apart = not path and place and isinstance(value[key], dict | list)
            if is_apart and found[place - 1][1][-1].strip():
                new.insert(0, self._end)
            found.insert(place, (key, new))
        return [line for _, lines in found for line in lines]

    def _sequence(
        self, node: Node, value: list[Json], path: Path, stops: Sequence[int]
    ) -> list[str]:
        is_spaced = len(stops) > 1 and all(one.above[:1] == [""] for one in node.entries[1:])
        found: list[str] = []
        for number, (item, origin) in enumerate(self._nodes.items(node, value, path)):
            at = (*path, number)
            if origin is None:
                lines = self._new(item, at, value)
            else:
                lines = self._entry(node.entries[origin], item, at, value, stops[origin])
            while not number and not lines[0].strip():
                del lines[0]
            is_apart = not number or not lines[0].strip()
            found += lines if is_apart or not is_spaced else [self._end, *lines]
        return found

    def _entry(self, entry: Entry, value: Json, path: Path, within: Json, stop: int) -> list[str]:
        """The lines of one entry with its comments."""
        node, is_full = entry.node, isinstance(value, dict | list) and bool(value)
        if self._nodes.stays(node, value):
            return self._as_it_is(entry, stop)
        if node.is_block and isinstance(value, node.kind) and value:
            inner = self._block(node, value, path, within, stop)
            above = self._as_it_is(entry, node.entries[0].top)
            return [*above, *(self._dash(entry, inner) if entry.is_compact else inner)]
        if is_full and entry.key is not None and node.is_nothing and not node.anchor:
            return self._filled(entry, self._nodes.new(value, path, within), stop)
        if is_scalar(node) and not is_full:
            return self._with_scalar(entry, value, stop)
        has_names = any(one.anchor or one.alias for one in node.nodes())
        changes = list(scalar_changes(node, value)) if node.in_brackets and not has_names else []
        if changes and None not in changes:
            return self._with_changes(entry, changes, stop)
        new = Entry(self._nodes.edited(node, value, path, within), entry.key, [], entry.beside)
        rest = [] if node.is_block else self._lines[node.end[0] + 1 : stop]
        above = self._lines[entry.top : entry.first]
        return [*above, *self._ended(entry_lines(new, self._column, self._style)), *rest]

    def _as_it_is(self, entry: Entry, stop: int) -> list[str]:
        lines, first = self._lines[entry.top : stop], entry.first - entry.top
        if first < len(lines):
            lines[first] = _without_dash(lines[first], self._column)
        return lines

    def _dash(self, entry: Entry, lines: list[str]) -> list[str]:
        """The lines of a mapping or list that begins beside a dash or colon, with that."""
        at, pad = entry.node.column, " " * self._column
        comments, (first, *more) = split_comments(lines)
        dash = _without_dash(self._lines[entry.node.entries[0].first], self._column)[:at]
        above = [pad + line.lstrip(" ") if line.strip() else line for line in comments]
        return [*above, dash + first[at:], *more]

    def _filled(self, entry: Entry, new: Node, stop: int) -> list[str]:
        """The lines of a key that had nothing, and of a block below it and its comments."""
        lines, style = self._as_it_is(entry, stop), self._style
        (number, start), (_, end) = entry.node.start, entry.node.end
        line = lines[number - entry.top]
        lines[number - entry.top] = line[:start].rstrip() + line[end:]
        indent = self._column + step_of(Entry(new, entry.key), style)
        return [*lines, *self._ended(block_lines(new, indent, style))]

    def _with_scalar(self, entry: Entry, value: Json, stop: int) -> list[str]:
        """The lines of an entry in which one scalar takes the place of another."""
        node = entry.node
        line, at = node.start
        lines = self._as_it_is(entry, line + 1)
        before = lines.pop()[:at]
        before += "" if before.endswith(" ") else " "
        anchor = self._nodes.anchors.assign(node, value)
        before += f"&{anchor} " if anchor else ""
        indent = self._column + step_of(entry, self._style)
        first, *more = replaced_lines(node, value, indent, len(before))
        beside = entry.beside if node.indicators else self._lines[node.end[0]][node.end[1] :]
        lines += self._ended([before + first + beside, *more])
        return lines + self._lines[node.end[0] + 1 : stop]

    def _with_changes(self, entry: Entry, changes: Sequence[Change | None], stop: int) -> list[str]:
        """The lines of an entry in brackets in which scalars take the place of others."""
        lines = self._as_it_is(entry, stop)
        for node, value in reversed([change for change in changes if change is not None]):
            number = node.start[0] - entry.top
            line = lines[number]
            new = replaced_in_brackets(node, value)
            lines[number] = f"{line[: node.start[1]]}{new}{line[node.end[1] :]}"
        return lines

    def _new(self, value: Json, path: Path, within: Json, key: str | None = None) -> list[str]:
        name = None if key is None else Node(key)
        entry = Entry(self._nodes.new(value, path, within), name)
        return self._ended(entry_lines(entry, self._column, self._style))

    def _ended(self, lines: Sequence[str]) -> list[str]:
        return [line if line.endswith(("\n", "\r")) else line + self._end for line in lines]


def _without_dash(line: str, column: int) -> str:
    """A line with blanks where the dash of what holds it stands."""
    return " " * column + line[column:] if line[:column].strip() else line
