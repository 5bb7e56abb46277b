"""`mbflow webhooks`: where the service sends what happens to the calls of the account."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from mbflow.cli.arguments import web_address
from mbflow.cli.options import directory, environment, output_format
from mbflow.cli.output import limit, show_list, show_one, show_parts
from mbflow.cli.prompt import ask, check_can_ask, read_token, token_options, yes
from mbflow.model.errors import UsageError
from mbflow.model.flow import Body
from mbflow.model.text import Command
from mbflow.views.objects import object_text, words
from mbflow.views.text import table

if TYPE_CHECKING:
    from mbflow.api.client import Client
    from mbflow.cli.context import Account
    from mbflow.model.flow import Body


def webhooks_table(webhooks: Sequence[Body], width: int | None = None) -> str:
    """One line a webhook, its URL cut where the terminal is too narrow; "" for none."""
    if not webhooks:
        return ""
    columns = [
        ["ID", *(words(webhook["id"]) for webhook in webhooks)],
        ["TOKEN", *("yes" if webhook.get("token") else "no" for webhook in webhooks)],
        ["URL", *(words(webhook.get("url")) for webhook in webhooks)],
    ]
    return table(columns, width)


def webhook_text(webhook: Body) -> str:
    return object_text("Webhook", webhook, {"url": ("URL", words)})


@click.group()
def command() -> None:
    """List, read, create, update and delete the account's webhooks.

    A token signs what is sent. It is never shown, and never given on the command line.
    """


@command.command("list")
@directory
@environment
@output_format("text", "json")
@limit
def list_(directory: Path, environment: str | None, output_format: str, limit: int | None) -> None:
    """List the webhooks of the account. Sends only GET."""
    from mbflow.api.webhooks import list_webhooks
    from mbflow.cli.context import open_account, read_account

    account = read_account(directory, environment, needs_lock=False)
    with open_account(account, can_write=False) as client:
        listing = list_webhooks(client, limit)
    show_list(account, listing, "webhook", table=webhooks_table, output_format=output_format)


@command.command("get")
@directory
@environment
@output_format("text", "json")
@click.argument("name", metavar="WEBHOOK")
def get(directory: Path, environment: str | None, output_format: str, name: str) -> None:
    """Show one webhook. Sends only GET."""
    from mbflow.cli.context import open_account, read_account

    account = read_account(directory, environment, needs_lock=False)
    with open_account(account, can_write=False) as client:
        found = _found(account, client, name)
    show_one(account, "webhook", found, webhook_text(found), output_format)


@command.command("create")
@directory
@environment
@output_format("text", "json")
@token_options
@click.argument("url", callback=web_address)
def create(
    *,
    directory: Path,
    environment: str | None,
    output_format: str,
    token_env: str | None,
    ask_token: bool,
    url: str,
) -> None:
    """Have everything that happens to the account's calls sent to URL."""
    from mbflow.api.webhooks import create_webhook
    from mbflow.cli.context import open_account, read_account
    from mbflow.model.text import printable

    account = read_account(directory, environment, needs_lock=False)
    token = read_token(token_env, ask_token)
    with open_account(account, can_write=True, secrets=_secrets(token)) as client:
        made = create_webhook(client, url, token)
    click.echo(f"The webhook is made, in {printable(account.place)}", err=True)
    show_one(account, "webhook", made, webhook_text(made), output_format)


@command.command("update")
@directory
@environment
@output_format("text", "json")
@yes
@token_options
@click.option("--no-token", is_flag=True, help="Sign no more.")
@click.option("--url", callback=web_address, help="The new address.")
@click.argument("name", metavar="WEBHOOK")
def update(
    *,
    directory: Path,
    environment: str | None,
    output_format: str,
    yes: bool,
    token_env: str | None,
    ask_token: bool,
    no_token: bool,
    url: str | None,
    name: str,
) -> None:
    """Change the address or the token of a webhook.

    Asks first, on a terminal; elsewhere --yes is needed.
    """
    from mbflow.api.webhooks import update_webhook
    from mbflow.cli.context import open_account, read_account
    from mbflow.model.text import printable

    has_token = token_env is not None or ask_token
    if no_token and has_token:
        raise UsageError("--no-token does not go with a token.")
    if url is None and not has_token and not no_token:
        raise UsageError("Say what is to change: --url, --token-env, --ask-token or --no-token.")
    check_can_ask(yes, "change the webhook")
    account = read_account(directory, environment, needs_lock=False)
    given = "" if no_token else read_token(token_env, ask_token)
    with open_account(account, can_write=False) as reader:
        found = _found(account, reader, name)
    _announce(account, found)
    token = _kept_token(found) if given is None else given
    ask(yes, "Change it?")
    with open_account(account, can_write=True, secrets=_secrets(token)) as client:
        made = update_webhook(client, name, url or _kept_url(found), token)
    click.echo(f"The webhook is changed, in {printable(account.place)}", err=True)
    show_one(account, "webhook", made, webhook_text(made), output_format)


@command.command("delete")
@directory
@environment
@output_format("text", "json")
@yes
@click.argument("name", metavar="WEBHOOK")
def delete(
    directory: Path, environment: str | None, output_format: str, yes: bool, name: str
) -> None:
    """Delete a webhook: nothing is sent to its address any more.

    Asks first, on a terminal; elsewhere --yes is needed.
    """
    from mbflow.api.webhooks import delete_webhook
    from mbflow.cli.context import open_account, read_account
    from mbflow.model.text import printable

    check_can_ask(yes, "delete the webhook")
    account = read_account(directory, environment, needs_lock=False)
    with open_account(account, can_write=True) as client:
        found = _found(account, client, name)
        _announce(account, found)
        ask(yes, "Delete it?")
        delete_webhook(client, name)
    click.echo(f"The webhook is deleted, in {printable(account.place)}", err=True)
    show_parts(account, {"deleted": found}, printable(name), output_format)


def _found(account: Account, client: Client, name: str) -> Body:
    from mbflow.api.webhooks import get_webhook
    from mbflow.cli.context import missing

    found = get_webhook(client, name)
    if found is None:
        raise missing(account, "webhook", name, Command("mbflow", "webhooks", "list"))
    return found


def _announce(account: Account, webhook: Body) -> None:
    from mbflow.model.text import printable

    click.echo(f"In {printable(account.place)}:\n{webhook_text(webhook)}", err=True)


def _kept_token(webhook: Body) -> str | None:
    token = webhook.get("token")
    if isinstance(token, str) and token:
        return token
    click.echo(
        "The service shows no token for it. If it has one, give it again: it may get lost.",
        err=True,
    )
    return None


def _kept_url(webhook: Body) -> str:
    url = webhook.get("url")
    if not isinstance(url, str) or not url:
        raise UsageError("The service does not show its address: say it with --url.")
    return url


def _secrets(token: str | None) -> tuple[str, ...]:
    return (token,) if token else ()
