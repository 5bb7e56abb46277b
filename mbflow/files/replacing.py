"""Files written in one step: a reader sees the old content or the new one, never a part."""

from __future__ import annotations

import os
import tempfile
from contextlib import suppress
from pathlib import Path


def replace_file(path: Path, content: bytes) -> None:
    """Write the file whole and on disk, then put it in place. Raises OSError.

    A link is replaced, and what it leads to stays. A device or a pipe is written to instead:
    another file in the place of `/dev/null` would harm the whole machine.
    """
    if _is_device(path):
        with path.open("ab") as device:
            device.write(content)
        return
    name = _written_beside(path, content)
    try:
        name.chmod(path.stat().st_mode & 0o777 if path.exists() else 0o644)
        name.replace(path)
    except BaseException:
        name.unlink(missing_ok=True)
        raise


def new_file(path: Path, content: bytes) -> None:
    """Write a file that must not be there yet. Raises FileExistsError where one came meanwhile."""
    name = _written_beside(path, content)
    try:
        name.chmod(0o644)
        path.hardlink_to(name)
    finally:
        name.unlink(missing_ok=True)


def drop_link(path: Path) -> None:
    """Remove a link, so that what is appended goes to a new file; what it leads to stays."""
    if path.is_symlink() and not _is_device(path):
        path.unlink()


def _is_device(path: Path) -> bool:
    """Also `/dev/stdout`, a link that leads to a file where the output goes to one."""
    if path.is_symlink() and os.path.realpath(path.parent).startswith(("/dev", "/proc")):
        return True
    return path.exists() and not path.is_file() and not path.is_dir()


def _written_beside(path: Path, content: bytes) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
    except BaseException:
        with suppress(OSError):
            Path(name).unlink()
        raise
    return Path(name)
