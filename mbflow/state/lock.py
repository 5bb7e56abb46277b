"""The lock: which live flow belongs to which file, and which flows each number was led to.

One line a flow and one a number, committed with the files.

It is YAML of one exact form, read line by line: a broken merge is told by its line.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

from mbflow.flow.canonical import VERSION
from mbflow.model.errors import Error, RefusedError
from mbflow.model.flow import LockEntry
from mbflow.model.route import is_number
from mbflow.model.text import Command
from mbflow.project.discover import is_name
from mbflow.project.local_folder import LOCK_FILE
from mbflow.project.source import NotText, lines_of, text_of
from mbflow.project.whole_file import replace_file
from mbflow.state.lock_line import (
    TEXT,
    entry_line,
    environment_line,
    number_line,
    read_entry,
    read_environment,
    read_number,
    scalar,
    unquoted,
)

Key = tuple[str, str, str]
"""A section, an environment, and the name of a flow or a number."""
Of = TypeVar("Of")
Numbers = Mapping[str, tuple[str, ...]]
"""Ids of the live flows that each number may lead to: a calendar's number has several."""

FORMAT = 1
_HEAD = "# Which live call flow belongs to which file. Written by mbflow; commit it."

_TOP = re.compile(rf"(format|canonical|project): ({TEXT})|(environments|numbers):")
_VERSION = re.compile(r"[0-9]{1,9}")
_MERGE = ("<<<<<<<", "=======", ">>>>>>>", "|||||||")
_WITHOUT_IT = "Without it mbflow cannot tell which live flows are its own, so it makes no plan."
_NOT_OURS = "the line is not one that mbflow writes"
_NONE: Mapping[Key, Sequence[str]] = {}


@dataclass(frozen=True, slots=True)
class Lock:
    """Everything in the lock file; an absent file is an empty lock."""

    project: str = ""
    """Empty until the first write."""
    canonical: int = VERSION
    """Version of the canonical form that the digests were made with."""
    environments: Mapping[str, Mapping[str, LockEntry]] = field(default_factory=dict)
    numbers: Mapping[str, Numbers] = field(default_factory=dict)
    """By environment: where mbflow has led its numbers."""

    def of(self, environment: str) -> Mapping[str, LockEntry]:
        """The entries of an environment; digests of another canonical form are left out."""
        entries = self.environments.get(environment, {})
        if self.canonical == VERSION:
            return entries
        return {
            name: entry._replace(sent="", live="", default=False) for name, entry in entries.items()
        }

    def numbers_of(self, environment: str) -> Numbers:
        """The numbers of an environment."""
        return self.numbers.get(environment, {})

    def having(
        self,
        environment: str,
        entries: Mapping[str, LockEntry],
        project: str,
        numbers: Numbers | None = None,
    ) -> Lock:
        """The lock with the entries of one environment replaced; its numbers too, if given."""
        environments = {name: self.of(name) for name in self.environments}
        environments[environment] = dict(entries)
        routes = dict(self.numbers)
        if numbers is not None:
            routes[environment] = dict(numbers)
        return Lock(project, VERSION, environments, routes)


def lock_path(root: Path, environment: str, *, embedded: bool) -> Path:
    """In the project, to be committed; for the built-in emulator beside its database."""
    return root / ".mbflow" / environment / LOCK_FILE if embedded else root / LOCK_FILE


def read_lock(path: Path) -> Lock:
    """The lock in a file. RefusedError says which line cannot be read, and why it matters."""
    name = _shown(path)
    try:
        text = text_of(path.read_bytes())
    except FileNotFoundError:
        return Lock()
    except OSError as error:
        raise RefusedError(
            f"{name} cannot be read: {error.strerror}.",
            _WITHOUT_IT,
            *_way_on(name, "Let it be read, or take the file from git again:"),
        ) from error
    except NotText as error:
        raise _unreadable(name, error.line, "it is not UTF-8 text") from error
    return parse_lock(text, name)


def write_lock(path: Path, lock: Lock) -> None:
    """Replace the file in one step: a reader sees the old lock or the new one, never a part."""
    content = lock_text(lock).encode()
    try:
        if not path.exists() or path.read_bytes() != content:
            replace_file(path, content)
    except OSError as error:
        raise Error(
            f"{path.name} cannot be written: {error.strerror}.",
            "What was applied is in the journal: the next plan or apply takes it from there.",
        ) from error


def lock_text(lock: Lock, instead: Mapping[Key, Sequence[str]] = _NONE) -> str:
    """The file's text: sorted, one line a flow or number, so that two branches merge.

    `instead` are the lines that stand in the place of one.
    """
    lines = [_HEAD, f"format: {FORMAT}", f"project: {scalar(lock.project)}"]
    lines += [f"canonical: {lock.canonical}", "environments:"]
    lines += _section_lines("environments", lock.environments, entry_line, instead)
    numbers = [*_section_lines("numbers", lock.numbers, number_line, instead)]
    return "\n".join([*lines, *(["numbers:", *numbers] if numbers else [])]) + "\n"


