"""`mbflow graph`: call flows as diagrams, offline."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import click

from mbflow.cli.flow_names import changes_named, flow_names
from mbflow.cli.notes import note, shown_progress
from mbflow.cli.options import FilePath, directory, environment, output_format
from mbflow.cli.output import say_environments, say_problems
from mbflow.model.errors import ExitCode
from mbflow.views.text import json_text

if TYPE_CHECKING:
    from pathlib import Path

    from mbflow.flow.diagram import Drawing


@click.command("graph")
@click.argument("names", metavar="[FLOW]...", nargs=-1)
@click.option(
    "--diff",
    "planfile",
    metavar="PLANFILE",
    type=FilePath(dir_okay=False),
    help="Draw what a saved plan changes, in colours. Reads nothing but the file.",
)
@directory
@environment
@output_format("mermaid", "dot", "json")
def command(
    names: tuple[str, ...],
    planfile: Path | None,
    directory: Path,
    environment: str | None,
    output_format: str,
) -> int:
    """Draw the steps of call flows and the ways between them.

    Without a FLOW all flows are drawn; without -e each as it is in the first environment that has
    it. GitHub renders Mermaid in a code block that begins with
    ```mermaid; DOT is for Graphviz. Flows with errors cannot be drawn: of all flows the others are,
    and the verb exits with 1.

    With --diff the flows that a plan changes are drawn as they will be: green is added, yellow
    changed, blue moved, and red goes.
    """
    if planfile is not None:
        drawings = _changes(planfile, names, directory)
        if drawings or output_format == "json":
            _write(drawings, output_format)
        return ExitCode.DONE
    from mbflow.flow.diagram import draw
    from mbflow.testing.flows import called_flows

    flows = called_flows(directory, environment, progress=shown_progress())
    chosen = flows.choose(names := flow_names(names, directory, environment))
    _write([draw(program, f"f{number}") for number, program in enumerate(chosen)], output_format)
    say_environments(flows.environments)
    errors = () if names else flows.errors()
    say_problems(errors, directory)
    return ExitCode.FAILED if errors else ExitCode.DONE


def _write(drawings: Sequence[Drawing], output_format: str) -> None:
    from mbflow.views.diagram import diagram_json, dot, mermaid, mermaid_limit

    if output_format == "json":
        click.echo(json_text(diagram_json(drawings)))
        return
    if output_format == "dot":
        click.echo(dot(drawings))
        return
    text = mermaid(drawings)
    click.echo(text)
    limit = mermaid_limit(text, drawings)
    if limit:
        click.echo(f"{limit} Name fewer flows.", err=True)


def _changes(planfile: Path, names: Sequence[str], directory: Path) -> list[Drawing]:
    """What of the plan can be drawn; the rest is told on standard error."""
    from mbflow.model.text import printable
    from mbflow.plan.planfile import read_plan_file
    from mbflow.views.plan_diagram import SILENT, draw_change

    plan = read_plan_file(planfile)
    changes = changes_named(plan, flow_names(names, directory, plan.environment))
    if not changes:
        note("The plan changes no call flow: there is nothing to draw.")
    for change in changes:
        if change.action in SILENT:
            done = f"{change.action} {printable(change.name)}"
            note(f"Not drawn, it changes nothing that a caller hears: {done}")
    heard = [change for change in changes if change.action not in SILENT]
    return [draw_change(change, f"f{number}") for number, change in enumerate(heard)]
