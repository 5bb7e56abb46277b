"""How verbs write: results to standard output, what is said beside them to standard error."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING

import click

from mbflow.cli.notes import note, shown_progress
from mbflow.cli.streams import terminal_columns
from mbflow.model.text import listed, printable
from mbflow.views.objects import document, listing_document
from mbflow.views.text import Style, json_text

if TYPE_CHECKING:
    from mbflow.api.http import Listing
    from mbflow.cli.context import Account
    from mbflow.cli.options import Verb
    from mbflow.model.flow import Body, Json
    from mbflow.plan.model import Plan


def stdout_style() -> Style:
    """Colour when standard output is a terminal and neither NO_COLOR nor TERM=dumb is set."""
    wanted = not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"
    return Style(colour=wanted and sys.stdout.isatty())


def say_environments(names: Sequence[str]) -> None:
    """What an offline verb took where it was told no environment and could have taken several."""
    if len(names) > 1:
        first = f"the flows as they are in {names[0]}, or in the first environment that has them"
        note(f"Without -e: {first}, of {listed(names, last='and')}.")


def is_interactive() -> bool:
    """Whether somebody can be asked: both ends are a terminal."""
    return sys.stdin.isatty() and sys.stdout.isatty()


def plan_output(plan: Plan, output_format: str, style: Style, *, is_rollback: bool = False) -> str:
    from mbflow.cli.next_command import with_commands

    plan = with_commands(plan, output_format)
    with shown_progress().begin("Comparing calls"):
        return _plan_output(plan, output_format, style, is_rollback=is_rollback)


def _plan_output(plan: Plan, output_format: str, style: Style, *, is_rollback: bool) -> str:
    from mbflow.cli.next_command import completed

    if output_format == "json":
        from mbflow.plan.document import plan_json

        return json_text(plan_json(plan))
    from mbflow.views.plan import VALIDATE, plan_text

    see = completed(VALIDATE)
    if output_format == "markdown":
        from mbflow.views.plan_markdown import plan_markdown

        return plan_markdown(plan, see=see)
    return plan_text(plan, style, see, is_rollback=is_rollback)


def limit(command: Verb) -> Verb:
    """`--limit N`, given to the verb as `limit: int | None`."""
    return click.option(
        "--limit", type=click.IntRange(min=1), metavar="N", help="Show only the first N."
    )(command)


def terminal_width() -> int | None:
    """None where the table goes to a file or a pipe, which get it uncut."""
    return terminal_columns() if sys.stdout.isatty() else None


def say(account: Account, text: str) -> None:
    """On standard error, with the place: `The call is over, in local (built-in emulator)`."""
    note(f"{text}, in {printable(account.place)}")


def announce(account: Account, text: str) -> None:
    """On standard error: what a question that follows is about, and where that is."""
    click.echo(f"In {printable(account.place)}:\n{text}", err=True)


def say_count(account: Account, shown: int, total: int, noun: str, owner: str = "") -> None:
    """On standard error: `5 of 250 calls in local (built-in emulator)`."""
    count = f"{shown} of {total}" if shown < total else f"{total}"
    name = noun if total == 1 else f"{noun}s"
    note(f"{count} {name}{printable(owner)} in {printable(account.place)}")


def show_as(output_format: str, document: Mapping[str, Json], text: str) -> None:
    """The document with `--format json`, else the text, unless that is empty."""
    if output_format == "json":
        click.echo(json_text(document))
    elif text:
        click.echo(text)


def show_document(account: Account, document: Mapping[str, Json], text: str) -> None:
    """The same, in the format that the account is to be shown in."""
    show_as(account.output_format, document, text)


def show_list(
    account: Account,
    listing: Listing,
    noun: str,
    table: Callable[[Sequence[Body], int | None], str],
    owner: str = "",
) -> None:
    """The table, and the count on standard error; or the document.

    `noun` in the singular names the list; `owner` says whose it is: ` of the call ID`.
    """
    document = listing_document(account.environment, f"{noun}s", listing)
    show_document(account, document, table(listing.items, terminal_width()))
    if account.output_format != "json":
        say_count(account, len(listing.items), listing.total, noun, owner)


def show_one(account: Account, noun: str, body: Body, text: str) -> None:
    """The object as text, or the document that holds it under `noun`."""
    show_parts(account, {noun: body}, text)


def show_parts(account: Account, parts: Mapping[str, Json], text: str) -> None:
    show_document(account, document(account.environment, parts), text)
