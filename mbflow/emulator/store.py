"""The emulator's one SQLite database: objects of every kind, with their JSON text.

A connection a thread, or one for all of them in memory; a `Records` is one account inside one
transaction and sees no other account.
"""

from __future__ import annotations

import sqlite3
import threading
import time
from array import array
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext, suppress
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from mbflow.model.errors import Error
from mbflow.model.text import Command, Line

_APPLICATION = 0x6D62666C
_VERSION = 2
_SECONDS_TO_WAIT = 30
_SCHEMA = """
    CREATE TABLE records (
        seq INTEGER PRIMARY KEY AUTOINCREMENT,
        account TEXT NOT NULL, kind TEXT NOT NULL, id TEXT NOT NULL,
        parent TEXT NOT NULL, tag TEXT, text TEXT NOT NULL,
        UNIQUE (account, kind, id)
    ) STRICT;
    CREATE INDEX in_order ON records (account, kind, parent, seq);
    CREATE INDEX by_tag ON records (account, kind, tag, seq);
"""


@dataclass(frozen=True, slots=True)
class Record:
    """One stored object: a call flow, a number."""

    id: str
    text: str
    """The object as JSON, without its `_links`."""
    parent: str = ""
    """The id of the object it belongs to; lists are of one parent's children."""
    tag: str | None = None
    """By what else it is found: `default`, or a number's digits."""
    place: int = 0
    """Where it stands in the order of insertion; given by the store."""


class Connection(sqlite3.Connection):
    """Remembers which records a list has, while nobody writes.

    A page of a long list then costs no more than one of a short list: SQLite counts all rows, and
    walks to the page, each time anew.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._state = (0, 0)
        self._places: dict[tuple[str, str, str], array[int]] = {}

    def places(self, account: str, kind: str, parent: str) -> array[int]:
        """The places of the records in one list, in order; inside a transaction only."""
        (others,) = self.execute("PRAGMA data_version").fetchone()
        # What other connections have written, and what this one has.
        state = (others, self.total_changes)
        if state != self._state:
            self._state = state
            self._places.clear()
        found = self._places.get((account, kind, parent))
        if found is None:
            rows = self.execute(
                "SELECT seq FROM records WHERE account = ? AND kind = ? AND parent = ?"
                " ORDER BY seq",
                (account, kind, parent),
            )
            found = self._places[account, kind, parent] = array("q", (seq for (seq,) in rows))
        return found


class Records:
    """One account's objects, inside one transaction."""

    def __init__(self, connection: Connection, account: str) -> None:
        self._connection = connection
        self._account = account

    def get(self, kind: str, name: str) -> Record | None:
        return next(iter(self._where("id = ?", kind, name)), None)

    def find_by_tag(self, kind: str, tag: str) -> Record | None:
        """The oldest, where several have the tag."""
        return next(iter(self.all_by_tag(kind, tag)), None)

    def all_by_tag(self, kind: str, tag: str) -> list[Record]:
        """Oldest first."""
        return self._where("tag = ?", kind, tag)

    def count(self, kind: str, parent: str = "") -> int:
        return len(self._connection.places(self._account, kind, parent))

    def page(self, kind: str, parent: str, start: int, length: int) -> list[Record]:
        """Newest first, by order of insertion."""
        places = self._connection.places(self._account, kind, parent)
        end = len(places) - start
        wanted = places[max(0, end - length) : max(0, end)]
        if not wanted:
            return []
        rows = self._connection.execute(
            "SELECT id, text, parent, tag, seq FROM records"
            " WHERE account = ? AND kind = ? AND parent = ? AND seq BETWEEN ? AND ?"
            " ORDER BY seq DESC",
            (self._account, kind, parent, wanted[0], wanted[-1]),
        )
        return [Record(*row) for row in rows]

    def add(self, kind: str, record: Record) -> None:
        self._connection.execute(
            "INSERT INTO records (account, kind, id, text, parent, tag) VALUES (?, ?, ?, ?, ?, ?)",
            (self._account, kind, record.id, record.text, record.parent, record.tag),
        )

    def replace(self, kind: str, record: Record) -> None:
        """The record keeps its place in lists."""
        self._connection.execute(
            "UPDATE records SET text = ?, parent = ?, tag = ?"
            " WHERE account = ? AND kind = ? AND id = ?",
            (record.text, record.parent, record.tag, self._account, kind, record.id),
        )

    def put(self, kind: str, record: Record) -> None:
        """Add the record, or replace the one that has its id."""
        (self.add if self.get(kind, record.id) is None else self.replace)(kind, record)

    def remove(self, kind: str, name: str) -> None:
        self._connection.execute(
            "DELETE FROM records WHERE account = ? AND kind = ? AND id = ?",
            (self._account, kind, name),
        )

    def _where(self, condition: str, kind: str, value: str) -> list[Record]:
        rows = self._connection.execute(
            "SELECT id, text, parent, tag, seq FROM records"
            f" WHERE account = ? AND kind = ? AND {condition} ORDER BY seq",
            (self._account, kind, value),
        )
        return [Record(*row) for row in rows]


def all_records(connection: sqlite3.Connection, kind: str) -> list[tuple[str, Record]]:
    """Every record of a kind, each with its account, oldest first."""
    rows = connection.execute(
        "SELECT account, id, text, parent, tag, seq FROM records WHERE kind = ? ORDER BY seq",
        (kind,),
    )
    return [(account, Record(*row)) for account, *row in rows]


