"""`mbflow rollback`: bring back what was live before, by an ordinary plan."""

from __future__ import annotations

from pathlib import Path

import click

from mbflow.commandline.options import directory, environment, output_format


@click.command("rollback")
@click.argument("source", metavar="[SOURCE]", default="last")
@directory
@environment
@output_format("text", "json")
@click.option("--auto-approve", is_flag=True, help="Do not ask. Covers no hazard and no delete.")
@click.option("--allow", metavar="KEY", multiple=True, help="Acknowledge the hazards of this flow.")
@click.option("--allow-deletes", type=click.IntRange(min=0), metavar="N", help="As for apply.")
@click.option(
    "--results",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Write what became of each change to FILE, a JSON line each.",
)
def command(
    source: str,
    directory: Path,
    environment: str | None,
    output_format: str,
    auto_approve: bool,
    allow: tuple[str, ...],
    allow_deletes: int | None,
    results: Path | None,
) -> int:
    """Bring back what was live before an apply.

    SOURCE is a saved plan, the results file of an apply on any machine, or a snapshot below
    .mbflow; `last`, which is taken where none is named, is the newest snapshot of this checkout.
    Only the flows in it are touched. A flow that was deleted comes back with a new id. The plan
    is shown first; without a terminal and --auto-approve nothing else happens.

    Revert the commit too, or the next apply makes the same change again. A rollback leaves a
    snapshot like any apply: a second `rollback last` takes back the first.
    """
    from mbflow.commandline.asked import Asked
    from mbflow.commands.undoing import undo

    asked = Asked(
        directory=directory,
        environment=environment,
        source=source,
        auto_approve=auto_approve,
        allow=frozenset(allow),
        allow_deletes=allow_deletes,
        results=results,
        output_format=output_format,
    )
    return undo(asked, source)
