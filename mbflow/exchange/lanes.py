"""What a call sends to web servers, as lanes: one to each webhook, and one for its flows.

A lane is a record, so that a restart goes on where the exchange stopped. It holds how much of it
is done; what comes next follows from the call.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass

from mbflow.exchange.calling.kept import KeptCall
from mbflow.exchange.context import LANE
from mbflow.exchange.store import Record, Records
from mbflow.model import Json

FLOWS = "flows"
OWN = "own"
_MOST = 10
"""The lanes of a call's flows and of its own webhook; the others are named by their webhook."""


@dataclass(frozen=True, slots=True)
class Lane:
    """How far a lane is."""

    call: str
    name: str
    done: int = 0
    """How many messages were delivered or given up."""
    tries: int = 0
    """How often the next one was tried."""
    not_before: float = 0.0
    """The moment of the next try."""

    @property
    def id(self) -> str:
        return f"{self.call}/{self.name}"


def open_lanes(records: Records, call: KeptCall) -> None:
    """Open those lanes of a call that are not open yet."""
    for name in _names(call):
        lane = Lane(call.id, name)
        if records.get(LANE, lane.id) is None:
            records.add(LANE, lane_record(lane))


def lanes_of(records: Records, calls: Iterable[str]) -> list[str]:
    """The ids of the open lanes of calls."""
    return [lane.id for call in calls for lane in records.page(LANE, call, 0, _MOST)]


def lane_record(lane: Lane) -> Record:
    return Record(lane.id, json.dumps(asdict(lane)), parent=lane.call)


def lane_of(record: Record) -> Lane:
    return Lane(**json.loads(record.text))


def _names(call: KeptCall) -> Iterator[str]:
    if call.webhook:
        yield OWN
    yield from call.hooks
    if any(_asks(step) for given in call.flows for step in _steps(given.flow.get("steps"))):
        yield FLOWS


def _steps(steps: Json) -> list[Json]:
    return steps if isinstance(steps, list) else []


def _asks(step: Json) -> bool:
    """Whether a step asks a web server for a flow. What such a flow asks for is in its lane."""
    options = step.get("options") if isinstance(step, dict) else None
    return isinstance(options, dict) and bool(options.get("url") or options.get("onFinish"))
