"""`mbflow plan`: show what apply would change, and save it for apply if asked to."""

from __future__ import annotations

from contextlib import ExitStack
from functools import partial
from typing import TYPE_CHECKING, Any

import click

from mbflow.cli.flow_names import flow_or_number_names, target_names
from mbflow.cli.hazards import check_hazards, fail_on
from mbflow.cli.next_command import RunOptions, tell_environment
from mbflow.cli.notes import shown_progress
from mbflow.cli.options import (
    FilePath,
    directory,
    environments,
    is_quiet,
    output_format,
    stated_base,
)
from mbflow.cli.output import budget, plan_output, plans_output, stdout_style
from mbflow.model.errors import Error, ExitCode, ProblemsError, RefusedError, Stop, UsageError
from mbflow.model.text import Command

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from pathlib import Path

    from mbflow.api.client import Client
    from mbflow.plan.build import Planned
    from mbflow.plan.model import Plan
    from mbflow.plan.survey import Beginning, Wishes
    from mbflow.project.load import Checkout


def _stated_calls(context: click.Context, parameter: click.Parameter, value: str) -> int | None:
    if value == "all":
        return None
    if not value.isascii() or not value.isdigit() or len(value) > 6:
        raise click.BadParameter("Write a number of calls, such as 3, or all.")
    return int(value)


@click.command("plan")
@directory
@environments
@output_format("text", "json", "markdown")
@budget
@click.option(
    "--out",
    type=FilePath(dir_okay=False),
    help="Save the plan, to be reviewed and applied as it is; a plan that is there is replaced.",
)
@click.option("--detailed-exitcode", is_flag=True, help="Exit with 2 when changes are pending.")
@click.option(
    "--require-applicable",
    is_flag=True,
    help="Exit with 3 when apply would refuse the saved plan before more is said.",
)
@fail_on
@click.option(
    "--target",
    "targets",
    metavar="FLOW|NUMBER",
    multiple=True,
    help="Plan only this flow or number, the flows of a folder (support/), or like 'support/*'.",
)
@click.option(
    "--base",
    metavar="REF",
    callback=stated_base,
    help="Compare with this git commit: whose each change is, and what may be deleted.",
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
    environments: tuple[str, ...],
    output_format: str,
    budget: int,
    out: Path | None,
    detailed_exitcode: bool,
    require_applicable: bool,
    fail_on: tuple[str, ...],
    targets: tuple[str, ...],
    allow: tuple[str, ...],
    **wishes: Any,
) -> int:
    """Show what apply would change. Changes nothing.

    With several environments the plans follow one another, also where one of them cannot be made;
    the worst code is the first of 1, 3, 2 and 0 that one of them has.

    Exit codes: 0 planned, 1 the files have problems or something failed, 2 changes are pending
    (only with --detailed-exitcode), 3 refused, or apply would ask for more (only with
    --require-applicable), or a hazard of --fail-on, 64 wrong usage.
    """
    from pathlib import Path

    from mbflow.model.problem import has_errors

    _check_out(out, environments)
    is_several = len(environments) > 1
    make = partial(_allowed, directory, targets=targets, allow=allow, **wishes)
    found, failed = _plan_each(environments, make) if is_several else ([make(*environments)], [])
    is_for_reviewers = out is not None or output_format != "text"
    plans = [_for_reviewers(one) if is_for_reviewers else one.plan for one in found]
    if out is not None and not has_errors(plans[0].problems):
        from mbflow.plan.planfile import write_plan_file

        write_plan_file(out, plan_output(plans[0], "json", stdout_style()))
    saved = RunOptions(directory, next(iter(environments), None), planfile=out or Path("plan.json"))
    is_broken = any(has_errors(plan.problems) for plan in plans)
    checks: list[Callable[[Planned], None]] = [lambda one: check_hazards(one.plan, fail_on)]
    if require_applicable:
        checks.append(lambda one: _check_applicable(one, saved, several=is_several))
    refusals = [None if is_broken else _refusal(one, checks) for one in found]
    stops = [None if refusal is None else _stop(refusal) for refusal in refusals]
    style = stdout_style()
    told = plans_output(
        plans, output_format, style, budget=budget, refusals=stops, is_several=is_several
    )
    click.echo(told)
    if out is not None:
        _say_what_was_saved(plans[0], out, saved, refused=refusals[0] is not None)
    failed += _refused(plans, refusals) if is_several else filter(None, refusals)
    if failed:
        raise _joined(failed, is_broken=is_broken)
    if is_broken:
        return ExitCode.FAILED
    is_pending = any(plan.everything for plan in plans)
    return ExitCode.CHANGES if detailed_exitcode and is_pending else ExitCode.DONE


def _check_out(out: Path | None, environments: Sequence[str]) -> None:
    """Before anything is read: one file takes one plan, and the place of nothing but a plan."""
    if out is None:
        return
    from mbflow.plan.planfile import is_replaceable

    if not is_replaceable(out):
        raise UsageError(f"{out} is not a plan of mbflow: it stays. Name another file with --out.")
    if len(environments) < 2:
        return
    raise UsageError(
        "--out holds the plan of one environment. Make a file for each:",
        *(
            Command("mbflow", "plan", "-e", name, "--out", f"{out.stem}.{name}{out.suffix}")
            for name in environments
        ),
    )


