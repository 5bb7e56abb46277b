"""Trees as text in one style: two blanks a level, quotes where needed, comments in their place.

The style of every file that mbflow writes, and of `mbflow fmt`.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence

from mbflow.project.yaml.scalar import WIDTH, key_text, quoted, scalar_lines, scalar_text
from mbflow.project.yaml.tree import Entry, Node

WIDEST = 100
"""Columns. Lists and mappings in brackets that are wider become lines of their own."""
_LONGEST_KEY = 1000
"""Characters. YAML wants keys that are longer to be announced with a question mark."""


def document_lines(root: Node, head: Sequence[str], as_is: Collection[int] = ()) -> list[str]:
    """The lines of a file. Texts on one of the lines `as_is`, from 1, are left as they are."""
    lines = _comments(head, 0, is_first=True)
    if root.entries:
        body = block_lines(root, 0, as_is)
        lines += body[1:] if lines[-1:] == body[:1] == [""] else body
    else:
        lines += [*_value(root, 2, 0, as_is), *_comments(root.after, 0)]
    return "\n".join(lines).strip("\n").split("\n")


def block_lines(node: Node, indent: int, as_is: Collection[int] = ()) -> list[str]:
    """The entries of a mapping or sequence as lines of their own."""
    lines: list[str] = []
    for number, entry in enumerate(node.entries):
        lines += entry_lines(entry, indent, is_first=not number and indent > 0, as_is=as_is)
    return lines + _comments(node.after, indent)


def entry_lines(
    entry: Entry, indent: int, *, is_first: bool = False, as_is: Collection[int] = ()
) -> list[str]:
    """One entry with its comments. The first of a mapping or sequence has no blank line above."""
    node, pad = entry.node, " " * indent
    above = list(entry.above)
    head = "-" if entry.key is None else f"{_key(entry.key)}:"
    lines = []
    if len(head) > _LONGEST_KEY:
        lines, head = [f"{pad}? {head[:-1]}"], ":"
    anchor = f" &{node.anchor}" if node.anchor else ""
    if not _is_in_lines(entry, indent + len(head) + len(anchor) + 1):
        first, *more = _value(node, indent + 2, len(head) + len(anchor) + 1, as_is)
        value = f" {first}" if first else ""
        lines += [f"{pad}{head}{anchor}{value}{_beside(entry, first)}".rstrip(), *more]
    elif entry.key is not None or anchor:
        lines += [f"{pad}{head}{anchor}{_beside(entry)}", *block_lines(node, indent + 2, as_is)]
    else:
        inner = block_lines(node, indent + 2, as_is)
        start = next(
            n for n, line in enumerate(inner) if line and not line.lstrip().startswith("#")
        )
        beside = filter(None, [entry.beside.strip()])
        above += [*beside, *map(str.strip, inner[:start])]
        lines += [f"{pad}- {inner[start].lstrip()}", *inner[start + 1 :]]
    return [*_comments(above, indent, is_first=is_first), *lines]


def _comments(texts: Sequence[str], indent: int, *, is_first: bool = False) -> list[str]:
    """Comments on their lines; of several blank ones one is left."""
    lines: list[str] = []
    for text in texts:
        if text:
            lines.append(f"{' ' * indent}{text}")
        elif lines[-1:] != [""] and (lines or not is_first):
            lines.append("")
    return lines


def _beside(entry: Entry, value: str = "") -> str:
    """Two blanks stand before a comment; where a plain text had one, it keeps its warning."""
    is_kept = entry.node.style == "plain" and value == entry.node.text
    return entry.beside if is_kept or not entry.beside else f"  {entry.beside.strip()}"


def _key(key: Node) -> str:
    anchor = f"&{key.anchor} " if key.anchor else ""
    is_fine = key.style == "plain" and "\n" not in key.text
    return f"{anchor}{key.text if is_fine else key_text(str(key.data))}"


def _is_in_lines(entry: Entry, before: int) -> bool:
    node = entry.node
    if not node.entries:
        return False
    if not node.in_brackets or any(map(_has_comment, node.nodes())):
        return True
    return before + len(_in_brackets(node)) > WIDEST


def _has_comment(node: Node) -> bool:
    return bool(node.after) or any(one.above or one.beside for one in node.entries)


def _in_brackets(node: Node) -> str:
    """A node on one line, between brackets."""
    anchor = f"&{node.anchor} " if node.anchor else ""
    if node.alias:
        return f"*{node.alias}"
    if node.kind is dict:
        parts = [f"{_key_in_brackets(one.key)}: {_in_brackets(one.node)}" for one in node.entries]
        return f"{anchor}{{{', '.join(part.rstrip() for part in parts)}}}"
    if node.kind is list:
        return f"{anchor}[{', '.join(_in_brackets(one.node) for one in node.entries)}]"
    if node.style == "plain" and "\n" not in node.text:
        return anchor + node.text
    if isinstance(node.data, str):
        is_new = node.style == "new"
        text = scalar_text(node.data, in_brackets=True) if is_new else quoted(node.data)
        return anchor + text
    return anchor + scalar_lines(node.data, 0, 0)[0]


def _key_in_brackets(key: Node | None) -> str:
    return _key(key) if key is not None else ""


def _value(node: Node, indent: int, before: int, as_is: Collection[int]) -> list[str]:
    """The first line of a value that stands beside its key or dash, and those below."""
    if node.alias:
        return [f"*{node.alias}"]
    if node.kind is not str:
        shown = _in_brackets(node)
        return [shown.removeprefix(f"&{node.anchor} ") if node.anchor else shown]
    return _scalar(node, indent, before, as_is)


def _scalar(node: Node, indent: int, before: int, as_is: Collection[int]) -> list[str]:
    lines = node.text.split("\n")
    is_left = any(number in as_is for number in range(node.start[0] + 1, node.end[0] + 2))
    if node.style in ("|", ">") and (is_left or _keeps_lines(node, indent)):
        return _block(node, indent)
    if is_left:
        return [lines[0], *(f"{' ' * indent}{line.strip()}".rstrip() for line in lines[1:])]
    if node.style != "plain" or len(lines) > 1:
        return scalar_lines(node.data, indent, before)
    is_wide = indent - 2 + before + len(node.text) > WIDTH and isinstance(node.data, str)
    found = scalar_lines(node.data, indent, before) if is_wide else []
    return found if len(found) > 1 else lines


def _keeps_lines(node: Node, indent: int) -> bool:
    """Whether a block of text stays as somebody broke it into lines."""
    text, head = str(node.data), _BLOCK_HEAD.match(node.text)
    if head or not text.strip():
        return False
    if node.style == "|" or "\n" in text.strip("\n"):
        return True
    return all(len(line) <= WIDTH for line in _block(node, indent))


_BLOCK_HEAD = re.compile(r".-?[+0-9]")
"""Of a block that says how far it is indented, or keeps the blank lines below it."""


def _block(node: Node, indent: int) -> list[str]:
    """A block of text at another indentation: its head without comment, and its lines."""
    head, *lines = node.text.split("\n")
    at = min((len(line) - len(line.lstrip(" ")) for line in lines if line.strip()), default=0)
    pad = " " * indent
    return [head.split()[0], *(f"{pad}{line[at:]}" if line[at:] else "" for line in lines)]
