"""Reads that lag behind writes: the state of half a second ago (`stale-reads`, `links-seen-late`).

What each recent write replaced is in memory, until reads may see the write.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable
from dataclasses import dataclass

from mbflow.emulator.store import Connection, Record, Records

SECONDS = 0.5


@dataclass(frozen=True, slots=True)
class Overwrite:
    """The record before a write; None where there was none."""

    account: str
    kind: str
    name: str
    before: Record | None


class Lag:
    """The writes that reads do not see yet. Safe between threads."""

    def __init__(self) -> None:
        self._hidden: list[tuple[float, Overwrite]] = []
        self._lock = threading.Lock()

    def add(self, written: Iterable[Overwrite], moment: float) -> None:
        with self._lock:
            self._hidden += [(moment, write) for write in written]

    def before(self, account: str, kind: str, moment: float) -> dict[str, Record | None]:
        """By id: the state that reads at this moment still show, where it is not the present."""
        with self._lock:
            self._hidden = [entry for entry in self._hidden if entry[0] > moment - SECONDS]
            found: dict[str, Record | None] = {}
            for _, write in self._hidden:
                if (write.account, write.kind) == (account, kind):
                    found.setdefault(write.name, write.before)
            return found


class NotedRecords(Records):
    """Notes what its writes replace."""

    def __init__(self, connection: Connection, account: str) -> None:
        super().__init__(connection, account)
        self.written: list[Overwrite] = []

    def add(self, kind: str, record: Record) -> None:
        self.written.append(Overwrite(self._account, kind, record.id, None))
        super().add(kind, record)

    def replace(self, kind: str, record: Record) -> None:
        self._note(kind, record.id)
        super().replace(kind, record)

    def remove(self, kind: str, name: str) -> None:
        self._note(kind, name)
        super().remove(kind, name)

    def _note(self, kind: str, name: str) -> None:
        self.written.append(Overwrite(self._account, kind, name, self.get(kind, name)))


class StaleRecords(Records):
    """Shows the records as they were before the writes that are still hidden."""

    def __init__(self, connection: Connection, account: str, lag: Lag, moment: float) -> None:
        super().__init__(connection, account)
        self._lag = lag
        self._moment = moment

    def get(self, kind: str, name: str) -> Record | None:
        before = self._lag.before(self._account, kind, self._moment)
        return before[name] if name in before else super().get(kind, name)

    def count(self, kind: str, parent: str = "") -> int:
        return len(self._rows(kind, parent))

    def page(self, kind: str, parent: str, start: int, length: int) -> list[Record]:
        return self._rows(kind, parent)[start : start + length]

    def _rows(self, kind: str, parent: str) -> list[Record]:
        before = self._lag.before(self._account, kind, self._moment)
        now = super().page(kind, parent, 0, super().count(kind, parent))
        rows = [record for record in now if record.id not in before]
        rows += [record for record in before.values() if record and record.parent == parent]
        return sorted(rows, key=lambda record: record.place, reverse=True)
