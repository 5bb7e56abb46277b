"""How far a download is: one line on standard error, where that is a terminal."""

from __future__ import annotations

import sys
import time
from types import TracebackType
from typing import Self

import click

_PAUSE = 0.1
_WIDTH = 30


class ProgressLine:
    """Called with the bytes that have come and those that will; gone when it is left."""

    def __init__(self) -> None:
        self._is_shown = sys.stderr.isatty()
        self._next = 0.0

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        if self._is_shown and self._next:
            click.echo(f"\r{' ' * _WIDTH}\r", nl=False, err=True)

    def __call__(self, received: int, total: int | None) -> None:
        now = time.monotonic()
        if self._is_shown and (now >= self._next or received == total):
            self._next = now + _PAUSE
            click.echo(f"\r{progress_text(received, total):<{_WIDTH}}", nl=False, err=True)


def progress_text(received: int, total: int | None) -> str:
    """` 42 %  1.2 of 2.9 MB`."""
    if not total:
        return f"{_megabytes(received)} MB"
    share = min(100, received * 100 // total)
    return f"{share:>3} %  {_megabytes(received)} of {_megabytes(total)} MB"


def _megabytes(count: int) -> str:
    return f"{count / 1_000_000:.1f}"