class Store:
    """The database: a file, made where it is missing and refused where it is foreign, or memory.

    In memory (`path` is None) all threads take turns at one connection, and nothing stays behind
    however the process ends.
    """

    def __init__(self, path: Path | None) -> None:
        self._path = path or Path(":memory:")
        self._own = threading.local() if path else SimpleNamespace()
        self._turn: AbstractContextManager[object] = nullcontext() if path else threading.Lock()
        self._lock = threading.Lock()
        self._connections: dict[threading.Thread, sqlite3.Connection] = {}
        if path is not None:
            with suppress(OSError):
                path.touch()  # SQLite itself gives no group the right to write
        try:
            with self.explain_failures():
                self._prepare()
        except BaseException:
            self.close()
            raise

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """One state of the database, however many statements read it."""
        with self._transaction("BEGIN") as connection:
            yield connection

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """All or nothing, one writer at a time; committed when the block ends."""
        with self._transaction("BEGIN IMMEDIATE") as connection:
            yield connection

    def close(self) -> None:
        with self._lock:
            for connection in self._connections.values():
                connection.close()
            self._connections.clear()

    @contextmanager
    def explain_failures(self) -> Iterator[None]:
        """SQLite's failures as an `Error` that names the file and says what to do."""
        try:
            yield
        except sqlite3.Error as error:
            raise _explain(error, self._path) from error

    @contextmanager
    def _transaction(self, begin: str) -> Iterator[Connection]:
        with self.explain_failures(), self._turn:
            connection = self._connection()
            connection.execute(begin)
            try:
                yield connection
                connection.execute("COMMIT")
            except BaseException:
                if connection.in_transaction:
                    connection.execute("ROLLBACK")
                raise

    def _connection(self) -> Connection:
        connection: Connection | None = getattr(self._own, "connection", None)
        if connection is None:
            connection = sqlite3.connect(
                self._path,
                timeout=_SECONDS_TO_WAIT,
                isolation_level=None,
                check_same_thread=False,
                factory=Connection,
            )
            self._own.connection = connection
            self._remember(connection)
            # In WAL mode NORMAL keeps every commit through the death of the process.
            connection.execute("PRAGMA synchronous = NORMAL")
        return connection

    def _remember(self, connection: sqlite3.Connection) -> None:
        """So that `close` finds it; connections of threads that have ended are closed here."""
        with self._lock:
            for thread in [one for one in self._connections if not one.is_alive()]:
                self._connections.pop(thread).close()
            self._connections[threading.current_thread()] = connection

    def _prepare(self) -> None:
        connection = self._connection()
        if _is_blank(connection):
            _use_wal(connection)
        with self.write():
            if _is_blank(connection):
                for statement in _SCHEMA.split(";"):
                    connection.execute(statement)
                connection.execute(f"PRAGMA application_id = {_APPLICATION}")
                connection.execute(f"PRAGMA user_version = {_VERSION}")
            _refuse_foreign(connection, self._path)


def _use_wal(connection: sqlite3.Connection) -> None:
    """SQLite itself does not wait where two processes switch a new file to WAL at once."""
    until = time.monotonic() + _SECONDS_TO_WAIT
    while True:
        try:
            connection.execute("PRAGMA journal_mode = WAL")
            return
        except sqlite3.OperationalError as error:
            if error.sqlite_errorname != "SQLITE_BUSY" or time.monotonic() > until:
                raise
            time.sleep(0.01)


def _is_blank(connection: sqlite3.Connection) -> bool:
    (tables,) = connection.execute("SELECT count(*) FROM sqlite_schema").fetchone()
    return tables == 0 and _number(connection, "application_id") == 0


def _refuse_foreign(connection: sqlite3.Connection, path: Path) -> None:
    if _number(connection, "application_id") != _APPLICATION:
        raise Error(
            f"{path} is a database of another program.",
            "The emulator keeps its call flows in a file of its own.",
            "Name another file; a missing one is made.",
        )
    if _number(connection, "user_version") != _VERSION:
        raise Error(
            f"{path} was written by another version of mbflow.",
            "Use that version, or name another file; a missing one is made.",
        )


def _number(connection: sqlite3.Connection, pragma: str) -> int:
    return int(connection.execute(f"PRAGMA {pragma}").fetchone()[0])


def _lock_beside(path: Path) -> Iterator[Line]:
    """The built-in emulator lies beside its lock, which then names flows that are gone."""
    folder = path.parent
    if folder.parent.name == ".mbflow":
        yield "The lock beside it names flows that are then gone, so move the whole folder:"
        yield Command("mv", str(folder), f"{folder}.damaged")


def _explain(error: sqlite3.Error, path: Path) -> Error:
    name = getattr(error, "sqlite_errorname", "")
    if name.startswith(("SQLITE_NOTADB", "SQLITE_CORRUPT")) or name == "SQLITE_ERROR":
        return Error(
            f"The emulator's database {path} is damaged, or is no database.",
            f"SQLite says: {error}.",
            "Move the file away; the emulator then starts with an empty one.",
            *_lock_beside(path),
        )
    if name.startswith("SQLITE_BUSY"):
        return Error(
            f"The emulator's database {path} is kept busy by another process.",
            "Wait for the other process to end, then try again.",
        )
    return Error(
        f"The emulator's database {path} cannot be used.",
        f"SQLite says: {error}.",
        "Look at the folder's permissions and at the free space of the disk.",
    )
