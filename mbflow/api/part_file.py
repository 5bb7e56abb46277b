"""A file that appears under its name whole, or not at all.

It is written under another name beside it; nothing is overwritten that was not meant to be.
"""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

from mbflow.errors import Error, RefusedError


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
        raise Error(f"{target} is not a file that could be replaced.")
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
    return RefusedError(f"{target} is there already.", "Say --force to replace it.")
