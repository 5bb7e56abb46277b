"""What matching looks at and what it finds: which key belongs to which live flow, and how."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from mbflow.model import Flow, LiveFlow, LockEntry
from mbflow.plan.refusal import Refusal


class How(StrEnum):
    """What tied a key to a live flow."""

    LOCK = "lock"
    MARKER = "marker"
    MOVE = "move"
    TWIN = "twin"
    """Same title and same body: adopting it changes nothing that a caller hears."""
    TITLE = "title"
    """Same title, another body: only with `--match-title`."""


@dataclass(frozen=True, slots=True)
class Match:
    key: str
    live: LiveFlow
    how: How
    was: str = ""
    """The former key, where the flow moves."""


@dataclass(frozen=True, slots=True)
class Known:
    """Everything that matching may look at. `live` is a complete listing, bodies hidden."""

    project: str
    identity: str
    flows: Mapping[str, Flow]
    entries: Mapping[str, LockEntry]
    live: Mapping[str, LiveFlow]
    former_names: tuple[str, ...] = ()
    broken: frozenset[str] = frozenset()
    """Keys whose files cannot be read: neither created nor deleted."""
    removed: frozenset[str] = frozenset()
    """Keys under `removed:`."""
    at_base: frozenset[str] = frozenset()
    """Keys whose files existed at `--base`."""
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
    """Locked keys with neither file nor live flow."""
    orphans: list[LiveFlow] = field(default_factory=list)
    copies: list[LiveFlow] = field(default_factory=list)
    unmanaged: list[LiveFlow] = field(default_factory=list)
    refusals: list[Refusal] = field(default_factory=list)
