"""References to variables in files: `${name}` becomes the value in one environment.

Pure. A text that is nothing but one reference takes the variable's type; `$${` is the text `${`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import NamedTuple

from mbflow.model.flow import Json, Path
from mbflow.model.paths import with_value_at
from mbflow.model.problem import Problem, Severity
from mbflow.model.project import Environment, Variable
from mbflow.model.text import did_you_mean, shortened

_REFERENCE = re.compile(r"\$\$\{|\$\{([^{}]*)\}|\$\{")
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_-]*")


class Filled(NamedTuple):
    """A document with its references replaced."""

    raw: Json
    """May hold secret values: never show it."""
    safe: Json
    """With `${name}` where a secret stands; the same object as `raw` where none does."""
    problems: tuple[Problem, ...] = ()
    """Without places. Texts whose references cannot be replaced stand as they were."""
    judged: Json = None
    """The body for the schema, to which `${` is a reference: one that is text reads `$(`."""


def escaped(value: Json) -> Json:
    """The value as a flow file must hold it, so that filling in gives it back."""
    return _mapped(value, lambda text, path: text.replace("${", "$${"), ())


SHORTEST = 4
"""A shorter secret would be hidden wherever these few characters happen to stand."""
FOREIGN = " of "
"""In the name of another environment's secret, and of no variable: `pin of staging`."""


class Secrets(dict[str, str]):
    """Name of each secret that has a value here, to that value as text.

    True wherever the project declares one: `${` is written in the same way whichever are set.
    """

    def __bool__(self) -> bool:
        return True


def secret_texts(variables: Mapping[str, Variable]) -> dict[str, str]:
    """Name to value of the secret variables that have one."""
    secrets = [variable for variable in variables.values() if variable.secret]
    return {one.name: as_text(one.value) for one in secrets if one.value is not None}


def secrets_of(environment: Environment) -> dict[str, str]:
    """What must never be shown: the secrets of the environment, then those of the others."""
    own, others = secret_texts(environment.variables), secret_texts(environment.foreign)
    values = {*own.values()}
    found = {
        name: text for name, text in others.items() if text not in values and len(text) >= SHORTEST
    }
    is_declared = environment.foreign or any(one.secret for one in environment.variables.values())
    return Secrets({**own, **found}) if is_declared else {}


def names_in(document: Json) -> set[str]:
    """The names of all variables that the document refers to, declared or not."""
    return set(references_in(document))


def references_in(document: Json) -> list[str]:
    """The same, each as often as it stands there."""
    names: list[str] = []

    def note(text: str, path: Path) -> Json:
        names.extend(found[1] for found in _REFERENCE.finditer(text) if found[1] is not None)
        return text

    _mapped(document, note, ())
    return names


def split_references(text: str) -> Iterator[tuple[str, str]]:
    """The parts of a text in order: each with the name that it refers to, or with ""."""
    last = 0
    for found in _REFERENCE.finditer(text):
        if found[1] is not None:
            yield text[last : found.start()], ""
            yield found[0], found[1]
            last = found.end()
    yield text[last:], ""


def origin(text: Json, variables: Mapping[str, Variable]) -> str:
    """A sentence on where the values in a text come from, after what is wrong with them.

    Empty where it refers to no variable of these. Values are quoted unless they are secret.
    """
    names = sorted(names_in(text) & variables.keys()) if isinstance(text, str) else []
    return "".join(f" {_origin(variables[name])}" for name in names)


def _origin(variable: Variable) -> str:
    value = "a secret" if variable.secret else f'"{shortened(as_text(variable.value), 60)}"'
    line = f":{variable.place[0]}" if variable.place[0] else ""
    source = f", from {variable.env}" if variable.env else ""
    return f"${{{variable.name}}} stands for {value} (mbflow.yaml{line}{source})."


def fill(document: Json, variables: Mapping[str, Variable], *, unset: Severity) -> Filled:
    """The document with the variables' values in it.

    Unknown variables and incomplete references are errors; a variable without a value is a
    problem of the severity `unset`.
    """
    problems: list[Problem] = []
    literal: list[tuple[Path, str]] = []

    def replaced(text: str, path: Path) -> Json:
        found = [_trouble(match, variables, unset) for match in _REFERENCE.finditer(text)]
        troubles = [problem for problem in found if problem is not None]
        problems.extend(Problem(*trouble, path=path) for trouble in troubles)
        if troubles:
            return text
        value = _replaced(text, variables, hide=False)
        if isinstance(value, str) and "${" in value:
            literal.append((path, value.replace("${", "$(")))
        return value

    def hidden(text: str, path: Path) -> Json:
        if any(_trouble(match, variables, unset) for match in _REFERENCE.finditer(text)):
            return text
        return _replaced(text, variables, hide=True)

    raw = _mapped(document, replaced, ())
    secret = any(name in variables and variables[name].secret for name in names_in(document))
    safe = _mapped(document, hidden, ()) if secret else raw
    judged = raw
    for path, text in literal:
        judged = with_value_at(judged, path, text)
    return Filled(raw, safe, tuple(problems), judged)


def _mapped(value: Json, change: Callable[[str, Path], Json], path: Path) -> Json:
    """The same structure with `change` applied to every text that holds a reference."""
    if isinstance(value, str):
        return change(value, path) if "${" in value else value
    if isinstance(value, dict):
        return {key: _mapped(item, change, (*path, key)) for key, item in value.items()}
    if isinstance(value, list):
        return [_mapped(item, change, (*path, place)) for place, item in enumerate(value)]
    return value


def _replaced(text: str, variables: Mapping[str, Variable], *, hide: bool) -> Json:
    whole = _REFERENCE.fullmatch(text)
    if whole is not None and whole[1] is not None:
        variable = variables[whole[1]]
        return text if hide and variable.secret else variable.value

    def value_of(match: re.Match[str]) -> str:
        if match[1] is None:
            return "${"
        variable = variables[match[1]]
        return match[0] if hide and variable.secret else as_text(variable.value)

    return _REFERENCE.sub(value_of, text)


def as_text(value: Json) -> str:
    """A variable's value inside a longer text: true and false as YAML writes them."""
    return str(value).lower() if isinstance(value, bool) else str(value)


def _trouble(
    match: re.Match[str], variables: Mapping[str, Variable], unset: Severity
) -> tuple[str, Severity, str] | None:
    """Rule, severity and message, where this reference cannot be replaced."""
    if match[0] == "$${":
        return None
    name = match[1]
    if name is None or not _NAME.fullmatch(name):
        shown = shortened(match[0], 40)
        message = (
            f"{shown} is not a reference to a variable: write ${{name}}, or $${{ for the text ${{."
        )
        return "unknown-variable", Severity.ERROR, message
    variable = variables.get(name)
    if variable is None:
        guess = did_you_mean(name, variables)
        declare = "If not, declare" if guess else "Declare"
        message = (
            f'There is no variable "{shortened(name, 60)}".{guess} {declare} it under variables in '
            "mbflow.yaml."
        )
        return "unknown-variable", Severity.ERROR, message
    if variable.value is None:
        return "unset-variable", unset, f'The variable "{name}" has no value: {variable.trouble}.'
    return None
