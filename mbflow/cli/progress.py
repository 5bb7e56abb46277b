"""The line of progress: on a terminal, once a run has taken a second, cleared when it is done."""

from __future__ import annotations

import os
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, TextIO

import click

from mbflow.cli.options import is_quiet, told
from mbflow.cli.streams import WatchedOutput, terminal_columns
from mbflow.model.progress import NOBODY, SILENT, Part, Progress

if TYPE_CHECKING:
    from click._termui_impl import ProgressBar

_PAUSE = 0.1
"""Seconds between two drawings."""
_BAR = 24
_MOST_COUNTED = 100_000
"""Of more only the share is shown: bytes are nothing to count."""
_CLEAR = "\r\x1b[K"


def shown_progress() -> Progress:
    """What a verb hands down: the line where there is somebody to read it, else silence."""
    known = told()
    if "progress" not in known:
        known["progress"] = _line(known) if _is_wanted() else SILENT
    progress = known["progress"]
    assert isinstance(progress, Progress)
    return progress


def _is_wanted() -> bool:
    is_plain = os.environ.get("TERM") == "dumb" or bool(os.environ.get("CI"))
    return isinstance(sys.stderr, WatchedOutput) and sys.stderr.isatty() and not is_plain


def _line(known: dict[str, Any]) -> Progress:
    if is_quiet():
        return SILENT
    assert isinstance(sys.stderr, WatchedOutput)
    line = ProgressLine(sys.stderr.stream, known.get("progress_delay", 1.0))
    for output in (sys.stdout, sys.stderr):
        if isinstance(output, WatchedOutput):
            output.room = line.room
    return line


class _CountedPart(Part):
    def __init__(self, label: str, total: int | None) -> None:
        # click makes the text of the line; it would draw it, too, but leave it standing.
        self._bar: ProgressBar[int] = click.progressbar(
            length=total,
            label=label,
            width=_BAR,
            show_pos=total is None or total < _MOST_COUNTED,
            file=sys.stderr,
        )
        self._lock = threading.Lock()

    def advance(self, count: int = 1) -> None:
        with self._lock:
            self._bar.make_step(count)

    def text(self) -> str:
        with self._lock:
            return self._bar.format_progress_line().rstrip()


class ProgressLine(Progress):
    """Draws on `stream` what goes on, from `delay` seconds after it was made.

    A thread draws it, so that it moves while a request is waited for. The thread lives while a
    part goes on: no process may be forked within one.
    """

    def __init__(self, stream: TextIO, delay: float) -> None:
        self._stream = stream
        self._due = time.monotonic() + delay
        self._lock = threading.Lock()
        self._has_part = False
        self._is_drawn = False

    @contextmanager
    def begin(self, label: str, total: int | None = None) -> Iterator[Part]:
        with self._lock:
            is_told = not self._has_part and total != 0
            self._has_part = self._has_part or is_told
        if not is_told:
            yield NOBODY
            return
        part, over = _CountedPart(label, total), threading.Event()
        drawer = threading.Thread(target=self._draw, args=(part, over), daemon=True)
        try:
            drawer.start()
            yield part
        finally:
            over.set()
            drawer.join()
            with self.room():
                self._has_part = False

    @contextmanager
    def room(self) -> Iterator[None]:
        """Whoever writes to the terminal has it for itself, from the beginning of a line."""
        with self._lock:
            if self._is_drawn:
                self._write(_CLEAR)
                self._is_drawn = False
            yield

    def _draw(self, part: _CountedPart, over: threading.Event) -> None:
        pause = self._due - time.monotonic()
        while not over.wait(max(0.0, pause)):
            with self._lock:
                # What is longer than a line would not be cleared as a whole.
                self._write(f"{_CLEAR}{part.text()[: terminal_columns() - 1]}")
                self._is_drawn = True
            pause = _PAUSE

    def _write(self, text: str) -> None:
        try:
            self._stream.write(text)
            self._stream.flush()
        except OSError:
            self._due = float("inf")  # Nobody sees it any more.
