"""What `mbflow calls start` does once its options are read: choose the flow, ask, ring, follow."""

from __future__ import annotations

import shlex
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import click

from mbflow.api.calls import ANSWERED, Seen, watch
from mbflow.api.calls import start_call as post_call
from mbflow.api.failures import ApiError
from mbflow.api.webhooks import webhook_body
from mbflow.commandline.account import Account, open_account
from mbflow.commandline.asking import ask
from mbflow.commandline.chosen_flow import body_for_a_call, file_and_length, flow_of
from mbflow.commandline.listing import show_parts, terminal_width
from mbflow.errors import ExitCode, PartialError
from mbflow.files.checkout import read_checkout
from mbflow.model import Body, Flow, Json
from mbflow.plan.secrets import hide_body
from mbflow.printable import printable
from mbflow.views.phone_calls import call_text, news
from mbflow.views.wording import party

if TYPE_CHECKING:
    from mbflow.api.client import Client


@dataclass(frozen=True, slots=True)
class Wanted:
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
    wanted: Wanted,
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


def _rung(client: Client, flow: Flow, wanted: Wanted) -> Body:
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


def _announce(account: Account, flow: Flow, wanted: Wanted) -> None:
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
        where = shlex.quote(printable(account.environment.name))
        click.echo("Interrupted: the call goes on. To see it, and to end it:", err=True)
        click.echo(f"    mbflow calls get {call_id} -e {where}", err=True)
        click.echo(f"    mbflow calls hangup {call_id} -e {where}", err=True)
        return seen, ExitCode.INTERRUPTED
    except ApiError as failure:
        raise PartialError(
            f"The call {call_id} was started, but cannot be followed any more.",
            failure.summary,
            *failure.details,
            "It may go on. To look again:",
            f"    mbflow calls get {call_id}",
        ) from failure
    return seen, ExitCode.DONE if seen.call.get("status") == ANSWERED else ExitCode.FAILED
