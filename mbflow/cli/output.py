"""How verbs write: results to standard output, what is said beside them to standard error."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import click

from mbflow.cli.notes import note, shown_progress
from mbflow.cli.streams import terminal_columns
from mbflow.model.text import listed, printable, shortened
from mbflow.views.objects import document, listing_document
from mbflow.views.text import BUDGET, LEAST, Style, code, json_text

if TYPE_CHECKING:
    from pathlib import Path

    from mbflow.api.http import Listing
    from mbflow.cli.context import Account
    from mbflow.cli.options import Verb
    from mbflow.model.errors import Stop
    from mbflow.model.flow import Body, Json
    from mbflow.model.problem import Problem
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


def say_problems(problems: Sequence[Problem], directory: Path) -> None:
    """What is wrong with files of the project that the directory is in, with their lines."""
    if problems:
        from mbflow.project.discover import find_root
        from mbflow.testing.validate import source_lines
        from mbflow.views.problems import problems_text

        lines = source_lines(find_root(directory), problems)
        click.echo(problems_text(problems, lines), err=True)


def is_interactive() -> bool:
    """Whether somebody can be asked: both ends are a terminal."""
    return sys.stdin.isatty() and sys.stdout.isatty()


def plans_output(
    plans: Sequence[Plan],
    output_format: str,
    style: Style,
    *,
    budget: int,
    refusals: Sequence[Stop | None],
    is_several: bool,
) -> str:
    """One plan as `plan_output` writes it; of several one after the other, each with its head.

    The budget is that of all of them; `refusals` has one for each plan.
    """
    if not is_several:
        return plan_output(
            plans[0], output_format, style, budget=budget, refusal=next(iter(refusals))
        )
    from mbflow.cli.next_command import tell_environment, with_commands
    from mbflow.plan.document import plan_json

    found: list[Json] = []
    share = max(LEAST, budget // len(plans) - len(_BETWEEN))
    for plan, refusal in zip(plans, refusals, strict=True):
        tell_environment(plan.environment)
        is_json = output_format == "json"
        one = plan_json(with_commands(plan, "json")) if is_json else None
        found.append(one or plan_output(plan, output_format, style, budget=share, refusal=refusal))
    return (
        json_text({"plans": found}) if output_format == "json" else _BETWEEN.join(map(str, found))
    )


_BETWEEN = "\n\n"


def budget(command: Verb) -> Verb:
    """`--budget N`, given to the verb as `budget: int`."""
    return click.option(
        "--budget",
        type=click.IntRange(min=LEAST),
        metavar="N",
        default=BUDGET,
        callback=_noted_budget,
        help=f"Characters that --format markdown takes at most ({BUDGET}).",
    )(command)


def _noted_budget(context: click.Context, parameter: click.Parameter, value: int) -> int:
    """For what is written in the place of a plan."""
    context.find_root().ensure_object(dict)["budget"] = str(value)
    return value


def plan_output(
    plan: Plan,
    output_format: str,
    style: Style,
    *,
    is_rollback: bool = False,
    budget: int | None = None,
    refusal: Stop | None = None,
) -> str:
    """The plan in a format; `budget` and `refusal`, what apply would say, are of Markdown only."""
    from mbflow.cli.next_command import with_commands

    plan = with_commands(plan, output_format)
    with shown_progress().begin("Comparing calls"):
        return _plan_output(plan, output_format, style, is_rollback, budget, refusal)


def _plan_output(
    plan: Plan,
    output_format: str,
    style: Style,
    is_rollback: bool,
    budget: int | None,
    refusal: Stop | None,
) -> str:
    from mbflow.cli.next_command import completed

    if output_format == "json":
        from mbflow.plan.document import plan_json

        return json_text(plan_json(plan))
    from mbflow.views.plan import VALIDATE, plan_text

    see = completed(VALIDATE)
    if output_format == "markdown":
        from mbflow.cli.repository import files_address
        from mbflow.views.comment import Files
        from mbflow.views.plan_markdown import plan_markdown

        found = {"budget": budget} if budget is not None else {}
        files = Files(files_address(plan.commit, plan.root, os.environ))
        return plan_markdown(plan, see=see, files=files, refusal=refusal, **found)
    return plan_text(plan, style, see, is_rollback=is_rollback)


def stop_comment(stop: Stop, known: Mapping[str, Any]) -> str:
    """What stands in the place of the Markdown of a verb; of a plan with the marker of that plan.

    `known` is what the command line told: `verb`, `to_name`, `to_visit`, `budget`.
    """
    from mbflow.views.comment import marker
    from mbflow.views.problems import stop_markdown

    room = int(known.get("budget") or BUDGET)
    if known.get("verb") not in _OF_A_PLAN:
        return stop_markdown(stop, room=room)
    from pathlib import Path

    from mbflow.project.project_file import stated_names

    project, default = stated_names(Path(known.get("to_visit") or "."))
    named = known.get("to_name") or known.get("environment")
    environment = named or os.environ.get("MBFLOW_ENVIRONMENT") or default
    first = marker("plan", project, environment)
    where = [code(shortened(environment, 80))] if environment else []
    head = f"### mbflow plan: {' · '.join([*where, 'no plan'])}"
    return f"{first}\n\n{stop_markdown(stop, head, room - len(first) - 2)}"


_OF_A_PLAN = ("plan", "show")


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
