"""`mbflow graph`: call flows as diagrams, offline."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from mbflow.cli.options import directory, environment, output_format
from mbflow.cli.output import say_environments
from mbflow.model.errors import ExitCode, UsageError

if TYPE_CHECKING:
    from mbflow.flow.diagram import Drawing
    from mbflow.plan.model import Change, Plan


@click.command("graph")
@click.argument("keys", metavar="[KEY]...", nargs=-1)
@click.option(
    "--diff",
    "planfile",
    metavar="PLAN",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Draw what a saved plan changes, in colours. Reads nothing but the file.",
)
@directory
@environment
@output_format("mermaid", "dot")
def command(
    keys: tuple[str, ...],
    planfile: Path | None,
    directory: Path,
    environment: str | None,
    output_format: str,
) -> int:
    """Draw the steps of call flows and the ways between them.

    Without a KEY all flows are drawn; without -e each as it is in the first environment that has
    it. GitHub renders Mermaid in a code block that begins with
    ```mermaid; DOT is for Graphviz.

    With --diff the flows that a plan changes are drawn as they will be: green is added, yellow
    changed, blue moved, and red goes.
    """
    if planfile is not None:
        drawings = _changes(planfile, keys)
        if drawings:
            _write(drawings, output_format)
        return ExitCode.DONE
    from mbflow.flow.diagram import draw
    from mbflow.testing.flows import called_flows

    flows = called_flows(directory, environment)
    chosen = flows.choose(keys)
    _write([draw(program, f"f{number}") for number, program in enumerate(chosen)], output_format)
    say_environments(flows.environments)
    return ExitCode.DONE


def _write(drawings: Sequence[Drawing], output_format: str) -> None:
    from mbflow.views.diagram import dot, mermaid, mermaid_limit

    if output_format == "dot":
        click.echo(dot(drawings))
        return
    text = mermaid(drawings)
    click.echo(text)
    limit = mermaid_limit(text, drawings)
    if limit:
        click.echo(f"{limit} Name fewer flows.", err=True)


def _changes(planfile: Path, keys: Sequence[str]) -> list[Drawing]:
    """What of the plan can be drawn; the rest is told on standard error."""
    from mbflow.model.text import printable
    from mbflow.plan.planfile import read_plan_file
    from mbflow.views.diagram import SILENT, draw_change

    changes = _chosen(read_plan_file(planfile), keys)
    if not changes:
        click.echo("The plan changes nothing: there is nothing to draw.", err=True)
    for change in changes:
        if change.action in SILENT:
            done = f"{change.action} {printable(change.key)}"
            click.echo(f"Not drawn, it changes nothing that a caller hears: {done}", err=True)
    heard = [change for change in changes if change.action not in SILENT]
    return [draw_change(change, f"f{number}") for number, change in enumerate(heard)]


def _chosen(plan: Plan, keys: Sequence[str]) -> Sequence[Change]:
    from mbflow.model.text import did_you_mean, shortened

    found = {change.key: change for change in plan.changes}
    for key in keys:
        if key not in found:
            guess = did_you_mean(key, found)
            raise UsageError(f'The plan does not change a flow "{shortened(key, 80)}".{guess}')
    return [found[key] for key in dict.fromkeys(keys or found)]
