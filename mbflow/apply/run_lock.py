"""One writer at a time in one checkout, and a clean end when a signal asks for one."""

from __future__ import annotations

import fcntl
import os
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Event, Thread
from types import FrameType
from typing import NoReturn

from mbflow.model.errors import Error, RefusedError
from mbflow.model.project import Environment
from mbflow.project.local_folder import state_folder


def turn_folder(root: Path, environment: Environment) -> Path:
    """Where a turn is taken: one place for all environments that share a lock file.

    The lock is written whole, with what was read of the other environments when the turn began.
    """
    folder = state_folder(root, environment)
    return folder if environment.is_embedded else folder.parent


@contextmanager
def own_turn(folder: Path) -> Iterator[None]:
    """Hold the folder's lock; the system lets go of it when the process dies, however it dies."""
    path = folder / "apply.lock"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        file = path.open("a+")
    except OSError as error:
        raise Error(
            f"{path} cannot be opened: {error.strerror}.",
            "Nothing is changed without it. Work in a folder that can be written.",
        ) from error
    with file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise RefusedError(
                "Another apply is running in this folder.",
                "Wait until it has ended: apply, rollback, import, adopt and forget take turns.",
                "If none is running, this is a file system without locks.",
            ) from error
        yield


@contextmanager
def terminated_as_interrupted() -> Iterator[None]:
    """SIGTERM ends what has not written anything yet in the way that Ctrl-C does."""

    def handle(number: int, frame: FrameType | None) -> NoReturn:
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGTERM, handle)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


@contextmanager
def stopping_on_signals(interrupt: Callable[[], None]) -> Iterator[Event]:
    """An event that SIGINT and SIGTERM set; a second signal ends the process at once."""
    stop = Event()
    signals: list[int] = []
    told, tell = os.pipe()

    def wait() -> None:
        if os.read(told, 1):
            stop.set()
            interrupt()

    def handle(number: int, frame: FrameType | None) -> None:
        if signals:
            os._exit(130)
        signals.append(number)
        # A thread does the rest: events have locks, and the signal may have come while this thread
        # held one. To start it only now takes locks as well, and may fail.
        os.write(tell, b"!")

    waiting = Thread(target=wait, daemon=True)
    waiting.start()
    before = {number: signal.signal(number, handle) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield stop
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
        os.close(tell)
        waiting.join()
        os.close(told)
