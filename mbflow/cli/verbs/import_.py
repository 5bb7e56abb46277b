"""`mbflow import`: live flows become flow files. Writes nothing to the service."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import click

from mbflow.cli.context import survey_account
from mbflow.cli.flow_names import flow_names, name_of_flow
from mbflow.cli.next_command import completed, render, say_lines
from mbflow.cli.notes import note
from mbflow.cli.options import directory, environment
from mbflow.cli.output import stdout_style
from mbflow.model.errors import Error, ExitCode, UsageError
from mbflow.model.text import Command, Line, plural, printable

if TYPE_CHECKING:
    from pathlib import Path

    from mbflow.apply.import_flows import Import
    from mbflow.apply.import_numbers import NumbersImport


@click.command("import")
@click.argument("names", metavar="[ID|FLOW]...", nargs=-1)
@directory
@environment
@click.option(
    "--all", "everything", is_flag=True, help="Import every flow that has no file yet, and numbers."
)
@click.option("--numbers", is_flag=True, help="Write into mbflow.yaml which number leads where.")
@click.option("--as", "name", metavar="NAME", help="The name of the new file, for one ID.")
@click.option("--force", is_flag=True, help="Overwrite a file that holds unapplied changes.")
@click.option(
    "--show", is_flag=True, help="Only show what the file of FLOW and the live flow changed."
)
def command(
    names: tuple[str, ...],
    directory: Path,
    environment: str | None,
    everything: bool,
    numbers: bool,
    name: str | None,
    force: bool,
    show: bool,
) -> int:
    """Write live flows into flow files, and note in the lock which belongs to which.

    An ID gets a new file, named after its title. A FLOW has its file replaced by what is live:
    the way to keep an edit that was made outside git. Nothing is written to the service. A flow
    that cannot be imported does not keep the others from it.

    --numbers writes a line into mbflow.yaml for each number that leads to a flow with a file, and
    takes lines to where their numbers lead; alone, it imports no flow.

    Exit codes: 0 done, 1 some flows were left out, a line does not say where its number leads, or
    something failed, 3 refused, 64 wrong usage.
    """
    from mbflow.apply.import_flows import imports, write_imports
    from mbflow.apply.import_numbers import NumbersImport, import_numbers

    if (names and everything) or not (names or everything or numbers):
        raise UsageError(
            "Name the flows to import, or say --all or --numbers.",
            Command("mbflow", "flows", "list"),
        )
    if show:
        alone = not (name or force or everything or numbers)
        return _show(names, directory, environment, alone=alone)
    if name is not None and len(names) != 1:
        raise UsageError("--as names the file of one ID.")
    left: list[list[Line]] = []

    def leave_out(what: str, error: Error) -> None:
        left.append([f"left out {what}: {error.summary}", *error.details])

    with survey_account(directory, environment) as (seen, client):
        names = flow_names(names, directory, seen.checkout.environment.name)
        name = (
            name if name is None else name_of_flow(name, directory, seen.checkout.environment.name)
        )
        planned = imports(
            seen,
            names,
            everything=everything,
            name=name,
            force=force,
            leave_out=leave_out,
            progress=client.progress,
        )
        written = write_imports(seen, planned, leave_out=leave_out, progress=client.progress)
        _tell_flows(written, left, seen.checkout.root)
        with_table = numbers or everything
        table = import_numbers(seen, client, written) if with_table else NumbersImport()
    _tell_numbers(table, seen.checkout.environment.name)
    if left or table.contrary:
        return ExitCode.FAILED
    if not written and not table.written:
        note("There is nothing to import: the files say what is live.")
    return ExitCode.DONE


def _show(names: Sequence[str], directory: Path, environment: str | None, *, alone: bool) -> int:
    """Both sides of each flow; nothing is written."""
    from mbflow.apply.file_history import compare
    from mbflow.views.three_way import three_way_lines

    if not names or not alone:
        raise UsageError("--show goes with the names of flows, and with nothing else.")
    with survey_account(directory, environment) as (seen, _):
        names = flow_names(names, directory, seen.checkout.environment.name)
        found = [compare(seen, name) for name in names]
    for one in found:
        click.echo("\n".join(render(three_way_lines(one, stdout_style()))))
    return ExitCode.DONE


def _tell_flows(written: Sequence[Import], left: Sequence[Sequence[Line]], root: Path) -> None:
    for one in written:
        _tell(one, root)
    for lines in left:
        say_lines(lines)
    if left:
        note(f"{len(written)} imported, {len(left)} left out.")


def _tell(one: Import, root: Path) -> None:
    verb = "replaced" if one.replaces else "wrote"
    title = f' "{one.live.title}"' if one.live.title else ""
    click.echo(printable(f"{verb} {one.file}: {one.live.id}{title}"))
    for path in one.left_out:
        click.echo(f"  left out: {printable(path)}, which mbflow does not know", err=True)
    if one.comments:
        from mbflow.project.git import git_command

        click.echo(f"  {plural(one.comments, 'line')} of comments are lost. To see them:", err=True)
        click.echo(f"      {completed(git_command(root, 'diff', '--', one.file))}", err=True)


def _tell_numbers(table: NumbersImport, environment: str) -> None:
    if table.written:
        count = plural(len(table.written), "number")
        click.echo(printable(f"wrote mbflow.yaml: {count} of {environment}"))
    say_lines([*table.left_out, *table.contrary])
