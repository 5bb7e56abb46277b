"""Trees with another value: what did not change stays as it is, what is new stands in its order."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from difflib import SequenceMatcher

from mbflow.model.flow import Json, Path
from mbflow.model.paths import same_document
from mbflow.project.yaml.tree import Entry, Node, Order, node_of, put_in_order

Origins = Mapping[Path, Sequence[int | None]]
"""Path of a list to the former place of each of its items; None for a new one."""


_NOTHING: Json = {"": None, " ": None}
"""No value of a file."""


class Anchors:
    """What the anchors that were written stand for. Those in `unused` are left out."""

    def __init__(self, unused: Collection[str]) -> None:
        self._unused = unused
        self._values: dict[str, Json] = {}
        self.used: set[str] = set()
        """The anchors that aliases still repeat."""

    def assign(self, node: Node, value: Json) -> str:
        """The anchor of a node that gets this value, for which it stands from here on; or ""."""
        if not node.anchor or node.anchor in self._unused:
            return ""
        self._values[node.anchor] = value
        return node.anchor

    def allow(self, node: Node) -> bool:
        """Whether a node can stand as it is written; notes the anchors in it.

        It cannot where one of its aliases would repeat another value than it did.
        """
        values, used = dict(self._values), set()
        for one in node.nodes():
            if one.alias:
                used.add(one.alias)
                if not same_document(values.get(one.alias, _NOTHING), one.data):
                    return False
            elif one.anchor:
                if one.anchor in self._unused and one.style == "plain":
                    return False
                values[one.anchor] = one.data
        self._values = values
        self.used |= used
        return True


class TreeEdit:
    """What becomes of the nodes of one file."""

    def __init__(self, order: Order, origins: Origins, unused: Collection[str]) -> None:
        self._order = order
        self._origins = origins
        self.anchors = Anchors(unused)

    def stays(self, node: Node, value: Json) -> bool:
        """Whether a node of the file says the value as it stands; notes the anchors in it."""
        is_new = node.style == "new" and node.kind is str
        if is_new or not same_document(node.data, value):
            return False
        return not any(map(_ends_with_file, node.nodes())) and self.anchors.allow(node)

    def new(self, value: Json, path: Path, within: Json) -> Node:
        """A new node for a value at a path, with its keys in order."""
        node = node_of(value)
        put_in_order(node, self._order, path, within)
        return node

    def edited(self, node: Node, value: Json, path: Path, within: Json) -> Node:
        """A node in brackets with another value; any other one is new, unless it stays."""
        if self.stays(node, value):
            return node
        if not node.in_brackets or not isinstance(value, node.kind) or not value:
            return self.new(value, path, within)
        if isinstance(value, dict):
            entries = self._edited_pairs(node, value, path, within)
        else:
            assert isinstance(value, list)
            entries = []
            for number, (item, origin) in enumerate(self.items(node, value, path)):
                former = Entry(Node(None)) if origin is None else node.entries[origin]
                entries.append(self._edited_entry(former, item, (*path, number), value))
        anchor = self.anchors.assign(node, value)
        return Node(
            value, node.kind, anchor, in_brackets=True, entries=entries, after=[*node.after]
        )

    def _edited_pairs(
        self, node: Node, value: dict[str, Json], path: Path, within: Json
    ) -> list[Entry]:
        entries = [
            self._edited_entry(one, value[key_of(one)], (*path, key_of(one)), value)
            for one in node.entries
            if key_of(one) in value
        ]
        for key in new_keys(node, value):
            new = self._edited_entry(Entry(Node(None), Node(key)), value[key], (*path, key), value)
            entries.insert(self.place(key, [*map(key_of, entries)], path, within), new)
        return entries

    def _edited_entry(self, entry: Entry, value: Json, path: Path, within: Json) -> Entry:
        node = self.edited(entry.node, value, path, within)
        return Entry(node, entry.key, [*entry.above], entry.beside)

    def place(self, key: str, present: Sequence[str], path: Path, within: Json) -> int:
        """Where a new key goes: behind the last of those that come before it."""
        ranks = {one: number for number, one in enumerate(self._order(path, within))}
        other = ranks.get("", len(ranks))
        rank = ranks.get(key, other)
        before = [n for n, one in enumerate(present, 1) if ranks.get(one, other) <= rank]
        return max(before, default=0)

    def items(self, node: Node, value: list[Json], path: Path) -> list[tuple[Json, int | None]]:
        """Each item of a list, and its former place; those of steps are known."""
        origins = self._origins.get(path)
        if origins is None:
            origins = _same_items([one.node.data for one in node.entries], value)
        return list(zip(value, origins, strict=True))


def key_of(entry: Entry) -> str:
    """The key of a pair."""
    return str(entry.key and entry.key.data)


def new_keys(node: Node, value: dict[str, Json]) -> list[str]:
    """The keys of the value that the node does not have, in the order of the alphabet."""
    return sorted(value.keys() - set(map(key_of, node.entries)))


def _same_items(before: Sequence[Json], after: Sequence[Json]) -> list[int | None]:
    """For each item after, the place of the same one before, or of the one that it replaces."""
    left, right = ([json.dumps(one, sort_keys=True) for one in items] for items in (before, after))
    found: list[int | None] = [None] * len(right)
    for tag, i, end, j, stop in SequenceMatcher(None, left, right, autojunk=False).get_opcodes():
        if tag in ("equal", "replace"):
            count = min(end - i, stop - j)
            found[j : j + count] = range(i, i + count)
    return found


def _ends_with_file(node: Node) -> bool:
    """Whether it is a block of text whose last line has no end: with one it is another text."""
    is_open = bool(node.indicators) and "-" not in node.indicators
    return is_open and bool(node.data) and not str(node.data).endswith("\n")
