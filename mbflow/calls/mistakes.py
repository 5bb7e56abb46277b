"""What is wrong with a call file that fits its schema."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from mbflow.calls.durations import milliseconds, seconds
from mbflow.mistakes import Mistake
from mbflow.model import Path
from mbflow.printable import shortened
from mbflow.suggestion import listed

ACTS = ("press", "say", "wait", "hang_up", "machine")
TIMED = ("press", "hang_up")
_EXPECTATIONS = ("hears", "never_hears", "variables", "ends", "within")


def further_mistakes(document: Mapping[str, Any]) -> Iterator[Mistake]:
    """Everything beyond the schema, in the order of the file."""
    first: dict[str, int] = {}
    for place, call in enumerate(document["calls"]):
        path: Path = ("calls", place)
        if first.setdefault(call["name"], place) != place:
            name = shortened(call["name"], 60)
            message = f'Another call of this file has the name "{name}". Change one.'
            yield Mistake((*path, "name"), message)
        yield from _of_call(call, path)


def _of_call(call: Mapping[str, Any], path: Path) -> Iterator[Mistake]:
    if not any(call.get(name) for name in _EXPECTATIONS):
        wanted = listed(_EXPECTATIONS)
        message = f"This call expects nothing, so it can never fail. State {wanted}."
        yield Mistake(path, message)
    ends = call.get("ends")
    if isinstance(ends, dict) and len(ends) != 1:
        message = "A call ends in one way. Write transferred or fetched, with its value."
        yield Mistake((*path, "ends"), message)
    yield from _of_acts(call.get("does", ()), (*path, "does"))


def _of_acts(acts: list[Mapping[str, Any]], path: Path) -> Iterator[Mistake]:
    latest = 0
    for place, act in enumerate(acts):
        here = (*path, place)
        yield from _of_act(act, here)
        if "hang_up" in act and place + 1 < len(acts):
            message = "Nothing can follow hang_up: the call is over then. Move it to the end."
            yield Mistake(here, message)
        at = milliseconds(act["at"]) if "at" in act else latest
        if at < latest:
            message = (
                f"This comes at {seconds(at)}, after something at {seconds(latest)}. "
                "List what the caller does in the order of time."
            )
            yield Mistake((*here, "at"), message)
        latest = at


def _of_act(act: Mapping[str, Any], path: Path) -> Iterator[Mistake]:
    found = [name for name in ACTS if name in act]
    if len(found) != 1:
        said = f"says {listed(found, last='and')}" if found else "says nothing of what to do"
        message = f"Each item does one thing; this one {said}. Write one of {listed(ACTS)}."
        yield Mistake(path, message)
    elif "at" in act and found[0] not in TIMED:
        message = f"at belongs to press and hang_up, not to {found[0]}. Write a wait before it."
        yield Mistake((*path, "at"), message, at_key=True)
    for name in ("hang_up", "machine"):
        if act.get(name) is False:
            message = f"Write {name}: true, or remove the item."
            yield Mistake((*path, name), message)
