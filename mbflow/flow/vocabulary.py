"""The vocabulary of call flows: each action with its options, its words and the ways out of it.

Names of options, defaults and what is required are the schema's; what no schema can say stands
here. The simulator acts by the same table, and the emulator's own is held to it by a test.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from enum import StrEnum
from typing import NamedTuple

from mbflow.model.flow import Body, Json, Path, steps_in
from mbflow.schema.validator import (
    SERVICE_FIELDS,
    KeyRule,
    condition_keys,
    flow_keys,
    options_of,
    step_keys,
)


class Reason(StrEnum):
    """Why a call leaves a step."""

    NEXT = "next"
    """The step is done, and nobody pressed a key."""
    KEYS = "keys"
    SKIPPED = "skipped"
    """A condition does not hold."""
    ANSWERED = "answered"
    UNANSWERED = "unanswered"
    MACHINE = "machine"
    """A machine was recognised, and `ifMachine: hangup`."""
    FETCHED = "fetched"
    """Another flow takes over."""
    UNFETCHED = "unfetched"
    """A web server was asked for the next flow, and gave none."""
    HANGUP = "hangup"


class Action(NamedTuple):
    """What a step can do."""

    name: str
    main: str = ""
    """The option that words and diagrams tell; empty for an action without options."""
    phrase: str = "{}"
    """How they tell it: `to {}`."""
    url: str = ""
    """The option that holds an address, or several."""
    takes_keys: bool = False
    """Whether `onKeypressGoto` and `onKeypressVar` count while it runs."""
    ways: tuple[Reason, ...] = (Reason.NEXT,)
    """The ways out of it that no option or key opens."""

    @property
    def options(self) -> Mapping[str, KeyRule]:
        return options_of(self.name)


# Sources show keys with say and pause only (open question 25). play and record are taken in because
# they keep the caller listening in the same way. A transfer is not: once two people talk, a key is
# theirs.
ACTIONS: Mapping[str, Action] = {
    action.name: action
    for action in (
        Action("transfer", "destination", "to {}", ways=(Reason.ANSWERED, Reason.UNANSWERED)),
        Action("say", "payload", '"{}"', takes_keys=True),
        Action("play", "media", url="media", takes_keys=True),
        Action("pause", "length", "{} s", takes_keys=True),
        Action("record", "maxLength", "up to {} s", url="onFinish", takes_keys=True),
        Action("fetchCallFlow", "url", "from {}", "url", ways=(Reason.FETCHED, Reason.UNFETCHED)),
        Action("sendKeys", "keys"),
        Action("hangup", ways=(Reason.HANGUP,)),
    )
}

LANGUAGES = frozenset({"language", "transcribeLanguage"})
"""Options that hold a language tag: `en-gb` is `en-GB`."""

_UNKNOWN = Action("")


def action_of(name: str) -> Action:
    """The action of that name; for an unknown one an action without options."""
    return ACTIONS.get(name, _UNKNOWN)


_NAMES = frozenset(
    {*flow_keys(), *SERVICE_FIELDS, *step_keys(), *condition_keys()}.union(
        *(action.options for action in ACTIONS.values())
    )
)
_SPELLINGS = {name.lower(): name for name in _NAMES}


def spelled(entries: Body) -> Body:
    """The same entries with known names in their own spelling; an exact spelling wins.

    The service finds keys without regard to case (reference 7: `Repeat`, `Language`, `callflow`).
    """
    if entries.keys() <= _NAMES:
        return entries
    found: Body = {}
    for key, value in sorted(entries.items(), key=lambda entry: entry[0]):
        name = _SPELLINGS.get(key.lower(), key)
        if name == key or name not in entries:
            found.setdefault(name, value)
    return found


# What a live flow holds that has no name here never counts as a difference. It is noted, and sent
# back with every update.


def _lower(names: Collection[str]) -> frozenset[str]:
    return frozenset(name.lower() for name in names)


_TOP = _lower([*flow_keys(), *SERVICE_FIELDS])
_STEP = _lower(step_keys())
_CONDITION = _lower(condition_keys())
_OPTIONS = {name: _lower(action.options) for name, action in ACTIONS.items()}


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
    return _without(body, _TOP)


def unknown_of_step(step: Body) -> Body:
    return _without(step, _STEP)


def unknown_of_condition(condition: Json) -> Body:
    return _without(condition, _CONDITION)


def unknown_options(step: Body) -> Body:
    """Options that the step's action does not have, and that hold something."""
    known = _OPTIONS.get(str(step.get("action")))
    found = {} if known is None else _without(step.get("options"), known)
    return {key: value for key, value in found.items() if _holds(value)}


def _without(entries: Json, known: Collection[str]) -> Body:
    found = entries if isinstance(entries, dict) else {}
    return {key: value for key, value in found.items() if key.lower() not in known}


def _holds(value: Json) -> bool:
    return value is not None and value != "" and (isinstance(value, (list, dict)) or value != 0)
