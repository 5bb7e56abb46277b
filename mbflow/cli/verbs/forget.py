"""`mbflow forget`: drop a name from the lock."""

from __future__ import annotations

from pathlib import Path

import click

from mbflow.cli.context import survey_account
from mbflow.cli.flow_names import name_of_flow
from mbflow.cli.options import directory, environment
from mbflow.model.errors import ExitCode
from mbflow.model.text import printable


@click.command("forget")
@click.argument("name", metavar="FLOW")
@directory
@environment
def command(name: str, directory: Path, environment: str | None) -> int:
    """Remove FLOW from the lock; its live flow stays as it is.

    Without its file the live flow is never planned for deletion again. With its file the next
    plan looks for the flow anew, by its markers.
    """
    from mbflow.apply.adopt import forget

    with survey_account(directory, environment) as seen:
        name = name_of_flow(name, directory, seen.checkout.environment.name)
        entry = forget(seen, name)
    click.echo(f"{printable(name)} is forgotten; the live flow {printable(entry.id)} stays.")
    return ExitCode.DONE
