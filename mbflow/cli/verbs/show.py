"""`mbflow show`: a saved plan, as it was made."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from mbflow.cli.hazards import check_hazards, fail_on
from mbflow.cli.options import FilePath, output_format
from mbflow.cli.output import budget, plan_output, stdout_style
from mbflow.model.errors import ExitCode

if TYPE_CHECKING:
    from pathlib import Path


@click.command("show")
@click.argument("planfile", metavar="PLANFILE", type=FilePath(dir_okay=False))
@output_format("text", "json", "markdown")
@budget
@click.option("--detailed-exitcode", is_flag=True, help="Exit with 2 when the plan has changes.")
@fail_on
def command(
    planfile: Path,
    output_format: str,
    budget: int,
    detailed_exitcode: bool,
    fail_on: tuple[str, ...],
) -> int:
    """Show a plan that `mbflow plan --out` saved. Reads nothing but the file."""
    from mbflow.plan.planfile import read_plan_file

    plan = read_plan_file(planfile)
    click.echo(plan_output(plan, output_format, stdout_style(), budget=budget))
    check_hazards(plan, fail_on)
    return ExitCode.CHANGES if detailed_exitcode and plan.everything else ExitCode.DONE
