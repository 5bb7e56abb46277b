"""`mbflow apply`: make the live flows what the files say, as far as it was approved."""

from __future__ import annotations

from pathlib import Path

import click

from mbflow.commandline.asked import PARALLELISM
from mbflow.commandline.options import directory, environment, output_format


@click.command("apply")
@click.argument("planfile", metavar="[PLANFILE]", required=False, type=click.Path(path_type=Path))
@directory
@environment
@output_format("text", "json")
@click.option("--auto-approve", is_flag=True, help="Do not ask. Covers no hazard and no delete.")
@click.option(
    "--allow", "allow", metavar="KEY", multiple=True, help="Acknowledge the hazards of this flow."
)
@click.option(
    "--allow-deletes",
    type=click.IntRange(min=0),
    metavar="N",
    help="The number of flows that may be deleted, exactly.",
)
@click.option("--target", "targets", metavar="KEY", multiple=True, help="Apply only this flow.")
@click.option(
    "--parallelism",
    type=click.IntRange(1, 64),
    default=PARALLELISM,
    show_default=True,
    help="Requests at a time.",
)
@click.option(
    "--results",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Write what became of each change to FILE, a JSON line each, as it happens.",
)
def command(
    planfile: Path | None,
    directory: Path,
    environment: str | None,
    output_format: str,
    auto_approve: bool,
    allow: tuple[str, ...],
    allow_deletes: int | None,
    targets: tuple[str, ...],
    parallelism: int,
    results: Path | None,
) -> int:
    """Make the live flows what the files say.

    With PLANFILE exactly the changes that were planned are made, or none. Without it the plan is
    shown and a terminal is asked; where there is none, --auto-approve is needed.

    Exit codes: 0 done, 1 nothing was written, 3 refused, 4 partly done or unknown, 64 wrong usage,
    130 interrupted.
    """
    from mbflow.commandline.asked import Asked
    from mbflow.commands.applying import apply

    return apply(
        Asked(
            directory=directory,
            environment=environment,
            planfile=planfile,
            auto_approve=auto_approve,
            allow=frozenset(allow),
            allow_deletes=allow_deletes,
            targets=targets,
            parallelism=parallelism,
            results=results,
            output_format=output_format,
        )
    )
