"""The plan as a value, and what matching hands to it: which name belongs to which live flow.

Frozen data that holds no secret and does nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import NamedTuple, TypeAlias

from mbflow.flow.edits import Edit
from mbflow.model.flow import Flow, Json, LiveFlow, LockEntry, SafeBody
from mbflow.model.problem import Problem
from mbflow.model.text import Command, Line


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why no plan can be made, and the commands that settle it."""

    text: str
    commands: tuple[Command, ...] = ()


def refusal_lines(refusals: Iterable[Refusal]) -> list[Line]:
    """Each refusal, then the commands that settle it, to be copied."""
    lines: list[Line] = []
    for refusal in refusals:
        lines += [refusal.text, *refusal.commands]
    return lines


CLOCKS_APART = 300
"""Seconds that the clocks of two machines may differ without anybody noticing."""
SALT = "$salt"
"""Where a plan keeps the salt of its hashes: no variable can have this name."""


class ChangeKind(StrEnum):
    CREATE = "create"
    UPDATE = "update"
    DELETE = "delete"
    ADOPT = "adopt"
    """Tie a live flow to a name by writing markers: nothing that a caller hears changes."""
    MOVE = "move"
    """Give a live flow another name: nothing that a caller hears changes."""


class Cause(StrEnum):
    """Whose a change is, as git tells it: known where a plan has a base."""

    BRANCH = "branch"
    """This branch changed what the files want since it parted from the base."""
    DRIFT = "drift"
    """The files want what they want at the base: the account was edited outside git."""
    BEHIND = "behind"
    """The base wants something else by now, and this branch lacks it."""
    PENDING = "pending"
    """The files want what they want at the base: it was not applied yet."""


class HazardKind(StrEnum):
    OUTSIDE_EDIT = "outside-edit"
    CONFLICT = "conflict"
    RECREATE = "recreate"
    PROTECTED = "protected"
    NUMBERS = "numbers"
    DEFAULT = "default"
    SIMILAR_RENAME = "similar-rename"
    BEHIND = "behind"
    """The base of the plan changed it since, and this would revert that."""
    TAKEOVER = "takeover"
    """A number leads to a flow that no file here is for."""
    TWO_FLOWS = "two-flows"
    """The service shows a number at two flows at once."""


@dataclass(frozen=True, slots=True)
class Hazard:
    """A reason why a change could hurt, and what acknowledges it."""

    kind: HazardKind
    text: str
    needs_allow: bool = False
    """Only `--allow FLOW` acknowledges it; a yes or a reviewed plan file does not."""
    command: Command | None = None
    """What to do about it. The text then ends with a colon."""
    code: str = ""
    """Acknowledges it in `mbflow.yaml`; empty where a reviewed plan is enough."""

    def __str__(self) -> str:
        return self.text if self.command is None else f"{self.text} {self.command}"


@dataclass(frozen=True, slots=True)
class Preconditions:
    """What the live flow must still be when it is written. Empty for a create."""

    id: str = ""
    updated_at: str = ""
    digest: str = ""


class BranchCoverage(NamedTuple):
    """Which of the branches that change are gone through by the calls that are kept in git."""

    file: str
    """The call file; empty where there is none."""
    branches: int
    """How many change: those that are new, or come from or lead to a step that is, or changed.

    0 for a new flow without a call file."""
    missed: int
    """Those that no call of the file goes through."""
    named: tuple[str, ...]
    """The first of them in words: `step 1: nobody presses`."""


@dataclass(frozen=True, slots=True)
class Change:
    """What would happen to one name."""

    name: str
    action: ChangeKind
    id: str = ""
    """Of the live flow; empty for a create."""
    title: str = ""
    before: SafeBody | None = None
    after: SafeBody | None = None
    edits: tuple[Edit, ...] = ()
    hazards: tuple[Hazard, ...] = ()
    preconditions: Preconditions = Preconditions()
    was: str = ""
    """The name that the live flow had before, where it moves."""
    digest: str = ""
    """Of what the file wants, in canonical form; empty for a delete."""
    numbers: tuple[str, ...] = ()
    """Numbers that lead to the flow; read for updates and deletes only."""
    base_known: bool = True
    """False where the lock does not say what was sent last, so outside edits cannot be told."""
    declared: bool = False
    """A delete of a name that stands under `removed:`."""
    file: str = ""
    """From the project's root; for a delete the one that was there."""
    former_file: str = ""
    """The one before a move."""
    cause: Cause | None = None
    """Whose the change is; None without `--base`."""
    coverage: BranchCoverage | None = field(default=None, compare=False)
    """Of creates and updates that were looked at."""

    @property
    def is_of_protected(self) -> bool:
        """Whether it deletes a flow that was protected."""
        return any(hazard.kind is HazardKind.PROTECTED for hazard in self.hazards)


class NumberFlow(NamedTuple):
    """A call flow that a number leads to, or is to lead to."""

    name: str
    """Empty where it has none here."""
    id: str
    """Of the live flow; empty where it is to be created."""
    title: str

    @classmethod
    def of(cls, live: LiveFlow, name: str) -> NumberFlow:
        return cls(name, live.id, live.title)

    @property
    def label(self) -> str:
        """Its name, else its id."""
        return self.name or self.id


