"""`mbflow init`: a project file, a first flow and its calls."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import click

from mbflow.cli.next_command import render, visited_folder
from mbflow.cli.options import FilePath, directory, output_format
from mbflow.cli.output import show_as
from mbflow.model.errors import ExitCode
from mbflow.model.text import Command, printable

if TYPE_CHECKING:
    from pathlib import Path

    from mbflow.model.flow import Json

_NEXT = (("validate",), ("test", "--coverage"), ("plan",), ("apply",))


def started_text(written: Mapping[str, bool], root: Path) -> str:
    """`written` says of each file whether it is new; `root` is the folder as it was named."""
    from pathlib import Path

    lines = [f"{'wrote' if new else 'kept '}  {name}" for name, new in written.items()]
    told = {"to_visit": str(root) if root != Path() else None}
    commands = render((Command("mbflow", *words) for words in _NEXT), told)
    return "\n".join([*lines, "", "Next, without account or network:", *map(printable, commands)])


@click.command("init")
@click.argument("folder", metavar="[DIR]", required=False, type=FilePath())
@directory
@output_format("text", "json")
def command(folder: Path | None, directory: Path, output_format: str) -> int:
    """Start a project in DIR, or here: mbflow.yaml, a first flow with its calls, and schemas for
    editors.

    Files that are there already are left as they are.
    """
    from mbflow.project.init import start_project

    root = folder or directory
    written = start_project(root)
    files: list[Json] = [{"file": name, "written": new} for name, new in written.items()]
    text = started_text(written, visited_folder() / root)
    show_as(output_format, {"folder": str(root), "files": files}, text)
    return ExitCode.DONE
