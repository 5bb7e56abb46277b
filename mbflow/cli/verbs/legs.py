"""`mbflow legs`: the parts of a call, one for each party: look at them, hold them, hang up."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

import click

from mbflow.cli.options import directory, environment, output_format
from mbflow.cli.output import limit, show_list, show_one
from mbflow.cli.prompt import ask, check_can_ask, yes
from mbflow.model.text import Command

if TYPE_CHECKING:
    from mbflow.api.client import Client
    from mbflow.cli.context import Account
    from mbflow.model.flow import Body

Deed: TypeAlias = "Callable[[Client, str], Body | None]"
"""Done to the leg with an id; the leg afterwards, where the service answers with it."""


@click.group()
def command() -> None:
    """List, read, hold and hang up the legs of a call, one for each party."""


@command.command("list")
@directory
@environment
@output_format("text", "json")
@limit
@click.argument("call_id", metavar="CALL")
def list_(
    directory: Path, environment: str | None, output_format: str, limit: int | None, call_id: str
) -> None:
    """List the legs of a call. Sends only GET."""
    from mbflow.api.legs import list_legs
    from mbflow.cli.context import open_account, or_missing, read_account
    from mbflow.views.calls import legs_table

    account = read_account(directory, environment, needs_lock=False)
    known = or_missing(account, "call", call_id, Command("mbflow", "calls", "list"))
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
    """Show one leg of a call. Sends only GET."""
    from mbflow.api.legs import get_leg
    from mbflow.cli.context import missing, open_account, read_account
    from mbflow.views.calls import leg_text

    account = read_account(directory, environment, needs_lock=False)
    with open_account(account, can_write=False) as client:
        leg = get_leg(client, call_id, leg_id)
    if leg is None:
        raise missing(account, "leg", leg_id, Command("mbflow", "legs", "list", call_id))
    show_one(account, "leg", leg, leg_text(leg), output_format)


@command.command("hangup")
@directory
@environment
@output_format("text", "json")
@yes
@click.argument("leg_id", metavar="LEG")
def hangup(
    directory: Path, environment: str | None, output_format: str, yes: bool, leg_id: str
) -> None:
    """Hang up one party of a call; with its first leg the whole call ends.

    Asks first, on a terminal; elsewhere --yes is needed.
    """
    from mbflow.api.legs import hang_up_leg
    from mbflow.cli.context import read_account

    check_can_ask(yes, "hang up")
    account = read_account(directory, environment, needs_lock=False)
    leg = _changed(account, leg_id, hang_up_leg, yes=yes, question="Hang up?")
    _show(account, leg, "hung up", output_format)


@command.command("hold")
@directory
@environment
@output_format("text", "json")
@yes
@click.argument("leg_id", metavar="LEG")
def hold(
    directory: Path, environment: str | None, output_format: str, yes: bool, leg_id: str
) -> None:
    """Put one party of a call on hold.

    Asks first, on a terminal; elsewhere --yes is needed.
    """
    from mbflow.api.legs import hold_leg
    from mbflow.cli.context import read_account

    check_can_ask(yes, "put the leg on hold")
    account = read_account(directory, environment, needs_lock=False)
    leg = _changed(account, leg_id, hold_leg, yes=yes, question="Put it on hold?")
    _show(account, leg, "on hold", output_format)


@command.command("unhold")
@directory
@environment
@output_format("text", "json")
@yes
@click.argument("leg_id", metavar="LEG")
def unhold(
    directory: Path, environment: str | None, output_format: str, yes: bool, leg_id: str
) -> None:
    """Take one party of a call off hold.

    Asks first, on a terminal; elsewhere --yes is needed.
    """
    from mbflow.api.legs import unhold_leg
    from mbflow.cli.context import read_account

    check_can_ask(yes, "take the leg off hold")
    account = read_account(directory, environment, needs_lock=False)
    leg = _changed(account, leg_id, unhold_leg, yes=yes, question="Take it off hold?")
    _show(account, leg, "off hold", output_format)


def _changed(account: Account, leg_id: str, deed: Deed, *, yes: bool, question: str) -> Body:
    """The leg afterwards, as far as it is known.

    A leg cannot be read by its id alone, so the question names no more than that.
    """
    from mbflow.cli.context import open_account, or_missing
    from mbflow.model.text import printable

    known = or_missing(account, "leg", leg_id, Command("mbflow", "legs", "list", "CALL"))
    with open_account(account, can_write=True) as client, known:
        click.echo(f"In {printable(account.place)}: leg {printable(leg_id)}", err=True)
        ask(yes, question)
        return deed(client, leg_id) or {"id": leg_id}


def _show(account: Account, leg: Body, said: str, output_format: str) -> None:
    from mbflow.model.text import printable
    from mbflow.views.calls import leg_text

    click.echo(f"The leg is {said}, in {printable(account.place)}", err=True)
    show_one(account, "leg", leg, leg_text(leg), output_format)
