"""The JSON Schemas that mbflow ships: found, used to validate, read as tables of actions and keys.

Reads nothing but its own package data. jsonschema and jsonschema-rs are imported on first use.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, cast

from mbflow.model.flow import AnyBody, Json

if TYPE_CHECKING:
    from jsonschema.exceptions import ValidationError

_PACKAGE = Path(__file__).parent.parent
_HOMES = (_PACKAGE / "schemas", _PACKAGE.parent / "schemas")
"""In a wheel the schemas lie inside the package; in a checkout or an editable install beside it."""
_SUFFIX = ".schema.json"

SERVICE_FIELDS = ("id", "createdAt", "updatedAt", "_links")
"""Top-level fields that the service owns: accepted in a file, never sent, never compared."""
SETTINGS = "mbflow"
"""The top-level key of a flow file that never leaves the repository."""


class KeyRule(NamedTuple):
    """What the schema says of one option of an action, or of one key of a step or a flow."""

    name: str
    required: bool = False
    default: Json = None
    """What the service takes when the key is left out; None where no default is known.
    Null, "", 0 and false count as left out wherever the key is not required."""


def schema_names() -> list[str]:
    """The names that `schema_text` takes: `call-flow`, `project` and so on."""
    paths = [path for home in _HOMES for path in home.glob(f"*{_SUFFIX}")]
    return sorted({path.name.removesuffix(_SUFFIX) for path in paths})


def schema_text(name: str) -> str:
    """The schema as it is shipped. Raises KeyError for an unknown name."""
    for home in _HOMES:
        path = home / f"{name}{_SUFFIX}"
        if path.is_file():
            return path.read_text(encoding="utf-8")
    raise KeyError(name)


@cache
def schema(name: str) -> dict[str, Any]:
    """The schema as plain data. Shared: do not change it."""
    found = json.loads(schema_text(name))
    assert isinstance(found, dict)
    return found


def is_valid(name: str, instance: Json, *, has_odd_number: bool | None = None) -> bool:
    """The fast yes or no, by jsonschema-rs.

    To it 2.0 is a whole number, and 2 to the power of 64 too: JSON Schema says so, and the service
    does not. The slow validator knows better, and is asked where there is such a number, and where
    there is half of a character, which the fast one cannot read. `has_odd_number` is what
    `is_odd_number` says of any value in it; looked up where it is not known.
    """
    try:
        if not _fast_validator(name).is_valid(instance):
            return False
    except UnicodeEncodeError:
        return not any(violations(name, instance))
    if has_odd_number is None:
        has_odd_number = _has_odd_number(instance)
    return not has_odd_number or not any(violations(name, instance))


def violations(name: str, instance: Json) -> Iterable[ValidationError]:
    """Everything that is wrong, by jsonschema: slow, for instances that are not valid."""
    found: Iterable[ValidationError] = _slow_validator(name).iter_errors(instance)
    return found


@cache
def options_of(action: str) -> Mapping[str, KeyRule]:
    """The options that an action takes, by name; empty for an unknown action (reference 6.2)."""
    if action not in ACTION_NAMES:
        return {}
    return _key_rules(schema("call-flow")["$defs"][action])


@cache
def step_keys() -> Mapping[str, KeyRule]:
    """The keys of a step, by name (reference 6.1)."""
    return _key_rules(schema("call-flow")["$defs"]["step"])


@cache
def condition_keys() -> Mapping[str, KeyRule]:
    """The keys of a condition, by name (reference 6.3)."""
    return _key_rules(schema("call-flow")["$defs"]["condition"])


@cache
def flow_keys() -> Mapping[str, KeyRule]:
    """The keys of a call flow as it is sent: without `mbflow` and what the service owns."""
    known = _key_rules(schema("call-flow"))
    return {name: rule for name, rule in known.items() if name != SETTINGS}


def sent_body(document: AnyBody) -> AnyBody:
    """A flow file's content without what stays at home: `mbflow` and the service's own fields."""
    left_out = {*SERVICE_FIELDS, SETTINGS}
    return cast("AnyBody", {k: v for k, v in document.items() if k not in left_out})


def _key_rules(described: Mapping[str, Any]) -> dict[str, KeyRule]:
    required = described.get("required", ())
    found = {}
    for name, of in described["properties"].items():
        default = of.get("default") if isinstance(of, dict) else None
        found[name] = KeyRule(name=name, required=name in required, default=default)
    return found


LARGEST_NUMBER = 2**63 - 1
"""The service counts in 64 bits."""


def is_odd_number(value: Json) -> bool:
    """Whether it is a number with a point or an exponent, or one of more than 64 bits."""
    kind = value.__class__
    return kind is float or (kind is int and not _is_whole(None, value))


def _has_odd_number(value: Json) -> bool:
    """Whether there is such a number in it."""
    waiting: list[Any] = [[value]]
    while waiting:
        whole = waiting.pop()
        for item in whole.values() if whole.__class__ is dict else whole:
            kind = item.__class__
            if kind is dict or kind is list:
                waiting.append(item)
            elif is_odd_number(item):
                return True
    return False


def _is_whole(checker: Any, value: Any) -> bool:
    return value.__class__ is int and -LARGEST_NUMBER <= value <= LARGEST_NUMBER


@cache
def _fast_validator(name: str) -> Any:
    import jsonschema_rs

    return jsonschema_rs.Draft202012Validator(schema(name))


@cache
def _slow_validator(name: str) -> Any:
    import jsonschema

    types = jsonschema.Draft202012Validator.TYPE_CHECKER.redefine("integer", _is_whole)
    extend: Any = jsonschema.validators.extend
    strict = extend(jsonschema.Draft202012Validator, type_checker=types)
    return strict(schema(name))


ACTION_NAMES: tuple[str, ...] = tuple(
    schema("call-flow")["$defs"]["step"]["properties"]["action"]["enum"]
)
"""The eight actions, in the reference's order (section 6.1)."""
