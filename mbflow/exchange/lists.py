"""Lists: one page of the records of a kind, newest first, with its envelope."""

from __future__ import annotations

import threading
from collections.abc import Callable
from random import Random

from mbflow.exchange.answers import Answer, Page, many
from mbflow.exchange.context import Context
from mbflow.exchange.quirks import Quirk
from mbflow.exchange.requests import page_of
from mbflow.exchange.store import Record

_TURNS = 0.25


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
    text: Callable[[Record], str] = lambda record: record.text,
    status: int = 200,
) -> Answer:
    """The wanted page of a kind of records; each item's link is `items/ID`."""
    page = page_of(context.request.query, context.quirks)
    total = context.records.count(kind, parent)
    return many(
        link,
        ((f"{items}/{record.id}", text(record)) for record in _rows(context, kind, parent, page)),
        page=page,
        total=total,
        status=status,
        empty="null" if context.has(Quirk.EMPTY_LIST_NULL) else "[]",
    )


def _rows(context: Context, kind: str, parent: str, page: Page) -> list[Record]:
    if not context.turned:
        return context.records.page(kind, parent, page.start, page.length)
    total = context.records.count(kind, parent)
    rows = context.records.page(kind, parent, 0, total)
    turned = context.turned % total if total else 0
    return [*rows[turned:], *rows[:turned]][page.start : page.start + page.length]
