"""`mbflow forget`: drop names from the lock."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from mbflow.cli.context import survey_account
from mbflow.cli.flow_names import flow_names
from mbflow.cli.options import directory, environment, output_format
from mbflow.cli.output import show_as
from mbflow.model.errors import ExitCode
from mbflow.model.text import printable
from mbflow.views.objects import document

if TYPE_CHECKING:
    from pathlib import Path

    from mbflow.model.flow import Json


@click.command("forget")
@click.argument("names", metavar="FLOW...", nargs=-1, required=True)
@directory
@environment
@output_format("text", "json")
def command(
    names: tuple[str, ...], directory: Path, environment: str | None, output_format: str
) -> int:
    """Remove each FLOW from the lock, all of them or none; the live flows stay as they are.

    Without its file the live flow is never planned for deletion again. With its file the next
    plan looks for the flow anew, by its markers.
    """
    from mbflow.apply.adopt import forget

    with survey_account(directory, environment) as (seen, _):
        names = flow_names(names, directory, seen.checkout.environment.name)
        entries = forget(seen, *names)
    lines = [
        f"{printable(name)} is forgotten; the live flow {printable(entry.id)} stays."
        for name, entry in entries.items()
    ]
    flows: list[Json] = [{"flow": name, "id": entry.id} for name, entry in entries.items()]
    forgotten = document(seen.checkout.environment, {"forgotten": flows})
    show_as(output_format, forgotten, "\n".join(lines))
    return ExitCode.DONE
