"""Steps and values in a few words, for sentences about them."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping

from mbflow.flow.vocabulary import action_of
from mbflow.model.flow import Body, Json, options_in
from mbflow.model.text import plural, printable, shortened

LENGTH = 60
WHOLE = 2_000
"""Characters of a text that is shown whole: more than anybody listens to."""
_UNCLEAR = re.compile(r"^\s|[^\S\x00-\x1f]$|[^\S\x00-\x1f]{2}|\\|[\r\x85]")
"""What wrapped lines and escapes do not tell apart."""


def step_words(step: Body, length: int = LENGTH) -> str:
    """`say "For sales, press 1."`, `transfer to 31201234567`, `hangup`; texts up to `length`."""
    action = step.get("action")
    if not isinstance(action, str):
        return f"no action: {value_words(action, length)}"
    named = printable(action) + (extent(action) if length == WHOLE else "")
    return f"{named} {main_words(action, options_in(step), length)}".rstrip()


def main_words(action: str, options: Mapping[str, Json], length: int = LENGTH) -> str:
    """The main option: `to 31201234567`; nothing where it is not set."""
    known = action_of(action)
    rule, value = known.options.get(known.main), options.get(known.main)
    if rule is None or value is None or not (value or rule.required):
        return ""
    is_count, is_text = known.phrase.endswith(" s"), isinstance(value, str)
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    if is_text and (is_count or text.startswith("[")):
        text = value_words(text, length)
    words = known.phrase.format(shortened(text, length))
    words += "" if is_text or is_count or isinstance(value, list) else " (no text)"
    return words + (extent(value) if length == WHOLE else "")


def value_words(value: Json, length: int = LENGTH) -> str:
    """A value on one line: text in quotes, yes and no, `nothing` for what is not there."""
    if value is None:
        return "nothing"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, str):
        text = shortened(value, length).replace('"', '\\"')
        return f'"{text}"' + (extent(value) if length == WHOLE else "")
    text = json.dumps(value, ensure_ascii=False)
    return shortened(text, length) + (extent(value) if length == WHOLE else "")


def is_told(value: Json, length: int = LENGTH) -> bool:
    """Whether the words of that length tell the value from every other."""
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return len(printable(text)) <= length and not _UNCLEAR.search(text)


def look_alike(one: str, other: str) -> bool:
    """Whether no eye tells them apart: a no-break space, an accent of its own, a wide digit."""
    import unicodedata

    is_plain = one.isascii() and other.isascii()
    return not is_plain and len({unicodedata.normalize("NFKC", s) for s in (one, other)}) == 1


def extent(value: Json, length: int = WHOLE) -> str:
    """` (2,345 characters, checksum 1f3a9c2b)` behind words that are not all; else nothing."""
    if is_told(value, length):
        return ""
    size, checksum = _extent(value)
    return f" ({plural(size, 'character')}, checksum {checksum})"


def extents(before: Json, after: Json) -> str:
    """How much two values hold, where a diff of them leaves something out."""
    (former, one), (size, other) = _extent(before), _extent(after)
    return f"{former:,} -> {plural(size, 'character')}, checksum {one} -> {other}"


def _extent(value: Json) -> tuple[int, str]:
    import hashlib

    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return len(text), hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:8]


def conditions_words(value: Json, length: int = LENGTH) -> str:
    """`choice == "1" and hours == "open"`; what has another form as JSON."""
    conditions = value if isinstance(value, list) else [value]
    parts = [_condition(one, length) for one in conditions]
    return (
        " and ".join(part for part in parts if part) if all(parts) else value_words(value, length)
    )


def _condition(condition: Json, length: int) -> str:
    if not isinstance(condition, dict) or condition.keys() != {"variable", "operator", "value"}:
        return ""
    variable, operator, value = (condition[name] for name in ("variable", "operator", "value"))
    names = [name for name in (variable, operator) if isinstance(name, str) and _is_clear(name)]
    return " ".join([*names, value_words(value, length)]) if len(names) == 2 else ""


def _is_clear(name: str) -> bool:
    """Whether it can stand without quotes between other words."""
    return len(name) <= LENGTH and not re.search(r'[\s"\\]|^$', name) and printable(name) == name
