"""What `mbflow calls update` and `mbflow calls add` do to a running call: look, ask, change."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from mbflow.api import calls
from mbflow.commandline.account import Account, missing, open_account, read_account
from mbflow.commandline.asking import ask
from mbflow.commandline.chosen_flow import body_for_a_call, file_and_length, flow_of
from mbflow.commandline.listing import show_parts
from mbflow.errors import Error
from mbflow.files.checkout import read_checkout
from mbflow.plan.secrets import hide_body
from mbflow.printable import printable
from mbflow.views.phone_calls import call_text, leg_text
from mbflow.views.wording import party

if TYPE_CHECKING:
    from mbflow.api.client import Client


def update_call(
    directory: Path,
    environment: str | None,
    call_id: str,
    key: str,
    *,
    yes: bool,
    output_format: str,
) -> None:
    """The call goes on with the flow of `key`."""
    checkout = read_checkout(directory, environment)
    flow = flow_of(checkout, key)
    account = Account(checkout.root, checkout.environment)
    with open_account(account, can_write=True, secrets=tuple(checkout.secrets.values())) as client:
        _announce_running(account, client, call_id)
        click.echo(f"It will go on with {file_and_length(flow)}.", err=True)
        ask(yes, "Give it this flow?")
        call = calls.update_call(client, call_id, body_for_a_call(flow))
    call = hide_body(call, checkout.secrets)
    click.echo(f"The call goes on with {printable(key)}, in {printable(account.place)}", err=True)
    show_parts(account, {"key": key, "call": call}, call_text(call), output_format)


def add_party(
    directory: Path,
    environment: str | None,
    call_id: str,
    number: str,
    *,
    yes: bool,
    output_format: str,
) -> None:
    """`number`, digits without a plus or an address, rings and joins the call."""
    account = read_account(directory, environment, needs_lock=False)
    with open_account(account, can_write=True) as client:
        _announce_running(account, client, call_id)
        click.echo(f"{party(number)} will be called into it.", err=True)
        ask(yes, "Ring it?")
        leg = calls.add_party(client, call_id, number)
    click.echo(f"{party(number)} is called, in {printable(account.place)}", err=True)
    show_parts(account, {"leg": leg}, leg_text(leg) if leg else party(number), output_format)


def _announce_running(account: Account, client: Client, call_id: str) -> None:
    call = calls.get_call(client, call_id)
    if call is None:
        raise missing(account, "call", call_id, "mbflow calls list")
    if calls.is_over(call):
        raise Error(f"The call {call_id} is over: nothing can be changed any more.")
    shown = call_text(hide_body(call, account.secrets))
    click.echo(f"In {printable(account.place)}:\n{shown}", err=True)
