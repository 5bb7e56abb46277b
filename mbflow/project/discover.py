"""The flow files and calendars of a project: what lies below their folders.

Looks at names only; nothing is opened.
"""

from __future__ import annotations

import os
import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Set
from pathlib import Path
from typing import NamedTuple

from mbflow.model.problem import Problem, Severity
from mbflow.model.text import printable

SUFFIX = ".yaml"
CALLS_SUFFIX = ".calls.yaml"
"""Simulated calls: they lie beside the flow files and are not flows."""
CALENDARS = "calendars"
"""The folder of the calendars, beside mbflow.yaml."""
_OTHER_SUFFIXES = (".yml", ".json")
_LEADS_OUT = "This link points outside the project. Put the file itself here."
_ORDINARY = re.compile(r"(?:\w[\w-]*/)*\w[\w-]*\.yaml", re.ASCII)
"""Nearly all names: nothing is wrong with one of these."""
_BACKUPS = ("~", ".bak", ".orig", ".swp", ".tmp")


class FlowFile(NamedTuple):
    """One flow file, not opened yet."""

    name: str
    file: str
    """Below the project's root, with forward slashes; as the user gave it outside a project."""
    path: str
    """Where to open it."""


def flow_files(root: Path, folder: str) -> tuple[list[FlowFile], list[Problem]]:
    """All flow files below `root/folder` in the order of their names, and files that cannot be one.

    A folder that does not exist holds no files.
    """
    return _files(root, folder, "Flow files", is_flow_name)


def calendar_files(root: Path) -> tuple[list[FlowFile], list[Problem]]:
    """The same for the calendars of the project: each has a name, as a flow has."""
    return _files(root, CALENDARS, "Calendars", lambda name: name.endswith(SUFFIX))


def _files(
    root: Path, folder: str, kind: str, is_one: Callable[[str], bool]
) -> tuple[list[FlowFile], list[Problem]]:
    found: list[FlowFile] = []
    problems: list[Problem] = []
    base = os.path.join(root, folder) if folder != "." else str(root)  # noqa: PTH118
    for path in sorted(_Walk(str(root), problems).flows(base)):
        name = _below(path, base)
        trouble = file_trouble(name, kind)
        if trouble:
            problems.append(
                Problem("file-name", Severity.ERROR, trouble, file=_below(path, str(root)))
            )
        elif is_one(name):
            found.append(FlowFile(name_of(name), _below(path, str(root)), path))
    problems += _clashes(found)
    return sorted(found, key=lambda flow: flow.name), problems


def flow_file(folder: str, name: str) -> str:
    """The file of the flow of that name below the flows folder, from the project's root."""
    folder = folder.rstrip("/")
    return f"{name}{SUFFIX}" if folder in ("", ".") else f"{folder}/{name}{SUFFIX}"


def calendar_file(name: str) -> str:
    """The file of the calendar of that name, from the project's root."""
    return f"{CALENDARS}/{name}{SUFFIX}"


def is_flow_name(name: str) -> bool:
    return name.endswith(SUFFIX) and not name.endswith(CALLS_SUFFIX)


def name_of(name: str) -> str:
    """The name of the flow in the file `name`, given below the flows folder."""
    return unicodedata.normalize("NFC", name.removesuffix(SUFFIX))


def file_trouble(name: str, kind: str = "Flow files") -> str:
    """Why a file cannot be a flow because of its name below the flows folder; "" where it can."""
    if _ORDINARY.fullmatch(name):
        return ""
    base = name.rpartition("/")[2]
    stem, dot, suffix = base.rpartition(".")
    if f"{dot}{suffix}".lower() in (SUFFIX, *_OTHER_SUFFIXES) and not base.endswith(SUFFIX):
        return f"{kind} end in .yaml, so this one would be ignored. Rename it to {stem}.yaml."
    if not base.endswith(SUFFIX):
        return ""
    for part in name.removesuffix(SUFFIX).split("/"):
        if not part or part != part.strip() or part.startswith("-"):
            return (
                "No part of a name may be empty, begin with a dash, or begin or end with a space."
            )
        if printable(part) != part or "\\" in part:
            return "The name has a character that a name cannot have. Rename the file."
    return ""


def name_trouble(name: str) -> str:
    """Why a text cannot be the name of a flow file; "" where it can."""
    trouble = file_trouble(f"{name}{SUFFIX}")
    if not trouble and (
        not is_name(name) or any(part.endswith(SUFFIX) for part in name.split("/"))
    ):
        return "No part of a name may begin with a dot or end in .yaml."
    return trouble


def is_name(text: str) -> bool:
    """Whether a flow file can have it: what a stranger wrote for a name may be a path elsewhere."""
    hidden = any(part.startswith((".", "#")) for part in text.split("/"))
    return not hidden and not file_trouble(f"{text}{SUFFIX}")


def leads_within(path: Path, folder: Path) -> bool:
    """Whether the path, all links followed, is at or below the folder."""
    return Path(os.path.realpath(path)).is_relative_to(os.path.realpath(folder))


