"""The files of a project in the one style: which they are, and each written in one step."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import NamedTuple

from mbflow.model.errors import UsageError
from mbflow.model.problem import Problem, Severity, in_order
from mbflow.model.progress import SILENT, Progress
from mbflow.model.text import did_you_mean
from mbflow.project.discover import (
    PROJECT_FILE,
    SUFFIX,
    calendar_files,
    find_call_files,
    find_root,
    flow_files,
)
from mbflow.project.format import formatted
from mbflow.project.local_folder import LOCK_FILE
from mbflow.project.project_file import read_project
from mbflow.project.whole_file import replace_file
from mbflow.project.workers import in_workers

_WRITERS = 8
"""Files that are written side by side: each waits until it is on the disk."""


class FormatResult(NamedTuple):
    """What became of the files; all are named from the folder that was asked for."""

    files: int
    changed: tuple[str, ...]
    """Those that are not in the one style, or were not until now."""
    problems: tuple[Problem, ...]
    """Why files were left as they are."""


class _File(NamedTuple):
    name: str
    path: str
    """Links followed: they stay, and what they lead to is written."""
    is_flow: bool


Done = tuple[tuple[bytes, bytes] | None, list[tuple[str, str, str, int, int]]]
"""The new content where it is another, with the digest of the former; and the problems, as plain
data.
"""


def format_files(
    directory: Path, paths: Sequence[Path] = (), *, write: bool, progress: Progress = SILENT
) -> FormatResult:
    """Bring the files and folders into the one style; without paths all of the project.

    Unless `write`, only look. Raises UsageError for a path that is not there, or is no such file.
    """
    files = list({one.path: one for one in _files(directory, paths)}.values())
    done = [one for part in in_workers(_part, files, progress=progress) for one in part]
    problems = [
        Problem(rule, Severity(severity), message, file.name, line, column)
        for file, (_, found) in zip(files, done, strict=True)
        for rule, severity, message, line, column in found
    ]
    changed = [(file, new) for file, (new, _) in zip(files, done, strict=True) if new is not None]
    if write:
        with (
            ThreadPoolExecutor(_WRITERS) as pool,
            progress.begin("Writing files", len(changed)) as part,
        ):
            failed = dict(zip(changed, pool.map(part.counts(_write), changed), strict=True))
        problems += [problem for problem in failed.values() if problem is not None]
        changed = [one for one in changed if failed[one] is None]
    names = tuple(sorted(file.name for file, _ in changed))
    return FormatResult(len(files), names, tuple(in_order(problems)))


def _part(files: Sequence[_File]) -> list[Done]:
    return [_formatted(file) for file in files]


def _formatted(file: _File) -> Done:
    try:
        source = Path(file.path).read_bytes()
    except OSError as error:
        return None, [_unreadable(f"The file cannot be read: {error.strerror}.")]
    new, problems = formatted(source, is_flow=file.is_flow)
    packed = [(one.rule, str(one.severity), one.message, one.line, one.column) for one in problems]
    return None if new == source else (new, _digest(source)), packed


def _digest(content: bytes) -> bytes:
    return hashlib.sha256(content).digest()


def _unreadable(message: str) -> tuple[str, str, str, int, int]:
    return "file-unreadable", str(Severity.ERROR), message, 0, 0


def _write(change: tuple[_File, tuple[bytes, bytes]]) -> Problem | None:
    """Not over what an editor has saved since the file was read."""
    file, (content, former) = change
    path = Path(file.path)
    try:
        if _digest(path.read_bytes()) == former:
            replace_file(path, content)
            return None
        message = "The file was changed meanwhile; it is left as it is."
    except OSError as error:
        message = f"The file cannot be written: {error.strerror}."
    return Problem("file-unreadable", Severity.ERROR, message, file.name)


def _files(directory: Path, paths: Sequence[Path]) -> Iterator[_File]:
    for path in paths or [Path()]:
        whole = Path(os.path.abspath(directory / path))  # noqa: PTH100  (keeps links)
        root = find_root(whole if whole.is_dir() else whole.parent)
        known = _of_project(root)
        if not whole.exists():
            guess = did_you_mean(str(path), [os.path.relpath(one, directory) for one in known])
            raise UsageError(f"There is no file, folder or flow {path}.{guess}")
        place = whole if paths else root
        chosen = {file: known[file] for file in known if place in (file, *file.parents)}
        for file, is_flow in (chosen or _outside(place)).items():
            name = os.path.relpath(file, directory).replace(os.sep, "/")
            yield _File(name, os.path.realpath(file), is_flow)


def _of_project(root: Path) -> dict[Path, bool]:
    """The files of a project, each with whether it is a flow file."""
    root = Path(os.path.abspath(root))  # noqa: PTH100  (keeps links)
    folder = read_project(root, os.environ).project.flows
    found = {Path(one.path): True for one in flow_files(root, folder)[0]}
    found |= {one.path: False for one in find_call_files(root, folder) if one.path.is_file()}
    found |= {Path(one.path): False for one in calendar_files(root)[0]}
    project = root / PROJECT_FILE
    return found | ({project: False} if project.is_file() else {})


def _outside(path: Path) -> dict[Path, bool]:
    """A file that is named and stands in no folder of a project: its keys stay in their order."""
    if path.is_dir():
        raise UsageError(f"There is nothing to format in {path}.", _TAKEN)
    if path.suffix != SUFFIX or path.name == LOCK_FILE:
        raise UsageError(f"mbflow fmt does not write {path}.", _TAKEN)
    return {path: False}


_TAKEN = "It takes flow files, call files, calendars and mbflow.yaml."
