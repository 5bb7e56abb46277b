"""The lock: which live flow belongs to which file, one line a flow, committed with the files.

It is YAML of one exact form, read line by line: a broken merge is told by its line.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from mbflow.flow.canonical import VERSION
from mbflow.model.errors import Error, RefusedError
from mbflow.model.flow import LockEntry
from mbflow.model.text import Command
from mbflow.project.discover import is_name
from mbflow.project.local_folder import LOCK_FILE
from mbflow.project.source import NotText, lines_of, text_of
from mbflow.project.whole_file import replace_file

FORMAT = 1
_HEAD = "# Which live call flow belongs to which file. Written by mbflow; commit it."

_TEXT = r'(?:"(?:[^"\\]|\\.)*"|[^\s"{}:,#][^\s"{}:,#]*)'
_TOP = re.compile(rf"(format|canonical|project): ({_TEXT})|(environments):")
_ENVIRONMENT = re.compile(rf"  ({_TEXT}):")
_FLOW = re.compile(
    rf"    ({_TEXT}): \{{id: ({_TEXT}), sent: ({_TEXT}), live: ({_TEXT})"
    rf"(?:, secrets: \[({_TEXT}(?:, {_TEXT})*)\])?(, default: true)?(, protect: true)?\}}"
)
_NAME = re.compile(_TEXT)
_VERSION = re.compile(r"[0-9]{1,9}")
_MERGE = ("<<<<<<<", "=======", ">>>>>>>", "|||||||")
_PLAIN = re.compile(r"[A-Za-z][A-Za-z0-9_./-]*")
_UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_HEX = re.compile(r"(?=.*[abcdf])(?!0b)[0-9a-f]{16}")
"""Digests that no YAML reader takes for a number: 1.2 knows 1e5, 1.1 also 0b11."""
_UNSEEN = "[\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff\ud800-\udfff]"
"""Characters that JSON leaves as they are and YAML cannot hold, or takes for the end of a line."""
_WITHOUT_IT = "Without it mbflow cannot tell which live flows are its own, so it makes no plan."
_NOT_OURS = "the line is not one that mbflow writes"
_NONE: Mapping[tuple[str, str], Sequence[str]] = {}
_RESERVED = {"y", "n", "yes", "no", "on", "off", "true", "false", "null"}


@dataclass(frozen=True, slots=True)
class Lock:
    """Everything in the lock file; an absent file is an empty lock."""

    project: str = ""
    """Empty until the first write."""
    canonical: int = VERSION
    """Version of the canonical form that the digests were made with."""
    environments: Mapping[str, Mapping[str, LockEntry]] = field(default_factory=dict)

    def of(self, environment: str) -> Mapping[str, LockEntry]:
        """The entries of an environment; digests of another canonical form are left out."""
        entries = self.environments.get(environment, {})
        if self.canonical == VERSION:
            return entries
        return {
            name: entry._replace(sent="", live="", default=False) for name, entry in entries.items()
        }

    def having(self, environment: str, entries: Mapping[str, LockEntry], project: str) -> Lock:
        """The lock with the entries of one environment replaced."""
        environments = {name: self.of(name) for name in self.environments}
        environments[environment] = dict(entries)
        return replace(self, project=project, canonical=VERSION, environments=environments)


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


def lock_text(lock: Lock, instead: Mapping[tuple[str, str], Sequence[str]] = _NONE) -> str:
    """The file's text: sorted, one line a flow, so that two branches merge.

    `instead` are the lines that stand in the place of a flow's, by environment and name.
    """
    lines = [_HEAD, f"format: {FORMAT}", f"project: {_scalar(lock.project)}"]
    lines += [f"canonical: {lock.canonical}", "environments:"]
    for environment, entries in sorted(lock.environments.items()):
        if entries:
            lines.append(environment_line(environment))
            for name, entry in sorted(entries.items()):
                lines += instead.get((environment, name)) or [entry_line(name, entry)]
    return "\n".join(lines) + "\n"


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
    return Lock(reading.top["project"], int(reading.top["canonical"]), reading.environments)


class _Reading:
    """What the lines so far have said."""

    def __init__(self) -> None:
        self.top: dict[str, str] = {}
        self.environments: dict[str, dict[str, LockEntry]] = {}
        self._current: dict[str, LockEntry] | None = None

    def take(self, line: str) -> str:
        """Note what the line says, or return why it cannot stand there."""
        if line.startswith(_MERGE):
            return "a merge left its marks in it"
        if found := _FLOW.fullmatch(line):
            return self._flow(*_entry(found))
        if found := _ENVIRONMENT.fullmatch(line):
            return self._environment(_unquoted(found[1]))
        found = _TOP.fullmatch(line)
        if found is None or (found[1] or found[3]) in self.top:
            return _NOT_OURS
        self.top[str(found[1] or found[3])] = _unquoted(found[2] or "")
        return ""

    def _flow(self, name: str, entry: LockEntry) -> str:
        if self._current is None:
            return "the line belongs to no environment"
        if not is_name(name):
            return "no flow file can have that name"
        if name in self._current:
            return f"the name {name} is given twice"
        self._current[name] = entry
        return ""

    def _environment(self, name: str) -> str:
        if name in self.environments:
            return f"the environment {name} is given twice"
        self._current = self.environments[name] = {}
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


def _entry(found: re.Match[str]) -> tuple[str, LockEntry]:
    name, flow_id, sent, live = (_unquoted(found[n]) for n in range(1, 5))
    secrets = tuple(_unquoted(secret) for secret in _NAME.findall(found[5] or ""))
    default, protect = (found[n] is not None for n in (6, 7))
    return name, LockEntry(flow_id, sent, live, protect, default, secrets)


def environment_line(name: str) -> str:
    """`  production:`, above the lines of its flows."""
    return f"  {_scalar(name)}:"


def entry_line(name: str, entry: LockEntry) -> str:
    """`    menu: {id: …, sent: …, live: …}`."""
    secrets = default = protect = ""
    if entry.secrets:
        secrets = f", secrets: [{', '.join(map(_scalar, entry.secrets))}]"
    if entry.default:
        default = ", default: true"
    if entry.protect:
        protect = ", protect: true"
    return (
        f"    {_scalar(name)}: {{id: {_scalar(entry.id)}, sent: {_scalar(entry.sent)}, "
        f"live: {_scalar(entry.live)}{secrets}{default}{protect}}}"
    )


def _scalar(text: str) -> str:
    """Plain where YAML 1.1 and 1.2 both read it as text, else quoted."""
    plain = _PLAIN.fullmatch(text) and text.lower() not in _RESERVED
    if plain or _UUID.fullmatch(text) or _HEX.fullmatch(text):
        return text
    quoted = json.dumps(text, ensure_ascii=False)
    return re.sub(_UNSEEN, lambda m: f"\\u{ord(m[0]):04x}", quoted)


def _unquoted(text: str) -> str:
    """Raises ValueError for half of a character: no name and no id holds one."""
    if not text.startswith('"'):
        return text
    whole = str(json.loads(text))
    whole.encode()
    return whole


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
