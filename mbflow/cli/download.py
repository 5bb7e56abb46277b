"""Downloads: the options for the file, its name, and what is missing."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import click

from mbflow.api.errors import Rejected
from mbflow.cli.notes import note
from mbflow.cli.options import FilePath, Verb
from mbflow.cli.output import show_parts
from mbflow.model.errors import Error
from mbflow.model.flow import Body
from mbflow.model.text import Command
from mbflow.views.objects import status_of, value_text

if TYPE_CHECKING:
    from mbflow.cli.context import Account

_UNSAFE = re.compile(r"[^A-Za-z0-9._-]")


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
    fetch: Callable[[], int],
    refusal: Callable[[], Error],
) -> None:
    """Fetch a file as `target` and show its name; `refusal` says why there is none (404)."""
    try:
        size = fetch()
    except Rejected as rejection:
        if rejection.status == 404:
            raise refusal() from rejection
        raise
    note(f"{size:,} bytes")
    show_parts(account, {"file": str(target), "bytes": size}, str(target))


def no_file(noun: str, name: str, body: Body, content: str) -> Error:
    """For a recording or transcription that is there, but has no file."""
    status = value_text(status_of(body))
    return Error(
        f"The {noun} {name} has no {content} to download: its status is {status}.",
        "Try again when it is done:",
        Command("mbflow", f"{noun}s", "get", name),
    )
