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
_UNCLEAR = re.compile(r"^\s| $|  |\\|[\r\x85]")
"""What wrapped lines and escapes do not tell apart."""


def step_words(step: Body, length: int = LENGTH) -> str:
    """`say "For sales, press 1."`, `transfer to 31201234567`, `hangup`; texts up to `length`."""
    action = str(step.get("action"))
    return f"{printable(action)} {main_words(action, options_in(step), length)}".rstrip()


def main_words(action: str, options: Mapping[str, Json], length: int = LENGTH) -> str:
    """The main option: `to 31201234567`; nothing where it is not set."""
    known = action_of(action)
    rule, value = known.options.get(known.main), options.get(known.main)
    if rule is None or value is None or not (value or rule.required):
        return ""
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return known.phrase.format(shortened(text, length)) + (extent(value) if length == WHOLE else "")


def value_words(value: Json, length: int = LENGTH) -> str:
    """A value on one line: text in quotes, yes and no, `nothing` for what is not there."""
    if value is None:
        return "nothing"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, str):
        return f'"{shortened(value, length)}"' + (extent(value) if length == WHOLE else "")
    text = json.dumps(value, ensure_ascii=False)
    return shortened(text, length) + (extent(value) if length == WHOLE else "")


def is_told(value: Json, length: int = LENGTH) -> bool:
    """Whether the words of that length tell the value from every other."""
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return len(text) <= length and not _UNCLEAR.search(text)


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
    if not isinstance(variable, str) or not isinstance(operator, str):
        return ""
    return (
        f"{shortened(variable, length)} {shortened(operator, length)} {value_words(value, length)}"
    )
