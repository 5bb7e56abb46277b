"""A simulated call as its file states it: what the caller does, durations, expectations."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TypeAlias

from mbflow.model.duration import A_DURATION, duration_ms, seconds
from mbflow.model.flow import Json, Path, RawBody, SafeBody
from mbflow.model.text import listed
from mbflow.simulator.caller import Act, HangUp, Machine, Press, Speak, Wait
from mbflow.simulator.replies import Outcome
from mbflow.simulator.transcript import Ending, EndKind

ACTS = ("press", "say", "wait", "hang_up", "machine")
_TIMED = ("press", "hang_up")
_KEYS = re.compile("[0-9*#]{1,64}")


@dataclass(frozen=True, slots=True)
class ActFault:
    """What is wrong at a place of a list of acts."""

    path: Path
    message: str
    at_key: bool = False
    """Whether the key at `path` is at fault, rather than its value."""


def parse_acts(does: Json) -> tuple[Sequence[Act], Sequence[ActFault]]:
    """What a caller does, from plain data, and everything that is wrong with it."""
    if not isinstance(does, list):
        return [], [ActFault((), "This must be a list of what the caller does.")]
    acts: list[Act] = []
    faults: list[ActFault] = []
    latest = 0
    for number, item in enumerate(does):
        found = list(_item_faults(item))
        if isinstance(item, dict) and not found:
            acts.append(act := _act(item))
            at = act.at if isinstance(act, Press | HangUp) and act.at is not None else latest
            found = list(_order_faults(act, at, latest, is_last=number + 1 == len(does)))
            latest = at
        faults += [replace(fault, path=(number, *fault.path)) for fault in found]
    return acts, faults


def _act(item: Mapping[str, Json]) -> Act:
    at = duration_ms(item.get("at"))
    if "press" in item:
        return Press(str(item["press"]), at)
    if "say" in item:
        return Speak(str(item["say"]))
    if "wait" in item:
        return Wait(duration_ms(item["wait"]) or 0)
    return HangUp(at) if "hang_up" in item else Machine()


def act_json(act: Act) -> dict[str, Json]:
    """The act as a call file has it: what `parse_acts` reads."""
    match act:
        case Press():
            found: dict[str, Json] = {"press": act.keys}
        case Speak():
            found = {"say": act.text}
        case Wait():
            found = {"wait": f"{act.ms}ms"}
        case HangUp():
            found = {"hang_up": True}
        case Machine():
            return {"machine": True}
    at = act.at if isinstance(act, Press | HangUp) else None
    return found if at is None else {**found, "at": f"{at}ms"}


def end_json(ending: Ending) -> Json:
    """The end of a call as a call file expects it: `hangup`, `{"transferred": "31201234567"}`."""
    with_text = ending.kind in (EndKind.TRANSFERRED, EndKind.FETCHED)
    return {ending.kind.value: ending.text} if with_text else ending.kind.value


def _item_faults(item: Json) -> Iterator[ActFault]:
    names = [name for name in ACTS if isinstance(item, dict) and name in item]
    if not isinstance(item, dict) or len(names) != 1:
        said = f"says {listed(names, last='and')}" if names else "says nothing of what to do"
        message = f"Each item does one thing; this one {said}. Write one of {listed(ACTS)}."
        yield ActFault((), message)
        return
    (name,) = names
    for key in sorted(item.keys() - {name, "at"}):
        yield ActFault((key,), f"{key} does not belong to {name}. Remove it.", at_key=True)
    if "at" in item and name not in _TIMED:
        message = f"at belongs to press and hang_up, not to {name}. Write a wait before it."
        yield ActFault(("at",), message, at_key=True)
    elif "at" in item and duration_ms(item["at"]) is None:
        yield ActFault(("at",), f"Write {A_DURATION}.")
    if message := _value_fault(name, item[name]):
        yield ActFault((name,), message)


def _value_fault(name: str, value: Json) -> str:
    if name in ("hang_up", "machine"):
        return "" if value is True else f"Write {name}: true, or remove the item."
    if name == "wait":
        return f"Write {A_DURATION}." if duration_ms(value) is None else ""
    if name == "press":
        is_keys = isinstance(value, str) and _KEYS.fullmatch(value)
        return "" if is_keys else "Write 1 to 64 keys out of 0-9, * and #, as a text."
    return "" if isinstance(value, str) and value else "Write what is said, as a text."


def _order_faults(act: Act, at: int, latest: int, *, is_last: bool) -> Iterator[ActFault]:
    if isinstance(act, HangUp) and not is_last:
        message = "Nothing can follow hang_up: the call is over then. Move it to the end."
        yield ActFault((), message)
    if at < latest:
        message = (
            f"This comes at {seconds(at)}, after something at {seconds(latest)}. "
            "List what the caller does in the order of time."
        )
        yield ActFault(("at",), message)


FAILED = "failed"
"""In place of a fetched flow: the web server gives none."""


@dataclass(frozen=True, slots=True)
class Inline:
    """A fetched flow that is written out in the call file."""

    raw: RawBody = field(repr=False)
    body: SafeBody


Fetched: TypeAlias = str | Inline
"""What a URL gives: the name of a flow, the name of a file, FAILED, or a flow written out."""


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
    shown: Mapping[str, str] = field(default_factory=dict, repr=False)
    """Destination or URL to how it may be shown."""
    source: str = ""
    destination: str = ""
    """The number that is dialled."""
    at: str = ""
    """When it is dialled, as the file has it."""
    environment: str | None = None
    """The environment that the call names, if it names one."""
