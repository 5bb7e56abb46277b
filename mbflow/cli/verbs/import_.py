"""`mbflow import`: live flows become flow files. Sends only GET."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from mbflow.cli.context import survey_account
from mbflow.cli.options import directory, environment
from mbflow.model.errors import ExitCode, UsageError
from mbflow.model.text import Command, plural, printable

if TYPE_CHECKING:
    from mbflow.apply.import_flows import Import


@click.command("import")
@click.argument("names", metavar="[ID|FLOW]...", nargs=-1)
@directory
@environment
@click.option("--all", "everything", is_flag=True, help="Import every flow that has no file yet.")
@click.option("--as", "name", metavar="NAME", help="The name of the new file, for one ID.")
@click.option("--force", is_flag=True, help="Overwrite a file that holds unapplied changes.")
def command(
    names: tuple[str, ...],
    directory: Path,
    environment: str | None,
    everything: bool,
    name: str | None,
    force: bool,
) -> int:
    """Write live flows into flow files, and tie them together in the lock.

    An ID gets a new file, named after its title. A FLOW has its file replaced by what is live:
    the way to keep an edit that was made outside git. Nothing is written to the service.
    """
    from mbflow.apply.import_flows import imports, write_imports

    if bool(names) == everything:
        raise UsageError(
            "Name the ids or names to import, or say --all.", Command("mbflow", "flows", "list")
        )
    if name == "" or (name is not None and len(names) != 1):
        raise UsageError("--as names the file of one ID.")
    with survey_account(directory, environment) as seen:
        planned = imports(seen, names, everything=everything, name=name, force=force)
        write_imports(seen, planned)
    for one in planned:
        _tell(one)
    if not planned:
        click.echo("There is nothing to import: the files say what is live.", err=True)
    return ExitCode.DONE


def _tell(one: Import) -> None:
    verb = "replaced" if one.replaces else "wrote"
    title = f' "{one.live.title}"' if one.live.title else ""
    click.echo(printable(f"{verb} {one.file}: {one.live.id}{title}"))
    for path in one.left_out:
        click.echo(f"  left out: {printable(path)}, which mbflow does not know", err=True)
    if one.comments:
        click.echo(f"  {plural(one.comments, 'line')} of comments are lost. To see them:", err=True)
        click.echo(f"      {Command('git', 'diff', '--', one.file)}", err=True)