def _section_lines(
    section: str,
    of: Mapping[str, Mapping[str, Of]],
    line: Callable[[str, Of], str],
    instead: Mapping[Key, Sequence[str]],
) -> Iterator[str]:
    for environment, found in sorted(of.items()):
        if found:
            yield environment_line(environment)
            for name, one in sorted(found.items()):
                yield from instead.get((section, environment, name)) or [line(name, one)]


def parse_lock(text: str, name: str = LOCK_FILE) -> Lock:
    """The lock in a text. Raises RefusedError with the line that is not of the form."""
    reading = _Reading()
    for number, line in _lines(text):
        try:
            why = reading.take(line)
        except ValueError:
            why = _NOT_OURS
        if why:
            raise _unreadable(name, number, why)
    _check_top(reading.top, name)
    _check_ids(reading.environments, name)
    top = reading.top
    return Lock(top["project"], int(top["canonical"]), reading.environments, reading.numbers)


class _Reading:
    """What the lines so far have said."""

    def __init__(self) -> None:
        self.top: dict[str, str] = {}
        self.environments: dict[str, dict[str, LockEntry]] = {}
        self.numbers: dict[str, dict[str, tuple[str, ...]]] = {}
        self._section = ""
        self._environment: str | None = None

    def take(self, line: str) -> str:
        """Note what the line says, or return why it cannot stand there."""
        if line.startswith(_MERGE):
            return "a merge left its marks in it"
        if (flow := read_entry(line)) is not None:
            return self._misplaced("environments") or self._flow(*flow)
        if (number := read_number(line)) is not None:
            return self._misplaced("numbers") or self._number(*number)
        if (environment := read_environment(line)) is not None:
            return self._begin(environment)
        found = _TOP.fullmatch(line)
        if found is None or (found[1] or found[3]) in self.top:
            return _NOT_OURS
        self.top[str(found[1] or found[3])] = unquoted(found[2] or "")
        self._section, self._environment = found[3] or "", None
        return ""

    def _misplaced(self, section: str) -> str:
        if self._environment is None:
            return "the line belongs to no environment"
        return "" if self._section == section else f"the line does not belong to {self._section}"

    def _flow(self, name: str, entry: LockEntry) -> str:
        if not is_name(name):
            return "no flow file can have that name"
        entries = self.environments[str(self._environment)]
        if name in entries:
            return f"the name {name} is given twice"
        entries[name] = entry
        return ""

    def _number(self, number: str, flow_ids: tuple[str, ...]) -> str:
        if not is_number(number):
            return f"{number} is not a telephone number in digits"
        numbers = self.numbers[str(self._environment)]
        if number in numbers:
            return f"the number {number} is given twice"
        if "" in flow_ids:
            return f"the number {number} is led to a flow without an id"
        numbers[number] = tuple(sorted(set(flow_ids)))
        return ""

    def _begin(self, environment: str) -> str:
        if not self._section:
            return _NOT_OURS
        known: Collection[str] = getattr(self, self._section)
        if environment in known:
            return f"the environment {environment} is given twice"
        if self._section == "numbers":
            self.numbers[environment] = {}
        else:
            self.environments[environment] = {}
        self._environment = environment
        return ""


def _lines(text: str) -> Iterator[tuple[int, str]]:
    for number, line in enumerate(lines_of(text), 1):
        if line.strip() and not line.startswith("#"):
            yield number, line.rstrip()


def _check_top(top: Mapping[str, str], name: str) -> None:
    missing = {"format", "project", "canonical", "environments"} - top.keys()
    if missing or not _VERSION.fullmatch(top["canonical"]):
        raise _unreadable(name, 1, "its head is not complete: the file may be cut off")
    if top["format"] != str(FORMAT):
        raise RefusedError(
            f"{name} has format {top['format']}; this mbflow reads format {FORMAT}.",
            "Use the version of mbflow that wrote it.",
        )


def _check_ids(environments: Mapping[str, Mapping[str, LockEntry]], file: str) -> None:
    owners: dict[str, str] = {}
    for environment, entries in environments.items():
        for name, entry in entries.items():
            place = f"{environment}: {name}"
            if entry.id in owners:
                raise RefusedError(
                    f"{file} gives the live flow {entry.id} to two names: {owners[entry.id]} and "
                    f"{place}.",
                    "Remove the line that is wrong, then plan again.",
                )
            owners[entry.id] = place


def _shown(path: Path) -> str:
    """The file's name; where it lies below `.mbflow`, so that git does not have it, its path."""
    state = path.parent.parent
    return f"{state.name}/{path.parent.name}/{path.name}" if state.name == ".mbflow" else path.name


def _unreadable(name: str, line: int, why: str) -> RefusedError:
    return RefusedError(
        f"{name}:{line}: the lock cannot be read: {why}.",
        _WITHOUT_IT,
        *_way_on(
            name,
            "Resolve the merge, with one line a flow, or take the file from git again:",
        ),
    )


def _way_on(name: str, what: str) -> tuple[str, Command]:
    if "/" in name:
        what = "Remove it; the markers in the live flows then say whose they are:"
        return what, Command("rm", name)
    return what, Command("git", "checkout", "HEAD", "--", name)
