"""One schema violation by a value, and the sentence that tells its author what to write instead.

Values that came from a `${name}` are named by that reference: they may be secret.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator, Mapping
from typing import Any

from mbflow.model.flow import Json, Path
from mbflow.model.text import did_you_mean, listed, shortened
from mbflow.schema.validator import ACTION_NAMES, LARGEST_NUMBER, options_of, schema

UNSET = [0, False, "", None]
"""What an option of another action may be; see `unset` in the call-flow schema."""

ACCESS_KEY = re.compile(r"(live|test)_[A-Za-z0-9]{10}")


class Violation:
    """A violation of the schema `name` with all that is needed to speak of it.

    `source` is the scalar at fault as the file has it; None for lists and mappings.
    """

    def __init__(self, name: str, document: Json, error: Any, source: str | None) -> None:
        self.name = name
        self.error = error
        self.kind: str = error.validator
        self.limit: Any = error.validator_value
        self.value: Any = error.instance
        self.path: Path = tuple(error.absolute_path)
        self.key = _subject(self.path)
        self.source = source or ""
        self.action = _action_at(name, document, self.path)

    @property
    def in_options(self) -> bool:
        return len(self.path) == 3 and self.in_steps and self.path[2] == "options"

    @property
    def in_step(self) -> bool:
        return len(self.path) == 2 and self.in_steps

    @property
    def in_steps(self) -> bool:
        return self.name == "call-flow" and self.path[:1] == ("steps",)

    @property
    def at_top(self) -> bool:
        return self.name == "call-flow" and not self.path

    def unknown_keys(self) -> Iterator[str]:
        """The keys that are not allowed here, in the order of the file."""
        of = self.error.schema
        known, patterns = of.get("properties", ()), of.get("patternProperties", ())
        for key, value in self.value.items():
            is_known = key in known or any(re.search(pattern, key) for pattern in patterns)
            if not is_known and not (self.is_foreign(key) and value in UNSET):
                yield key

    def is_foreign(self, key: str) -> bool:
        """Whether `key` is an option of another action than this step's."""
        return self.in_options and bool(owners(key))

    @property
    def said(self) -> str:
        """The value as it can be shown."""
        return self.source if "${" in self.source else described(self.value)

    def variable(self) -> str | None:
        """The name, where the value is nothing but a reference to a variable."""
        found = re.fullmatch(r"\$\{([^{}]*)\}", self.source)
        return shortened(found[1], 60) if found else None

    def examples(self) -> list[str]:
        """Examples for the property at fault, which may stand above the violated part."""
        found: list[Any] = []
        for of, step in self._way():
            if isinstance(of, dict):  # a definition, for a property that has no examples of its own
                found = found or of.get("examples", [])
            if isinstance(of[step], dict):
                found = of[step].get("examples", found)
        return [str(example) for example in found]

    def kinds(self) -> list[str]:
        """The types that are allowed here, those of an `if` that says nothing but a type too."""
        limit = [of["type"] for of in self.limit] if self.kind == "anyOf" else self.limit
        found = list(limit) if isinstance(limit, list) else [limit]
        for of, step in reversed(list(self._way())):
            if step == "else" and of["if"].keys() == {"type"}:
                found.append(of["if"]["type"])
        return found

    def _way(self) -> Iterator[tuple[Any, Any]]:
        """From the whole schema to what is violated: each part, and the step that leads on."""
        root = here = schema(self.name)
        for step in self.error.absolute_schema_path:
            if isinstance(here, dict) and step not in here:  # the path leaves references out
                here = root["$defs"][here["$ref"].rpartition("/")[2]]
            yield here, step
            here = here[step]


def sentence(violation: Violation) -> str:
    """What is wrong with the value, and what to write."""
    tell = _SENTENCES.get(violation.kind)
    if tell is not None:
        return tell(violation)
    return f"{violation.key} is not valid: {shortened(violation.error.message, 200)}."


