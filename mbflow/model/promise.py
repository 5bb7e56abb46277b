"""Promises: what is to be true of all calls of some flows, as `mbflow.yaml` states it.

Values only; `project.promise_document` makes them from what the file holds.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from enum import Enum
from typing import NamedTuple, TypeAlias

from mbflow.model.problem import Severity
from mbflow.model.text import names_like

RECORDED = "recorded"
"""An end of a silent caller's call beside those of call files: a recording has begun."""


class CanReach(NamedTuple):
    """From the beginning, and wherever a call waits for the caller, a way leads to such a step."""

    action: str
    destinations: tuple[str, ...] = ()
    """Of a transfer; empty for any."""
    within_ms: int | None = None


class SilentCaller(NamedTuple):
    """Whoever does nothing comes to one of these ends."""

    ends: tuple[str, ...]
    within_ms: int | None = None


class Before(NamedTuple):
    """Before each such step one of the texts was heard: to the end of its step where `whole`."""

    action: str
    texts: tuple[str, ...]
    whole: bool = True


class Every(NamedTuple):
    """Every such step that a call comes to has one of these destinations."""

    action: str
    destinations: tuple[str, ...]


class AtMost(NamedTuple):
    """The most keys that a question tells apart, and questions that must be answered in a row."""

    options: int | None = None
    menus: int | None = None


Claim: TypeAlias = CanReach | SilentCaller | Before | Every | AtMost


class Promise(NamedTuple):
    """One claim over all calls of some flows."""

    name: str
    flows: str
    """A pattern of names: `*` stands for any part of a folder's or flow's name, `**` for any
    folders."""
    claim: Claim
    level: Severity = Severity.ERROR
    exceptions: Mapping[str, str] = {}
    """Name of a flow to the reason why nothing is promised of it."""
    allow_undecided: bool = False
    place: tuple[int, int] = (0, 0)
    """Line and column in `mbflow.yaml`."""

    def flows_among(self, names: Iterable[str]) -> list[str]:
        """The names that the pattern fits, in their order, exceptions among them."""
        return names_like(self.flows, names)

    def covers(self, names: Iterable[str]) -> list[str]:
        """The names of the flows of which something is promised."""
        return [name for name in self.flows_among(names) if name not in self.exceptions]


class Fit(Enum):
    """Whether a destination is one of those that are promised."""

    YES = "yes"
    NO = "no"
    UNKNOWN = "unknown"
    """One of both holds a secret, or is one."""


def fit(destination: str, patterns: Iterable[str]) -> Fit:
    """Both as they are shown: with `${name}` where a secret stands. A plus before digits is none.

    `44207946*` stands for all numbers that begin so, and `client:*` for all that begins so.
    """
    found = {_fit(destination.removeprefix("+"), one.removeprefix("+")) for one in patterns}
    return next((one for one in (Fit.YES, Fit.UNKNOWN) if one in found), Fit.NO)


def _fit(destination: str, pattern: str) -> Fit:
    start = pattern.removesuffix("*")
    if destination == pattern:
        return Fit.YES
    if start != pattern and destination.startswith(start):
        return _fit_rest(destination.removeprefix(start), start)
    known, wanted = destination.partition("${")[0], start.partition("${")[0]
    if "${" not in destination + start:
        return Fit.NO
    both = min(len(known), len(wanted))
    return Fit.UNKNOWN if known[:both] == wanted[:both] else Fit.NO


def _fit_rest(rest: str, start: str) -> Fit:
    """What stands for the `*`: after digits only more of them, or an address would pass as ours."""
    digits, known = (_REFERENCE.sub("", text) for text in (start, rest))
    if digits and not _is_number(digits):
        return Fit.YES
    if known and not _is_number(known):
        return Fit.NO if digits == start else Fit.UNKNOWN
    return Fit.YES if known == rest else Fit.UNKNOWN


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit()


_REFERENCE = re.compile(r"\$\{[^{}]*\}")
