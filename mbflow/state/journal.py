"""The journal: what must outlive a killed run, intents before a POST and outcomes after it.

It is read by the next run, which settles what was left open.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from mbflow.model.errors import RefusedError
from mbflow.model.flow import Json, LockEntry
from mbflow.model.route import is_number
from mbflow.project.discover import is_name
from mbflow.project.load import Checkout
from mbflow.project.local_folder import STATE
from mbflow.state.records import AppendedFile, records, unwritable

JOURNAL = "journal.jsonl"


def journal_path(checkout: Checkout) -> Path:
    """Of one environment of a checkout."""
    return checkout.root / STATE / checkout.environment.name / JOURNAL


FORMAT = 1
_ABOUT_A_KEY = ("intend", "posting", "done", "dropped", "not_created")
"""What the records of a journal begin with; the name follows."""


@dataclass(frozen=True, slots=True)
class Intent:
    """A POST that a run was about to send."""

    name: str
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
    """Names whose flows were deleted or moved away, to the id of that flow; "" is any."""
    numbers: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Numbers that mbflow may have led to a flow, to the ids of these, the latest last."""


class Journal(AppendedFile):
    """The journal of one run of apply. `finish` removes it: then the lock holds all it says."""

    def begin(self, intents: Collection[Intent], known_ids: Collection[str]) -> None:
        known: list[Json] = list(sorted(known_ids))
        lines: list[dict[str, Json]] = [
            {"intend": i.name, "digest": i.digest, "title": i.title, "time": i.time}
            for i in intents
        ]
        try:
            self._write([{"journal": FORMAT, "known": known}, *lines], on_disk=True)
        except OSError as error:
            raise unwritable(self.path, error) from error

    def posting(self, name: str, time: float) -> None:
        """The POST of an intent goes out now."""
        self.append({"posting": name, "time": time})

    def leading(self, number: str, flow_id: str) -> None:
        """The POST that leads the number to that live flow goes out now."""
        self.append({"leading": number, "id": flow_id})

    def done(self, name: str, entry: LockEntry) -> None:
        self.append({"done": name, "entry": _entry_json(entry)})

    def dropped(self, name: str, flow_id: str = "") -> None:
        """The name has that live flow no more: deleted, moved to another name, or forgotten."""
        self.append({"dropped": name, "id": flow_id})

    def not_created(self, name: str, reason: str) -> None:
        """For people who look into it: nothing hangs on the reason."""
        self.append({"not_created": name, "reason": reason})

    def finish(self) -> None:
        self.close()
        self.path.unlink(missing_ok=True)


def read_journal(path: Path) -> Unfinished:
    """What the journal of an earlier run left open. An absent file: nothing."""
    reading = _Reading(path)
    for record in filter(_is_sound, records(path)):
        reading.take(record)
    return Unfinished(
        tuple(reading.intents.values()),
        tuple(reading.made),
        reading.entries,
        reading.dropped,
        {number: tuple(flow_ids) for number, flow_ids in reading.numbers.items()},
    )


def note_entries(path: Path, entries: Mapping[str, LockEntry | None]) -> None:
    """Say in a journal that was left behind, if there is one, which flow each name has now.

    None says that the name was forgotten.
    """
    if path.exists():
        journal = Journal(path)
        for name, entry in entries.items():
            if entry is None:
                journal.dropped(name)
            else:
                journal.done(name, entry)
        journal.close()


class _Reading:
    """What the records so far have said."""

    def __init__(self, path: Path) -> None:
        self.intents: dict[str, Intent] = {}
        self.made: list[Intent] = []
        self.entries: dict[str, LockEntry] = {}
        self.dropped: dict[str, str] = {}
        self.numbers: dict[str, list[str]] = {}
        self._known: frozenset[str] = frozenset()
        self._path = path

    def take(self, record: Mapping[str, Json]) -> None:
        if "journal" in record:
            self._known = _known(record, self._path)
        elif "intend" in record:
            self.intents[str(record["intend"])] = _intent(record, self._known)
        elif "posting" in record:
            self._posting(str(record["posting"]), _time(record))
        elif "leading" in record:
            self._leading(record["leading"], record.get("id"))
        elif "done" in record and isinstance(record.get("entry"), dict):
            self._done(str(record["done"]), _read_entry(record["entry"]))
        elif "dropped" in record:
            self._dropped(str(record["dropped"]), str(record.get("id", "")))
        elif "not_created" in record:
            self.intents.pop(str(record["not_created"]), None)

    def _posting(self, name: str, time: float) -> None:
        if name in self.intents:
            self.intents[name] = replace(self.intents[name], time=time)

    def _leading(self, number: Json, flow_id: Json) -> None:
        """Each flow once, at its last place."""
        if not isinstance(number, str) or not isinstance(flow_id, str):
            return
        if is_number(number) and flow_id:
            flow_ids = self.numbers.setdefault(number, [])
            if flow_id in flow_ids:
                flow_ids.remove(flow_id)
            flow_ids.append(flow_id)

    def _done(self, name: str, entry: LockEntry) -> None:
        self.entries[name] = entry
        self.dropped.pop(name, None)
        if name in self.intents:
            self.made.append(self.intents.pop(name))

    def _dropped(self, name: str, flow_id: str) -> None:
        if name not in self.entries or flow_id in ("", self.entries[name].id):
            self.dropped[name] = flow_id
            self.entries.pop(name, None)
        if not flow_id:
            self.intents.pop(name, None)


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
        name=str(record["intend"]),
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
    """Whether mbflow may have written it: no half of a character, no path as name."""
    names = [record[word] for word in _ABOUT_A_KEY if word in record]
    try:
        json.dumps(record, ensure_ascii=False).encode()
    except (ValueError, RecursionError):
        return False
    return all(isinstance(name, str) and is_name(name) for name in names)


def _entry_json(entry: LockEntry) -> dict[str, Json]:
    return {
        "id": entry.id,
        "sent": entry.sent,
        "live": entry.live,
        "protect": entry.protect,
        "default": entry.default,
        "secrets": list(entry.secrets),
    }


def _read_entry(record: Json) -> LockEntry:
    assert isinstance(record, dict)
    flow_id, sent, live = (str(record.get(name, "")) for name in ("id", "sent", "live"))
    secrets = record.get("secrets")
    names = tuple(map(str, secrets)) if isinstance(secrets, list) else ()
    return LockEntry(
        flow_id,
        sent,
        live,
        protect=record.get("protect") is True,
        default=record.get("default") is True,
        secrets=names,
    )
