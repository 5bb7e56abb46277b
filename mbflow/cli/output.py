"""How verbs write: colour only for a terminal that wants it, a plan in the format asked for."""

from __future__ import annotations

import os
import shutil
import sys
import time
from collections.abc import Callable, Sequence
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

import click

from mbflow.cli.next_command import with_commands
from mbflow.cli.options import Verb
from mbflow.model.text import listed
from mbflow.views.text import Style

if TYPE_CHECKING:
    from mbflow.api.http import Listing
    from mbflow.cli.context import Account
    from mbflow.model.flow import Body
    from mbflow.plan.model import Plan


def stdout_style() -> Style:
    """Colour when standard output is a terminal and neither NO_COLOR nor TERM=dumb is set."""
    wanted = not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"
    return Style(colour=wanted and sys.stdout.isatty())


def say_environments(names: Sequence[str]) -> None:
    """What an offline verb took where it was told no environment and could have taken several."""
    if len(names) > 1:
        first = f"the flows as they are in {names[0]}, or in the first environment that has them"
        click.echo(f"Without -e: {first}, of {listed(names, last='and')}.", err=True)


def is_interactive() -> bool:
    """Whether somebody can be asked: both ends are a terminal."""
    return sys.stdin.isatty() and sys.stdout.isatty()


def plan_output(plan: Plan, output_format: str, style: Style) -> str:
    plan = with_commands(plan, output_format)
    if output_format == "json":
        from mbflow.plan.document import plan_json
        from mbflow.views.text import json_text

        return json_text(plan_json(plan))
    if output_format == "markdown":
        from mbflow.views.plan_markdown import plan_markdown

        return plan_markdown(plan)
    from mbflow.views.plan import plan_text

    return plan_text(plan, style)


def limit(command: Verb) -> Verb:
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
    from mbflow.model.text import printable
    from mbflow.views.objects import listing_document
    from mbflow.views.text import json_text

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
    from mbflow.views.objects import document
    from mbflow.views.text import json_text

    json = output_format == "json"
    click.echo(json_text(document(account.environment, parts)) if json else text)


_PAUSE = 0.1
_WIDTH = 30


class ProgressLine:
    """Called with the bytes that have come and those that will; gone when it is left."""

    def __init__(self) -> None:
        self._is_shown = sys.stderr.isatty()
        self._next = 0.0

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        if self._is_shown and self._next:
            click.echo(f"\r{' ' * _WIDTH}\r", nl=False, err=True)

    def __call__(self, received: int, total: int | None) -> None:
        now = time.monotonic()
        if self._is_shown and (now >= self._next or received == total):
            self._next = now + _PAUSE
            click.echo(f"\r{progress_text(received, total):<{_WIDTH}}", nl=False, err=True)


def progress_text(received: int, total: int | None) -> str:
    """` 42 %  1.2 of 2.9 MB`."""
    if not total:
        return f"{_megabytes(received)} MB"
    share = min(100, received * 100 // total)
    return f"{share:>3} %  {_megabytes(received)} of {_megabytes(total)} MB"


def _megabytes(count: int) -> str:
    return f"{count / 1_000_000:.1f}"
