"""Files of JSON lines that are only ever appended to; a line that a kill cut off is passed over.

Journals, snapshots and results files.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from threading import Lock as Mutex
from typing import BinaryIO

from mbflow.model.errors import Error, PartialError, UsageError
from mbflow.model.flow import Json
from mbflow.project.source import NotText, records_of
from mbflow.project.whole_file import drop_link


class AppendedFile:
    """A file of JSON lines that outlive the process. Safe to use from threads.

    What is given when it is opened is written before anything is changed.
    """

    def __init__(self, path: Path, *head: Mapping[str, Json]) -> None:
        self.path = path
        self._mutex = Mutex()
        self._disk = Mutex()
        self._written = self._synced = 0
        """Writes so far, and how many of the first of them are on the disk."""
        self._failure: OSError | None = None
        self._file = _opened(path)
        try:
            self._write(head, on_disk=False)
        except OSError as error:
            self.close()
            raise unwritable(path, error) from error

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
            self._written += 1
            own = self._written
        if on_disk:
            self._wait_for_disk(own)

    def _wait_for_disk(self, own: int) -> None:
        """One wait serves all threads that have written before it began."""
        with self._disk:
            if self._failure is not None:
                # The system tells it once, and all is well the next time: what is lost stays lost.
                raise self._failure
            if self._synced < own:
                with self._mutex:
                    written = self._written
                try:
                    os.fsync(self._file.fileno())
                except OSError as error:
                    self._failure = error
                    raise
                self._synced = written

    def close(self) -> None:
        with suppress(OSError):
            self._file.close()


def records(path: Path, *, missing_ok: bool = True) -> Iterator[dict[str, Json]]:
    """The records of such a file, without lines that are none."""
    try:
        lines = records_of(path.read_bytes())
    except FileNotFoundError:
        if not missing_ok:
            raise
        return
    except OSError as error:
        raise Error(f"{path} cannot be read: {error.strerror}.") from error
    except NotText as error:
        raise Error(f"{path} cannot be read.", error.message) from error
    yield from filter(None, map(_record, lines))


def read_lines(path: Path) -> list[dict[str, Json]]:
    """The records of a snapshot or a results file. Raises Error where it cannot be read."""
    try:
        return list(records(path, missing_ok=False))
    except FileNotFoundError as error:
        raise Error(f"{path} is not there.") from error


def results_file(path: Path, head: Mapping[str, Json]) -> AppendedFile:
    """Where the results of an apply go; a link is replaced, and what it leads to stays."""
    try:
        drop_link(path)
        begins = _beginning(path)
    except OSError as error:
        raise unwritable(path, error) from error
    if not _RESULTS.startswith(begins):
        raise UsageError(
            f"{path} holds no results of mbflow: it stays as it is. "
            "Name another file with --results."
        )
    return AppendedFile(path, head)


_RESULTS = b'{"results"'
"""What the first line begins with. Results of several runs may stand in one file."""


def _beginning(path: Path) -> bytes:
    """Of a file that is there, as much as `_RESULTS` is long; a device is not asked."""
    if not path.is_file():
        return b""
    with path.open("rb") as stream:
        return stream.read(len(_RESULTS))


def torn_lines(path: Path) -> list[int]:
    """Numbers of the lines of such a file that are no records: cut off, or damaged."""
    lines = records_of(path.read_bytes())
    return [n for n, line in enumerate(lines, 1) if line.strip() and _record(line) is None]


def unwritable(path: Path, error: OSError) -> Error:
    """Raised before anything was changed."""
    return Error(
        f"{path} cannot be written: {error.strerror}.",
        "Nothing is changed without it: it is what makes a killed run recoverable.",
        "Make room, or let it be written, then do the same again.",
    )


def _opened(path: Path) -> BinaryIO:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        file = path.open("ab")
        if file.tell() and not _ends_a_line(path):
            file.write(b"\n")
        return file
    except OSError as error:
        raise unwritable(path, error) from error


def _ends_a_line(path: Path) -> bool:
    with path.open("rb") as file:
        file.seek(-1, os.SEEK_END)
        return file.read(1) == b"\n"


def _record(line: bytes) -> dict[str, Json] | None:
    try:
        record = json.loads(line)
    except (ValueError, RecursionError):
        return None
    return record if isinstance(record, dict) else None


def _cut_short(path: Path, error: OSError) -> PartialError:
    return PartialError(
        f"{path} cannot be written: {error.strerror}.",
        "Changes that were made until then stay; those that were not begun are not made.",
        "Make room, then apply again: it finds out what was done, and does the rest.",
    )
