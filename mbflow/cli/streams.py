"""Standard output and error that outlive their reader, and know whether anything was written.

What a verb does matters more than who listens: where a stream fails, the verb goes on to its end.
"""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext, suppress
from typing import Any, TextIO


class WatchedOutput:
    """Passes everything on to another stream, until that fails."""

    encoding = "utf-8"
    """Whatever the stream's is: anything can be written, so click has nothing to mend."""

    def __init__(self, stream: TextIO) -> None:
        self.stream = stream
        self.room: Callable[[], AbstractContextManager[None]] = nullcontext
        """Clears away what is drawn on the same terminal, and keeps it away meanwhile."""
        _escape_what_does_not_fit(stream)
        self.was_written = False
        self.failure: OSError | None = None

    def write(self, text: str) -> int:
        with self.room():
            self._attempt(lambda: self.stream.write(text))
        self.was_written = self.was_written or bool(text)
        return len(text)

    def flush(self) -> None:
        self._attempt(self.stream.flush)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.stream, name)

    def _attempt(self, action: Callable[[], object]) -> None:
        try:
            action()
        except OSError as error:
            self.failure = self.failure or error
            self._discard()

    def _discard(self) -> None:
        """What the stream still holds goes nowhere, lest Python complains about it at the end."""
        nowhere = os.open(os.devnull, os.O_WRONLY)
        try:
            os.dup2(nowhere, self.stream.fileno())
        except io.UnsupportedOperation:
            pass  # A stream that is no file holds nothing back.
        finally:
            os.close(nowhere)


def _escape_what_does_not_fit(stream: TextIO) -> None:
    """`\\u03a9` in place of a character that the stream's encoding lacks, unless it is told
    otherwise: what was done is not undone by a title that cannot be shown.
    """
    if isinstance(stream, io.TextIOWrapper) and stream.errors in ("strict", "surrogateescape"):
        stream.reconfigure(errors="backslashreplace")


def open_closed_streams() -> bool:
    """Whether there is a standard output; other streams that are closed lead to the null device.

    Else the next file that is opened would take their number, and be read or written by mistake.
    """
    if sys.stdin is None:
        sys.stdin = _nowhere("r")
    _escape_what_does_not_fit(sys.stdin)
    is_there = sys.stdout is not None
    if not is_there:
        sys.stdout = _nowhere("w")
    if sys.stderr is None:
        sys.stderr = _nowhere("w")
    return is_there


def _nowhere(mode: str) -> TextIO:
    """Never closed: it stands for the stream until the process ends."""
    flags = os.O_RDONLY if mode == "r" else os.O_WRONLY
    stream = open(os.open(os.devnull, flags), mode, closefd=False)  # noqa: SIM115
    assert isinstance(stream, io.TextIOWrapper)
    return stream


def terminal_columns() -> int:
    """COLUMNS, or what the terminal has; 80 where there is none.

    As `shutil.get_terminal_size`, without loading what unpacks archives.
    """
    with suppress(KeyError, ValueError):
        if (columns := int(os.environ["COLUMNS"])) > 0:
            return columns
    with suppress(AttributeError, ValueError, OSError):
        return os.get_terminal_size(sys.__stdout__.fileno()).columns or 80  # type: ignore[union-attr]
    return 80


def help_width() -> int:
    """What click would take: lines of help of at most 80 columns, with a margin."""
    return max(min(terminal_columns(), 80) - 2, 50)
