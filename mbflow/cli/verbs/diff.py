"""`mbflow diff`: what is live in one environment, beside what is live in another."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from mbflow.cli.notes import shown_progress
from mbflow.cli.options import AccountOptions, directory, environments, output_format
from mbflow.cli.output import stdout_style
from mbflow.model.errors import ExitCode, UsageError
from mbflow.model.text import Command

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence
    from pathlib import Path

    from mbflow.api.client import Client
    from mbflow.cli.context import Account
    from mbflow.plan.environments import Comparison, Side


@click.command("diff")
@click.argument("flows", metavar="[FLOW]...", nargs=-1)
@directory
@environments
@output_format("text", "json", "markdown")
@click.option("--detailed-exitcode", is_flag=True, help="Exit with 2 when they differ.")
def command(
    directory: Path,
    environments: tuple[str, ...],
    flows: tuple[str, ...],
    output_format: str,
    detailed_exitcode: bool,
) -> int:
    """Compare what is live in two environments: diff -e staging -e production.

    It says what the second would get if it became like the first, and changes nothing. Flows are
    compared by the names that the lock knows; values of variables may differ. Numbers and calendars
    are compared by the flows that they lead to.

    Exit codes: 0 compared, 1 something failed, 2 they differ (only with --detailed-exitcode),
    64 wrong usage.
    """
    if len(environments) != 2:
        raise UsageError(
            "diff compares what is live in two environments: -e staging -e production.",
            "To compare the files with what is live:",
            Command("mbflow", "plan"),
        )
    found = _compared(directory, environments, flows, output_format)
    click.echo(_output(found, output_format))
    return ExitCode.CHANGES if detailed_exitcode and found.differs else ExitCode.DONE


def _compared(
    directory: Path, names: Sequence[str], flows: Sequence[str], output_format: str
) -> Comparison:
    from mbflow.cli.context import open_account, read_account
    from mbflow.cli.flow_names import flow_names
    from mbflow.plan.environments import compare_environments

    accounts = [
        read_account(AccountOptions(directory, name, output_format), needs_lock=True)
        for name in names
    ]
    routed = {
        flow
        for account in accounts
        for route in account.environment.numbers.values()
        for flow in route.flows
    }
    wanted = {flow for name in names for flow in flow_names(flows, directory, name)}
    _check_known(wanted, {name for account in accounts for name in account.ids})
    sides = []
    for account in accounts:
        with open_account(account) as client:
            sides.append(_side(account, client, wanted, routed, account.secrets))
    with shown_progress().begin("Comparing call flows"):
        return compare_environments(*sides)


def _check_known(wanted: Collection[str], known: Collection[str]) -> None:
    from mbflow.model.text import did_you_mean

    for name in sorted(wanted):
        if name not in known:
            near = did_you_mean(name, known)
            raise UsageError(f"The lock names no flow {name} in either environment.{near}")


def _side(
    account: Account,
    client: Client,
    wanted: Collection[str],
    routed: Collection[str],
    secrets: Mapping[str, str],
) -> Side:
    """What is live, of the flows that are wanted, or of all; with the numbers of those routed."""
    from mbflow.apply.clean_body import clean_body
    from mbflow.flow.canonical import Form
    from mbflow.plan.environments import Side
    from mbflow.plan.refresh import read_account, read_numbers
    from mbflow.plan.secrets import covered

    entries = {name: account.entries[flow_id] for name, flow_id in account.ids.items()}
    live, _ = read_account(client, {}, entries, secrets)
    shown = {
        name: clean_body(Form(covered(live[entry.id].body, None, entry, secrets)))
        for name, entry in entries.items()
        if entry.id in live and (not wanted or name in wanted)
    }
    names = [name for name in shown if name in routed]
    numbers = read_numbers(client, [account.ids[name] for name in names], give_up=True)
    routes = account.environment.numbers
    return Side(
        account.environment.name,
        account.place,
        shown,
        frozenset(live),
        account.environment.variables,
        {n: route for n, route in routes.items() if not wanted or {*wanted} & {*route.flows}},
        {name: tuple(numbers[account.ids[name]] or ()) for name in names},
    )


def _output(found: Comparison, output_format: str) -> str:
    from mbflow.views import environments
    from mbflow.views.text import json_text

    if output_format == "json":
        return json_text(environments.environments_document(found))
    if output_format == "markdown":
        return environments.environments_markdown(found)
    return environments.environments_text(found, stdout_style())
