"""What a schema forbids in a document, as mistakes in words for the author of the file.

Pure: takes plain data and a way to see how a scalar was written.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING, NamedTuple

from mbflow.model.flow import Json, Path
from mbflow.model.route import is_number
from mbflow.model.text import did_you_mean, listed, nearest, shortened
from mbflow.schema.validator import (
    ACTION_NAMES,
    SERVICE_FIELDS,
    SETTINGS,
    flow_keys,
    options_of,
    step_keys,
    violations,
)
from mbflow.schema.violation import Violation, foreign, owners, sentence

if TYPE_CHECKING:
    from jsonschema.exceptions import ValidationError

SourceText = Callable[[Path], "str | None"]
"""Gives the scalar at a path as it is written in the file, without its quotes."""


class Mistake(NamedTuple):
    """One thing that the schema forbids."""

    path: Path
    message: str
    at_key: bool = False
    """Whether the key at `path` is at fault, rather than its value."""


def mistakes(name: str, document: Json, source_text: SourceText) -> list[Mistake]:
    """Everything in `document` that the schema `name` forbids, one mistake a place."""
    found: dict[Path, Mistake] = {}
    meant: set[Path] = set()
    for error in sorted(violations(name, document), key=_weight):
        violation = Violation(name, document, error, source_text(tuple(error.absolute_path)))
        for mistake in _told(violation, meant):
            found.setdefault(mistake.path, mistake)
    return list(found.values())


def _weight(error: ValidationError) -> int:
    """Unknown keys first, as they tell what a missing one was meant to be; then types."""
    order = ("additionalProperties", "type")
    kind = str(error.validator)
    return order.index(kind) if kind in order else len(order)


def _told(violation: Violation, meant: set[Path]) -> Iterable[Mistake]:
    if violation.kind == "additionalProperties":
        return _unknown_keys(violation, meant)
    if violation.kind == "required":
        return _missing_keys(violation, meant)
    if violation.value is None and violation.path in meant:
        return []  # what belongs under it stands beside it, and is told
    if "propertyNames" in violation.error.absolute_schema_path:
        return [_bad_name(violation)]
    return [Mistake(violation.path, sentence(violation))]


def _unknown_keys(violation: Violation, meant: set[Path]) -> Iterator[Mistake]:
    """Notes in `meant` which known keys the unknown ones stand for."""
    known = _own_keys(violation)
    for key in violation.unknown_keys():
        if violation.is_foreign(key):
            yield Mistake((*violation.path, key), foreign(violation, key), at_key=True)
        else:
            named = "action" if _is_action(violation, key) else None
            guess = named or nearest(key, known) or _home(violation, key)
            if guess is not None:
                meant.add((*violation.path, guess))
            yield Mistake((*violation.path, key), _unknown_key(violation, key), at_key=True)


def _is_action(violation: Violation, key: str) -> bool:
    """Whether a step is written as `say: hello`, without the key `action`."""
    return violation.in_step and key in ACTION_NAMES and "action" not in violation.value


def _own_keys(violation: Violation) -> list[str]:
    if violation.in_options and violation.action is not None:
        return sorted(options_of(violation.action))
    return sorted(violation.error.schema.get("properties", {}))


def _unknown_key(violation: Violation, key: str) -> str:
    own, word = _own_keys(violation), shortened(key, 60)
    guess = did_you_mean(key, own)
    moved = _moved(violation, key) if not guess else ""
    if moved:
        return f"{word} {moved}"
    if violation.in_options:
        return f'{violation.action} has no option "{word}".{guess or _all("Its options are", own)}'
    if _is_action(violation, key):
        return f'A step has no key "{word}". Did you mean "action: {word}"?'
    if violation.in_step:
        return f'A step has no key "{word}".{guess or _all("Its keys are", own)}'
    if violation.at_top:
        return f'A call flow has no key "{word}".{guess or _all("Its keys are", own)}'
    return f'There is no key "{word}" here.{guess or _all("The keys are", own)}'


def _home(violation: Violation, key: str) -> str | None:
    """The key beside it under which an unknown one belongs."""
    if violation.in_step and owners(key):
        return "options"
    return "steps" if violation.at_top and key in step_keys() else None


def _moved(violation: Violation, key: str) -> str:
    """What to say of a key that belongs elsewhere in the file."""
    if violation.name == "project" and not violation.path and key in _ENVIRONMENT:
        return "belongs to an environment. Move it under environments and its name."
    if violation.in_options and key in step_keys() and key != "id":
        return 'belongs to the step, not to its options. Move it beside "action" and "options".'
    moves = {
        "options": 'is an option. Move it under the "options" of this step.',
        "steps": 'belongs to a step. Move it into an item of the list under "steps".',
    }
    return moves.get(_home(violation, key) or "", "")


def _all(start: str, words: Iterable[str]) -> str:
    named = listed(words, last="and")
    return f" {start} {named}." if named else ""


def _missing_keys(violation: Violation, meant: set[Path]) -> Iterator[Mistake]:
    """jsonschema reports each missing key alone; they are told in one sentence."""
    absent = [key for key in violation.limit if key not in violation.value]
    missing = [key for key in absent if (*violation.path, key) not in meant]
    if missing:
        yield Mistake(violation.path, _missing(violation, missing))


def _missing(violation: Violation, missing: list[str]) -> str:
    named = listed(missing, last="and")
    if violation.in_options:
        return f"{violation.action} needs the option{'s' * (len(missing) > 1)} {named}."
    if violation.in_step and missing == ["options"]:
        rules = options_of(violation.action or "").items()
        needed = [name for name, rule in rules if rule.required]
        return f"{violation.action} needs options: {listed(needed, last='and')}."
    if violation.in_step:
        return f'This step has no action. Write "action:" with {listed(ACTION_NAMES)}.'
    if violation.at_top:
        return 'The flow has no steps. Write them as a list under "steps:".'
    place = shortened(violation.key, 60) if violation.path else "The file"
    return f"{place} needs {named}{_meaning(violation, missing)}."


def _meaning(violation: Violation, missing: list[str]) -> str:
    """`: what it is`, of one missing key, in the first sentence that the schema has for it."""
    of = violation.error.schema.get("properties", {}).get(missing[0], {})
    first = of.get("description", "").partition(". ")[0].rstrip(".")
    return f": {first[:1].lower()}{first[1:]}" if first and len(missing) == 1 else ""


def _bad_name(violation: Violation) -> Mistake:
    word = str(violation.value)
    schema = violation.error.schema
    kind = _NAMES.get(schema.get("title", ""), "name")
    guess = did_you_mean(word, schema.get("examples", ()))
    if kind == _NAMES["number"]:
        guess = _digits_meant(word)
    message = f'"{shortened(word, 60)}" is not a {kind}.{guess} {schema.get("description", "")}'
    return Mistake((*violation.path, word), message, at_key=True)


def _digits_meant(word: str) -> str:
    """As `did_you_mean`, for a number as people write it: +44 20 7946-0100, 0044…"""
    digits = re.sub(r"[\s+().-]", "", word).removeprefix("00")
    is_plain = "(0)" not in word and is_number(digits)
    return f' Did you mean "{digits}"?' if is_plain else ""


_NAMES = {"number": "number in digits", "days": "day or a range of days"}
"""What keys with a form are, by the title that the schema has for them."""
_ENVIRONMENT = {
    "endpoint",
    "access_key_env",
    "access_key_kind",
    "numbers",
    "require_plan",
    "plan_max_age",
}
_PROJECT = {"project", "environments", "variables", "removed", "rules", "promises"}
_OF_MBFLOW = (
    (
        {"format", "canonical", "environments"},
        "This is the lock, which mbflow writes: no flow file. It is called mbflow.lock.yaml.",
    ),
    (
        {"format_version", "changes"},
        "This is a saved plan and no flow file. mbflow show prints it.",
    ),
    (
        {"zone", "open"},
        "This is a calendar and no flow. Put it into calendars/, beside mbflow.yaml.",
    ),
    (
        {"calls"},
        "These are simulated calls and no flow. Call the file NAME.calls.yaml, beside NAME.yaml.",
    ),
)


def not_a_flow(document: Json) -> str:
    """What the document is, where it is certainly no call flow; empty where it may be one."""
    if not isinstance(document, dict) or not document or {"steps", "title"} & document.keys():
        return ""
    for keys, told in _OF_MBFLOW:
        if keys <= document.keys():
            return told
    known = {*flow_keys(), *step_keys(), *SERVICE_FIELDS, SETTINGS}
    if any(nearest(key, known) for key in document):  # Perhaps misspelled: that is told elsewhere.
        return ""
    if document.keys() & _PROJECT:
        return (
            "This is a project file and no flow. It is called mbflow.yaml, and lies in the folder "
            "that holds the one of the flows."
        )
    return "This is no call flow: it has none of its keys. A call flow has a title and steps."
