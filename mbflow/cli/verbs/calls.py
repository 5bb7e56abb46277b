"""`mbflow calls`: start a call through a flow of the repo, look at calls, change them, hang up."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import click

from mbflow.api import calls
from mbflow.api.calls import ANSWERED, Seen, watch
from mbflow.api.calls import start_call as post_call
from mbflow.api.errors import ApiError
from mbflow.api.webhooks import webhook_body
from mbflow.cli.arguments import number_in_digits, party_argument, web_address
from mbflow.cli.context import (
    Account,
    body_for_a_call,
    file_and_length,
    flow_of,
    missing,
    open_account,
    read_account,
)
from mbflow.cli.next_command import say
from mbflow.cli.options import directory, environment, output_format
from mbflow.cli.output import limit, show_list, show_parts, terminal_width
from mbflow.cli.prompt import ask, check_can_ask, read_token, token_options, yes
from mbflow.model.errors import Error, ExitCode, PartialError, UsageError
from mbflow.model.flow import Body, Flow, Json
from mbflow.model.text import Command, printable
from mbflow.plan.secrets import hide_body
from mbflow.project.load import read_checkout
from mbflow.views.calls import call_text, leg_text, news
from mbflow.views.objects import party

if TYPE_CHECKING:
    from mbflow.api.client import Client


@dataclass(frozen=True, slots=True)
class CallOrder:
    """A call that somebody wants: numbers in digits without a plus, or addresses."""

    key: str
    source: str
    destination: str
    webhook: str | None = None
    token: str | None = field(default=None, repr=False)
    """Signs what is sent to the webhook."""


def start_call(
    directory: Path,
    environment: str | None,
    wanted: CallOrder,
    *,
    yes: bool,
    follow: bool,
    output_format: str,
) -> int:
    """Returns the exit code of the verb."""
    checkout = read_checkout(directory, environment)
    flow = flow_of(checkout, wanted.key)
    account = Account(checkout.root, checkout.environment)
    secrets = (*checkout.secrets.values(), *([wanted.token] if wanted.token else []))
    with open_account(account, can_write=True, secrets=secrets) as client:
        _announce(account, flow, wanted)
        ask(yes, "Ring it?")
        call = _rung(client, flow, wanted)
        click.echo(f"Started the call {printable(str(call['id']))}", err=True)
        if not follow:
            call = hide_body(call, checkout.secrets)
            parts: dict[str, Json] = {"key": wanted.key, "call": call}
            show_parts(account, parts, call_text(call), output_format)
            return ExitCode.DONE
        seen, code = _follow(account, client, call)
    call = hide_body(seen.call, checkout.secrets)
    parts = {"key": wanted.key, "call": call, "legs": list(seen.legs)}
    show_parts(account, parts, call_text(call, seen.legs, terminal_width()), output_format)
    return code


def _rung(client: Client, flow: Flow, wanted: CallOrder) -> Body:
    webhook = None if wanted.webhook is None else webhook_body(wanted.webhook, wanted.token)
    try:
        return post_call(
            client,
            body_for_a_call(flow),
            source=wanted.source,
            destination=wanted.destination,
            webhook=webhook,
        )
    except KeyboardInterrupt:
        click.echo("The phone may be ringing; mbflow calls list shows it.", err=True)
        raise


def _announce(account: Account, flow: Flow, wanted: CallOrder) -> None:
    lines = [
        f"In {printable(account.place)}, {party(wanted.source)} will call"
        f" {party(wanted.destination)}",
        f"and go through {file_and_length(flow)}.",
    ]
    if wanted.webhook is not None:
        lines.append(f"What happens to the call is sent to {printable(wanted.webhook)}")
    click.echo("\n".join(lines), err=True)


def _follow(account: Account, client: Client, call: Body) -> tuple[Seen, int]:
    """What was seen last, and the exit code."""
    known: dict[str, Json] = {}
    seen, began = Seen(call, ()), time.monotonic()
    call_id = printable(str(call["id"]))
    try:
        for seen in watch(client, str(call["id"])):
            for line in news(seen.call, seen.legs, known):
                click.echo(f"{time.monotonic() - began:7.1f} s  {line}", err=True)
    except KeyboardInterrupt:
        where = ("-e", account.environment.name)
        say(
            [
                "Interrupted: the call goes on. To see it, and to end it:",
                *(Command("mbflow", "calls", verb, call_id, *where) for verb in ("get", "hangup")),
            ]
        )
        return seen, ExitCode.INTERRUPTED
    except ApiError as failure:
        raise PartialError(
            f"The call {call_id} was started, but cannot be followed any more.",
            failure.summary,
            *failure.details,
            "It may go on. To look again:",
            Command("mbflow", "calls", "get", call_id),
        ) from failure
    return seen, ExitCode.DONE if seen.call.get("status") == ANSWERED else ExitCode.FAILED


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
        raise missing(account, "call", call_id, Command("mbflow", "calls", "list"))
    if calls.is_over(call):
        raise Error(f"The call {call_id} is over: nothing can be changed any more.")
    shown = call_text(hide_body(call, account.secrets))
    click.echo(f"In {printable(account.place)}:\n{shown}", err=True)


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
    callback=party_argument,
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

    if webhook is None and (token_env is not None or ask_token):
        raise UsageError("A token is for a webhook: say --webhook too.")
    check_can_ask(yes, "start the call")
    token = read_token(token_env, ask_token)
    wanted = CallOrder(key, source, destination, webhook, token)
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
    from mbflow.cli.context import open_account, read_account
    from mbflow.views.calls import calls_table

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
    from mbflow.cli.context import missing, open_account, read_account
    from mbflow.views.calls import call_text

    account = read_account(directory, environment, needs_lock=False)
    with open_account(account, can_write=False) as client:
        seen = get_call_with_legs(client, call_id)
    if seen is None:
        raise missing(account, "call", call_id, Command("mbflow", "calls", "list"))
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

    The emulator starts it with the flow's first step and drops what is left of the old flow; the
    service does not document this endpoint: try it on a call of your own. Asks first, on a
    terminal; elsewhere --yes is needed.
    """

    check_can_ask(yes, "give the call another flow")
    update_call(directory, environment, call_id, key, yes=yes, output_format=output_format)


@command.command("add")
@directory
@environment
@output_format("text", "json")
@yes
@click.argument("call_id", metavar="CALL")
@click.argument("number", callback=party_argument)
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
    from mbflow.cli.context import missing, open_account, read_account
    from mbflow.model.text import printable
    from mbflow.views.calls import call_text

    check_can_ask(yes, "hang up")
    account = read_account(directory, environment, needs_lock=False)
    with open_account(account, can_write=True) as client:
        call = get_call(client, call_id)
        if call is None:
            raise missing(account, "call", call_id, Command("mbflow", "calls", "list"))
        if is_over(call):
            click.echo("The call is over already.", err=True)
        else:
            click.echo(f"In {printable(account.place)}:\n{call_text(call)}", err=True)
            ask(yes, "Hang up?")
            call = hang_up(client, call_id) or call
            click.echo(f"The call is over, in {printable(account.place)}", err=True)
    show_parts(account, {"call": call}, call_text(call), output_format)
