"""`mbflow legs`: the parts of a call, one for each party. Sends only GET."""

from __future__ import annotations

from pathlib import Path

import click

from mbflow.commands.listing import limit, show_list, show_one
from mbflow.commands.options import directory, environment, output_format


@click.group()
def command() -> None:
    """List and read the legs of a call. Sends only GET."""


@command.command("list")
@directory
@environment
@output_format("text", "json")
@limit
@click.argument("call_id", metavar="CALL")
def list_(
    directory: Path, environment: str | None, output_format: str, limit: int | None, call_id: str
) -> None:
    """List the legs of a call."""
    from mbflow.api.legs import list_legs
    from mbflow.commands.account import open_account, or_missing, read_account
    from mbflow.views.phone_calls import legs_table

    account = read_account(directory, environment, needs_lock=False)
    known = or_missing(account, "call", call_id, "mbflow calls list")
    with open_account(account, can_write=False) as client, known:
        listing = list_legs(client, call_id, limit)
    owner = f" of the call {call_id}"
    show_list(account, listing, "leg", table=legs_table, output_format=output_format, owner=owner)


@command.command("get")
@directory
@environment
@output_format("text", "json")
@click.argument("call_id", metavar="CALL")
@click.argument("leg_id", metavar="LEG")
def get(
    directory: Path, environment: str | None, output_format: str, call_id: str, leg_id: str
) -> None:
    """Show one leg of a call."""
    from mbflow.api.legs import get_leg
    from mbflow.commands.account import missing, open_account, read_account
    from mbflow.views.phone_calls import leg_text

    account = read_account(directory, environment, needs_lock=False)
    with open_account(account, can_write=False) as client:
        leg = get_leg(client, call_id, leg_id)
    if leg is None:
        raise missing(account, "leg", leg_id, f"mbflow legs list {call_id}")
    show_one(account, "leg", leg, leg_text(leg), output_format)
