"""Steps and values in a few words, for sentences about them."""

from __future__ import annotations

import json

from mbflow.model.flow import Body, Json, options_in
from mbflow.model.text import printable, shortened

LENGTH = 60


def step_words(step: Body, length: int = LENGTH) -> str:
    """`say "For sales, press 1."`, `transfer to 31201234567`, `hangup`; texts up to `length`."""
    action = str(step.get("action"))
    return f"{printable(action)}{_content(action, options_in(step), length)}"


def value_words(value: Json, length: int = LENGTH) -> str:
    """A value on one line: text in quotes, yes and no, `nothing` for what is not there."""
    if value is None:
        return "nothing"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, str):
        return f'"{shortened(value, length)}"'
    return shortened(json.dumps(value, ensure_ascii=False), length)


def conditions_words(value: Json) -> str:
    """`choice == "1" and hours == "open"`."""
    conditions = value if isinstance(value, list) else [value]
    parts = [_condition(one) for one in conditions if isinstance(one, dict)]
    return " and ".join(parts) if len(parts) == len(conditions) else value_words(value)


def _condition(condition: Body) -> str:
    variable, operator = (str(condition.get(name)) for name in ("variable", "operator"))
    compared = value_words(condition.get("value"))
    return f"{shortened(variable, LENGTH)} {shortened(operator, LENGTH)} {compared}"


MAIN_OPTIONS = {
    "say": "payload",
    "transfer": "destination",
    "play": "media",
    "pause": "length",
    "record": "maxLength",
    "fetchCallFlow": "url",
    "sendKeys": "keys",
}
"""Action to the option that its words hold."""
_BETWEEN = {"transfer": " to ", "record": " up to ", "fetchCallFlow": " from "}


def _content(action: str, options: Body, length: int) -> str:
    name = MAIN_OPTIONS.get(action)
    value = options.get(name) if name is not None else None
    if action == "say":
        return f" {value_words('' if value is None else value, length)}"
    if value is None:
        return ""
    between = _BETWEEN.get(action, " ")
    if action in ("pause", "record"):
        return f"{between}{value} s" if isinstance(value, (int, float)) else ""
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return f"{between}{shortened(text, length)}"
