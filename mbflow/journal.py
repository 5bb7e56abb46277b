"""What must outlive a killed run: intents before a POST, outcomes, and bodies before a change.

Files of JSON lines that are only ever appended to; a line that a kill cut off is passed over.
"""

from __future__ import annotations

import json
import os
from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from threading import Lock as Mutex
from typing import BinaryIO

from mbflow.errors import Error, PartialError, RefusedError
from mbflow.files.replacing import drop_link
from mbflow.files.tree import is_key
from mbflow.model import Body, Json, LockEntry

FORMAT = 1
_ABOUT_A_KEY = ("intend", "posting", "done", "dropped", "not_created")
"""What the records of a journal begin with; the key follows."""


@dataclass(frozen=True, slots=True)
class Intent:
    """A POST that a run was about to send."""

    key: str
    digest: str
    """Of the canonical body, secrets hidden."""
    title: str
    time: float
    """Unix seconds when it was written down, or, once its POST went out, when that was."""
    known_ids: frozenset[str] = field(repr=False, default=frozenset())
    """Every flow of the account before the run: what was made since is not among them."""


@dataclass(frozen=True, slots=True)
class Unfinished:
    """What a journal tells of a run that did not come to its end."""

    open: tuple[Intent, ...] = ()
    """Creates whose outcome was not written down."""
    made: tuple[Intent, ...] = ()
    """Creates that were done."""
    entries: Mapping[str, LockEntry] = field(default_factory=dict)
    """What was done and may be missing in the lock."""
    dropped: Mapping[str, str] = field(default_factory=dict)
    """Keys whose flows were deleted or moved away, to the id of that flow; "" is any."""


class AppendedFile:
    """A file of JSON lines that outlive the process. Safe to use from threads.

    What is given when it is opened is written before anything is changed.
    """

    def __init__(self, path: Path, *head: Mapping[str, Json]) -> None:
        self.path = path
        self._mutex = Mutex()
        self._file = _opened(path)
        try:
            self._write(head, on_disk=False)
        except OSError as error:
            self.close()
            raise _unwritable(path, error) from error

    def append(self, *records: Mapping[str, Json], on_disk: bool = False) -> None:
        """Add the records. With `on_disk` they outlive a power cut too; that costs milliseconds."""
        try:
            self._write(records, on_disk=on_disk)
        except OSError as error:
            raise _cut_short(self.path, error) from error

    def _write(self, records: Iterable[Mapping[str, Json]], *, on_disk: bool) -> None:
        lines = b"".join(json.dumps(record).encode() + b"\n" for record in records)
        with self._mutex:
            self._file.write(lines)
            self._file.flush()
            if on_disk:
                os.fsync(self._file.fileno())

    def close(self) -> None:
        with suppress(OSError):
            self._file.close()


class Journal(AppendedFile):
    """The journal of one run of apply. `finish` removes it: then the lock holds all it says."""

    def begin(self, intents: Collection[Intent], known_ids: Collection[str]) -> None:
        known: list[Json] = list(sorted(known_ids))
        lines: list[dict[str, Json]] = [
            {"intend": i.key, "digest": i.digest, "title": i.title, "time": i.time} for i in intents
        ]
        try:
            self._write([{"journal": FORMAT, "known": known}, *lines], on_disk=True)
        except OSError as error:
            raise _unwritable(self.path, error) from error

    def posting(self, key: str, time: float) -> None:
        """The POST of an intent goes out now."""
        self.append({"posting": key, "time": time})

    def done(self, key: str, entry: LockEntry) -> None:
        self.append({"done": key, "entry": _entry_json(entry)})

    def dropped(self, key: str, flow_id: str = "") -> None:
        """The key has that live flow no more: deleted, moved to another key, or forgotten."""
        self.append({"dropped": key, "id": flow_id})

    def not_created(self, key: str) -> None:
        self.append({"not_created": key})

    def finish(self) -> None:
        self.close()
        self.path.unlink(missing_ok=True)


def read_journal(path: Path) -> Unfinished:
    """What the journal of an earlier run left open. An absent file: nothing."""
    reading = _Reading(path)
    for record in filter(_is_sound, _records(path)):
        reading.take(record)
    return Unfinished(
        tuple(reading.intents.values()), tuple(reading.made), reading.entries, reading.dropped
    )


def note_dropped(path: Path, key: str) -> None:
    """Say in a journal that was left behind, if there is one, that a key was forgotten."""
    if path.exists():
        journal = Journal(path)
        journal.dropped(key)
        journal.close()


def note_done(path: Path, key: str, entry: LockEntry) -> None:
    """Say in a journal that was left behind, if there is one, which flow a key has now."""
    if path.exists():
        journal = Journal(path)
        journal.done(key, entry)
        journal.close()


def read_lines(path: Path) -> list[dict[str, Json]]:
    """The records of a snapshot or a results file. Raises Error where it cannot be read."""
    try:
        return list(_records(path, missing_ok=False))
    except FileNotFoundError as error:
        raise Error(f"{path} is not there.") from error


def results_file(path: Path, head: Mapping[str, Json]) -> AppendedFile:
    """Where the results of an apply go; a link is replaced, and what it leads to stays."""
    try:
        drop_link(path)
    except OSError as error:
        raise _unwritable(path, error) from error
    return AppendedFile(path, head)


def torn_lines(path: Path) -> list[int]:
    """Numbers of the lines of such a file that are no records: cut off, or damaged."""
    lines = path.read_bytes().split(b"\n")
    return [n for n, line in enumerate(lines, 1) if line.strip() and _record(line) is None]


