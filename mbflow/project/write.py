"""Call flows as YAML for people: title first, long texts in blocks, quotes only where needed.

What is written reads back as the same body with mbflow and with readers of YAML 1.1 alike. No
line of it is one that a CI system takes for a command.
"""

from __future__ import annotations

import math
import re
import textwrap
from collections.abc import Iterable, Iterator, Mapping

from mbflow.model.errors import Error
from mbflow.model.flow import Json, SafeBody, Settings
from mbflow.model.text import is_command
from mbflow.project.variables import Template, escaped
from mbflow.project.yaml.parser import is_text_everywhere
from mbflow.schema.validator import SETTINGS, flow_keys, sent_body, step_keys

_WIDTH = 80
"""Columns. Longer texts are folded where that loses nothing."""

_PLAIN = re.compile(r"[^\W\d_](?:[^:#]|:(?=[^ ])|(?<! )#)*")
_PLAIN_KEY = re.compile(r"[A-Za-z_][A-Za-z0-9_-]*")
_LONGEST_PLAIN_KEY = 1000
"""Characters. YAML wants keys that are longer to be announced with a question mark."""


def flow_text(body: SafeBody, *, schema: str | None, settings: Settings | None = None) -> str:
    """The flow as the content of a flow file; `schema` is the schema's address for editors.

    Leaves out the fields that the service owns. Raises Error for what YAML cannot hold: half of
    a surrogate pair, an infinite number.
    """
    lines = [f"# yaml-language-server: $schema={schema}"] if schema else []
    lines += _mapping(_ordered(sent_body(body), flow_keys()), 0, at=("flow",))
    block = _settings(settings or Settings())
    if block:
        lines += ["", *_mapping({SETTINGS: block}, 0)]
    return "\n".join(lines) + "\n"


def _settings(settings: Settings) -> dict[str, Json]:
    stated: dict[str, Json] = {
        "protect": settings.protect,
        "description": settings.description,
        "was": settings.was,
        "environments": None if settings.environments is None else list(settings.environments),
        "exceptions": dict(settings.exceptions),
    }
    return {key: value for key, value in stated.items() if value}


def _ordered(mapping: Mapping[str, Json], order: Iterable[str]) -> dict[str, Json]:
    """The same mapping with the keys in `order` first, and `steps` last of all."""
    first = [key for key in order if key in mapping and key != "steps"]
    rest = [key for key in mapping if key not in first and key != "steps"]
    last = ["steps"] if "steps" in mapping else []
    return {key: mapping[key] for key in [*first, *rest, *last]}


def _mapping(
    mapping: Mapping[str, Json], indent: int, *, at: tuple[str, ...] = ()
) -> Iterator[str]:
    pad = " " * indent
    for key, value in mapping.items():
        name = _key(key)
        if len(name) > _LONGEST_PLAIN_KEY:
            yield f"{pad}? {name}"
            name = ""
        if isinstance(value, dict) and value:
            yield f"{pad}{name}:"
            yield from _mapping(value, indent + 2)
        elif isinstance(value, list) and value:
            yield f"{pad}{name}:"
            yield from _list(value, indent + 2, steps=at == ("flow",) and key == "steps")
        else:
            first, *more = _scalar(value, indent + 2, len(name) + 2)
            yield f"{pad}{name}: {first}"
            yield from more


def _list(items: Iterable[Json], indent: int, *, steps: bool = False) -> Iterator[str]:
    """Items with their dash; a mapping or a list begins on the line of the dash."""
    pad = " " * indent
    for item in items:
        if isinstance(item, dict) and item:
            inner = _mapping(_ordered(item, step_keys()) if steps else item, indent + 2)
            first, *more = inner
            yield f"{pad}- {first.lstrip()}"
            yield from more
        elif isinstance(item, list) and item:
            first, *more = _list(item, indent + 2)
            yield f"{pad}- {first.lstrip()}"
            yield from more
        else:
            first, *more = _scalar(item, indent + 2, 2)
            yield f"{pad}- {first}"
            yield from more


def _scalar(value: Json, indent: int, before: int) -> list[str]:
    """The value as its first line, and further lines with their indentation."""
    if isinstance(value, str):
        return _text(value if isinstance(value, Template) else escaped(value), indent, before)
    if isinstance(value, float):
        return [_float(value)]
    if isinstance(value, dict):
        return ["{}"]
    if isinstance(value, list):
        return ["[]"]
    return ["null" if value is None else str(value).lower()]


def _float(value: float) -> str:
    if not math.isfinite(value):
        raise Error("The flow has a number that YAML and JSON cannot hold.")
    mantissa, e, exponent = repr(value).partition("e")
    return f"{mantissa}.0{e}{exponent}" if e and "." not in mantissa else repr(value)


def _text(text: str, indent: int, before: int) -> list[str]:
    pad = " " * indent
    lines = _literal_lines(text)
    if lines is not None:
        chomping = "" if text.endswith("\n") else "-"
        return [f"|{chomping}", *(f"{pad}{line}" if line else "" for line in lines)]
    if len(text) + indent - 2 + before > _WIDTH and _folds(text):
        lines = _wrapped(text, _WIDTH - indent)
        if not any(map(is_command, lines)):
            return [">-", *(f"{pad}{line}" for line in lines)]
    return [scalar_text(text)]


def _literal_lines(text: str) -> list[str] | None:
    """The lines of a text that can stand as a literal block, or None."""
    lines = text.removesuffix("\n").split("\n")
    if len(lines) < 2 or text.startswith((" ", "\n")) or not lines[-1]:
        return None
    return lines if all(map(_is_sound, lines)) else None


def _is_sound(line: str) -> bool:
    return line.isprintable() and not line.endswith(" ") and not is_command(line)


def _folds(text: str) -> bool:
    """Whether joining wrapped lines with single spaces gives the text back."""
    return text.isprintable() and all(text.split(" "))


def _wrapped(text: str, width: int) -> list[str]:
    return textwrap.wrap(text, max(width, 40), break_long_words=False, break_on_hyphens=False)


def _key(key: str) -> str:
    if _PLAIN_KEY.fullmatch(key) and is_text_everywhere(key):
        return key
    return _quoted(key)


def scalar_text(text: str) -> str:
    """The text on one line, in quotes where some reader of YAML would else read another value."""
    plain = (
        text.isprintable()
        and _PLAIN.fullmatch(text)
        and not text.endswith((" ", ":"))
        and not is_command(text)
        and is_text_everywhere(text)
    )
    return text if plain else _quoted(text)


_HASHES = re.compile(r"##(?=\w*\[)")
_HASHES_APART = r"#\\x23"
_PERHAPS_ESCAPED = re.compile(r'["\\]|[^ -~]')
_ESCAPES = {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\t": "\\t", "\r": "\\r"}


def _quoted(text: str) -> str:
    escaped = _PERHAPS_ESCAPED.sub(lambda found: _escape(found[0]), text)
    return f'"{_HASHES.sub(_HASHES_APART, escaped)}"'


def _escape(character: str) -> str:
    if character in _ESCAPES:
        return _ESCAPES[character]
    number = ord(character)
    if character.isprintable():
        return character
    if 0xD800 <= number <= 0xDFFF:
        raise Error("The flow has half of a surrogate pair, which is not a character.")
    if number < 0x100:
        return f"\\x{number:02x}"
    return f"\\u{number:04x}" if number < 0x10000 else f"\\U{number:08x}"
