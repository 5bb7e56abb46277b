"""A file's text with another value in it: only what differs is written, all else stays as it is.

A step that moves takes its comments along; one that goes, loses them. An alias that no longer says
what is meant is written out.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from difflib import SequenceMatcher
from itertools import zip_longest

from mbflow.model.flow import Json, Path
from mbflow.model.paths import same_document
from mbflow.project.yaml.layout import document_lines, entry_lines
from mbflow.project.yaml.scalar import WIDTH, folds, quoted, scalar_lines, scalar_text, wrapped
from mbflow.project.yaml.tree import Entry, Node, OddForm, Order, Tree, node_of, put_in_order

Change = tuple[Node, Json]
"""A scalar of the file, and the value that takes its place."""
Origins = Mapping[Path, Sequence[int | None]]
"""Path of a list to the former place of each of its items; None for a new one."""


def edited_text(tree: Tree, value: Json, order: Order, origins: Origins) -> str:
    """The text of the file with this value in place of its own.

    `order` says where new keys go; lists without origins are compared item by item. A file
    that is one pair of brackets becomes lines. Raises OddForm for a value of another kind.
    """
    editor = _Editor(tree, order, origins, frozenset())
    text = editor.text(value)
    # An anchor on a text that nothing repeats is taken for a part of it by whoever reads the file.
    repeated = {node.alias for node in tree.root.nodes() if node.alias}
    unused = repeated - editor.used
    return _Editor(tree, order, origins, unused).text(value) if unused else text


class _Editor:
    def __init__(
        self, tree: Tree, order: Order, origins: Origins, unused: frozenset[str] | set[str]
    ) -> None:
        self._tree = tree
        self._order = order
        self._origins = origins
        self._unused = unused
        pairs = zip_longest(tree.lines, tree.ends, fillvalue="")
        self._lines = [line + end for line, end in pairs if line or end]
        self._end = tree.ends[0] if tree.ends else "\n"
        self._anchors: dict[str, Json] = {}
        """What the anchors that were written so far stand for."""
        self._has_anchors = any(node.anchor for node in tree.root.nodes())
        self.used: set[str] = set()
        """The anchors that aliases still repeat."""

    def text(self, value: Json) -> str:
        root = self._tree.root
        if not root.is_block:
            new = self._edited(root, value, (), None)
            return "".join(self._ended(document_lines(new, self._tree.head)))
        if not isinstance(value, root.kind) or not value:
            raise OddForm(0)
        stop = root.after_line
        lines = self._lines[: root.entries[0].first]
        lines += self._entries(root, value, (), None, stop)
        lines += self._lines[stop:]
        ended = [line if line.endswith(("\n", "\r")) else line + self._end for line in lines[:-1]]
        return "".join([*ended, *lines[-1:]])

    def _block(self, node: Node, value: Json, path: Path, within: Json, stop: int) -> list[str]:
        """The lines of a block and of what belongs to its end, up to the line `stop`."""
        end = node.after_line if node.after else stop
        lines = self._entries(node, value, path, within, end)
        if node.anchor:
            self._anchors[node.anchor] = value
        return [*lines, *self._lines[end:stop]]

    def _entries(self, node: Node, value: Json, path: Path, within: Json, stop: int) -> list[str]:
        stops = [*(one.top for one in node.entries[1:]), stop]
        if isinstance(value, dict):
            return self._mapping(node, value, path, within, stops)
        assert isinstance(value, list)
        return self._sequence(node, value, path, stops)

    def _mapping(
        self, node: Node, value: dict[str, Json], path: Path, within: Json, stops: Sequence[int]
    ) -> list[str]:
        found: list[tuple[str, list[str]]] = []
        for entry, stop in zip(node.entries, stops, strict=True):
            key = _key(entry)
            if key in value:
                at = (*path, key)
                lines = self._entry(entry, value[key], at, value, stop, node.column)
                found.append((key, lines))
        ranks = {key: number for number, key in enumerate(self._order(path, within))}
        for key in sorted(value.keys() - {_key(one) for one in node.entries}):
            new = self._new(value[key], (*path, key), value, node.column, key)
            found.insert(_place(key, [one for one, _ in found], ranks), (key, new))
        return [line for _, lines in found for line in lines]

    def _sequence(
        self, node: Node, value: list[Json], path: Path, stops: Sequence[int]
    ) -> list[str]:
        is_spaced = len(stops) > 1 and all(one.above[:1] == [""] for one in node.entries[1:])
        found: list[str] = []
        for number, (item, origin) in enumerate(self._items(node, value, path)):
            at = (*path, number)
            if origin is None:
                lines = self._new(item, at, value, node.column)
            else:
                entry = node.entries[origin]
                lines = self._entry(entry, item, at, value, stops[origin], node.column)
            while not number and not lines[0].strip():
                del lines[0]
            is_apart = not number or not lines[0].strip()
            found += lines if is_apart or not is_spaced else [self._end, *lines]
        return found

    def _items(self, node: Node, value: list[Json], path: Path) -> list[tuple[Json, int | None]]:
        """Each item of a list, and its former place; those of steps are known."""
        origins = self._origins.get(path)
        if origins is None:
            origins = _same_items([one.node.data for one in node.entries], value)
        return list(zip(value, origins, strict=True))

    def _entry(
        self, entry: Entry, value: Json, path: Path, within: Json, stop: int, column: int
    ) -> list[str]:
        """The lines of one entry with its comments, at the column of its block."""
        node = entry.node
        if self._stays(node, value):
            return self._as_it_is(entry, entry.top, stop, column)
        if node.is_block and isinstance(value, node.kind) and value:
            inner = self._block(node, value, path, within, stop)
            if entry.is_compact:
                return [*self._lines[entry.top : entry.first], *self._dash(entry, inner, column)]
            return [*self._as_it_is(entry, entry.top, node.entries[0].top, column), *inner]
        if _is_scalar(node) and not (isinstance(value, dict | list) and value):
            return self._with_scalar(entry, value, stop, column)
        changes = list(_changes(node, value)) if node.in_brackets and not self._has_anchors else []
        if changes and None not in changes:
            return self._with_changes(entry, changes, stop, column)
        new = Entry(self._edited(node, value, path, within), entry.key, [], entry.beside)
        rest = [] if node.is_block else self._lines[node.end[0] + 1 : stop]
        above = self._lines[entry.top : entry.first]
        return [*above, *self._ended(entry_lines(new, column)), *rest]

    def _as_it_is(self, entry: Entry, start: int, stop: int, column: int) -> list[str]:
        lines = self._lines[start:stop]
        if start <= entry.first < stop:
            lines[entry.first - start] = _without_dash(self._lines[entry.first], column)
        return lines

    def _dash(self, entry: Entry, lines: list[str], column: int) -> list[str]:
        """The lines of a mapping or list that begins beside a dash, with it."""
        at = entry.node.column
        number = next(n for n, line in enumerate(lines) if line.strip() and not _is_comment(line))
        dash = _without_dash(self._lines[entry.first], column)[:at]
        above = [
            " " * column + line.lstrip(" ") if line.strip() else line for line in lines[:number]
        ]
        return [*above, dash + lines[number][at:], *lines[number + 1 :]]

    def _with_scalar(self, entry: Entry, value: Json, stop: int, column: int) -> list[str]:
        """The lines of an entry in which one scalar takes the place of another."""
        node = entry.node
        line, at = node.start
        lines = self._as_it_is(entry, entry.top, line + 1, column)
        before = lines.pop()[:at]
        before += "" if before.endswith(" ") else " "
        if node.anchor and node.anchor not in self._unused:
            before += f"&{node.anchor} "
            self._anchors[node.anchor] = value
        first, *more = _scalar(node, value, column + 2, len(before) - column)
        is_text_block = node.style in ("|", ">")
        beside = entry.beside if is_text_block else self._lines[node.end[0]][node.end[1] :]
        if more and not is_text_block:
            beside = beside.rstrip("\r\n")
        lines += self._ended([before + first + beside.rstrip("\r\n"), *more])
        return lines + self._lines[node.end[0] + 1 : stop]

    def _with_changes(
        self, entry: Entry, changes: Sequence[Change | None], stop: int, column: int
    ) -> list[str]:
        """The lines of an entry in brackets in which scalars take the place of others."""
        lines = self._as_it_is(entry, entry.top, stop, column)
        for node, value in reversed([change for change in changes if change is not None]):
            number = node.start[0] - entry.top
            line = lines[number]
            new = _scalar_in_brackets(node, value)
            lines[number] = f"{line[: node.start[1]]}{new}{line[node.end[1] :]}"
        return lines

    def _new(
        self, value: Json, path: Path, within: Json, column: int, key: str | None = None
    ) -> list[str]:
        node = node_of(value)
        put_in_order(node, self._order, path, within)
        name = None if key is None else Node(key)
        return self._ended(entry_lines(Entry(node, name), column))

    def _ended(self, lines: Sequence[str]) -> list[str]:
        return [line + self._end for line in lines]

    def _edited(self, node: Node, value: Json, path: Path, within: Json) -> Node:
        """A node in brackets with another value; what did not change is written as it was."""
        if self._stays(node, value):
            return node
        if not node.in_brackets or not isinstance(value, node.kind) or not value:
            new = node_of(value)
            put_in_order(new, self._order, path, within)
            return new
        if isinstance(value, dict):
            entries = self._edited_pairs(node, value, path, within)
        else:
            assert isinstance(value, list)
            entries = []
            for number, (item, origin) in enumerate(self._items(node, value, path)):
                former = Entry(Node(None)) if origin is None else node.entries[origin]
                entries.append(self._edited_entry(former, item, (*path, number), value))
        anchor = node.anchor if node.anchor not in self._unused else ""
        if anchor:
            self._anchors[anchor] = value
        return Node(
            value, node.kind, anchor, in_brackets=True, entries=entries, after=[*node.after]
        )

    def _edited_pairs(
        self, node: Node, value: dict[str, Json], path: Path, within: Json
    ) -> list[Entry]:
        entries = [
            self._edited_entry(one, value[_key(one)], (*path, _key(one)), value)
            for one in node.entries
            if _key(one) in value
        ]
        ranks = {key: number for number, key in enumerate(self._order(path, within))}
        for key in sorted(value.keys() - {_key(one) for one in node.entries}):
            new = self._edited_entry(Entry(Node(None), Node(key)), value[key], (*path, key), value)
            entries.insert(_place(key, [_key(one) for one in entries], ranks), new)
        return entries

    def _edited_entry(self, entry: Entry, value: Json, path: Path, within: Json) -> Entry:
        node = self._edited(entry.node, value, path, within)
        return Entry(node, entry.key, [*entry.above], entry.beside)

    def _stays(self, node: Node, value: Json) -> bool:
        """Whether a node of the file says the value as it stands; notes the anchors in it."""
        if (node.style == "new" and node.kind is str) or not same_document(node.data, value):
            return False
        known, used = dict(self._anchors), set()
        for one in node.nodes():
            if one.alias:
                used.add(one.alias)
                if not same_document(known.get(one.alias, _NOTHING), one.data):
                    return False
            elif one.anchor:
                if one.anchor in self._unused and one.style == "plain":
                    return False
                known[one.anchor] = one.data
        self._anchors = known
        self.used |= used
        return True


_NOTHING: Json = {"": None, " ": None}
"""No value of a file."""


def _changes(node: Node, value: Json) -> Iterator[Change | None]:
    """The scalars that differ, where nothing else does; None for any other difference."""
    if same_document(node.data, value):
        return
    items = (
        value
        if isinstance(value, list)
        else list(value.values())
        if isinstance(value, dict)
        else []
    )
    is_same_form = isinstance(value, node.kind) and len(items) == len(node.entries)
    if isinstance(value, dict):
        is_same_form = is_same_form and [_key(one) for one in node.entries] == list(value)
    if items and is_same_form:
        for entry, item in zip(node.entries, items, strict=True):
            yield from _changes(entry.node, item)
    elif items or isinstance(value, dict | list) or not _is_scalar(node) or "\n" in node.text:
        yield None
    else:
        yield node, value


def _key(entry: Entry) -> str:
    return str(entry.key and entry.key.data)


def _place(key: str, present: Sequence[str], ranks: Mapping[str, int]) -> int:
    """Where a new key goes: behind the last of those that come before it."""
    other = ranks.get("", len(ranks))
    rank = ranks.get(key, other)
    before = [n for n, one in enumerate(present, 1) if ranks.get(one, other) <= rank]
    return max(before, default=0)


def _same_items(before: Sequence[Json], after: Sequence[Json]) -> list[int | None]:
    """For each item after, the place of the same one before, or of the one that it replaces."""
    left, right = ([json.dumps(one, sort_keys=True) for one in items] for items in (before, after))
    found: list[int | None] = [None] * len(right)
    for tag, i, end, j, stop in SequenceMatcher(None, left, right, autojunk=False).get_opcodes():
        if tag == "equal" or (tag == "replace" and end - i == stop - j):
            found[j:stop] = range(i, end)
    return found


def _is_scalar(node: Node) -> bool:
    return node.kind is str and not node.alias and node.style != "new"


def _is_comment(line: str) -> bool:
    return line.lstrip().startswith("#")


def _without_dash(line: str, column: int) -> str:
    """A line with blanks where the dash of what holds it stands."""
    return " " * column + line[column:] if line[:column].strip() else line


def _scalar(node: Node, value: Json, indent: int, before: int) -> list[str]:
    """The new value in the manner of the one whose place it takes."""
    if same_document(node.data, value) and "\n" not in node.text:
        return [node.text]
    if isinstance(value, str) and node.style in ("|", ">"):
        if folds(value) and node.style == ">":
            return [">-", *(" " * indent + line for line in _refolded(node, value, WIDTH - indent))]
        return scalar_lines(value, indent, WIDTH)
    found = scalar_lines(value, indent, before)
    return [_in_quotes(node, value) or found[0]] if len(found) == 1 else found


def _scalar_in_brackets(node: Node, value: Json) -> str:
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
