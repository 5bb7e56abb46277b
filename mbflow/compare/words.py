"""Steps and values in a few words, for sentences about them."""

from __future__ import annotations

import json
from collections.abc import Callable

from mbflow.model import Body, Json, options_in
from mbflow.printable import printable, shortened

LENGTH = 60


def step_words(step: Body) -> str:
    """`say "For sales, press 1."`, `transfer to 31201234567`, `hangup`."""
    action = str(step.get("action"))
    describe = _WORDS.get(action)
    return f"{printable(action)}{describe(options_in(step)) if describe else ''}"


def value_words(value: Json) -> str:
    """A value on one line: text in quotes, yes and no, `nothing` for what is not there."""
    if value is None:
        return "nothing"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, str):
        return f'"{shortened(value, LENGTH)}"'
    return shortened(json.dumps(value, ensure_ascii=False), LENGTH)


def conditions_words(value: Json) -> str:
    """`choice == "1" and hours == "open"`."""
    conditions = value if isinstance(value, list) else [value]
    parts = [_condition(one) for one in conditions if isinstance(one, dict)]
    return " and ".join(parts) if len(parts) == len(conditions) else value_words(value)


def _condition(condition: Body) -> str:
    variable, operator = (str(condition.get(name)) for name in ("variable", "operator"))
    compared = value_words(condition.get("value"))
    return f"{shortened(variable, LENGTH)} {shortened(operator, LENGTH)} {compared}"


def _quoted(options: Body) -> str:
    return f" {value_words(options.get('payload', ''))}"


def _named(word: str, option: str) -> Callable[[Body], str]:
    def words(options: Body) -> str:
        value = options.get(option)
        if value is None:
            return ""
        text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
        return f"{word}{shortened(text, LENGTH)}"

    return words


def _seconds(word: str, option: str) -> Callable[[Body], str]:
    def words(options: Body) -> str:
        value = options.get(option)
        return f"{word}{value} s" if isinstance(value, (int, float)) else ""

    return words


_WORDS: dict[str, Callable[[Body], str]] = {
    "say": _quoted,
    "transfer": _named(" to ", "destination"),
    "play": _named(" ", "media"),
    "pause": _seconds(" ", "length"),
    "record": _seconds(" up to ", "maxLength"),
    "fetchCallFlow": _named(" from ", "url"),
    "sendKeys": _named(" ", "keys"),
}
