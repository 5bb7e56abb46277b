"""`mbflow adopt`: tie a flow file to a live flow that is there already."""

from __future__ import annotations

from pathlib import Path

import click

from mbflow.commands.options import directory, environment
from mbflow.errors import ExitCode
from mbflow.printable import printable, shortened


@click.command("adopt")
@click.argument("key")
@click.argument("flow_id", metavar="ID")
@directory
@environment
def command(key: str, flow_id: str, directory: Path, environment: str | None) -> int:
    """Say in the lock that the live flow ID belongs to the file of KEY.

    Nothing is written to the service; the next plan shows how the two differ.
    """
    from mbflow.api.connect import open_client
    from mbflow.apply.turn import own_turn, turn_folder
    from mbflow.files.checkout import read_checkout
    from mbflow.planning.survey import Wishes, survey
    from mbflow.tying import adopt

    checkout = read_checkout(directory, environment)
    with (
        own_turn(turn_folder(checkout.root, checkout.environment)),
        open_client(checkout.root, checkout.environment, can_write=False) as client,
    ):
        live = adopt(survey(checkout, client, Wishes()), key, flow_id)
    click.echo(f'{printable(key)} is now {printable(live.id)} "{shortened(live.title, 60)}".')
    return ExitCode.DONE
