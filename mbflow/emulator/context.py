"""What a handler of an endpoint gets: one request, in one account, inside one transaction."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from random import Random
from typing import TypeVar

from mbflow.emulator.quirks import Quirk
from mbflow.emulator.requests import Request, object_of, page_of
from mbflow.emulator.responses import PageRange, Response, many, moment_text
from mbflow.emulator.store import Record, Records
from mbflow.model.flow import Body


class Clock:
    """The emulator's time: that of a clock, moved forward as often as asked."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._ahead = 0.0
        self._lock = threading.Lock()

    def now(self) -> float:
        return self._clock() + self._ahead

    def advance(self, seconds: float) -> None:
        with self._lock:
            self._ahead += seconds


FLOW = "flow"
NUMBER = "number"
CALL = "call"
CALLEE = "callee"
WEBHOOK = "webhook"
QUEUE = "queue"
"""The kinds of records."""


@dataclass(frozen=True, slots=True)
class Context:
    """One request to one endpoint."""

    request: Request
    ids: Mapping[str, str]
    """The ids in the path, by their names in the route."""
    records: Records
    moment: float
    """The emulator's time, in seconds since 1970."""
    quirks: frozenset[Quirk]
    time_factor: float = 1.0
    """How many seconds of a call pass in one second."""
    rotation: int = 0
    """By how many places lists are rotated (quirk `order-changes`)."""
    updated_calls: set[str] = field(default_factory=set)
    """The ids of calls that the request began or changed."""

    @property
    def now(self) -> str:
        """The emulator's time as the API writes it: whole seconds, UTC, `Z`."""
        return moment_text(self.moment)

    def has(self, quirk: Quirk) -> bool:
        return quirk in self.quirks

    def body(self) -> Body:
        """The request's JSON object; anything else is refused."""
        return object_of(self.request)


Handler = Callable[[Context], Response]

_CHANCE = 0.25
_NONE: Mapping[str, str] = {}
T = TypeVar("T")


class ListOrder:
    """By how many places lists are rotated: now and then one more. Seeded."""

    def __init__(self, seed: int) -> None:
        self._random = Random(f"{seed}:order")
        self._rotation = 0
        self._lock = threading.Lock()

    def next(self) -> int:
        with self._lock:
            self._rotation += self._random.random() < _CHANCE
            return self._rotation


def page_answer(
    context: Context,
    kind: str,
    *,
    parent: str = "",
    link: str,
    items: str,
    more: Mapping[str, str] = _NONE,
    text: Callable[[Record], str] = lambda record: record.text,
    status: int = 200,
) -> Response:
    """A page of a kind of records; each item's link is `items/ID`, and `more`."""
    page = page_of(context.request.query, context.quirks)
    total = context.records.count(kind, parent)
    return many(
        link,
        ((f"{items}/{record.id}", text(record)) for record in _rows(context, kind, parent, page)),
        more=more,
        page=page,
        total=total,
        status=status,
        empty=_empty(context),
    )


def list_answer(
    context: Context,
    rows: Sequence[T],
    *,
    link: str,
    item: Callable[[T], tuple[str, str]],
    more: Mapping[str, str] = _NONE,
) -> Response:
    """A page of rows that are no records; `item` gives a row's link and its JSON text."""
    page = page_of(context.request.query, context.quirks)
    shown = _rotate(rows, context.rotation)[page.start : page.start + page.length]
    empty = _empty(context)
    return many(link, map(item, shown), more=more, page=page, total=len(rows), empty=empty)


def _empty(context: Context) -> str:
    return "null" if context.has(Quirk.EMPTY_LIST_NULL) else "[]"


def _rows(context: Context, kind: str, parent: str, page: PageRange) -> list[Record]:
    if not context.rotation:
        return context.records.page(kind, parent, page.start, page.length)
    total = context.records.count(kind, parent)
    rows = context.records.page(kind, parent, 0, total)
    return _rotate(rows, context.rotation)[page.start : page.start + page.length]


def _rotate(rows: Sequence[T], places: int) -> list[T]:
    start = places % len(rows) if rows else 0
    return [*rows[start:], *rows[:start]]
