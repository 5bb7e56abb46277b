"""Lists: one page of the records of a kind, newest first, with its envelope."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from random import Random
from typing import TypeVar

from mbflow.emulator.context import Context
from mbflow.emulator.quirks import Quirk
from mbflow.emulator.requests import page_of
from mbflow.emulator.responses import PageRange, Response, many
from mbflow.emulator.store import Record

_TURNS = 0.25
_NONE: Mapping[str, str] = {}
T = TypeVar("T")


class Turning:
    """By how many places the order of lists is turned: now and then one more. Seeded."""

    def __init__(self, seed: int) -> None:
        self._draws = Random(f"{seed}:order")
        self._turned = 0
        self._lock = threading.Lock()

    def next(self) -> int:
        with self._lock:
            self._turned += self._draws.random() < _TURNS
            return self._turned


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
    """The wanted page of a kind of records; each item's link is `items/ID`, and `more`."""
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
    """The wanted page of rows that are no records; `item` gives a row's link and its JSON text."""
    page = page_of(context.request.query, context.quirks)
    turned = _turned(rows, context.turned)[page.start : page.start + page.length]
    return many(
        link,
        map(item, turned),
        more=more,
        page=page,
        total=len(rows),
        empty=_empty(context),
    )


def _empty(context: Context) -> str:
    return "null" if context.has(Quirk.EMPTY_LIST_NULL) else "[]"


def _rows(context: Context, kind: str, parent: str, page: PageRange) -> list[Record]:
    if not context.turned:
        return context.records.page(kind, parent, page.start, page.length)
    total = context.records.count(kind, parent)
    rows = context.records.page(kind, parent, 0, total)
    return _turned(rows, context.turned)[page.start : page.start + page.length]


def _turned(rows: Sequence[T], places: int) -> list[T]:
    turned = places % len(rows) if rows else 0
    return [*rows[turned:], *rows[:turned]]
