"""The flow files of a project: what lies below the flows folder, and under which key.

Looks at names only; nothing is opened.
"""

from __future__ import annotations

import os
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from mbflow.printable import printable
from mbflow.problem import Problem, Severity

SUFFIX = ".yaml"
CALLS_SUFFIX = ".calls.yaml"
"""Simulated calls: they lie beside the flow files and are not flows."""
_OTHER_SUFFIXES = (".yml", ".json")
_BACKUPS = ("~", ".bak", ".orig", ".swp", ".tmp")


@dataclass(frozen=True, slots=True)
class FlowFile:
    """One flow file, not opened yet."""

    key: str
    file: str
    """Below the project's root, with forward slashes; as the user gave it outside a project."""
    path: str
    """Where to open it."""


def flow_files(root: Path, folder: str) -> tuple[list[FlowFile], list[Problem]]:
    """All flow files below `root/folder` in the order of their keys, and files that cannot be one.

    A folder that does not exist holds no files.
    """
    found: list[FlowFile] = []
    problems: list[Problem] = []
    base = str(root / folder)
    for path in sorted(_files_below(base, os.path.realpath(root), folder, problems)):
        file = path[len(str(root)) + 1 :].replace(os.sep, "/")
        name = path[len(base) + 1 :].replace(os.sep, "/")
        trouble = name_trouble(name)
        if trouble:
            problems.append(Problem("file-name", Severity.ERROR, trouble, file=file))
        elif is_flow_name(name):
            found.append(FlowFile(key_of(name), file, path))
    problems += _clashes(found)
    return sorted(found, key=lambda flow: flow.key), problems


def is_flow_name(name: str) -> bool:
    return name.endswith(SUFFIX) and not name.endswith(CALLS_SUFFIX)


def key_of(name: str) -> str:
    """The key of the flow in the file `name`, given below the flows folder."""
    return unicodedata.normalize("NFC", name.removesuffix(SUFFIX))


def name_trouble(name: str) -> str:
    """Why a file cannot be a flow because of its name below the flows folder; "" where it can."""
    base = name.rpartition("/")[2]
    stem, dot, suffix = base.rpartition(".")
    if f"{dot}{suffix}".lower() in (SUFFIX, *_OTHER_SUFFIXES) and not base.endswith(SUFFIX):
        return f"Flow files end in .yaml, so this one would be forgotten. Rename it to {stem}.yaml."
    if not base.endswith(SUFFIX):
        return ""
    for part in name.removesuffix(SUFFIX).split("/"):
        if not part or part != part.strip() or part.startswith("-"):
            return "No part of a key is empty, begins with a dash, or begins or ends with a space."
        if printable(part) != part or "\\" in part:
            return "The name holds a character that cannot be part of a key. Rename the file."
    return ""


def _clashes(files: list[FlowFile]) -> Iterator[Problem]:
    first: dict[str, FlowFile] = {}
    for flow in files:
        other = first.setdefault(flow.key.casefold(), flow)
        if other is not flow:
            message = (
                f"The key of this file differs from that of {printable(other.file)} in upper and "
                "lower case only, or in how accents are written. Rename one of them."
            )
            yield Problem("file-name", Severity.ERROR, message, file=flow.file)


def _files_below(base: str, root: str, file: str, problems: list[Problem]) -> Iterator[str]:
    """Every file that could be meant as a flow; links are followed while they stay in `root`."""
    try:
        entries = sorted(os.scandir(base), key=lambda entry: entry.name)
    except FileNotFoundError:
        return
    except OSError as error:
        problems.append(_unreadable(file, f"The folder cannot be read: {error.strerror}."))
        return
    for entry in entries:
        if entry.name.startswith((".", "#")) or entry.name.endswith(_BACKUPS):
            continue
        below = f"{file}/{entry.name}"
        trouble = _link_trouble(entry, root) if entry.is_symlink() else ""
        if trouble:
            problems.append(_unreadable(below, trouble))
        elif entry.is_dir():
            yield from _files_below(entry.path, root, below, problems)
        elif entry.is_file():
            yield entry.path
        elif entry.name.endswith((SUFFIX, *_OTHER_SUFFIXES)):
            problems.append(_unreadable(below, "This is not a regular file."))


def _link_trouble(entry: os.DirEntry[str], root: str) -> str:
    target = Path(os.path.realpath(entry.path))
    if not target.is_relative_to(root):
        return "This link leads out of the project. Put the file itself here."
    if not target.exists():
        return "This link leads to nothing. Remove it, or put the file itself here."
    if target.is_dir() and Path(entry.path).parent.resolve().is_relative_to(target):
        return "This link leads back to a folder that it lies in. Remove it."
    return ""


def _unreadable(file: str, message: str) -> Problem:
    return Problem("file-unreadable", Severity.ERROR, message, file=file)
