"""`mbflow plan`: show what apply would change, and save it for apply if asked to."""

from __future__ import annotations

from contextlib import ExitStack
from typing import TYPE_CHECKING, Any

import click

from mbflow.cli.flow_names import flow_or_number_names
from mbflow.cli.next_command import RunOptions
from mbflow.cli.notes import shown_progress
from mbflow.cli.options import FilePath, directory, environment, is_quiet, output_format
from mbflow.cli.output import plan_output, stdout_style
from mbflow.model.errors import ExitCode, RefusedError, Stop

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from mbflow.api.client import Client
    from mbflow.plan.build import Planned
    from mbflow.plan.model import Plan
    from mbflow.plan.survey import Beginning, Wishes
    from mbflow.project.load import Checkout


def _stated_base(
    context: click.Context, parameter: click.Parameter, value: str | None
) -> str | None:
    """Nothing is planned for deletion without a base: an empty variable must not pass for one."""
    if value is not None and not value.strip():
        raise click.BadParameter("It is empty: name a commit, branch or tag.")
    return value


def _stated_calls(context: click.Context, parameter: click.Parameter, value: str) -> int | None:
    if value == "all":
        return None
    if not value.isascii() or not value.isdigit() or len(value) > 6:
        raise click.BadParameter("Write a number of calls, such as 3, or all.")
    return int(value)


@click.command("plan")
@directory
@environment
@output_format("text", "json", "markdown")
@click.option(
    "--out",
    type=FilePath(dir_okay=False),
    help="Save the plan, to be reviewed and applied as it is.",
)
@click.option("--detailed-exitcode", is_flag=True, help="Exit with 2 when changes are pending.")
@click.option(
    "--require-applicable",
    is_flag=True,
    help="Exit with 3 when apply would refuse the saved plan before more is said.",
)
@click.option(
    "--target",
    "targets",
    metavar="FLOW|NUMBER",
    multiple=True,
    help="Plan only this flow, or this number.",
)
@click.option(
    "--base",
    metavar="REF",
    callback=_stated_base,
    help="Flows whose files existed at this git commit may be planned for deletion.",
)
@click.option(
    "--allow",
    "allow",
    metavar="FLOW|NUMBER",
    multiple=True,
    help="Acknowledge the hazards of this flow, or of this number.",
)
@click.option(
    "--match-title",
    is_flag=True,
    help="Take over a flow that mbflow did not make when its title is the same.",
)
@click.option(
    "--calls",
    metavar="N|all",
    default="3",
    callback=_stated_calls,
    help="Tell N of the calls that an update changes (3), or all.",
)
@click.option(
    "--at",
    metavar="TIME",
    default="now",
    help="For which moment calendars decide: 2026-12-25T10:00 in their zone, or with an offset.",
)
def command(
    directory: Path,
    environment: str | None,
    output_format: str,
    out: Path | None,
    detailed_exitcode: bool,
    require_applicable: bool,
    targets: tuple[str, ...],
    base: str | None,
    allow: tuple[str, ...],
    match_title: bool,
    calls: int | None,
    at: str,
) -> int:
    """Show what apply would change. Changes nothing.

    Exit codes: 0 planned, 1 the files have problems or something failed, 2 changes are pending
    (only with --detailed-exitcode), 3 refused, or apply would ask for more (only with
    --require-applicable), 64 wrong usage.
    """
    from pathlib import Path

    planned, allow = _planned(
        directory,
        environment,
        targets,
        allow,
        base=base,
        match_title=match_title,
        calls=calls,
        at=at,
    )
    from mbflow.apply.approve import check_allow
    from mbflow.model.problem import has_errors
    from mbflow.plan.planfile import write_plan_file

    check_allow(planned, None, allow)
    checkout, plan = planned.checkout, planned.plan
    if out is not None and not has_errors(plan.problems):
        write_plan_file(out, plan_output(plan, "json", stdout_style()))
    click.echo(plan_output(plan, output_format, stdout_style()))
    saved = RunOptions(directory, environment, planfile=out or Path("plan.json"))
    if out is not None:
        _say_what_was_saved(plan, out, saved)
    if has_errors(plan.problems):
        return ExitCode.FAILED
    if require_applicable:
        _check_applicable(checkout, plan, saved, output_format)
    return ExitCode.CHANGES if detailed_exitcode and plan.everything else ExitCode.DONE


def _planned(
    directory: Path,
    environment: str | None,
    targets: Iterable[str],
    allow: Iterable[str],
    **others: Any,
) -> tuple[Planned, tuple[str, ...]]:
    """The plan, and what is allowed, by name. The others are wishes as they are."""
    from mbflow.project.load import read_checkout

    begun: list[tuple[Client, Wishes, Beginning]] = []
    with ExitStack() as stack:

        def begin(checkout: Checkout) -> None:
            # Here, so that other processes read files while these are loaded.
            from mbflow.cli.context import connect
            from mbflow.plan.survey import Wishes, begin_survey

            here = directory, checkout.environment.name
            names = [flow_or_number_names(texts, *here) for texts in (targets, allow)]
            client = connect(checkout.root, checkout.environment, can_write=False)
            stack.enter_context(client)
            wishes = Wishes(targets=names[0], allow=names[1], **others)
            begun.append((client, wishes, begin_survey(checkout, client)))

        checkout = read_checkout(directory, environment, beside=begin, progress=shown_progress())
        from mbflow.plan.build import make_plan

        ((client, wishes, beginning),) = begun
        return make_plan(checkout, client, wishes, begun=beginning), wishes.allow


def _say_what_was_saved(plan: Plan, out: Path, saved: RunOptions) -> None:
    from mbflow.apply.approve import Consent, enough
    from mbflow.cli.next_command import say_lines
    from mbflow.model.problem import has_errors

    if has_errors(plan.problems):
        say_lines([f"Nothing was saved as {out}."])
    elif is_quiet():
        return
    elif not plan.everything:
        say_lines([f"Saved as {out}."])
    else:
        whole = saved.saying(enough(plan, Consent(reviewed=True))).again()
        say_lines([f"Saved as {out}. To apply exactly this:", whole])


def _check_applicable(
    checkout: Checkout, plan: Plan, saved: RunOptions, output_format: str
) -> None:
    """Raise RefusedError with what apply will still ask for; a comment says it too."""
    from mbflow.apply.approve import check_applicable
    from mbflow.cli.next_command import render
    from mbflow.views.problems import stop_markdown

    try:
        check_applicable(
            plan, has_flow_files=checkout.has_files, again=lambda said: saved.saying(said).again()
        )
    except RefusedError as refusal:
        if output_format == "markdown":
            stop = Stop(refusal.exit_code, refusal.summary, render(refusal.details))
            click.echo(f"\n{stop_markdown(stop)}")
        raise
