"""Files written in one step: a reader sees the old content or the new one, never a part.

Each is written under another name beside it, is on disk before it gets its own, and never takes
the place of a file that is to stay.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from mbflow.model.errors import Error, RefusedError


@contextmanager
def whole_file(path: Path, *, replace: bool) -> Iterator[BinaryIO]:
    """A file to write and read back; on leaving it is on disk as `path`, on an exception gone.

    A link is replaced, and what it leads to stays; a file that is replaced keeps its rights.
    Raises `FileExistsError` where `path` is there, or came meanwhile, and is not to be replaced;
    `OSError` where it cannot be written.
    """
    if not replace and os.path.lexists(path):
        raise FileExistsError(path)
    part = path.parent / f".mbflow-{os.urandom(8).hex()}.part"
    try:
        with part.open("x+b") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        (_replace if replace else _name)(part, path)
    finally:
        part.unlink(missing_ok=True)


@contextmanager
def result_file(path: Path, *, force: bool) -> Iterator[BinaryIO]:
    """`whole_file` for what a person asked for by name, with errors for people.

    Raises `RefusedError` where `path` is there and not to be replaced (without `force`), `Error`
    where it cannot be written.
    """
    if force and path.exists() and not path.is_file():
        raise Error(f"{path} is not a file, so it cannot be replaced.")
    try:
        with whole_file(path, replace=force) as file:
            yield file
    except FileExistsError as error:
        raise RefusedError(f"{path} already exists.", "Use --force to replace it.") from error
    except OSError as error:
        raise Error(f"{path} cannot be written: {error.strerror}.") from error


def replace_file(path: Path, content: bytes) -> None:
    """Write the file whole, in the place of one that is there. Raises OSError.

    A device or a pipe is written to instead: another file in the place of `/dev/null` would harm
    the whole machine.
    """
    if _is_device(path):
        with path.open("ab") as device:
            device.write(content)
        return
    _write(path, content, replace=True)


def new_file(path: Path, content: bytes) -> None:
    """Write a file that must not be there yet. Raises FileExistsError where one came meanwhile."""
    _write(path, content, replace=False)


def drop_link(path: Path) -> None:
    """Remove a link, so that what is appended goes to a new file; what it leads to stays."""
    if path.is_symlink() and not _is_device(path):
        path.unlink()


def _write(path: Path, content: bytes, *, replace: bool) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with whole_file(path, replace=replace) as file:
        file.write(content)


def _is_device(path: Path) -> bool:
    """Also `/dev/stdout`, a link that leads to a file where the output goes to one."""
    if path.is_symlink() and _holds_devices(os.path.realpath(path.parent)):
        return True
    return path.exists() and not path.is_file() and not path.is_dir()


def _holds_devices(folder: str) -> bool:
    """Whether a folder is of the system's; memory that is used as a disk is like any other."""
    is_below = f"{folder}/".startswith
    return is_below(("/dev/", "/proc/")) and not is_below("/dev/shm/")


def _replace(part: Path, path: Path) -> None:
    if path.exists():
        part.chmod(path.stat().st_mode & 0o777)
    part.replace(path)


def _name(part: Path, path: Path) -> None:
    """A hard link never overwrites; file systems without them leave a moment for a race."""
    try:
        os.link(part, path)
    except OSError:
        if os.path.lexists(path):
            raise FileExistsError(path) from None
        part.rename(path)