def parted(paths: Iterable[Path], folder: Path) -> tuple[set[Path], list[Path]]:
    """The paths that may hold files of the folder, being in it or around it; and the others."""
    inside: set[Path] = set()
    outside: list[Path] = []
    for path in paths:
        if path.is_relative_to(folder) or folder.is_relative_to(path):
            inside.add(path)
        else:
            outside.append(path)
    return inside, outside


def is_below(path: Path, places: Set[Path]) -> bool:
    """Whether the path is one of the places, or in one: in as many steps as it is deep."""
    return bool(places) and (path in places or any(parent in places for parent in path.parents))


def _clashes(files: list[FlowFile]) -> Iterator[Problem]:
    first: dict[str, FlowFile] = {}
    for flow in files:
        other = first.setdefault(flow.name.casefold(), flow)
        if other is not flow:
            message = (
                f"This file's name differs from {printable(other.file)} only in upper and lower "
                "case, or in how accents are written. Rename one of them."
            )
            yield Problem("file-name", Severity.ERROR, message, file=flow.file)


class _Walk:
    """Walks through folders, following links while they stay in the project."""

    def __init__(self, root: str, problems: list[Problem]) -> None:
        self._root = root
        self._real_root = Path(os.path.realpath(root))
        self._problems = problems

    def flows(self, base: str) -> Iterator[str]:
        """Every file in the flows folder; a link anywhere in its path may not lead out either."""
        if not leads_within(Path(base), self._real_root):
            self._unreadable(base, _LEADS_OUT)
        elif not self._leads_astray(base):
            yield from self._within(base)

    def _within(self, folder: str) -> Iterator[str]:
        """Every file at or below `folder` that could be meant as a flow."""
        try:
            entries = sorted(os.scandir(folder), key=lambda entry: entry.name)
        except FileNotFoundError:
            return
        except OSError as error:
            self._unreadable(folder, f"The folder cannot be read: {error.strerror}.")
            return
        for entry in entries:
            if not entry.name.startswith((".", "#")) and not entry.name.endswith(_BACKUPS):
                yield from self._entry(entry)

    def _entry(self, entry: os.DirEntry[str]) -> Iterator[str]:
        if entry.is_symlink() and self._leads_astray(entry.path):
            return
        if entry.is_dir():
            yield from self._within(entry.path)
        elif entry.is_file():
            yield entry.path
        elif entry.name.endswith((SUFFIX, *_OTHER_SUFFIXES)):
            self._unreadable(entry.path, "This is not a regular file. Put one here, or remove it.")

    def _leads_astray(self, path: str) -> bool:
        """Whether a link is of no use here; then it is a problem."""
        link = Path(path)
        if not link.is_symlink():
            return False
        target = Path(os.path.realpath(path))
        if not target.is_relative_to(self._real_root):
            trouble = _LEADS_OUT
        elif not target.exists():
            trouble = "This link points to nothing. Remove it, or put the file itself here."
        elif target.is_dir() and Path(os.path.realpath(link.parent)).is_relative_to(target):
            trouble = "This link points back to a folder that it is in. Remove it."
        else:
            return False
        self._unreadable(path, trouble)
        return True

    def _unreadable(self, path: str, message: str) -> None:
        file = _below(path, self._root)
        self._problems.append(Problem("file-unreadable", Severity.ERROR, message, file=file))


def _below(path: str, folder: str) -> str:
    return path[len(folder.rstrip(os.sep)) + 1 :].replace(os.sep, "/")


def repository_root(folder: Path) -> Path | None:
    """The folder at or above `folder` that holds a repository. git itself is not needed."""
    return next((one for one in (folder, *folder.parents) if (one / ".git").exists()), None)


def root_of_sources(folder: Path) -> Path:
    """What GitHub and SARIF name files from: the repository, whatever folder a job works in."""
    return repository_root(folder) or folder


SNAPSHOT_SUFFIX = ".calls.txt"


class CallFile(NamedTuple):
    """One call file, not read yet."""

    name: str
    """The name of the flow that it tests."""
    file: str
    """Below the project's root, with forward slashes."""
    path: Path

    @property
    def snapshot(self) -> Path:
        return self.path.with_name(self.path.name.removesuffix(CALLS_SUFFIX) + SNAPSHOT_SUFFIX)

    @property
    def flow_path(self) -> Path:
        return self.path.with_name(self.path.name.removesuffix(CALLS_SUFFIX) + SUFFIX)

    @property
    def snapshot_file(self) -> str:
        return self.file.removesuffix(CALLS_SUFFIX) + SNAPSHOT_SUFFIX


def find_call_files(root: Path, folder: str) -> list[CallFile]:
    """All call files below `root/folder`, in the order of their names.

    Links to folders are not followed. What leads out of the project, or is no file, is left out:
    those who look for flow files tell of it.
    """
    base = root / folder
    found = []
    for directory, folders, names in os.walk(base):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in names:
            if not name.endswith(CALLS_SUFFIX) or name.startswith("."):
                continue
            path = Path(directory, name)
            if leads_within(path, root) and (path.is_file() or not path.exists()):
                below = path.relative_to(base).as_posix()
                flow = name_of(below.removesuffix(CALLS_SUFFIX) + SUFFIX)
                found.append(CallFile(flow, path.relative_to(root).as_posix(), path))
    return sorted(found, key=lambda one: one.name)
