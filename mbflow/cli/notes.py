"""What is said beside the result, on standard error: notes, requests, and how far a run is."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING

import click

from mbflow.cli.options import is_quiet, is_verbose, told
from mbflow.cli.streams import WatchedOutput
from mbflow.model.text import printable

if TYPE_CHECKING:
    from mbflow.model.progress import Progress


def note(text: str) -> None:
    """On standard error, unless `-q` is given: what nobody needs who has the result."""
    if not is_quiet():
        click.echo(text, err=True)


def shown_progress() -> Progress:
    """What a verb hands down: a line where there is somebody to read it, else silence."""
    known = told()
    if "progress" not in known:
        known["progress"] = _progress(known.get("progress_delay", 1.0))
    progress: Progress = known["progress"]
    return progress


def _progress(delay: float) -> Progress:
    from mbflow.model.progress import SILENT

    is_plain = os.environ.get("TERM") == "dumb" or os.environ.get("CI", "") not in ("", "false")
    errors = sys.stderr
    if is_plain or is_quiet() or not isinstance(errors, WatchedOutput) or not errors.isatty():
        return SILENT
    from mbflow.cli.progress import ProgressLine

    line = ProgressLine(errors.stream, delay)
    for output in (sys.stdout, errors):
        if isinstance(output, WatchedOutput):
            output.room = line.room
    return line


def request_teller() -> Callable[[str], object] | None:
    """What gets a line for each request, with `-v`."""
    return (lambda line: click.echo(printable(line), err=True)) if is_verbose() else None
