"""`mbflow fmt`: files in one style."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from mbflow.cli.flow_names import flow_paths
from mbflow.cli.next_command import say_lines
from mbflow.cli.notes import note, shown_progress
from mbflow.cli.options import FilePath, directory, is_quiet, output_format
from mbflow.cli.output import show_as
from mbflow.model.errors import ExitCode
from mbflow.model.text import Command, plural, printable

if TYPE_CHECKING:
    from pathlib import Path

    from mbflow.model.flow import Json
    from mbflow.project.format_files import FormatResult


@click.command("fmt")
@click.argument("paths", metavar="[PATH|FLOW]...", nargs=-1, type=FilePath())
@directory
@click.option("--check", is_flag=True, help="Only name the files that would be rewritten.")
@output_format("text", "json")
def command(paths: tuple[Path, ...], directory: Path, check: bool, output_format: str) -> int:
    """Write flow files, call files, calendars and mbflow.yaml in one style.

    Comments stay, and so does what a file means. PATHs are files or folders; without one the whole
    project is looked at. The names of the files that differ are printed.

    Exit codes: 0 done, 1 a file would be rewritten (--check) or cannot be read, 64 wrong usage.
    """
    from pathlib import Path

    from mbflow.project.format_files import format_files

    chosen = [Path(path) for path in flow_paths(map(str, paths), directory)]
    result = format_files(directory, chosen, write=not check, progress=shown_progress())
    if output_format == "json":
        from mbflow.views.problems import problems_json

        document: dict[str, Json] = {
            "files": result.files,
            "changed": list(result.changed),
            "written": not check,
        }
        show_as(output_format, document | problems_json(result.problems), "")
    else:
        _tell(result, check=check)
        if check and result.changed and not is_quiet():
            say_lines(["To rewrite them:", Command("mbflow", "fmt", *map(str, chosen))])
    return ExitCode.FAILED if result.problems or (check and result.changed) else ExitCode.DONE


def _tell(result: FormatResult, *, check: bool) -> None:
    for name in result.changed:
        click.echo(printable(name))
    if result.problems:
        from mbflow.views.problems import problems_text

        click.echo(problems_text(result.problems), err=True)
    count, verb = len(result.changed), "would be" if check else "were"
    verb = "was" if verb == "were" and 1 in (count, result.files) else verb
    bad = len({one.file for one in result.problems})
    left = f"; {plural(bad, 'file')} left as {'it is' if bad == 1 else 'they are'}"
    text = f"{count} of {plural(result.files, 'file')} {verb} rewritten"
    note(f"{text}{left if result.problems else ''}.")
