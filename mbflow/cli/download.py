"""Downloads: the options for the file, its name, the line of progress, and what is missing."""

from __future__ import annotations

import re
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

from mbflow.api.errors import Rejected
from mbflow.cli.options import FilePath, Verb
from mbflow.cli.output import show_parts
from mbflow.model.errors import Error
from mbflow.model.flow import Body
from mbflow.model.text import Command
from mbflow.views.objects import status_of, value_text

if TYPE_CHECKING:
    from mbflow.api.download import Progress
    from mbflow.cli.context import Account

_UNSAFE = re.compile(r"[^A-Za-z0-9._-]")
_PAUSE = 0.1
_WIDTH = 30


def file_options(command: Verb) -> Verb:
    """`-o FILE` and `--force`, given as `output: Path | None` and `force: bool`."""
    command = click.option("--force", is_flag=True, help="Replace a file that is there.")(command)
    return click.option(
        "-o",
        "--output",
        metavar="FILE",
        type=FilePath(),
        help="The file to write, or the folder. Without this option it is named after the id.",
    )(command)


def target_of(directory: Path, output: Path | None, name: str, suffix: str) -> Path:
    """The file that `-o` names, or one named after the id in its folder, or in `directory`."""
    file_name = f"{_UNSAFE.sub('_', name)[:100].lstrip('.') or 'file'}{suffix}"
    if output is None:
        return directory / file_name
    return output / file_name if output.is_dir() else output


def save(
    account: Account,
    target: Path,
    fetch: Callable[[Progress], int],
    refusal: Callable[[], Error],
) -> None:
    """Fetch a file as `target` and show its name; `refusal` says why there is none (404)."""
    try:
        with _progress_line() as progress:
            size = fetch(progress)
    except Rejected as rejection:
        if rejection.status == 404:
            raise refusal() from rejection
        raise
    click.echo(f"{size:,} bytes", err=True)
    show_parts(account, {"file": str(target), "bytes": size}, str(target))


def no_file(noun: str, name: str, body: Body, content: str) -> Error:
    """For a recording or transcription that is there, but has no file."""
    status = value_text(status_of(body))
    return Error(
        f"The {noun} {name} has no {content} to download: its status is {status}.",
        "Try again when it is done:",
        Command("mbflow", f"{noun}s", "get", name),
    )


@contextmanager
def _progress_line() -> Iterator[Progress]:
    """What is called with the bytes that have come and those that will; gone when it is left."""
    is_shown, due = sys.stderr.isatty(), 0.0

    def show(received: int, total: int | None) -> None:
        nonlocal due
        now = time.monotonic()
        if is_shown and (now >= due or received == total):
            due = now + _PAUSE
            click.echo(f"\r{progress_text(received, total):<{_WIDTH}}", nl=False, err=True)

    try:
        yield show
    finally:
        if due:
            click.echo(f"\r{' ' * _WIDTH}\r", nl=False, err=True)


def progress_text(received: int, total: int | None) -> str:
    """` 42 %  1.2 of 2.9 MB`."""
    if not total:
        return f"{received / 1_000_000:.1f} MB"
    share = min(100, received * 100 // total)
    return f"{share:>3} %  {received / 1_000_000:.1f} of {total / 1_000_000:.1f} MB"
