"""`mbflow numbers`: which telephone numbers lead to a call flow, and leading more to it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import click

from mbflow.api.errors import ApiError
from mbflow.api.numbers import assign as assign_numbers
from mbflow.api.numbers import numbers_of
from mbflow.cli.arguments import numbers_in_digits
from mbflow.cli.context import Account, find_flow, open_account, read_account
from mbflow.cli.flow_names import name_of_flow
from mbflow.cli.notes import note
from mbflow.cli.options import AccountOptions, account_options
from mbflow.cli.output import show_document, terminal_width
from mbflow.cli.prompt import ask, check_can_ask, yes
from mbflow.model.text import listed, printable
from mbflow.views.flows import (
    all_numbers_document,
    all_numbers_table,
    flow_name,
    numbers_document,
    numbers_text,
)

if TYPE_CHECKING:
    from mbflow.api.client import Client
    from mbflow.model.flow import LiveFlow, Number


@click.group()
def command() -> None:
    """List and assign the numbers of a call flow."""


@command.command("list")
@account_options()
@click.argument("name", metavar="[FLOW|ID]", required=False)
def list_(options: AccountOptions, name: str | None) -> None:
    """List the numbers that lead to a call flow, or to any flow of the account. Changes nothing."""
    account = read_account(options, needs_lock=name is not None)
    if account.trouble:
        click.echo(f"The names are left out: {printable(account.trouble)}", err=True)
    with open_account(account) as client:
        if name is None:
            _show_all(account, _flows_with_numbers(account, client))
            return
        name = name_of_flow(name, options.directory, account.environment.name)
        flow, known = find_flow(account, client, name)
        numbers = client.list_numbers(flow.id)
    _show(account, flow, known, numbers)


@command.command("assign")
@account_options()
@yes
@click.argument("name", metavar="FLOW|ID")
@click.argument("wanted", metavar="NUMBER...", nargs=-1, required=True, callback=numbers_in_digits)
def assign(options: AccountOptions, yes: bool, name: str, wanted: tuple[str, ...]) -> None:
    """Let numbers lead to a call flow, beside those that do so already.

    NUMBER is written in full, with its country: +31201234567. A number that leads to another
    call flow leaves that one, which is said first; a service that keeps it there, too, is told
    of, with exit code 4. Asks on a terminal; elsewhere --yes is needed.
    """
    check_can_ask(yes, "assign the numbers")
    account = read_account(options, needs_lock=True)
    name = name_of_flow(name, options.directory, account.environment.name)
    with open_account(account, can_write=True) as client:
        flow, known = find_flow(account, client, name)
        texts = ", ".join(f"+{number}" for number in wanted)
        click.echo(f"In {printable(account.place)}, {texts}", err=True)
        click.echo(f"will lead to the call flow {flow_name(flow, known)}.", err=True)
        former = _announce_moves(account, client, flow, wanted)
        _announce_routes(account, known, wanted)
        ask(yes, "Assign them?")
        numbers = assign_numbers(client, flow.id, wanted, former=former)
    _show(account, flow, known, numbers)


def _announce_moves(
    account: Account, client: Client, flow: LiveFlow, digits: Sequence[str]
) -> list[str]:
    """Say which other flows the numbers lead to now; the ids of those flows, as far as known."""
    try:
        moves = _moves(account, client, flow.id, digits)
    except ApiError as error:
        click.echo(f"Where they lead to now cannot be read: {printable(error.reason)}", err=True)
        click.echo("A number that leads to another call flow leaves that one.", err=True)
        return []
    for number, other in moves:
        click.echo(f"+{number} leaves {flow_name(other, account.names.get(other.id))}.", err=True)
    return [other.id for _, other in moves]


def _announce_routes(account: Account, known: str | None, digits: Sequence[str]) -> None:
    """Say which of the numbers `mbflow.yaml` leads elsewhere, or not always to this flow."""
    for number in digits:
        route = account.environment.numbers.get(number)
        if route is not None and route.flows != (known,):
            names = printable(listed(route.flows, last="or"))
            click.echo(f"mbflow.yaml leads +{number} to {names}:", err=True)
            click.echo("the next apply would take this back.", err=True)


def _flows_with_numbers(account: Account, client: Client) -> list[tuple[LiveFlow, list[Number]]]:
    """Every live flow that a number leads to, with its numbers, in the service's order.

    Sends a GET for each flow. Raises `ApiError` where one of them cannot be answered.
    """
    flows = client.list_call_flows()
    numbers = numbers_of(client, [flow.id for flow in flows])
    return [(account.hide_secrets(flow), found) for flow in flows if (found := numbers[flow.id])]


def _moves(
    account: Account, client: Client, flow_id: str, wanted: Sequence[str]
) -> list[tuple[str, LiveFlow]]:
    """The wanted numbers, in digits, that lead to another flow than this now; and which flow."""
    found = [one for one in _flows_with_numbers(account, client) if one[0].id != flow_id]
    return [
        (digits, flow)
        for digits in wanted
        for flow, numbers in found
        if any(digits == number.number for number in numbers)
    ]


def _show_all(account: Account, found: Sequence[tuple[LiveFlow, Sequence[Number]]]) -> None:
    document = all_numbers_document(found, account.names, account.environment)
    text = all_numbers_table(found, account.names, width=terminal_width()) if found else ""
    show_document(account, document, text)
    flows = "a call flow" if len(found) < 2 else f"{len(found)} call flows"
    _say_count(account, len({one.number for _, numbers in found for one in numbers}), flows)


def _show(account: Account, flow: LiveFlow, name: str | None, numbers: Sequence[Number]) -> None:
    document = numbers_document(numbers, flow, name, account.environment)
    show_document(account, document, numbers_text(numbers))
    _say_count(account, len(numbers), flow_name(flow, name))


def _say_count(account: Account, count: int, flows: str) -> None:
    if account.output_format != "json":
        lead = "1 number leads" if count == 1 else f"{count or 'No'} numbers lead"
        note(f"{lead} to {flows} in {printable(account.place)}")
