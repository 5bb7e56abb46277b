"""Call flows as values: as a file wants them, as they are live, and what the lock says of one.

Standard library only. Nothing here reads, writes or compares.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

Json: TypeAlias = "bool | int | float | str | list[Json] | dict[str, Json] | None"
Body: TypeAlias = dict[str, Json]
"""A call flow as the API's own JSON object: `title`, `record`, `steps` and so on."""

Path: TypeAlias = tuple[str | int, ...]
"""Where a value stands inside a document: `("steps", 0, "options", "payload")`."""

EMBEDDED = "embedded"
"""The endpoint that means: the emulator in this process, kept under `.mbflow/`."""


def steps_in(body: Body) -> list[Body]:
    """The steps of a call flow. What is no object counts as an empty one: places stay."""
    steps = body.get("steps")
    if not isinstance(steps, list):
        return []
    return [step if isinstance(step, dict) else {} for step in steps]


def options_in(step: Body) -> Body:
    """The options of a step; empty where it has none."""
    options = step.get("options")
    return options if isinstance(options, dict) else {}


@dataclass(frozen=True, slots=True)
class Settings:
    """The `mbflow:` block of a flow file. It never leaves the repository."""

    protect: bool = False
    description: str = ""
    was: str | None = None
    environments: tuple[str, ...] | None = None
    exceptions: Mapping[str, str] = field(default_factory=dict)
    """Rule id to the reason why the rule does not apply to this flow."""


@dataclass(frozen=True, slots=True)
class Flow:
    """One call flow that git wants, for one environment."""

    name: str
    """The file's path below the flows folder without its suffix: `billing/menu`."""
    file: str
    """The file's path below the project's root, with forward slashes."""
    body: Body = field(repr=False)
    """What the service is to hold, variables filled in. May hold secret values: never show it."""
    shown: Body
    """The same body with `${name}` where a secret stands: safe to show. Often the same object."""
    settings: Settings = Settings()

    @property
    def title(self) -> str:
        """Safe to show; empty where the file gives none."""
        title = self.shown.get("title")
        return title if isinstance(title, str) else ""

    @property
    def is_to_be_default(self) -> bool:
        return self.shown.get("default") is True


@dataclass(frozen=True, slots=True)
class LiveFlow:
    """One call flow as the service returned it."""

    id: str
    body: Body
    """The whole object, with the fields that the service owns."""

    @property
    def title(self) -> str:
        title = self.body.get("title")
        return title if isinstance(title, str) else ""

    @property
    def updated_at(self) -> str:
        moment = self.body.get("updatedAt")
        return moment if isinstance(moment, str) else ""

    @property
    def is_default(self) -> bool:
        return self.body.get("default") is True


@dataclass(frozen=True, slots=True)
class LockEntry:
    """What `mbflow.lock.yaml` remembers of one key in one environment."""

    id: str
    sent: str
    """Digest of the canonical body that was last sent, 16 hex digits."""
    live: str
    """Digest of the canonical body that the service made of it, 16 hex digits."""
    protect: bool = False
    default: bool = False
    """It was the default flow then, as its file wanted."""
    secrets: tuple[str, ...] = ()
    """Names of the secrets in it, each as often as it stands there."""

    @property
    def is_adopted(self) -> bool:
        """Tied by hand to a flow as it was then, and nothing was sent yet. Markers do not count."""
        return not self.sent and bool(self.live)


@dataclass(frozen=True, slots=True)
class Number:
    """A telephone number that leads to a call flow."""

    id: str
    number: str
    """Digits without a plus."""
    call_flow_id: str