LEAD = "lead"
"""What a change of a number is called where a change of a flow has its action."""


@dataclass(frozen=True, slots=True)
class NumberChange:
    """One number that would lead to another flow."""

    number: str
    """E.164 digits without a plus."""
    to: NumberFlow
    former: NumberFlow | None = None
    """Where it leads now; None for nowhere."""
    hazards: tuple[Hazard, ...] = ()
    calendar: str = ""
    """Name of the calendar that decided; empty where one flow answers at all times."""
    state: str = ""
    """Of the calendar."""
    file: str = ""
    """`mbflow.yaml`; empty where the number stands in no file, on the way back."""
    cause: Cause | None = None
    """Whose the change is; None without `--base`."""

    @property
    def name(self) -> str:
        """By this the command line names it."""
        return self.number

    @property
    def action(self) -> str:
        return LEAD


class CalendarAt(NamedTuple):
    """What a calendar says at the moment for which a plan decides, and when that changes."""

    name: str
    zone: str
    at: str
    """ISO 8601 with the zone's offset, as all moments here."""
    state: str
    why: str
    """The name of a holiday, of an exception or of a closure; empty for the hours of the week."""
    until: str
    """When it next changes; empty where it does not within two years."""
    next: str
    """The state then."""
    file: str = ""
    """From the project's root."""


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
    numbers: tuple[NumberChange, ...] = ()
    calendars: tuple[CalendarAt, ...] = ()
    """Those that lead numbers of the environment."""
    problems: tuple[Problem, ...] = ()
    notes: tuple[str, ...] = ()
    """What a reader should know and need not act on: copies, orphans, what a service hides."""
    inputs: Mapping[str, str] = field(default_factory=dict)
    """File of a changed name to the SHA-256 of its bytes."""
    secrets: Mapping[str, str] = field(default_factory=dict)
    """Secret variable to a keyed hash of its value; `SALT` holds the key."""
    allowed: tuple[str, ...] = ()
    """Names that were acknowledged with `plan --allow`."""
    owned: int = 0
    """How many live flows this checkout owns: the measure for many deletes."""
    options: Mapping[str, Json] = field(default_factory=dict)
    """How the plan was asked for: `base`, `targets`, `match_title`. Apply asks the same way.

    `branch` is what git said of the base: apply does not ask it again. `calls` is how many calls
    of an update are told; null for all.
    """
    commit: str = field(default="", compare=False)
    """The commit that was planned, where the process variables of a CI system tell it."""
    root: str = ""
    """The project's place in its repository, such as `telephony/`; empty for its top."""
    calls: tuple[Json, ...] | None = field(default=None, compare=False)
    """What the plan file tells of the calls of each change; None where there is no file."""

    @property
    def deletes(self) -> tuple[Change, ...]:
        return tuple(change for change in self.changes if change.action is ChangeKind.DELETE)

    @property
    def everything(self) -> tuple[AnyChange, ...]:
        """What would change: flows, then numbers."""
        return (*self.changes, *self.numbers)


AnyChange: TypeAlias = Change | NumberChange


class MatchReason(StrEnum):
    """What tied a name to a live flow."""

    LOCK = "lock"
    MARKER = "marker"
    MOVE = "move"
    TWIN = "twin"
    """Same title and same body: adopting it changes nothing that a caller hears."""
    TITLE = "title"
    """Same title, another body: only with `--match-title`."""


@dataclass(frozen=True, slots=True)
class Match:
    name: str
    live: LiveFlow
    how: MatchReason
    was: str = ""
    """The former name, where the flow moves."""


@dataclass(frozen=True, slots=True)
class Known:
    """Everything that matching may look at. `live` is a complete listing."""

    project: str
    identity: str
    flows: Mapping[str, Flow]
    entries: Mapping[str, LockEntry]
    live: Mapping[str, LiveFlow]
    former_names: tuple[str, ...] = ()
    broken: frozenset[str] = frozenset()
    """Names whose files cannot be read: neither created nor deleted."""
    removed: frozenset[str] = frozenset()
    """Names under `removed:`."""
    deleted: frozenset[str] = frozenset()
    """Names whose files this branch has deleted since it left `--base`."""
    match_title: bool = False
    elsewhere: frozenset[str] = frozenset()
    """Ids that the lock gives to other environments, which may share the account."""


@dataclass(slots=True)
class Matches:
    """What belongs to what, and what belongs to nobody."""

    matched: dict[str, Match] = field(default_factory=dict)
    new: list[str] = field(default_factory=list)
    recreate: set[str] = field(default_factory=set)
    """Those of `new` whose locked flow is gone."""
    surplus: dict[str, LiveFlow] = field(default_factory=dict)
    """Owned flows without a file."""
    vanished: list[str] = field(default_factory=list)
    """Locked names with neither file nor live flow."""
    orphans: list[LiveFlow] = field(default_factory=list)
    copies: list[LiveFlow] = field(default_factory=list)
    unmanaged: list[LiveFlow] = field(default_factory=list)
    refusals: list[Refusal] = field(default_factory=list)
