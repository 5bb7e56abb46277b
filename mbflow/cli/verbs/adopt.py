"""`mbflow adopt`: connect a flow file to a live flow that already exists."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from mbflow.cli.context import survey_account
from mbflow.cli.flow_names import name_of_flow
from mbflow.cli.options import directory, environment, output_format
from mbflow.cli.output import show_as
from mbflow.model.errors import ExitCode
from mbflow.model.text import printable, shortened
from mbflow.views.objects import document

if TYPE_CHECKING:
    from pathlib import Path


@click.command("adopt")
@click.argument("name", metavar="FLOW")
@click.argument("flow_id", metavar="ID")
@directory
@environment
@output_format("text", "json")
def command(
    name: str, flow_id: str, directory: Path, environment: str | None, output_format: str
) -> int:
    """Say in the lock that the live flow ID belongs to the file of FLOW.

    Nothing is written to the service; the next plan shows how the two differ.
    """
    from mbflow.apply.adopt import adopt

    with survey_account(directory, environment) as (seen, _):
        name = name_of_flow(name, directory, seen.checkout.environment.name)
        live = adopt(seen, name, flow_id)
    text = f'{printable(name)} is now {printable(live.id)} "{shortened(live.title, 60)}".'
    parts = {"flow": name, "id": live.id, "title": live.title}
    show_as(output_format, document(seen.checkout.environment, parts), text)
    return ExitCode.DONE
