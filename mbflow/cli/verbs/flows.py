"""`mbflow flows`: look at live call flows. Changes nothing."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import click

from mbflow.cli.context import find_flow, open_account, read_account
from mbflow.cli.flow_names import name_of_flow
from mbflow.cli.options import AccountOptions, account_options
from mbflow.cli.output import limit, say_count, show_document, terminal_width
from mbflow.model.errors import Error
from mbflow.model.text import printable
from mbflow.views.flows import FlowNumbers, flow_document, flow_text, flows_document, flows_table

if TYPE_CHECKING:
    from mbflow.api.client import Client


@click.group()
def command() -> None:
    """List and read live call flows. Changes nothing, and does not read flow files."""


@command.command("list")
@account_options()
@limit
def list_(options: AccountOptions, limit: int | None) -> None:
    """List the call flows of the account, with the numbers that lead to them.

    The order is the service's; names are those that the lock knows. All pages are read and must
    add up, also with --limit. The numbers are read flow by flow, of those that are shown only.
    """
    account = read_account(options)
    if account.trouble:
        click.echo(f"The names are left out: {printable(account.trouble)}", err=True)
    with open_account(account) as client:
        flows = client.list_call_flows()
        numbers = _read_numbers(client, [flow.id for flow in flows[:limit]])
    shown, total = [account.hide_secrets(flow) for flow in flows[:limit]], len(flows)
    document = flows_document(shown, account.names, account.environment, total, numbers)
    text = flows_table(shown, account.names, numbers, width=terminal_width())
    show_document(account, document, text)
    if account.output_format != "json":
        say_count(account, len(shown), total, "call flow")


@command.command("get")
@account_options("text", "json", "yaml")
@click.argument("name", metavar="FLOW|ID")
def get(options: AccountOptions, name: str) -> None:
    """Show one live call flow in full, as the service has it now.

    ${NAME} stands for the value of a secret variable. yaml is for reading; `mbflow import` makes a
    flow file of it.
    """
    account = read_account(options, needs_lock=True)
    name = name_of_flow(name, options.directory, account.environment.name)
    with open_account(account) as client:
        flow, found = find_flow(account, client, name)
    if options.output_format == "yaml":
        from mbflow.project.write import document_text
        from mbflow.project.write import flow_text as flow_yaml
        from mbflow.schema.validator import sent_body

        if account.secrets:
            click.echo(document_text(sent_body(flow.body), schema=None), nl=False)
        else:
            click.echo(flow_yaml(flow.body, schema=None), nl=False)
        return
    place = {"environment": account.environment.name, "endpoint": account.environment.endpoint}
    show_document(account, {**place, **flow_document(flow, found)}, flow_text(flow, found))


def _read_numbers(client: Client, flow_ids: Sequence[str]) -> FlowNumbers:
    """The numbers of the flows; none, and why is said, where they cannot be read."""
    from mbflow.api.numbers import numbers_of

    try:
        return numbers_of(client, flow_ids)
    except Error as error:
        click.echo(f"The numbers are left out: {printable(error.reason)}", err=True)
        return {}
