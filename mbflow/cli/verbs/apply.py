"""`mbflow apply`: make the live flows what the files say, as far as it was approved."""

from __future__ import annotations

from typing import Any

import click

from mbflow.cli.next_command import PARALLELISM, RunOptions
from mbflow.cli.options import FilePath, Verb, directory, environment, output_format

_OPTIONS = (
    directory,
    environment,
    output_format("text", "json", "markdown"),
    click.option(
        "--auto-approve", is_flag=True, help="Do not ask. Acknowledges no hazard and no delete."
    ),
    click.option(
        "--allow",
        metavar="FLOW|NUMBER",
        multiple=True,
        help="Acknowledge the hazards of this flow, or of this number.",
    ),
    click.option(
        "--allow-deletes",
        type=click.IntRange(min=0),
        metavar="N",
        help="The number of flows that may be deleted, exactly.",
    ),
    click.option(
        "--results",
        type=FilePath(dir_okay=False),
        help="Write what became of each change to FILE, a JSON line each, as it happens.",
    ),
)


def run_options(verb: Verb) -> Verb:
    """The options of every run, given to the verb as `RunOptions` names them."""
    for option in reversed(_OPTIONS):
        verb = option(verb)
    return verb


@click.command("apply")
@click.argument("planfile", metavar="[PLANFILE]", required=False, type=FilePath())
@run_options
@click.option(
    "--target",
    "targets",
    metavar="FLOW|NUMBER",
    multiple=True,
    help="Apply only this flow or number, the flows of a folder (support/), or like 'support/*'.",
)
@click.option(
    "--calendar",
    "switches_only",
    is_flag=True,
    help="Lead only numbers, from flow to flow of their calendar, without asking: for timers.",
)
@click.option(
    "--at",
    metavar="TIME",
    default="now",
    help="For which moment calendars decide; other than now only in the built-in emulator.",
)
@click.option(
    "--parallelism",
    type=click.IntRange(1, 64),
    metavar="N",
    default=PARALLELISM,
    show_default=True,
    help="How many requests may run at a time.",
)
def command(**options: Any) -> int:
    """Make the live flows what the files say.

    With PLANFILE exactly the changes that were planned are made, or none. Without it the plan is
    shown and a terminal is asked; where there is none, --auto-approve is needed.

    Exit codes: 0 done, 1 nothing was written, 3 refused, 4 partly done or unknown, or the files
    want more than the plan file holds, 64 wrong usage, 130 interrupted.
    """
    # Loads YAML and HTTP, which `--help` has no need of.
    from mbflow.cli.run import apply

    return apply(RunOptions(**options))
