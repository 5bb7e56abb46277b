"""`mbflow flows`: look at live call flows. Sends only GET."""

from __future__ import annotations

from pathlib import Path

import click

from mbflow.cli.options import directory, environment, output_format
from mbflow.cli.output import limit, terminal_width


@click.group()
def command() -> None:
    """List and read live call flows. Sends only GET; flow files are not looked at."""


@command.command("list")
@directory
@environment
@output_format("text", "json")
@limit
def list_(directory: Path, environment: str | None, output_format: str, limit: int | None) -> None:
    """List the call flows of the account.

    The order is the service's; keys are those that the lock knows. All pages are read and must
    add up, also with --limit.
    """
    from mbflow.cli.context import open_account, read_account
    from mbflow.model.text import plural, printable
    from mbflow.views.flows import flows_document, flows_table
    from mbflow.views.text import json_text

    account = read_account(directory, environment, needs_lock=False)
    if account.trouble:
        click.echo(f"The keys are left out: {printable(account.trouble)}", err=True)
    with open_account(account, can_write=False) as client:
        flows = client.list_call_flows()
    shown = [account.shown(flow) for flow in flows[:limit]]
    if output_format == "json":
        document = flows_document(shown, account.keys, account.environment, len(flows))
        click.echo(json_text(document))
        return
    if shown:
        click.echo(flows_table(shown, account.keys, width=terminal_width()))
    part = f"{len(shown)} of " if len(shown) < len(flows) else ""
    click.echo(f"{part}{plural(len(flows), 'call flow')} in {printable(account.place)}", err=True)


@command.command("get")
@directory
@environment
@output_format("text", "json", "yaml")
@click.argument("name", metavar="ID|KEY")
def get(directory: Path, environment: str | None, output_format: str, name: str) -> None:
    """Show one live call flow in full, as the service has it now.

    ${NAME} stands for the value of a secret variable. yaml is for reading; `mbflow import` makes a
    flow file of it.
    """
    from mbflow.cli.context import find_flow, open_account, read_account
    from mbflow.views.flows import flow_document, flow_text
    from mbflow.views.text import json_text

    account = read_account(directory, environment)
    with open_account(account, can_write=False) as client:
        flow, key = find_flow(account, client, name)
    if output_format == "json":
        click.echo(json_text(flow_document(flow, key)))
    elif output_format == "yaml":
        from mbflow.project.variables import as_template
        from mbflow.project.write import flow_text as flow_yaml

        body = as_template(flow.body) if account.secrets else flow.body
        click.echo(flow_yaml(body, schema=None), nl=False)
    else:
        click.echo(flow_text(flow, key))
