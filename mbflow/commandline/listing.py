"""What verbs that list have in common: `--limit`, the width of a terminal, how a list is shown."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, TypeVar

import click

if TYPE_CHECKING:
    from mbflow.api.growing import Listing
    from mbflow.commandline.account import Account
    from mbflow.model import Body

Command = TypeVar("Command", bound=Callable[..., Any])


def limit(command: Command) -> Command:
    """`--limit N`, given to the verb as `limit: int | None`."""
    return click.option(
        "--limit", type=click.IntRange(min=1), metavar="N", help="Show only the first N."
    )(command)


def terminal_width() -> int | None:
    """None where the table goes to a file or a pipe, which get it uncut."""
    return shutil.get_terminal_size().columns if sys.stdout.isatty() else None


def show_list(
    account: Account,
    listing: Listing,
    noun: str,
    *,
    table: Callable[[Sequence[Body], int | None], str],
    output_format: str,
    owner: str = "",
) -> None:
    """The table, and the count on standard error; or the document.

    `noun` in the singular names the list; `owner` says whose it is: ` of the call ID`.
    """
    from mbflow.printable import printable
    from mbflow.views.json_text import json_text
    from mbflow.views.objects import listing_document

    if output_format == "json":
        click.echo(json_text(listing_document(account.environment, f"{noun}s", listing)))
        return
    if listing.items:
        click.echo(table(listing.items, terminal_width()))
    shown, total = len(listing.items), listing.total
    count = f"{shown} of {total}" if shown < total else f"{total}"
    name = noun if total == 1 else f"{noun}s"
    click.echo(f"{count} {name}{printable(owner)} in {printable(account.place)}", err=True)


def show_one(account: Account, noun: str, body: Body, text: str, output_format: str) -> None:
    """The object as text, or the document that holds it under `noun`."""
    show_parts(account, {noun: body}, text, output_format)


def show_parts(account: Account, parts: dict[str, Any], text: str, output_format: str) -> None:
    from mbflow.views.json_text import json_text
    from mbflow.views.objects import document

    json = output_format == "json"
    click.echo(json_text(document(account.environment, parts)) if json else text)