def _refusal(planned: Planned, checks: Sequence[Callable[[Planned], None]]) -> Error | None:
    """Everything that the checks refuse, as one."""
    refusals = []
    for check in checks:
        try:
            check(planned)
        except RefusedError as refusal:
            refusals.append(refusal)
    return _joined(refusals) if refusals else None


def _joined(errors: Sequence[Error], *, is_broken: bool = False) -> Error:
    """All of them as one, with the exit code that says most."""
    first, *others = errors
    more = (line for other in others for line in (other.summary, *other.details))
    is_failed = is_broken or any(error.exit_code is ExitCode.FAILED for error in errors)
    return (Error if is_failed else RefusedError)(first.summary, *first.details, *more)


def _plan_each(
    environments: Sequence[str], make: Callable[[str], Planned]
) -> tuple[list[Planned], list[Error]]:
    """The plans that can be made, and why others cannot. Raises the reasons where none can."""
    found, failed = [], []
    for name in environments:
        tell_environment(name)  # for what a refusal advises
        try:
            found.append(make(name))
        except (UsageError, ProblemsError):
            raise
        except Error as error:
            failed.append(_at(name, error))
    if not found:
        raise _joined(failed)
    return found, failed


def _refused(plans: Sequence[Plan], refusals: Sequence[Error | None]) -> list[Error]:
    """What is refused of any plan, each with its place."""
    from mbflow.views.plan import place

    pairs = zip(plans, refusals, strict=True)
    return [_at(place(plan), refusal) for plan, refusal in pairs if refusal is not None]


def _at(place: str, error: Error) -> Error:
    kind = RefusedError if error.exit_code is ExitCode.REFUSED else Error
    return kind(f"{place}: {error.summary}", *error.details)


def _allowed(
    directory: Path,
    environment: str | None = None,
    *,
    targets: Iterable[str],
    allow: Iterable[str],
    **others: Any,
) -> Planned:
    """The plan, where what is allowed has hazards. The others are wishes as they are."""
    planned, names = _planned(directory, environment, targets, allow, **others)
    from mbflow.apply.approve import check_allow

    check_allow(planned, None, names)
    return planned


def _planned(
    directory: Path,
    environment: str | None,
    targets: Iterable[str],
    allow: Iterable[str],
    **others: Any,
) -> tuple[Planned, tuple[str, ...]]:
    """The plan, and what is allowed, by name."""
    from mbflow.project.load import read_checkout

    begun: list[tuple[Client, Wishes, Beginning]] = []
    with ExitStack() as stack:

        def begin(checkout: Checkout) -> None:
            # Here, so that other processes read files while these are loaded.
            from mbflow.cli.context import connect
            from mbflow.plan.survey import Wishes, begin_survey

            here = directory, checkout.environment.name
            names = target_names(targets, *here), flow_or_number_names(allow, *here)
            client = connect(checkout.root, checkout.environment, can_write=False)
            stack.enter_context(client)
            wishes = Wishes(targets=names[0], allow=names[1], **others)
            begun.append((client, wishes, begin_survey(checkout, client)))

        checkout = read_checkout(directory, environment, beside=begin, progress=shown_progress())
        from mbflow.plan.build import make_plan

        ((client, wishes, beginning),) = begun
        return make_plan(checkout, client, wishes, begun=beginning), wishes.allow


def _say_what_was_saved(plan: Plan, out: Path, saved: RunOptions, *, refused: bool) -> None:
    """How to go on; a refusal that follows names the other ways itself."""
    from mbflow.apply.approve import Consent, enough, own_only
    from mbflow.cli.next_command import say_lines
    from mbflow.model.problem import has_errors

    if has_errors(plan.problems):
        say_lines([f"Nothing was saved as {out}."])
    elif is_quiet():
        return
    elif not plan.everything:
        say_lines([f"Saved as {out}."])
    else:
        consent = Consent(reviewed=True)
        said = enough(plan, consent)
        also = ", with its hazards (!)" if said.allow else ""
        whole = saved.saying(said).again()
        rest = [] if refused else own_only(plan, consent)
        say_lines([f"Saved as {out}. To apply exactly this{also}:", whole, *rest])


def _check_applicable(planned: Planned, saved: RunOptions, *, several: bool) -> None:
    """Raise RefusedError with what apply will still ask for."""
    from mbflow.apply.approve import check_applicable

    name = planned.plan.environment if several else None
    check_applicable(
        planned.plan,
        has_flow_files=planned.checkout.has_files,
        again=lambda said: saved.saying(said).again(environment=name),
    )


def _for_reviewers(planned: Planned) -> Plan:
    """The plan with its commit, and with which of its changes calls go through."""
    import os
    from dataclasses import replace

    from mbflow.cli.repository import planned_commit
    from mbflow.plan.branch_coverage import with_coverage

    with shown_progress().begin("Running calls"):
        plan = with_coverage(planned.plan, planned.checkout)
    return replace(plan, commit=planned_commit(os.environ))


def _stop(refusal: Error) -> Stop:
    from mbflow.cli.next_command import render

    return Stop(refusal.exit_code, refusal.summary, render(refusal.details))
