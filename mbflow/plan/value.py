"""The plan as a value: what would change, why it might be unsafe, and what it stands on.

Frozen data that holds no secret and does nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from mbflow.compare.edits import Edit
from mbflow.model import Body, Json
from mbflow.problem import Problem

SALT = "$salt"
"""Where a plan keeps the salt of its hashes: no variable can have this name."""


class Action(StrEnum):
    CREATE = "create"
    UPDATE = "update"
    DELETE = "delete"
    ADOPT = "adopt"
    """Tie a live flow to a key by writing markers: nothing that a caller hears changes."""
    MOVE = "move"
    """Give a live flow another key: nothing that a caller hears changes."""


class HazardKind(StrEnum):
    OUTSIDE_EDIT = "outside-edit"
    CONFLICT = "conflict"
    RECREATE = "recreate"
    PROTECTED = "protected"
    NUMBERS = "numbers"
    DEFAULT = "default"
    SIMILAR_RENAME = "similar-rename"


@dataclass(frozen=True, slots=True)
class Hazard:
    """A reason why a change could hurt, and what acknowledges it."""

    kind: HazardKind
    text: str
    needs_allow: bool = False
    """Only `--allow KEY` acknowledges it; a yes or a reviewed plan file does not."""


@dataclass(frozen=True, slots=True)
class Preconditions:
    """What the live flow must still be when it is written. Empty for a create."""

    id: str = ""
    updated_at: str = ""
    digest: str = ""


@dataclass(frozen=True, slots=True)
class Change:
    """What would happen to one key."""

    key: str
    action: Action
    id: str = ""
    """Of the live flow; empty for a create."""
    title: str = ""
    before: Body | None = None
    after: Body | None = None
    edits: tuple[Edit, ...] = ()
    hazards: tuple[Hazard, ...] = ()
    preconditions: Preconditions = Preconditions()
    was: str = ""
    """The key that the live flow had before, where it moves."""
    digest: str = ""
    """Of what the file wants, in canonical form; empty for a delete."""
    numbers: tuple[str, ...] = ()
    """Numbers that point at the flow; read for deletes only."""
    base_known: bool = True
    """False where the lock does not say what was sent last, so outside edits cannot be told."""
    declared: bool = False
    """A delete of a key that stands under `removed:`."""


@dataclass(frozen=True, slots=True)
class Summary:
    create: int = 0
    update: int = 0
    delete: int = 0
    adopt: int = 0
    move: int = 0
    unchanged: int = 0
    unmanaged: int = 0
    orphaned: int = 0


@dataclass(frozen=True, slots=True)
class Plan:
    """Everything that a reviewer needs, and everything that apply checks."""

    id: str
    project: str
    environment: str
    endpoint: str
    created: str
    """RFC 3339, UTC, whole seconds."""
    summary: Summary
    changes: tuple[Change, ...] = ()
    problems: tuple[Problem, ...] = ()
    notes: tuple[str, ...] = ()
    """What a reader should know and need not act on: copies, orphans, what a service hides."""
    inputs: Mapping[str, str] = field(default_factory=dict)
    """File of a changed key to the SHA-256 of its bytes."""
    secrets: Mapping[str, str] = field(default_factory=dict)
    """Secret variable to a keyed hash of its value; `SALT` holds the key."""
    allowed: tuple[str, ...] = ()
    """Keys that were acknowledged with `plan --allow`."""
    owned: int = 0
    """How many live flows this checkout owns: the measure for many deletes."""
    options: Mapping[str, Json] = field(default_factory=dict)
    """How the plan was asked for: `base`, `target`, `match_title`. Apply asks the same way."""

    @property
    def deletes(self) -> tuple[Change, ...]:
        return tuple(change for change in self.changes if change.action is Action.DELETE)
