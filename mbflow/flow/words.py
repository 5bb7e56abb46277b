"""Steps and values in a few words, for sentences about them."""

from __future__ import annotations

import json
from collections.abc import Mapping

from mbflow.flow.vocabulary import action_of
from mbflow.model.flow import Body, Json, options_in
from mbflow.model.text import printable, shortened

LENGTH = 60


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
    return known.phrase.format(shortened(text, length))


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
