"""A simulated call as its author wrote it: what the caller does, and what is expected."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

from mbflow.model import Body
from mbflow.simulator.replies import Outcome
from mbflow.simulator.script import Act
from mbflow.simulator.transcript import EndKind

FAILED = "failed"
"""In place of a fetched flow: the web server gives none."""


@dataclass(frozen=True, slots=True)
class Inline:
    """A fetched flow that is written out in the call file."""

    body: Body = field(repr=False)
    shown: Body


Fetched: TypeAlias = str | Inline
"""What a URL gives: the key of a flow, the name of a file, FAILED, or a flow written out."""


@dataclass(frozen=True, slots=True)
class ExpectedEnd:
    kind: EndKind
    text: str = ""
    """The destination or the URL, where the kind has one."""


@dataclass(frozen=True, slots=True)
class Expectations:
    """What must be true of the transcript. Texts are safe to show."""

    hears: tuple[str, ...] = ()
    never_hears: tuple[str, ...] = ()
    variables: Mapping[str, str] = field(default_factory=dict)
    ends: ExpectedEnd | None = None
    within_ms: int | None = None


@dataclass(frozen=True, slots=True)
class Call:
    """One item of a call file."""

    name: str
    place: int
    """Its number in the file, from 0."""
    expects: Expectations
    does: tuple[Act, ...] = ()
    transfers: Mapping[str, Outcome] = field(default_factory=dict, repr=False)
    """By destination, which may be a secret."""
    fetches: Mapping[str, Fetched] = field(default_factory=dict, repr=False)
    """By URL, which may be a secret."""
    source: str = ""
    destination: str = ""
    environment: str | None = None
    """The environment that the call names, if it names one."""
