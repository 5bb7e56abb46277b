"""`mbflow init`: a project file, a first flow and its calls."""

from __future__ import annotations

from pathlib import Path

import click

from mbflow.commandline.options import directory
from mbflow.errors import ExitCode


@click.command("init")
@click.argument("folder", metavar="[DIR]", required=False, type=click.Path(path_type=Path))
@directory
def command(folder: Path | None, directory: Path) -> int:
    """Start a project in DIR, or here: mbflow.yaml, a first flow with its calls, and schemas for
    editors.

    Files that are there already are left as they are.
    """
    from mbflow.files.starting import start_project
    from mbflow.views.starting import started_text

    root = directory / folder if folder is not None else directory
    click.echo(started_text(start_project(root), folder))
    return ExitCode.DONE
