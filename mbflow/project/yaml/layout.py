"""Trees as text: indented alike, in quotes where needed, comments in their place.

The one style of every file that mbflow writes, and of `mbflow fmt`, has two blanks a level; what is
new in a file that is edited is indented as its neighbours are.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from mbflow.project.yaml.scalar import WIDTH, key_text, quoted, scalar_lines, scalar_text
from mbflow.project.yaml.tree import Entry, Node

WIDEST = 100
"""Columns. Lists and mappings in brackets that are wider become lines of their own."""
_LONGEST_KEY = 1000
"""Characters. YAML wants keys that are longer to be announced with a question mark."""


@dataclass(frozen=True, slots=True)
class Style:
    """How a file is laid out."""

    unit: int = 2
    """Blanks by which what stands below a key is indented."""
    dash: int = 2
    """The same of the dashes of a list."""
    as_is: Collection[int] = ()
    """Texts on one of these lines, from 1, are left as they are."""


ONE_STYLE = Style()


def style_of(*nodes: Node) -> Style:
    """How the first of these nodes of a file indents what is in it; where it does not tell, how
    the next one does.
    """
    dash = _first_step(nodes, list, 0)
    unit = _first_step(nodes, dict, dash or ONE_STYLE.unit)
    return Style(unit, _first_step(nodes, list, unit))


def _first_step(nodes: Sequence[Node], kind: type, default: int) -> int:
    """How far the first mapping or list is indented that stands below its key."""
    found = (
        entry.node.column - node.column
        for root in nodes
        for node in root.nodes()
        if node.is_block and node.kind is dict
        for entry in node.entries
        if entry.node.is_block and entry.node.kind is kind
    )
    return next(found, default)


def document_lines(root: Node, head: Sequence[str], style: Style = ONE_STYLE) -> list[str]:
    """The lines of a file."""
    lines = _comments(head, 0, is_first=True)
    if root.entries:
        body = block_lines(root, 0, style)
        lines += body[1:] if lines[-1:] == body[:1] == [""] else body
    else:
        lines += [*_value(root, 2, 0, style), *_comments(root.after, 0)]
    return "\n".join(lines).strip("\n").split("\n")


def block_lines(node: Node, indent: int, style: Style) -> list[str]:
    """The entries of a mapping or sequence as lines of their own."""
    lines: list[str] = []
    for number, entry in enumerate(node.entries):
        lines += entry_lines(entry, indent, style, is_first=not number and indent > 0)
    return lines + _comments(node.after, indent)


def entry_lines(entry: Entry, indent: int, style: Style, *, is_first: bool = False) -> list[str]:
    """One entry with its comments. The first of a mapping or sequence has no blank line above."""
    node, pad, inner = entry.node, " " * indent, indent + step_of(entry, style)
    above = list(entry.above)
    head = "-" if entry.key is None else f"{_key(entry.key)}:"
    lines = []
    if len(head) > _LONGEST_KEY:
        lines, head = [f"{pad}? {head[:-1]}"], ":"
    anchor = f" &{node.anchor}" if node.anchor else ""
    column = indent + len(head) + len(anchor) + 1
    if not _is_in_lines(node, column):
        first, *more = _value(node, inner, column, style)
        value = f" {first}" if first else ""
        lines += [f"{pad}{head}{anchor}{value}{_beside(entry, first)}".rstrip(), *more]
        lines += _comments(node.after, inner)
    elif entry.key is not None or anchor:
        lines += [f"{pad}{head}{anchor}{_beside(entry)}", *block_lines(node, inner, style)]
    else:
        comments, (first, *more) = split_comments(block_lines(node, inner, style))
        above += [*filter(None, [entry.beside.strip()]), *map(str.strip, comments)]
        lines += [f"{pad}- {first.lstrip()}", *more]
    return [*_comments(above, indent, is_first=is_first), *lines]


def step_of(entry: Entry, style: Style) -> int:
    """How far what stands below an entry is indented; beside a dash it begins behind the blank."""
    if entry.key is None:
        return 2
    return style.dash if entry.node.kind is list else style.unit


def split_comments(lines: Sequence[str]) -> tuple[Sequence[str], Sequence[str]]:
    """The comments and blank lines at the beginning, and all below them."""
    start = next(n for n, line in enumerate(lines) if line.strip() and line.lstrip()[0] != "#")
    return lines[:start], lines[start:]


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


def _is_in_lines(node: Node, column: int) -> bool:
    if not node.entries:
        return False
    if not node.in_brackets or any(map(_has_comment, node.nodes())):
        return True
    return column + len(_in_brackets(node)) > WIDEST


def _has_comment(node: Node) -> bool:
    return bool(node.after) or any(one.above or one.beside for one in node.entries)


def _in_brackets(node: Node) -> str:
    """A node on one line, between brackets."""
    anchor = f"&{node.anchor} " if node.anchor else ""
    if node.alias:
        return f"*{node.alias}"
    if node.kind is dict:
        parts = [f"{_key(one.key)}: {_in_brackets(one.node)}" for one in node.entries if one.key]
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


def _value(node: Node, indent: int, column: int, style: Style) -> list[str]:
    """The first line of a value, which begins at the column, and those below."""
    if node.alias:
        return [f"*{node.alias}"]
    if node.kind is not str:
        shown = _in_brackets(node)
        return [shown.removeprefix(f"&{node.anchor} ") if node.anchor else shown]
    return _scalar(node, indent, column, style)


def _scalar(node: Node, indent: int, column: int, style: Style) -> list[str]:
    lines = node.text.split("\n")
    is_left = any(number in style.as_is for number in range(node.start[0] + 1, node.end[0] + 2))
    if node.indicators and (is_left or _keeps_lines(node, indent)):
        return _block(node, indent)
    if is_left:
        return [lines[0], *(f"{' ' * indent}{line.strip()}".rstrip() for line in lines[1:])]
    if node.style != "plain" or len(lines) > 1:
        return scalar_lines(node.data, indent, column)
    is_wide = column + len(node.text) > WIDTH and isinstance(node.data, str)
    found = scalar_lines(node.data, indent, column) if is_wide else []
    return found if len(found) > 1 else lines


def _keeps_lines(node: Node, indent: int) -> bool:
    """Whether a block of text stays as somebody broke it into lines."""
    text = str(node.data)
    if "+" in node.indicators or not text.strip():
        return False
    if node.style == "|" or "\n" in text.strip("\n"):
        return True
    return all(len(line) <= WIDTH for line in _block(node, indent))


def _block(node: Node, indent: int) -> list[str]:
    """A block of text at another indentation: its head without comment, and its lines."""
    lines = node.text.split("\n")[1:]
    text = str(node.data)
    at = _blanks(lines) - _blanks(text.split("\n"))
    # Where a file ends within a block, its last line has no end, and is to get one.
    chomping = "" if text.endswith("\n") else "-"
    explicit = "2" if any(map(str.isdigit, node.indicators)) else ""
    body = [f"{' ' * indent}{line[at:]}" if line[at:] else "" for line in lines]
    return [f"{node.style}{explicit}{chomping}", *body]


def _blanks(lines: Sequence[str]) -> int:
    """How far the first line is indented that holds anything."""
    return next((len(line) - len(line.lstrip(" ")) for line in lines if line.strip()), 0)
