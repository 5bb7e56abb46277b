"""A simulated call as its file states it, and durations as people write them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import TypeAlias

from mbflow.model.flow import Body
from mbflow.simulator.caller import Act
from mbflow.simulator.replies import Outcome
from mbflow.simulator.transcript import EndKind

_UNITS = {"ms": 1, "s": 1000, "m": 60_000, "h": 3_600_000}


def milliseconds(stated: float | str) -> int:
    """A duration that fits the schema; a number counts seconds."""
    if not isinstance(stated, str):
        return round(stated * 1000)
    unit = "ms" if stated.endswith("ms") else stated[-1]
    return round(Decimal(stated.removesuffix(unit)) * _UNITS[unit])


def clock(ms: int) -> str:
    """`0:04.2`: minutes, seconds and tenths of a call."""
    tenths = ms // 100
    return f"{tenths // 600}:{tenths // 10 % 60:02}.{tenths % 10}"


def seconds(ms: int) -> str:
    """`4.2 s`, `10 s`."""
    return f"{ms / 1000:g} s" if ms < 10**9 else f"{ms // 1000} s"


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
class ExpectedCall:
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
