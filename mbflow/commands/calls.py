"""`mbflow calls`: start a call through a flow of the repo, look at calls, change them, hang up."""

from __future__ import annotations

from pathlib import Path

import click

from mbflow.commandline.asking import ask, check_can_ask, yes
from mbflow.commandline.listing import limit, show_list, show_parts, terminal_width
from mbflow.commandline.options import directory, environment, output_format
from mbflow.commandline.telephone import number_in_digits, party
from mbflow.commandline.token import read_token, token_options
from mbflow.commandline.web_address import web_address
from mbflow.errors import UsageError


@click.group()
def command() -> None:
    """Start calls, look at them, change them while they run, hang up."""


@command.command("start")
@directory
@environment
@output_format("text", "json")
@click.option(
    "--from",
    "source",
    metavar="NUMBER",
    required=True,
    callback=number_in_digits,
    help="The number that calls: one of the account.",
)
@click.option(
    "--to",
    "destination",
    metavar="NUMBER",
    required=True,
    callback=party,
    help="The number that rings; a sip: or client: address will do.",
)
@click.option(
    "--webhook", metavar="URL", callback=web_address, help="Where to send what happens to it."
)
@token_options
@click.option("--follow", is_flag=True, help="Show what happens until the call is over.")
@yes
@click.argument("key")
def start(
    *,
    directory: Path,
    environment: str | None,
    output_format: str,
    source: str,
    destination: str,
    webhook: str | None,
    token_env: str | None,
    ask_token: bool,
    follow: bool,
    yes: bool,
    key: str,
) -> int:
    """Ring a number and let the call go through the flow of KEY, as its file has it now.

    The flow file is sent along, with the variables of the environment; what is applied does not
    matter. Asks first, on a terminal; elsewhere --yes is needed. Ctrl-C while following leaves
    the call running. A token signs what is sent to the webhook; it is never shown.

    Exit codes: 0 started, or with --follow ended; 1 a failure, or with --follow not answered;
    4 unknown whether it was started; 64 wrong usage; 130 no longer followed.
    """
    from mbflow.commands.calling import Wanted, start_call

    if webhook is None and (token_env is not None or ask_token):
        raise UsageError("A token is for a webhook: say --webhook too.")
    check_can_ask(yes, "start the call")
    token = read_token(token_env, ask_token)
    wanted = Wanted(key, source, destination, webhook, token)
    return start_call(
        directory, environment, wanted, yes=yes, follow=follow, output_format=output_format
    )


@command.command("list")
@directory
@environment
@output_format("text", "json")
@limit
def list_(directory: Path, environment: str | None, output_format: str, limit: int | None) -> None:
    """List the calls of the account, newest first. Sends only GET."""
    from mbflow.api.calls import list_calls
    from mbflow.commandline.account import open_account, read_account
    from mbflow.views.phone_calls import calls_table

    account = read_account(directory, environment, needs_lock=False)
    with open_account(account, can_write=False) as client:
        listing = list_calls(client, limit)
    show_list(account, listing, "call", table=calls_table, output_format=output_format)


@command.command("get")
@directory
@environment
@output_format("text", "json")
@click.argument("call_id", metavar="CALL")
def get(directory: Path, environment: str | None, output_format: str, call_id: str) -> None:
    """Show one call and its legs. Sends only GET."""
    from mbflow.api.calls import get_call_with_legs
    from mbflow.commandline.account import missing, open_account, read_account
    from mbflow.views.phone_calls import call_text

    account = read_account(directory, environment, needs_lock=False)
    with open_account(account, can_write=False) as client:
        seen = get_call_with_legs(client, call_id)
    if seen is None:
        raise missing(account, "call", call_id, "mbflow calls list")
    parts = {"call": seen.call, "legs": list(seen.legs)}
    show_parts(account, parts, call_text(seen.call, seen.legs, terminal_width()), output_format)


@command.command("update")
@directory
@environment
@output_format("text", "json")
@yes
@click.argument("call_id", metavar="CALL")
@click.argument("key")
def update(
    *,
    directory: Path,
    environment: str | None,
    output_format: str,
    yes: bool,
    call_id: str,
    key: str,
) -> None:
    """Let a running call go on with the flow of KEY, as its file has it now.

    The exchange starts it with the flow's first step and drops what is left of the old flow; the
    service does not document this endpoint: try it on a call of your own. Asks first, on a
    terminal; elsewhere --yes is needed.
    """
    from mbflow.commands.changing import update_call

    check_can_ask(yes, "give the call another flow")
    update_call(directory, environment, call_id, key, yes=yes, output_format=output_format)


@command.command("add")
@directory
@environment
@output_format("text", "json")
@yes
@click.argument("call_id", metavar="CALL")
@click.argument("number", callback=party)
def add(
    *,
    directory: Path,
    environment: str | None,
    output_format: str,
    yes: bool,
    call_id: str,
    number: str,
) -> None:
    """Ring NUMBER and let it join a running call.

    A sip: or client: address will do. Asks first, on a terminal; elsewhere --yes is needed.
    """
    from mbflow.commands.changing import add_party

    check_can_ask(yes, "ring the number")
    add_party(directory, environment, call_id, number, yes=yes, output_format=output_format)


@command.command("hangup")
@directory
@environment
@output_format("text", "json")
@yes
@click.argument("call_id", metavar="CALL")
def hangup(
    directory: Path, environment: str | None, output_format: str, yes: bool, call_id: str
) -> None:
    """End a running call, with all its legs.

    Asks first, on a terminal; elsewhere --yes is needed. Waits until the service shows the end.
    """
    from mbflow.api.calls import get_call, hang_up, is_over
    from mbflow.commandline.account import missing, open_account, read_account
    from mbflow.printable import printable
    from mbflow.views.phone_calls import call_text

    check_can_ask(yes, "hang up")
    account = read_account(directory, environment, needs_lock=False)
    with open_account(account, can_write=True) as client:
        call = get_call(client, call_id)
        if call is None:
            raise missing(account, "call", call_id, "mbflow calls list")
        if is_over(call):
            click.echo("The call is over already.", err=True)
        else:
            click.echo(f"In {printable(account.place)}:\n{call_text(call)}", err=True)
            ask(yes, "Hang up?")
            call = hang_up(client, call_id) or call
            click.echo(f"The call is over, in {printable(account.place)}", err=True)
    show_parts(account, {"call": call}, call_text(call), output_format)
