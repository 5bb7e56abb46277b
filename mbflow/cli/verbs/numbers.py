"""`mbflow numbers`: which telephone numbers lead to a call flow, and leading more to it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from mbflow.cli.arguments import numbers_in_digits
from mbflow.cli.options import directory, environment, output_format
from mbflow.cli.prompt import ask, check_can_ask, yes

if TYPE_CHECKING:
    from mbflow.api.client import Client
    from mbflow.cli.context import Account
    from mbflow.model.flow import LiveFlow, Number


@click.group()
def command() -> None:
    """List and assign the numbers of a call flow."""


@command.command("list")
@directory
@environment
@output_format("text", "json")
@click.argument("name", metavar="[KEY|ID]", required=False)
def list_(directory: Path, environment: str | None, output_format: str, name: str | None) -> None:
    """List the numbers that lead to a call flow, or to any flow of the account. Sends only GET."""
    from mbflow.cli.context import find_flow, led_flows, open_account, read_account
    from mbflow.model.text import printable

    account = read_account(directory, environment, needs_lock=name is not None)
    if account.trouble:
        click.echo(f"The keys are left out: {printable(account.trouble)}", err=True)
    with open_account(account, can_write=False) as client:
        if name is None:
            _show_all(account, led_flows(account, client), output_format)
            return
        flow, key = find_flow(account, client, name)
        numbers = client.list_numbers(flow.id)
    _show(account, flow, key, numbers, output_format)


@command.command("assign")
@directory
@environment
@output_format("text", "json")
@yes
@click.argument("name", metavar="KEY|ID")
@click.argument("wanted", metavar="NUMBER...", nargs=-1, required=True, callback=numbers_in_digits)
def assign(
    directory: Path,
    environment: str | None,
    output_format: str,
    yes: bool,
    name: str,
    wanted: tuple[str, ...],
) -> None:
    """Let numbers lead to a call flow, beside those that do so already.

    NUMBER is written in full, with its country: +31201234567. A number that leads to another
    call flow leaves that one, which is said first. Asks on a terminal; elsewhere --yes is needed.
    """
    from mbflow.api.numbers import assign as assign_numbers
    from mbflow.cli.context import find_flow, open_account, read_account

    check_can_ask(yes, "assign the numbers")
    account = read_account(directory, environment)
    with open_account(account, can_write=True) as client:
        flow, key = find_flow(account, client, name)
        _announce(account, flow, key, wanted)
        _announce_leaving(account, client, flow, wanted)
        ask(yes, "Assign them?")
        numbers = assign_numbers(client, flow.id, wanted)
    _show(account, flow, key, numbers, output_format)


def _announce(account: Account, flow: LiveFlow, key: str | None, digits: Sequence[str]) -> None:
    from mbflow.model.text import printable
    from mbflow.views.flows import flow_name

    numbers = ", ".join(f"+{number}" for number in digits)
    click.echo(f"In {printable(account.place)}, {numbers}", err=True)
    click.echo(f"will lead to the call flow {flow_name(flow, key)}.", err=True)


def _announce_leaving(
    account: Account, client: Client, flow: LiveFlow, digits: Sequence[str]
) -> None:
    from mbflow.api.errors import ApiError
    from mbflow.cli.context import leaving
    from mbflow.model.text import printable
    from mbflow.views.flows import flow_name

    try:
        leads = leaving(account, client, flow.id, digits)
    except ApiError as error:
        click.echo(f"Where they lead to now cannot be read: {printable(error.summary)}", err=True)
        click.echo("A number that leads to another call flow leaves that one.", err=True)
        return
    for number, other in leads:
        click.echo(f"+{number} leaves {flow_name(other, account.keys.get(other.id))}.", err=True)


def _show_all(
    account: Account, found: Sequence[tuple[LiveFlow, Sequence[Number]]], output_format: str
) -> None:
    from mbflow.cli.output import terminal_width
    from mbflow.model.text import printable
    from mbflow.views.flows import all_numbers_document, all_numbers_table
    from mbflow.views.text import json_text

    if output_format == "json":
        click.echo(json_text(all_numbers_document(found, account.keys, account.environment)))
        return
    if found:
        click.echo(all_numbers_table(found, account.keys, width=terminal_width()))
    count = sum(len(numbers) for _, numbers in found)
    lead = "1 number leads" if count == 1 else f"{count or 'No'} numbers lead"
    flows = "a call flow" if len(found) < 2 else f"{len(found)} call flows"
    click.echo(f"{lead} to {flows} in {printable(account.place)}", err=True)


def _show(
    account: Account,
    flow: LiveFlow,
    key: str | None,
    numbers: Sequence[Number],
    output_format: str,
) -> None:
    from mbflow.model.text import printable
    from mbflow.views.flows import flow_name, numbers_document, numbers_text
    from mbflow.views.text import json_text

    if output_format == "json":
        click.echo(json_text(numbers_document(numbers, flow, key, account.environment)))
        return
    if numbers:
        click.echo(numbers_text(numbers))
    count = "1 number leads" if len(numbers) == 1 else f"{len(numbers) or 'No'} numbers lead"
    place = printable(account.place)
    click.echo(f"{count} to {flow_name(flow, key)} in {place}", err=True)
