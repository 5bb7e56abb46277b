"""`mbflow forget`: drop a key from the lock."""

from __future__ import annotations

from pathlib import Path

import click

from mbflow.commands.options import directory, environment
from mbflow.errors import ExitCode
from mbflow.printable import printable


@click.command("forget")
@click.argument("key")
@directory
@environment
def command(key: str, directory: Path, environment: str | None) -> int:
    """Drop KEY from the lock and leave its live flow alone.

    Without its file the live flow is never planned for deletion again. With its file the next
    plan looks for the flow anew, by its markers.
    """
    from mbflow.api.connect import open_client
    from mbflow.apply.turn import own_turn, turn_folder
    from mbflow.files.checkout import read_checkout
    from mbflow.planning.survey import Wishes, survey
    from mbflow.tying import forget

    checkout = read_checkout(directory, environment)
    with (
        own_turn(turn_folder(checkout.root, checkout.environment)),
        open_client(checkout.root, checkout.environment, can_write=False) as client,
    ):
        entry = forget(survey(checkout, client, Wishes()), key)
    click.echo(f"{printable(key)} is forgotten; the live flow {printable(entry.id)} stays.")
    return ExitCode.DONE