def snapshot_record(
    key: str,
    action: str,
    flow_id: str,
    before: Body | None,
    *,
    was: str = "",
    numbers: Collection[str] = (),
) -> dict[str, Json]:
    """One body as it was before it was touched; `before` is None for a flow that was created.

    `was` is the key that the flow had, where it moves; `numbers` led to it when it was deleted.
    """
    return {
        "key": key,
        "action": action,
        "id": flow_id,
        "was": was or None,
        "before": before,
        "numbers": list(numbers),
    }


def _opened(path: Path) -> BinaryIO:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        file = path.open("ab")
        if file.tell() and not _ends_a_line(path):
            file.write(b"\n")
        return file
    except OSError as error:
        raise _unwritable(path, error) from error


class _Reading:
    """What the records so far have said."""

    def __init__(self, path: Path) -> None:
        self.intents: dict[str, Intent] = {}
        self.made: list[Intent] = []
        self.entries: dict[str, LockEntry] = {}
        self.dropped: dict[str, str] = {}
        self._known: frozenset[str] = frozenset()
        self._path = path

    def take(self, record: Mapping[str, Json]) -> None:
        if "journal" in record:
            self._known = _known(record, self._path)
        elif "intend" in record:
            self.intents[str(record["intend"])] = _intent(record, self._known)
        elif "posting" in record:
            self._posting(str(record["posting"]), _time(record))
        elif "done" in record and isinstance(record.get("entry"), dict):
            self._done(str(record["done"]), _read_entry(record["entry"]))
        elif "dropped" in record:
            self._dropped(str(record["dropped"]), str(record.get("id", "")))
        elif "not_created" in record:
            self.intents.pop(str(record["not_created"]), None)

    def _posting(self, key: str, time: float) -> None:
        if key in self.intents:
            self.intents[key] = replace(self.intents[key], time=time)

    def _done(self, key: str, entry: LockEntry) -> None:
        self.entries[key] = entry
        self.dropped.pop(key, None)
        if key in self.intents:
            self.made.append(self.intents.pop(key))

    def _dropped(self, key: str, flow_id: str) -> None:
        if key not in self.entries or flow_id in ("", self.entries[key].id):
            self.dropped[key] = flow_id
            self.entries.pop(key, None)
        if not flow_id:
            self.intents.pop(key, None)


def _ends_a_line(path: Path) -> bool:
    with path.open("rb") as file:
        file.seek(-1, os.SEEK_END)
        return file.read(1) == b"\n"


def _records(path: Path, *, missing_ok: bool = True) -> Iterator[dict[str, Json]]:
    try:
        lines = path.read_bytes().split(b"\n")
    except FileNotFoundError:
        if not missing_ok:
            raise
        return
    except OSError as error:
        raise Error(f"{path} cannot be read: {error.strerror}.") from error
    yield from filter(None, map(_record, lines))


def _record(line: bytes) -> dict[str, Json] | None:
    try:
        record = json.loads(line)
    except (ValueError, RecursionError):
        return None
    return record if isinstance(record, dict) else None


def _known(record: Mapping[str, Json], path: Path) -> frozenset[str]:
    if record["journal"] != FORMAT:
        raise RefusedError(
            f"{path} was left by another version of mbflow.",
            "Run apply once with that version, so that it can settle what it began.",
        )
    known = record.get("known")
    return frozenset(str(name) for name in known) if isinstance(known, list) else frozenset()


def _intent(record: Mapping[str, Json], known: frozenset[str]) -> Intent:
    return Intent(
        key=str(record["intend"]),
        digest=str(record.get("digest", "")),
        title=str(record.get("title", "")),
        time=_time(record),
        known_ids=known,
    )


def _time(record: Mapping[str, Json]) -> float:
    """Unix seconds; 0 for what cannot be any."""
    time = record.get("time")
    return float(time) if isinstance(time, (int, float)) and 0 <= time < 1e12 else 0.0


def _is_sound(record: Mapping[str, Json]) -> bool:
    """Whether mbflow may have written it into a journal: no half of a character, no path as key."""
    names = [record[word] for word in _ABOUT_A_KEY if word in record]
    try:
        json.dumps(record, ensure_ascii=False).encode()
    except (ValueError, RecursionError):
        return False
    return all(isinstance(name, str) and is_key(name) for name in names)


def _entry_json(entry: LockEntry) -> dict[str, Json]:
    return {
        "id": entry.id,
        "sent": entry.sent,
        "live": entry.live,
        "protect": entry.protect,
        "secrets": list(entry.secrets),
        "rest": entry.rest,
    }


def _read_entry(record: Json) -> LockEntry:
    assert isinstance(record, dict)
    words = ("id", "sent", "live", "rest")
    flow_id, sent, live, rest = (str(record.get(name, "")) for name in words)
    secrets = record.get("secrets")
    places = tuple(map(str, secrets)) if isinstance(secrets, list) else ()
    return LockEntry(flow_id, sent, live, record.get("protect") is True, places, rest)


def _unwritable(path: Path, error: OSError) -> Error:
    return Error(
        f"{path} cannot be written: {error.strerror}.",
        "Nothing is changed without it: it is what makes a killed run recoverable.",
        "Make room, or let it be written, then do the same again.",
    )


def _cut_short(path: Path, error: OSError) -> PartialError:
    return PartialError(
        f"{path} cannot be written: {error.strerror}.",
        "Changes that were made until then stay; those that were not begun are not made.",
        "Make room, then apply again: it finds out what was done, and does the rest.",
    )
