"""Call flows as values: as a file wants them, as they are live, and what the lock says of one.

Standard library only. Nothing here reads, writes or compares.
"""

from __future__ import annotations

import marshal
from collections.abc import Mapping
from copy import copy
from dataclasses import astuple, dataclass, field
from typing import Any, NamedTuple, NewType, TypeAlias, TypeVar, cast

Json: TypeAlias = "bool | int | float | str | list[Json] | dict[str, Json] | None"
Body: TypeAlias = dict[str, Json]
"""A call flow as the API's own JSON object: `title`, `record`, `steps` and so on."""

RawBody = NewType("RawBody", dict[str, Json])
"""A body, or a part of one, that may hold secret values: it is sent, and never shown."""

SafeBody = NewType("SafeBody", dict[str, Json])
"""The same with `${name}` where a secret stands. All else takes this: what compares, plans, shows
or writes down. `plan.secrets.hide_body` makes it of a raw one; reading a file leaves references in.
"""

AnyBody = TypeVar("AnyBody", RawBody, SafeBody, Body)

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


def with_title(body: AnyBody, other: Body) -> AnyBody:
    """The body; where it has no title, with that of the other: a service may not show titles."""
    if "title" in body or "title" not in other:
        return body
    return cast("AnyBody", {"title": other["title"], **body})


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


_NO_SETTINGS = Settings()


class Flow:
    """One call flow that git wants, for one environment."""

    __slots__ = ("_body", "_raw", "file", "is_to_be_default", "name", "settings")

    def __init__(
        self,
        name: str,
        file: str,
        raw: RawBody,
        body: SafeBody,
        settings: Settings = _NO_SETTINGS,
    ) -> None:
        self.name = name
        """The file's path below the flows folder without its suffix: `billing/menu`."""
        self.file = file
        """The file's path below the project's root, with forward slashes."""
        self._raw: bytes | RawBody = raw
        self._body: bytes | SafeBody = body
        self.settings = settings
        self.is_to_be_default = body.get("default") is True

    @classmethod
    def unpacked(cls, name: str, file: str, packed: PackedFlow) -> Flow:
        """The flow of which `packed` was made. Its bodies stay packed: 100,000 need a GB else."""
        flow = cls.__new__(cls)
        raw, body, flow.is_to_be_default, settings = packed
        flow.name, flow.file = name, file
        flow._raw, flow._body = raw, raw if body is None else body
        flow.settings = Settings(*settings) if settings else _NO_SETTINGS
        return flow

    def packed(self) -> PackedFlow:
        """The flow but for its name as plain data, which marshal can carry between processes."""
        raw, body = marshal.dumps(self.raw), None
        if self._body is not self._raw:
            body = marshal.dumps(self.body)
        settings = None if self.settings == _NO_SETTINGS else astuple(self.settings)
        return raw, body, self.is_to_be_default, settings

    @property
    def raw(self) -> RawBody:
        """What the service is to hold, variables filled in. A packed one is made anew each time."""
        return RawBody(_unpacked(self._raw))

    @property
    def body(self) -> SafeBody:
        """Often the same, where no secret is in it. A packed one is made anew each time."""
        return SafeBody(_unpacked(self._body))

    @property
    def title(self) -> str:
        """Safe to show; empty where the file gives none."""
        title = self.body.get("title")
        return title if isinstance(title, str) else ""

    def with_body(self, body: SafeBody) -> Flow:
        """The same with another body to show, packed if this one is."""
        flow = copy(self)
        flow._body = marshal.dumps(body) if isinstance(self._raw, bytes) else body
        return flow

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Flow):
            return NotImplemented
        return all(getattr(self, name) == getattr(other, name) for name in _FIELDS)

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        return f"Flow({self.name!r})"


PackedFlow: TypeAlias = "tuple[bytes, bytes | None, bool, tuple[Any, ...] | None]"
_FIELDS = ("name", "file", "raw", "body", "settings")


def _unpacked(body: bytes | Body) -> Body:
    """Some 5 µs for eight steps."""
    return marshal.loads(body) if isinstance(body, bytes) else body


@dataclass(frozen=True, slots=True)
class RawFlow:
    """One call flow as the service returned it: the whole object, with the service's own fields."""

    id: str
    raw: RawBody = field(repr=False)


class LiveFlow:
    """One call flow of the service, with its secrets hidden.

    Its body is packed into a fifth of the room: an account may have 100,000 flows.
    """

    __slots__ = ("_packed", "has_steps", "id", "is_default", "title", "updated_at")

    def __init__(self, id: str, body: SafeBody) -> None:
        title, moment = body.get("title"), body.get("updatedAt")
        self.id = id
        self.title = title if isinstance(title, str) else ""
        self.updated_at = moment if isinstance(moment, str) else ""
        self.is_default = body.get("default") is True
        self.has_steps = "steps" in body
        """False where a list shows too little of it."""
        try:
            self._packed: bytes | SafeBody = marshal.dumps(body)
        except ValueError:  # Nested deeper than marshal goes, which no flow is.
            self._packed = body

    @property
    def body(self) -> SafeBody:
        """Unpacked anew each time."""
        return SafeBody(_unpacked(self._packed))

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, LiveFlow):
            return NotImplemented
        return self.id == other.id and self.body == other.body

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        return f"LiveFlow({self.id!r})"


class LockEntry(NamedTuple):
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


class Number(NamedTuple):
    """A telephone number that leads to a call flow."""

    id: str
    number: str
    """Digits without a plus."""
    call_flow_id: str
