"""Files written in one step: a reader sees the old content or the new one, never a part.

It is written under another name beside it; nothing is overwritten that was not meant to be.
"""

from __future__ import annotations

import os
import secrets
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

from mbflow.model.errors import Error, RefusedError


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


@contextmanager
def whole_or_nothing(target: Path, *, force: bool) -> Iterator[BinaryIO]:
    """A file to write and read back; on leaving it is on disk as `target`, on an exception gone.

    With `force` a file that is there is replaced. Raises `RefusedError` when `target` is there
    and may not be replaced, `Error` when it cannot be written.
    """
    _check(target, force)
    part = target.parent / f".mbflow-{secrets.token_hex(8)}.part"
    try:
        descriptor = os.open(part, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o666)
        try:
            with os.fdopen(descriptor, "w+b") as file:
                yield file
                file.flush()
                os.fsync(file.fileno())
            _publish(part, target, force)
        finally:
            part.unlink(missing_ok=True)
    except OSError as error:
        raise Error(f"{target} cannot be written: {error.strerror}.") from error


def _check(target: Path, force: bool) -> None:
    if force and target.exists() and not target.is_file():
        raise Error(f"{target} is not a file, so it cannot be replaced.")
    if not force and os.path.lexists(target):
        raise _is_there(target)


def _publish(part: Path, target: Path, force: bool) -> None:
    if force:
        part.replace(target)
    else:
        _name_if_free(part, target)
    with suppress(OSError):
        _sync(target.parent)


def _name_if_free(part: Path, target: Path) -> None:
    """A hard link never overwrites; file systems without them leave a moment for a race."""
    try:
        os.link(part, target)
    except FileExistsError as error:
        raise _is_there(target) from error
    except OSError as error:
        if os.path.lexists(target):
            raise _is_there(target) from error
        part.rename(target)


def _sync(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _is_there(target: Path) -> RefusedError:
    return RefusedError(f"{target} already exists.", "Use --force to replace it.")
