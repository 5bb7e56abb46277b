"""`mbflow legs`: the parts of a call, one for each party: look at them, hold them, hang up."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import click

from mbflow.api.legs import get_leg, hang_up_leg, hold_leg, list_legs, unhold_leg
from mbflow.cli.context import need, open_account, or_missing, read_account
from mbflow.cli.options import AccountOptions, account_options
from mbflow.cli.output import limit, say, show_list, show_one
from mbflow.cli.prompt import ask, check_can_ask, yes
from mbflow.model.flow import Body
from mbflow.model.text import Command, printable
from mbflow.views.calls import leg_text, legs_table

if TYPE_CHECKING:
    from mbflow.api.client import Client


@click.group()
def command() -> None:
    """List, read, hold and hang up the legs of a call, one for each party."""


@command.command("list")
@account_options()
@limit
@click.argument("call_id", metavar="CALL")
def list_(options: AccountOptions, limit: int | None, call_id: str) -> None:
    """List the legs of a call. Changes nothing."""
    account = read_account(options)
    known = or_missing(account, "call", call_id, Command("mbflow", "calls", "list"))
    with open_account(account) as client, known:
        listing = list_legs(client, call_id, limit)
    show_list(account, listing, "leg", legs_table, f" of the call {call_id}")


@command.command("get")
@account_options()
@click.argument("call_id", metavar="CALL")
@click.argument("leg_id", metavar="LEG")
def get(options: AccountOptions, call_id: str, leg_id: str) -> None:
    """Show one leg of a call. Changes nothing."""
    account = read_account(options)
    with open_account(account) as client:
        found = get_leg(client, call_id, leg_id)
    leg = need(account, found, "leg", leg_id, Command("mbflow", "legs", "list", call_id))
    show_one(account, "leg", leg, leg_text(leg))


@command.command("hangup")
@account_options()
@yes
@click.argument("leg_id", metavar="LEG")
def hangup(options: AccountOptions, yes: bool, leg_id: str) -> None:
    """Hang up one party of a call; with its first leg the whole call ends.

    Asks first, on a terminal; elsewhere --yes is needed.
    """
    check_can_ask(yes, "hang up")
    _change(options, leg_id, hang_up_leg, yes=yes, question="Hang up?", state="hung up")


@command.command("hold")
@account_options()
@yes
@click.argument("leg_id", metavar="LEG")
def hold(options: AccountOptions, yes: bool, leg_id: str) -> None:
    """Put one party of a call on hold.

    Asks first, on a terminal; elsewhere --yes is needed.
    """
    check_can_ask(yes, "put the leg on hold")
    _change(options, leg_id, hold_leg, yes=yes, question="Put it on hold?", state="on hold")


@command.command("unhold")
@account_options()
@yes
@click.argument("leg_id", metavar="LEG")
def unhold(options: AccountOptions, yes: bool, leg_id: str) -> None:
    """Take one party of a call off hold.

    Asks first, on a terminal; elsewhere --yes is needed.
    """
    check_can_ask(yes, "take the leg off hold")
    _change(options, leg_id, unhold_leg, yes=yes, question="Take it off hold?", state="off hold")


def _change(
    options: AccountOptions,
    leg_id: str,
    send: Callable[[Client, str], Body | None],
    *,
    yes: bool,
    question: str,
    state: str,
) -> None:
    """Send it for the leg, and show the leg as far as it is known then.

    A leg cannot be read by its id alone, so the question names no more than that.
    """
    account = read_account(options)
    known = or_missing(account, "leg", leg_id, Command("mbflow", "legs", "list", "CALL"))
    with open_account(account, can_write=True) as client, known:
        click.echo(f"In {printable(account.place)}: leg {printable(leg_id)}", err=True)
        ask(yes, question)
        leg = send(client, leg_id) or {"id": leg_id}
    say(account, f"The leg is {state}")
    show_one(account, "leg", leg, leg_text(leg))
