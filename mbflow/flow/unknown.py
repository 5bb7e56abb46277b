"""What a live flow holds that mbflow has no name for.

Such keys never count as a difference. They are noted, and sent back with every update.
"""

from __future__ import annotations

from collections.abc import Iterator

from mbflow.model.flow import Body, Json, Path, steps_in
from mbflow.schema.validator import (
    ACTIONS,
    SERVICE_FIELDS,
    condition_keys,
    flow_keys,
    options_of,
    step_keys,
)

_TOP = {key.lower() for key in (*flow_keys(), *SERVICE_FIELDS)}
_STEP = {key.lower() for key in step_keys()}
_CONDITION = {key.lower() for key in condition_keys()}
_OPTIONS = {action: {name.lower() for name in options_of(action)} for action in ACTIONS}


def unknown_paths(body: Body) -> list[Path]:
    """The paths of keys and options that are not in the schema, in order."""
    paths: list[Path] = [(key,) for key in unknown_top(body)]
    for index, step in enumerate(steps_in(body)):
        paths += [("steps", index, key) for key in unknown_of_step(step)]
        paths += [("steps", index, "options", key) for key in unknown_options(step)]
        paths += [("steps", index, "conditions", *path) for path in _in_conditions(step)]
    return paths


def _in_conditions(step: Body) -> Iterator[tuple[int, str]]:
    conditions = step.get("conditions")
    for number, condition in enumerate(conditions if isinstance(conditions, list) else []):
        for key in unknown_of_condition(condition):
            yield number, key


def unknown_top(body: Body) -> Body:
    return {key: value for key, value in body.items() if key.lower() not in _TOP}


def unknown_of_step(step: Body) -> Body:
    return {key: value for key, value in step.items() if key.lower() not in _STEP}


def unknown_of_condition(condition: Json) -> Body:
    found = condition if isinstance(condition, dict) else {}
    return {key: value for key, value in found.items() if key.lower() not in _CONDITION}


def unknown_options(step: Body) -> Body:
    """Options that the step's action does not have, and that hold something."""
    options, known = step.get("options"), _OPTIONS.get(str(step.get("action")))
    if known is None or not isinstance(options, dict):
        return {}
    return {
        key: value for key, value in options.items() if key.lower() not in known and _holds(value)
    }


def _holds(value: Json) -> bool:
    return value is not None and value != "" and (isinstance(value, (list, dict)) or value != 0)
