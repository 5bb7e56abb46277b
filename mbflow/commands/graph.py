"""`mbflow graph`: call flows as diagrams, offline."""

from __future__ import annotations

from pathlib import Path

import click

from mbflow.commands.options import directory, environment, output_format
from mbflow.errors import ExitCode


@click.command("graph")
@click.argument("keys", metavar="[KEY]...", nargs=-1)
@directory
@environment
@output_format("mermaid", "dot")
def command(
    keys: tuple[str, ...], directory: Path, environment: str | None, output_format: str
) -> int:
    """Draw the steps of call flows and the ways between them.

    Without a KEY all flows are drawn. GitHub renders Mermaid in a code block that begins with
    ```mermaid; DOT is for Graphviz.
    """
    from mbflow.graph.drawing import draw
    from mbflow.testing.chosen import Programs
    from mbflow.views.diagram import MERMAID_EDGES, dot, mermaid

    programs = Programs(directory, environment).chosen(keys)
    drawings = [draw(program, f"f{number}") for number, program in enumerate(programs)]
    click.echo((dot if output_format == "dot" else mermaid)(drawings))
    arrows = sum(len(drawing.arrows) for drawing in drawings)
    if output_format == "mermaid" and arrows > MERMAID_EDGES:
        limit = f"GitHub draws at most {MERMAID_EDGES} arrows, and these are {arrows:,}."
        click.echo(f"{limit} Name fewer flows.", err=True)
    return ExitCode.DONE
