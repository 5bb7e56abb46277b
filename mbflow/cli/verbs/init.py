"""`mbflow init`: a project file, a first flow and its calls."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import click

from mbflow.cli.options import directory
from mbflow.model.errors import ExitCode
from mbflow.model.text import printable


def started_text(written: Mapping[str, bool], folder: Path | None) -> str:
    """`written` says of each file whether it is new."""
    lines = [f"{'wrote' if new else 'kept '}  {name}" for name, new in written.items()]
    there = f" -C {printable(str(folder))}" if folder not in (None, Path()) else ""
    return "\n".join(
        [
            *lines,
            "",
            "Next, without account or network:",
            f"    mbflow{there} validate",
            f"    mbflow{there} test --coverage",
            f"    mbflow{there} plan",
            f"    mbflow{there} apply",
        ]
    )


@click.command("init")
@click.argument("folder", metavar="[DIR]", required=False, type=click.Path(path_type=Path))
@directory
def command(folder: Path | None, directory: Path) -> int:
    """Start a project in DIR, or here: mbflow.yaml, a first flow with its calls, and schemas for
    editors.

    Files that are there already are left as they are.
    """
    from mbflow.project.init import start_project

    root = directory / folder if folder is not None else directory
    click.echo(started_text(start_project(root), folder))
    return ExitCode.DONE
