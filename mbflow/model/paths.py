"""Values inside documents: named by their path, found and replaced by it.

Problems are values. They are collected and shown together, never raised.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterator

from mbflow.model.flow import Json, Path


def value_at(value: Json, path: Path) -> Json:
    """The value at the path; None where there is none."""
    for part in path:
        if isinstance(value, dict) and isinstance(part, str):
            value = value.get(part)
        elif isinstance(value, list) and isinstance(part, int) and part < len(value):
            value = value[part]
        else:
            return None
    return value


def with_value_at(value: Json, path: Path, new: Json) -> Json:
    """The same document with another value at a path that is there."""
    if not path:
        return new
    first, *rest = path
    if isinstance(value, dict) and isinstance(first, str):
        return {**value, first: with_value_at(value[first], tuple(rest), new)}
    assert isinstance(value, list) and isinstance(first, int)
    return [*value[:first], with_value_at(value[first], tuple(rest), new), *value[first + 1 :]]


def text_paths(value: Json, wanted: Callable[[str], bool], at: Path = ()) -> Iterator[Path]:
    """Paths of the texts that are wanted, in order."""
    if isinstance(value, str):
        if wanted(value):
            yield at
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from text_paths(item, wanted, (*at, index))
    elif isinstance(value, dict):
        for key, item in value.items():
            yield from text_paths(item, wanted, (*at, key))


_PLAIN_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_-]*")


def path_text(path: Path) -> str:
    """`("steps", 0, "options")` as `steps[0].options`."""
    text = ""
    for part in path:
        if isinstance(part, int):
            text += f"[{part}]"
        elif _PLAIN_NAME.fullmatch(part):
            text += f".{part}" if text else part
        else:
            text += f"[{part!r}]"
    return text


_PART = (
    r"\.?([A-Za-z_][A-Za-z0-9_-]*)|\[(\d+)\]"
    r"|\[('(?:[^'\\]|\\.)*'|\"(?:[^\"\\]|\\.)*\")\]"
)


def read_path(text: str) -> Path:
    """The path that `path_text` wrote."""
    parts: list[str | int] = []
    for name, index, quoted in re.findall(_PART, text):
        parts.append(int(index) if index else ast.literal_eval(quoted) if quoted else name)
    return tuple(parts)


def same_document(left: Json, right: Json) -> bool:
    """Equal in value and type: `1`, `1.0` and `true` are three values."""
    if left.__class__ is not right.__class__:
        return False
    if isinstance(left, dict) and isinstance(right, dict):
        return left.keys() == right.keys() and all(
            same_document(value, right[key]) for key, value in left.items()
        )
    if isinstance(left, list) and isinstance(right, list):
        return len(left) == len(right) and all(map(same_document, left, right))
    return left == right
