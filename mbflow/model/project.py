"""The project: its name, environments, variables and rules, as `mbflow.yaml` states them.

Values only; `project_document` makes them from what the file holds.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from mbflow.model.flow import EMBEDDED, Json
from mbflow.model.promise import Promise
from mbflow.model.route import Route

ACCESS_KEY_ENV = "MESSAGEBIRD_ACCESS_KEY"
LOCAL = "local"
"""The environment that is always there: the built-in emulator."""


@dataclass(frozen=True, slots=True)
class Variable:
    """One variable of an environment; flow files take it as `${name}`."""

    name: str
    value: Json = field(default=None, repr=False)
    """None when it is to come from a process variable that is not set."""
    secret: bool = False
    env: str | None = None
    """The process variable it comes from, if it does."""
    trouble: str = ""
    """Why there is no value: `the process variable PIN is not set`."""
    place: tuple[int, int] = field(default=(0, 0), compare=False)
    """Line and column of its value in `mbflow.yaml`; zeros where it is not known."""


class Environment(NamedTuple):
    """One account that the flows are applied to."""

    name: str
    endpoint: str = EMBEDDED
    """`embedded`, or the address of a Voice Calling API without a slash at its end."""
    access_key_env: str = ACCESS_KEY_ENV
    access_key_kind: str = ""
    """`live` or `test`, where the key must be such a one; empty: any."""
    variables: Mapping[str, Variable] = {}
    """The project's variables with this environment's over them."""
    foreign: Mapping[str, Variable] = {}
    """Secret variables of the others, by `pin of staging`: who copies a flow in a dashboard copies
    them too."""
    identity: str = ""
    """What markers are made of; the name of the environment unless stated."""
    settle_seconds: float = 0
    """How long an unknown create is looked for: 30 unless stated, 0 for embedded."""
    require_plan: bool = False
    """`apply` without a saved plan is refused."""
    plan_max_age: float | None = None
    """Seconds after which a saved plan is refused."""
    acknowledged: Mapping[str, Mapping[str, str]] = {}
    """Name of a flow, or a number, to kind of hazard to the code that acknowledges it."""
    numbers: Mapping[str, Route] = {}
    """The numbers of this account that mbflow leads; all others are left alone."""

    @property
    def is_embedded(self) -> bool:
        return self.endpoint == EMBEDDED

    @property
    def has_calendars(self) -> bool:
        """Whether a calendar leads any of its numbers."""
        return any(route.calendar for route in self.numbers.values())


def place_words(environment: str, endpoint: str) -> str:
    """For messages: `production (https://voice.messagebird.com)`, `local (built-in emulator)`."""
    return f"{environment} ({'built-in emulator' if endpoint == EMBEDDED else endpoint})"


class Project(NamedTuple):
    """What `mbflow.yaml` says, or the defaults where there is no such file."""

    name: str = LOCAL
    former_names: tuple[str, ...] = ()
    flows: str = "flows"
    removed: tuple[str, ...] = ()
    """Names whose live flows may be deleted without counting against `--allow-deletes`."""
    environments: Mapping[str, Environment] = {}
    """By name; always holds `local`."""
    variables: tuple[str, ...] = ()
    """The names of the variables that are declared for all environments."""
    declared: tuple[str, ...] = ()
    """The names that `mbflow.yaml` states itself."""
    severities: Mapping[str, str] = {}
    """Rule id to `error`, `warning` or `off`."""
    promises: tuple[Promise, ...] = ()
    """What is to be true of all calls; their variables are filled in where they are decided."""
