"""`mbflow calls`: start a call through a flow of the repo, look at calls, change them, hang up."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import TYPE_CHECKING

import click

from mbflow.cli.arguments import number_in_digits, party_argument, web_address
from mbflow.cli.context import Account, need, open_account, read_account
from mbflow.cli.flow_names import name_of_flow
from mbflow.cli.next_command import say_lines
from mbflow.cli.notes import note, shown_progress
from mbflow.cli.options import AccountOptions, account_options
from mbflow.cli.output import announce, limit, say, show_list, show_parts, terminal_width
from mbflow.cli.prompt import ask, check_can_ask, read_token, token_options, yes
from mbflow.model.errors import Error, ExitCode, PartialError, ProblemsError, UsageError
from mbflow.model.flow import Body, Flow, Json, RawBody, SafeBody
from mbflow.model.problem import Severity
from mbflow.model.text import Command, did_you_mean, plural, printable
from mbflow.views.calls import call_text, calls_table, leg_text, status_lines
from mbflow.views.objects import party

if TYPE_CHECKING:
    from mbflow.api.calls import CallWithLegs
    from mbflow.api.client import Client
    from mbflow.project.load import Checkout


@click.group()
def command() -> None:
    """Start calls, look at them, change them while they run, hang up."""


@command.command("start")
@account_options()
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
@click.argument("name", metavar="FLOW")
def start(
    options: AccountOptions,
    *,
    source: str,
    destination: str,
    webhook: str | None,
    token_env: str | None,
    ask_token: bool,
    follow: bool,
    yes: bool,
    name: str,
) -> int:
    """Call a number and let the call go through FLOW, as its file is now.

    The flow file is sent along, with the variables of the environment; what is applied does not
    matter. Asks first, on a terminal; elsewhere --yes is needed. Ctrl-C while following leaves
    the call running. A token signs what is sent to the webhook; it is never shown.

    Exit codes: 0 started, or with --follow ended; 1 a failure, or with --follow not answered;
    4 unknown whether it was started; 64 wrong usage; 130 no longer followed.
    """
    from mbflow.api.calls import CallWithLegs
    from mbflow.api.webhooks import webhook_body

    if webhook is None and (token_env is not None or ask_token):
        raise UsageError("A token is for a webhook: say --webhook too.")
    check_can_ask(yes, "start the call")
    token = read_token(token_env, ask_token)
    checkout, account, flow = _read_flow(options, name)
    secrets = (*checkout.secrets.values(), *([token] if token else []))
    with open_account(account, can_write=True, secrets=secrets) as client:
        _announce_start(account, flow, source, destination, webhook)
        ask(yes, "Ring it?")
        hook = None if webhook is None else webhook_body(webhook, token)
        call = _start(client, flow, source, destination, hook)
        note(f"Started the call {printable(str(call['id']))}")
        seen, code = CallWithLegs(call, ()), int(ExitCode.DONE)
        if follow:
            seen, code = _follow(account, client, seen)
    call = _shown(seen.call, checkout.secrets)
    parts: dict[str, Json] = {"flow": flow.name, "call": call}
    if follow:
        parts["legs"] = list(seen.legs)
    show_parts(account, parts, call_text(call, seen.legs, terminal_width()))
    return code


@command.command("list")
@account_options()
@limit
def list_(options: AccountOptions, limit: int | None) -> None:
    """List the calls of the account, newest first. Changes nothing."""
    from mbflow.api.calls import list_calls

    account = read_account(options)
    with open_account(account) as client:
        listing = list_calls(client, limit)
    show_list(account, listing, "call", calls_table)


@command.command("get")
@account_options()
@click.argument("call_id", metavar="CALL")
def get(options: AccountOptions, call_id: str) -> None:
    """Show one call and its legs. Changes nothing."""
    from mbflow.api.calls import get_call_with_legs

    account = read_account(options)
    with open_account(account) as client:
        seen = get_call_with_legs(client, call_id)
    seen = need(account, seen, "call", call_id, Command("mbflow", "calls", "list"))
    parts: dict[str, Json] = {"call": seen.call, "legs": list(seen.legs)}
    show_parts(account, parts, call_text(seen.call, seen.legs, terminal_width()))


@command.command("update")
@account_options()
@yes
@click.argument("call_id", metavar="CALL")
@click.argument("name", metavar="FLOW")
def update(options: AccountOptions, yes: bool, call_id: str, name: str) -> None:
    """Let a running call go on with FLOW, as its file is now.

    The emulator starts it with the flow's first step and drops what is left of the old flow; the
    service does not document this endpoint: try it on a call of your own. Asks first, on a
    terminal; elsewhere --yes is needed.
    """
    from mbflow.api.calls import update_call

    check_can_ask(yes, "give the call another flow")
    checkout, account, flow = _read_flow(options, name)
    with open_account(account, can_write=True, secrets=tuple(checkout.secrets.values())) as client:
        _announce_running(account, client, call_id)
        click.echo(f"It will go on with {_file_and_length(flow)}.", err=True)
        ask(yes, "Give it this flow?")
        call = update_call(client, call_id, _body_for_a_call(flow))
    call = _shown(call, checkout.secrets)
    say(account, f"The call goes on with {printable(flow.name)}")
    show_parts(account, {"flow": flow.name, "call": call}, call_text(call))


@command.command("add")
@account_options()
@yes
@click.argument("call_id", metavar="CALL")
@click.argument("number", callback=party_argument)
def add(options: AccountOptions, yes: bool, call_id: str, number: str) -> None:
    """Ring NUMBER and let it join a running call.

    A sip: or client: address will do. Asks first, on a terminal; elsewhere --yes is needed.
    """
    from mbflow.api.calls import add_party

    check_can_ask(yes, "ring the number")
    account = read_account(options)
    with open_account(account, can_write=True) as client:
        _announce_running(account, client, call_id)
        click.echo(f"{party(number)} will be called into it.", err=True)
        ask(yes, "Ring it?")
        leg = add_party(client, call_id, number)
    say(account, f"{party(number)} is called")
    show_parts(account, {"leg": leg}, leg_text(leg) if leg else party(number))


@command.command("hangup")
@account_options()
@yes
@click.argument("call_id", metavar="CALL")
def hangup(options: AccountOptions, yes: bool, call_id: str) -> None:
    """End a running call, with all its legs.

    Asks first, on a terminal; elsewhere --yes is needed. Waits until the service shows the end.
    """
    from mbflow.api.calls import hang_up, is_over

    check_can_ask(yes, "hang up")
    account = read_account(options)
    with open_account(account, can_write=True) as client:
        call = _get(account, client, call_id)
        if is_over(call):
            note("The call is over already.")
        else:
            announce(account, call_text(call))
            ask(yes, "Hang up?")
            call = hang_up(client, call_id) or call
            say(account, "The call is over")
    show_parts(account, {"call": call}, call_text(call))


def _get(account: Account, client: Client, call_id: str) -> Body:
    from mbflow.api.calls import get_call

    return need(
        account,
        get_call(client, call_id),
        "call",
        call_id,
        Command("mbflow", "calls", "list"),
    )


def _shown(call: Body, secrets: Mapping[str, str]) -> SafeBody:
    from mbflow.plan.secrets import hide_body

    return hide_body(RawBody(call), secrets)


def _announce_running(account: Account, client: Client, call_id: str) -> None:
    from mbflow.api.calls import is_over

    call = _get(account, client, call_id)
    if is_over(call):
        raise Error(f"The call {call_id} is over: nothing can be changed any more.")
    announce(account, call_text(_shown(call, account.secrets)))


def _announce_start(
    account: Account, flow: Flow, source: str, destination: str, webhook: str | None
) -> None:
    parties = f"{party(source)} will call {party(destination)}"
    click.echo(f"In {printable(account.place)}, {parties}", err=True)
    click.echo(f"and go through {_file_and_length(flow)}.", err=True)
    if webhook is not None:
        click.echo(f"What happens to the call is sent to {printable(webhook)}", err=True)


def _start(client: Client, flow: Flow, source: str, destination: str, webhook: Body | None) -> Body:
    from mbflow.api.calls import start_call

    body = _body_for_a_call(flow)
    try:
        return start_call(client, body, source=source, destination=destination, webhook=webhook)
    except KeyboardInterrupt:
        click.echo("The phone may be ringing; mbflow calls list shows it.", err=True)
        raise


def _follow(account: Account, client: Client, seen: CallWithLegs) -> tuple[CallWithLegs, int]:
    """What was seen last, and the exit code."""
    from mbflow.api.calls import ANSWERED, watch
    from mbflow.api.errors import ApiError

    known: dict[str, Json] = {}
    began, call_id = time.monotonic(), str(seen.call["id"])
    shown_id = printable(call_id)
    try:
        for seen in watch(client, call_id):
            for line in status_lines(seen.call, seen.legs, known):
                note(f"{time.monotonic() - began:7.1f} s  {line}")
    except KeyboardInterrupt:
        where = ("-e", account.environment.name)
        say_lines(
            [
                "Interrupted: the call goes on. To see it, and to end it:",
                *(Command("mbflow", "calls", verb, shown_id, *where) for verb in ("get", "hangup")),
            ]
        )
        return seen, ExitCode.INTERRUPTED
    except ApiError as failure:
        raise PartialError(
            f"The call {shown_id} was started, but cannot be followed any more.",
            failure.summary,
            *failure.details,
            "It may go on. To look again:",
            Command("mbflow", "calls", "get", shown_id),
        ) from failure
    return seen, ExitCode.DONE if seen.call.get("status") == ANSWERED else ExitCode.FAILED


def _read_flow(options: AccountOptions, name: str) -> tuple[Checkout, Account, Flow]:
    from mbflow.project.load import read_checkout

    checkout = read_checkout(options.directory, options.environment, progress=shown_progress())
    flow = _flow_of(checkout, name_of_flow(name, options.directory, checkout.environment.name))
    output_format = options.output_format
    account = Account(checkout.root, checkout.environment, output_format=output_format)
    return checkout, account, flow


def _flow_of(checkout: Checkout, name: str) -> Flow:
    """The flow of the name. Problems of other files do not matter to a call.

    Raises `ProblemsError` with those of its file, and `UsageError` for a name that is not there.
    """
    flow = checkout.flows.get(name)
    file = flow.file if flow else f"{checkout.project.flows}/{name}.yaml"
    if name in checkout.broken:
        errors = [p for p in checkout.problems if p.severity is Severity.ERROR and p.file == file]
        raise ProblemsError(errors)
    if flow is None:
        raise UsageError(
            f"There is no call flow {name} for the environment {checkout.environment.name}."
            f"{did_you_mean(name, checkout.flows)}",
            "A name is a file's path below the flows folder without its suffix: billing/menu",
        )
    return flow


def _body_for_a_call(flow: Flow) -> RawBody:
    """Without `default`, which says which flow takes calls that come in."""
    return RawBody({name: value for name, value in flow.raw.items() if name != "default"})


def _file_and_length(flow: Flow) -> str:
    """`flows/menu.yaml (2 steps)`."""
    steps = flow.body.get("steps")
    count = len(steps) if isinstance(steps, list) else 0
    return f"{printable(flow.file)} ({plural(count, 'step')})"
