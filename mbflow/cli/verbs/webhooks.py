"""`mbflow webhooks`: where the service sends what happens to the calls of the account."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import click

from mbflow.api.webhooks import (
    create_webhook,
    delete_webhook,
    get_webhook,
    list_webhooks,
    update_webhook,
)
from mbflow.cli.arguments import web_address
from mbflow.cli.context import Account, need, open_account, read_account
from mbflow.cli.options import AccountOptions, account_options
from mbflow.cli.output import announce, limit, say, show_list, show_one, show_parts
from mbflow.cli.prompt import ask, check_can_ask, read_token, token_options, yes
from mbflow.model.errors import UsageError
from mbflow.model.flow import Body
from mbflow.model.text import Command, printable
from mbflow.views.objects import object_text, value_text
from mbflow.views.text import table

if TYPE_CHECKING:
    from mbflow.api.client import Client


def webhooks_table(webhooks: Sequence[Body], width: int | None = None) -> str:
    """One line a webhook, its URL cut where the terminal is too narrow; "" for none."""
    if not webhooks:
        return ""
    columns = [
        ["ID", *(value_text(webhook["id"]) for webhook in webhooks)],
        ["TOKEN", *("yes" if webhook.get("token") else "no" for webhook in webhooks)],
        ["URL", *(value_text(webhook.get("url")) for webhook in webhooks)],
    ]
    return table(columns, width)


def webhook_text(webhook: Body) -> str:
    return object_text("Webhook", webhook, {"url": ("URL", value_text)})


@click.group()
def command() -> None:
    """List, read, create, update and delete the account's webhooks.

    A token signs what is sent. It is never shown, and never given on the command line.
    """


@command.command("list")
@account_options()
@limit
def list_(options: AccountOptions, limit: int | None) -> None:
    """List the webhooks of the account. Changes nothing."""
    account = read_account(options)
    with open_account(account) as client:
        listing = list_webhooks(client, limit)
    show_list(account, listing, "webhook", webhooks_table)


@command.command("get")
@account_options()
@click.argument("name", metavar="WEBHOOK")
def get(options: AccountOptions, name: str) -> None:
    """Show one webhook. Changes nothing."""
    account = read_account(options)
    with open_account(account) as client:
        found = _find(account, client, name)
    show_one(account, "webhook", found, webhook_text(found))


@command.command("create")
@account_options()
@token_options
@click.argument("url", callback=web_address)
def create(options: AccountOptions, token_env: str | None, ask_token: bool, url: str) -> None:
    """Have everything that happens to the account's calls sent to URL."""
    account = read_account(options)
    token = read_token(token_env, ask_token)
    with open_account(account, can_write=True, secrets=_secrets(token)) as client:
        made = create_webhook(client, url, token)
    say(account, "The webhook is made")
    show_one(account, "webhook", made, webhook_text(made))


@command.command("update")
@account_options()
@yes
@token_options
@click.option("--no-token", is_flag=True, help="Stop signing what is sent.")
@click.option("--url", metavar="URL", callback=web_address, help="The new address.")
@click.argument("name", metavar="WEBHOOK")
def update(
    options: AccountOptions,
    *,
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
    has_token = token_env is not None or ask_token
    if no_token and has_token:
        raise UsageError("--no-token does not go with a token.")
    if url is None and not has_token and not no_token:
        raise UsageError("Say what is to change: --url, --token-env, --ask-token or --no-token.")
    check_can_ask(yes, "change the webhook")
    account = read_account(options)
    new_token = "" if no_token else read_token(token_env, ask_token)
    with open_account(account) as reader:
        found = _find(account, reader, name)
    announce(account, webhook_text(found))
    token = _old_token(found) if new_token is None else new_token
    ask(yes, "Change it?")
    with open_account(account, can_write=True, secrets=_secrets(token)) as client:
        made = update_webhook(client, name, url or _old_url(found), token)
    say(account, "The webhook is changed")
    show_one(account, "webhook", made, webhook_text(made))


@command.command("delete")
@account_options()
@yes
@click.argument("name", metavar="WEBHOOK")
def delete(options: AccountOptions, yes: bool, name: str) -> None:
    """Delete a webhook: nothing is sent to its address any more.

    Asks first, on a terminal; elsewhere --yes is needed.
    """
    check_can_ask(yes, "delete the webhook")
    account = read_account(options)
    with open_account(account, can_write=True) as client:
        found = _find(account, client, name)
        announce(account, webhook_text(found))
        ask(yes, "Delete it?")
        delete_webhook(client, name)
    say(account, "The webhook is deleted")
    show_parts(account, {"deleted": found}, printable(name))


def _find(account: Account, client: Client, name: str) -> Body:
    return need(
        account, get_webhook(client, name), "webhook", name, Command("mbflow", "webhooks", "list")
    )


def _old_token(webhook: Body) -> str | None:
    token = webhook.get("token")
    if isinstance(token, str) and token:
        return token
    click.echo(
        "The service shows no token for it. If it has one, give it again: it may get lost.",
        err=True,
    )
    return None


def _old_url(webhook: Body) -> str:
    url = webhook.get("url")
    if not isinstance(url, str) or not url:
        raise UsageError("The service does not show its address: say it with --url.")
    return url


def _secrets(token: str | None) -> tuple[str, ...]:
    return (token,) if token else ()