def described(value: Json) -> str:
    """`the number 3`, `"three"`, `a list` and so on."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int | float):
        return f"the number {shortened(str(value), 40)}"
    if isinstance(value, str):
        key = ACCESS_KEY.match(value)
        return "what looks like an access key" if key else f'"{shortened(value, 40)}"'
    return "a list" if isinstance(value, list) else "a mapping" if value is not None else "empty"


def _subject(path: Path) -> str:
    """What the sentence speaks of: the key, or the item of a list."""
    if not path or isinstance(path[-1], str):
        return shortened(str(path[-1]), 60) if path else ""
    return f"Step {path[-1] + 1}" if path[:-1] == ("steps",) else f"Item {path[-1] + 1} of the list"


def _action_at(name: str, document: Json, path: Path) -> str | None:
    """The known action of the step that `path` leads through."""
    step: Any = document
    if name != "call-flow" or path[:1] != ("steps",) or len(path) < 2:
        return None
    for part in path[:2]:
        step = step[part]
    action = step.get("action") if isinstance(step, dict) else None
    return action if isinstance(action, str) and action in ACTION_NAMES else None


def owners(option: str) -> list[str]:
    """The actions that have an option of this name."""
    return [action for action in ACTION_NAMES if option in options_of(action)]


def foreign(violation: Violation, option: str) -> str:
    """The sentence about an option of another action that stands here with a value."""
    return (
        f"{option} is an option of {listed(owners(option), last='and')}, "
        f"not of {violation.action}. Remove it, or change the action."
    )


def _enum(violation: Violation) -> str:
    choices = [str(choice) for choice in violation.limit if choice not in ("", None)]
    guess = did_you_mean(violation.value, choices) if isinstance(violation.value, str) else ""
    if violation.key == "action" and violation.value is None:
        return f"action has no value. Use {listed(choices)}."
    if violation.value is None:
        return _empty(violation)
    if violation.key == "action":
        return f"There is no action {violation.said}.{guess or f' Use {listed(choices)}.'}"
    return f"{violation.key} must be {listed(choices)}, not {violation.said}.{guess}"


def _type(violation: Violation) -> str:
    wanted = violation.kinds()
    if not violation.path:
        return f"The file must be a mapping of keys and values, not {violation.said}."
    if violation.value is None:
        return _empty(violation)
    if _is_text(wanted) and isinstance(violation.value, int | float):
        return _unquoted(violation)
    if wanted[0] in ("integer", "number", "boolean") and isinstance(violation.value, str):
        return _quoted(violation, wanted[0])
    if wanted[0] == "integer" and type(violation.value) in (int, float):
        return _not_whole(violation)
    kinds = listed(KINDS[kind] for kind in wanted if kind != "null")
    return f"{violation.key} must be {kinds}, not {violation.said}."


def _is_text(wanted: Collection[str]) -> bool:
    """Whether a number, or true or false, lacks nothing but its quotes."""
    return "string" in wanted and not {"number", "integer"} & {*wanted}


def _empty(violation: Violation) -> str:
    if violation.key in ("finishOnKey", "endKey", "keys"):
        return (
            f"{violation.key} has no value: # begins a comment. "
            f'If the key # is meant, put it in quotes: {violation.key}: "#".'
        )
    return f"{violation.key} has no value. Give it one, or remove the key."


def _unquoted(violation: Violation) -> str:
    """A number, or true or false, where text is wanted: above all the unquoted phone number."""
    kind = "a number" if not isinstance(violation.value, bool) else "true or false"
    if violation.variable() is not None:
        return (
            f'{violation.key} must be text, but the variable "{violation.variable()}" is {kind}. '
            "Put its value in quotes in mbflow.yaml, or give it the type string."
        )
    written = shortened(violation.source, 60)
    sentence = f'{violation.key} must be text. Put it in quotes: {violation.key}: "{written}".'
    if kind == "a number" and written != str(violation.value):
        sentence += f" Without quotes it is {described(violation.value)}."
    return sentence


def _not_whole(violation: Violation) -> str:
    """A number that is none of the service's whole numbers."""
    value = violation.value
    if abs(value) > LARGEST_NUMBER:
        return f"{violation.key} must be a whole number of at most {LARGEST_NUMBER}."
    if value != int(value):
        return f"{violation.key} must be a whole number, not {violation.said}."
    if violation.variable() is not None:
        return (
            f'{violation.key} must be a whole number, but the variable "{violation.variable()}" '
            f"has a point or an exponent. Write {int(value)} in mbflow.yaml."
        )
    return (
        f"{violation.key} must be a whole number, written without a point or an exponent: "
        f"{violation.key}: {int(value)}."
    )


def _quoted(violation: Violation, wanted: str) -> str:
    must = f"{violation.key} must be {KINDS[wanted]}"
    if violation.variable() is not None:
        return (
            f'{must}, but the variable "{violation.variable()}" is text. '
            f"Give it the type {wanted} in mbflow.yaml."
        )
    text = violation.value.strip()
    if wanted == "boolean":
        word = _TRUTHS.get(text.lower())
        advice = f" Write {violation.key}: {word}." if word else ""
        return f"{must}, not {violation.said}.{advice}"
    if re.fullmatch(r"[-+]?[0-9]{1,18}", text):
        return f"{must}, not text. Remove the quotes: {violation.key}: {int(text)}."
    return f"{must}, not {violation.said}."


def _bounds(violation: Violation) -> str:
    word = "at least" if violation.kind == "minimum" else "at most"
    said = violation.said.removeprefix("the number ")
    return f"{violation.key} must be {word} {violation.limit}, not {said}."


def _too_short(violation: Violation) -> str:
    if violation.path == ("steps",):
        return "steps is empty. A flow needs at least one step."
    if violation.path[:2] == ("mbflow", "exceptions"):
        return f"The exception to {violation.key} needs a reason."
    return f"{violation.key} is empty. Give it a value, or remove the key."


def _pattern(violation: Violation) -> str:
    examples = listed(violation.examples()[:2])
    like = f" Write it like {examples}." if examples else ""
    return f"{violation.key} cannot be {violation.said}.{like}"


_SENTENCES: Mapping[str, Callable[[Violation], str]] = {
    "enum": _enum,
    "type": _type,
    "anyOf": _type,
    "minimum": _bounds,
    "maximum": _bounds,
    "minItems": _too_short,
    "minLength": _too_short,
    "pattern": _pattern,
}

KINDS = {
    "string": "text",
    "integer": "a whole number",
    "number": "a number",
    "boolean": "true or false",
    "array": "a list",
    "object": "a mapping of keys and values",
}

_TRUTHS = {
    "true": "true",
    "yes": "true",
    "on": "true",
    "false": "false",
    "no": "false",
    "off": "false",
}
"""What people write for true and false, and what YAML 1.2 takes."""
