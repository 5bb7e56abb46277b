"""Where `.mbflow/` lies, the folder of what is local: an environment has one of its own in it."""

from __future__ import annotations

import os
import re
from contextlib import suppress
from pathlib import Path

from mbflow.model.errors import Error, RefusedError
from mbflow.model.project import Environment
from mbflow.model.text import Command
from mbflow.project.whole_file import replace_file

LOCK_FILE = "mbflow.lock.yaml"
STATE = ".mbflow"
"""The folder of everything local; it ignores itself in git."""


def state_folder(root: Path, environment: Environment) -> Path:
    """`.mbflow/NAME/`, made if need be. Raises `Error` when it cannot be made or named so.

    Raises `RefusedError` where a link in it leads out of the project: a repository of a stranger
    must not choose which files are written.
    """
    if not _is_file_name(environment.name):
        raise Error(
            f"The environment's name cannot name a folder: {environment.name}",
            "Use letters, digits, dots, hyphens and underscores.",
        )
    folder = root / STATE / environment.name
    _refuse_links(root, root / STATE, folder)
    try:
        make_local_folder(folder)
        _refuse_links(root, *folder.parent.iterdir(), *folder.iterdir())
    except OSError as error:
        raise Error(
            f"{folder} cannot be made: {error.strerror}.",
            "Nothing was changed. Work in a folder that can be written.",
        ) from error
    return folder


def make_local_folder(folder: Path) -> None:
    """Make `.mbflow/SOMETHING/`, and have git ignore all of `.mbflow/`. Raises OSError."""
    folder.mkdir(parents=True, exist_ok=True)
    ignore = folder.parent / ".gitignore"
    # An empty one is what a full disk left.
    if not os.path.lexists(ignore) or (not ignore.is_symlink() and ignore.stat().st_size == 0):
        replace_file(ignore, b"*\n")


def _refuse_links(root: Path, *paths: Path) -> None:
    real_root = os.path.realpath(root)
    for path in paths:
        if path.is_symlink() and not Path(os.path.realpath(path)).is_relative_to(real_root):
            raise RefusedError(
                f"{path} is a link that leads out of the project, and mbflow writes there.",
                "Remove the link; a missing file or folder is made:",
                Command("rm", str(path)),
            )


def _is_file_name(name: str) -> bool:
    plain = name.replace("-", "").replace("_", "").replace(".", "")
    return plain.isalnum() and not name.startswith(".") and len(name.encode()) <= 100


def was_there(root: Path, folder: str, name: str) -> bool:
    """Whether a flow without a file had one: git knows, or a lock, where history is cut."""
    from mbflow.project.git import listed

    with suppress(Error):
        if listed(root, "log", "-1", "--format=%h", "-z", "--", f"{folder}/{name}.yaml"):
            return True
    line = re.compile(rf'(?m)^    "?{re.escape(name)}"?: \{{id: ')
    for file in (root / LOCK_FILE, *root.glob(f"{STATE}/*/{LOCK_FILE}")):
        with suppress(OSError, ValueError):
            if line.search(file.read_text(encoding="utf-8")):
                return True
    return False
