"""YAML files as trees in which nothing is lost: comments, blank lines, quotes, anchors, places.

A comment on lines of its own belongs to the entry below it, and at the end of a list or mapping to
that; a comment on an entry's line belongs to the entry.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

from mbflow.model.flow import Json, Path

Place = tuple[int, int]
"""Line and column, from 0."""
Order = Callable[[Path, Json], Sequence[str]]
"""Of a path, and of what holds the mapping there: its keys in order, with "" for unknown ones."""


class OddForm(Exception):
    """The file is written in a way that cannot be kept, at a line counted from 0."""

    def __init__(self, line: int, why: str = "") -> None:
        super().__init__(line, why)
        self.line = line
        self.why = why


INDICATORS = re.compile(r"[|>][-+0-9]*")
"""How a block of text begins."""


@dataclass(slots=True, eq=False)
class Node:
    """A scalar, an alias, a mapping or a sequence, as it is written or is to be written."""

    data: Json
    """Its value; for an alias the value of its anchor."""
    kind: type = str
    """`str` for scalars, `dict` for mappings, `list` for sequences."""
    anchor: str = ""
    alias: str = ""
    """The name of the anchor that it repeats."""
    style: str = "new"
    """Of a scalar: `plain`, `'`, `"`, `|` or `>` as it is in the file; of a new one `new`."""
    text: str = ""
    """A scalar of a file as it is written, without its anchor."""
    in_brackets: bool = False
    """Whether a mapping or sequence is written in brackets."""
    entries: list[Entry] = field(default_factory=list)
    after: list[str] = field(default_factory=list)
    """Comments and blank lines at its end."""
    after_line: int = -1
    """The first line of them."""
    start: Place = (-1, -1)
    end: Place = (-1, -1)
    """In its file; a block ends where its last line of content does."""
    column: int = -1
    """Of the keys or dashes of a block."""

    @property
    def is_block(self) -> bool:
        """Whether it is a mapping or sequence of lines of its own."""
        return bool(self.entries) and not self.in_brackets

    @property
    def indicators(self) -> str:
        """Of a block of text: `|`, `>-`, `|2`; else ""."""
        found = INDICATORS.match(self.text) if self.style in ("|", ">") else None
        return found[0] if found else ""

    @property
    def is_nothing(self) -> bool:
        """Whether a file has nothing at its place, or empty brackets on one line."""
        if self.kind is str:
            return self.style == "plain" and not self.text
        return self.in_brackets and not self.entries and self.start[0] == self.end[0]

    def nodes(self) -> Iterator[Node]:
        """Itself and all below it, in the order of the file."""
        yield self
        for entry in self.entries:
            if entry.key is not None:
                yield entry.key
            yield from entry.node.nodes()


@dataclass(slots=True, eq=False)
class Entry:
    """One pair of a mapping, or one item of a sequence."""

    node: Node
    key: Node | None = None
    above: list[str] = field(default_factory=list)
    """Comments on lines of their own, without indentation; "" for a blank line."""
    beside: str = ""
    """The comment on its line, with the one blank or the two before it."""
    top: int = -1
    """The first line of its comments, or of itself."""
    first: int = -1
    """The line of its key or dash."""
    is_compact: bool = False
    """Whether its mapping or sequence begins beside its dash, or the colon of `? key`."""


@dataclass(slots=True)
class Tree:
    """One file."""

    root: Node
    head: list[str]
    """Comments above the first entry: they stay at the top, whatever becomes of it."""
    lines: list[str]
    """Without their ends; behind the last end stands one more, mostly empty."""
    ends: list[str]

    def comments(self) -> list[str]:
        """All comments, in any order."""
        found = [*self.head]
        for node in self.root.nodes():
            found += node.after
            for entry in node.entries:
                found += [*entry.above, entry.beside.strip()]
        return [text for text in found if text.startswith("#")]


def node_of(value: Json) -> Node:
    """A new node for a value, lists and mappings as lines of their own."""
    if isinstance(value, dict) and value:
        pairs = [Entry(node_of(item), Node(key)) for key, item in value.items()]
        return Node(value, dict, entries=pairs)
    if isinstance(value, list) and value:
        return Node(value, list, entries=[Entry(node_of(item)) for item in value])
    return Node(value)


def put_in_order(node: Node, order: Order, path: Path = (), within: Json = None) -> None:
    """Sorts the mappings at and below a node at the path, each key with its comments."""
    if node.kind is dict:
        ranks = {key: number for number, key in enumerate(order(path, within))}
        other = ranks.get("", len(ranks))
        node.entries.sort(key=lambda one: ranks.get(str(one.key and one.key.data), other))
    for number, entry in enumerate(node.entries):
        part = number if entry.key is None else str(entry.key.data)
        put_in_order(entry.node, order, (*path, part), node.data)
