"""`mbflow flows`: look at live call flows. Changes nothing."""

from __future__ import annotations

import click

from mbflow.cli.context import find_flow, open_account, read_account
from mbflow.cli.flow_names import name_of_flow
from mbflow.cli.options import AccountOptions, account_options
from mbflow.cli.output import limit, say_count, show_document, terminal_width
from mbflow.model.text import printable
from mbflow.views.flows import flow_document, flow_text, flows_document, flows_table


@click.group()
def command() -> None:
    """List and read live call flows. Changes nothing, and does not read flow files."""


@command.command("list")
@account_options()
@limit
def list_(options: AccountOptions, limit: int | None) -> None:
    """List the call flows of the account.

    The order is the service's; names are those that the lock knows. All pages are read and must
    add up, also with --limit.
    """
    account = read_account(options)
    if account.trouble:
        click.echo(f"The names are left out: {printable(account.trouble)}", err=True)
    with open_account(account) as client:
        flows = client.list_call_flows()
    shown, total = [account.hide_secrets(flow) for flow in flows[:limit]], len(flows)
    document = flows_document(shown, account.names, account.environment, total)
    show_document(account, document, flows_table(shown, account.names, width=terminal_width()))
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
        from mbflow.project.variables import as_template
        from mbflow.project.write import flow_text as flow_yaml

        body = as_template(flow.body) if account.secrets else flow.body
        click.echo(flow_yaml(body, schema=None), nl=False)
        return
    show_document(account, flow_document(flow, found), flow_text(flow, found))
