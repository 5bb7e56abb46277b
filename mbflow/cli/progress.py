"""The line of progress: on a terminal, once a run has taken a second, cleared when it is done."""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, TextIO

import click

from mbflow.cli.streams import terminal_columns
from mbflow.model.progress import NOBODY, Part, Progress

if TYPE_CHECKING:
    from click._termui_impl import ProgressBar

_PAUSE = 0.1
"""Seconds between two drawings."""
_BAR = 24
_MOST_COUNTED = 100_000
"""Of more only the share is shown: bytes are nothing to count."""
_CLEAR = "\r\x1b[K"


class _CountedPart(Part):
    """A part with the text that says how far it is."""

    def __init__(self, label: str, total: int | None) -> None:
        self._label = label
        self._count = 0
        self._lock = threading.Lock()
        # click makes the text; to draw it, too, it would hide the cursor and leave the line there.
        self._bar = None if total is None else _bar(label, total)

    def advance(self, count: int = 1) -> None:
        with self._lock:
            self._count += count
            if self._bar is not None:
                self._bar.make_step(count)

    def text(self) -> str:
        """Without a total there is no bar: `Running calls  312`."""
        with self._lock:
            if self._bar is not None:
                return self._bar.format_progress_line()
            return f"{self._label}  {self._count:,}" if self._count else f"{self._label} ..."


def _bar(label: str, total: int) -> ProgressBar[int]:
    count = total < _MOST_COUNTED
    return click.progressbar(length=total, label=label, width=_BAR, show_pos=count, file=sys.stderr)


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
        self._drawn = ""
        """What stands there now."""

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
            with suppress(RuntimeError):  # The system gives no more threads: nothing is drawn.
                drawer.start()
            yield part
        finally:
            over.set()
            if drawer.ident is not None:
                drawer.join()
            with self.room():
                self._has_part = False

    @contextmanager
    def room(self) -> Iterator[None]:
        """Whoever writes to the terminal has it for itself, from the beginning of a line.

        What stood there comes back right below: until the next drawing it would be missed.
        """
        with self._lock:
            text, self._drawn = self._drawn, ""
            if text:
                self._write(_CLEAR)
            yield
            if text and self._has_part:
                self._show(text)

    def _draw(self, part: _CountedPart, over: threading.Event) -> None:
        # What is over at once is not worth a glance.
        pause = max(_PAUSE, self._due - time.monotonic())
        while not over.wait(pause):
            # What is longer than a line would not be cleared as a whole.
            text = part.text()[: terminal_columns() - 1].rstrip()
            with self._lock:
                if text != self._drawn:
                    self._show(text)
            pause = _PAUSE

    def _show(self, text: str) -> None:
        self._write(f"{_CLEAR}{text}")
        self._drawn = text

    def _write(self, text: str) -> None:
        try:
            self._stream.write(text)
            self._stream.flush()
        except OSError:
            self._due = float("inf")  # Nobody sees it any more.
