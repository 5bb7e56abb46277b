"""One run of `apply` or `rollback`: plan, ask, make the changes, and say what became of each."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from mbflow.apply.approve import (
    Approved,
    Consent,
    MoreNeeded,
    approve,
    approve_switches,
    enough,
    wishes_of,
)
from mbflow.apply.result import Result, Status, done_already, exit_code_of
from mbflow.apply.run import Tools, refresh_lock, results_head, run
from mbflow.apply.run_lock import (
    own_turn,
    stopping_on_signals,
    terminated_as_interrupted,
    turn_folder,
)
from mbflow.cli.context import connect
from mbflow.cli.flow_names import flow_or_number_names, target_names
from mbflow.cli.next_command import RunOptions, render, say_lines, tell_environment, with_commands
from mbflow.cli.notes import note, shown_progress
from mbflow.cli.options import is_quiet
from mbflow.cli.output import is_interactive, plan_output, stdout_style
from mbflow.model.errors import Declined, ExitCode, RefusedError, UsageError
from mbflow.model.problem import has_errors
from mbflow.model.project import LOCAL
from mbflow.model.text import Line, listed, printable
from mbflow.plan.build import Planned, make_plan
from mbflow.plan.calendars import NOW
from mbflow.plan.model import Plan, refusal_lines
from mbflow.plan.planfile import read_plan_file
from mbflow.plan.survey import Wishes
from mbflow.project.discover import repository_root
from mbflow.project.git import git_command
from mbflow.project.load import Checkout, read_checkout
from mbflow.project.local_folder import LOCK_FILE
from mbflow.state.lock import lock_path
from mbflow.state.records import results_file
from mbflow.views.plan import place
from mbflow.views.results import (
    cut_off_lines,
    left_lines,
    outcome_line,
    pass_lines,
    results_json,
    results_lines,
)
from mbflow.views.text import json_text

if TYPE_CHECKING:
    from mbflow.api.client import Client


def apply(asked: RunOptions) -> int:
    """Plan, approve and run. Returns the exit code."""
    _check_usage(asked)
    saved = read_plan_file(asked.planfile) if asked.planfile is not None else None
    checkout = _checkout_for(asked, saved)
    asked = with_names(asked, checkout)
    if asked.at != NOW and not checkout.environment.is_embedded:
        raise UsageError(
            "--at: numbers are led as they are to lead now. To look at another moment:",
            asked.plan_at(),
        )
    if asked.switches_only and not checkout.environment.has_calendars:
        raise UsageError(f"No calendar leads a number of {checkout.environment.name}.")
    if saved is None and not asked.switches_only and checkout.environment.require_plan:
        raise RefusedError(
            f"The environment {checkout.environment.name} is applied from a saved plan only.",
            "Save a plan, and apply it once it is reviewed:",
            *asked.by_a_plan(),
        )
    wishes = wishes_of(saved, asked.allow) if saved else _wishes(asked)
    wishes = replace(wishes, at=asked.at)
    with remind_of_lock(checkout):
        code, _ = in_turn(asked, checkout, wishes, saved)
    return code


def with_names(asked: RunOptions, checkout: Checkout) -> RunOptions:
    """The options with names for the flows that they name by a path or an id."""
    where = asked.directory, checkout.environment.name
    return asked._replace(
        allow=flow_or_number_names(asked.allow, *where),
        targets=target_names(asked.targets, *where),
    )


def _checkout_for(asked: RunOptions, saved: Plan | None) -> Checkout:
    """A saved plan says where it is for: an environment that is named must be the same."""
    if saved is None:
        return read_checkout(asked.directory, asked.environment, progress=shown_progress())
    if asked.environment not in (None, saved.environment):
        raise RefusedError(
            f"This plan is for {saved.environment}, and not for {asked.environment}:",
            asked.again(environment=saved.environment),
        )
    checkout = read_checkout(asked.directory, saved.environment, progress=shown_progress())
    if asked.environment is None and {*checkout.project.declared} - {LOCAL}:
        tell_environment(saved.environment)
    return checkout


def in_turn(
    asked: RunOptions, checkout: Checkout, wishes: Wishes, saved: Plan | None
) -> tuple[int, Sequence[Result]]:
    """The part of an apply that needs the account: one at a time in a checkout."""
    with ExitStack() as stack:
        stack.enter_context(terminated_as_interrupted())
        stack.enter_context(own_turn(turn_folder(checkout.root, checkout.environment)))
        client = stack.enter_context(
            connect(checkout.root, checkout.environment, can_write=True, workers=asked.parallelism)
        )
        planned = _planned(asked, checkout, client, wishes)
        if has_errors(planned.plan.problems):
            click.echo(plan_output(planned.plan, asked.output_format, stdout_style()))
            return ExitCode.FAILED, ()
        approved = _approved(asked, planned, saved)
        needs_answer = not asked.auto_approve and not asked.switches_only
        if saved is None and needs_answer and approved.todo:
            _ask(planned.plan)
            shown, planned = planned.plan, _planned(asked, checkout, client, wishes)
            approved = _settled(asked, planned, shown, _consent(asked, None))
        return _run(asked, planned, client, approved)


def _check_usage(asked: RunOptions) -> None:
    if asked.planfile is not None and asked.targets:
        raise UsageError(
            "--target does not go with a plan file: the plan already says what is changed."
        )
    if asked.switches_only:
        _check_alone(asked)


def _check_alone(asked: RunOptions) -> None:
    others = {
        "PLANFILE": asked.planfile,
        "--target": asked.targets,
        "--allow": asked.allow,
        "--allow-deletes": asked.allow_deletes is not None,
        "--auto-approve": asked.auto_approve,
    }
    given = [name for name, value in others.items() if value]
    if given:
        raise UsageError(f"--calendar does not go with {listed(given)}: it changes no flow.")


def _check_can_ask(asked: RunOptions, planned: Planned) -> None:
    """Raise UsageError where nobody can be asked about the changes, and what to say in place.

    What there is not to do, or not to be done at all, needs no answer.
    """
    if asked.planfile is not None or asked.auto_approve or is_interactive():
        return
    with suppress(MoreNeeded):
        if not approve(planned, None, _consent(asked, None)).todo:
            return
    raise UsageError(
        "There is no terminal to ask on, so say what may be applied.",
        *_advice(asked, planned.plan),
    )


def _advice(asked: RunOptions, plan: Plan) -> Sequence[Line]:
    """Commands that go through: each says all that the plan needs."""
    unseen = asked._replace(auto_approve=True)
    whole = unseen.saying(enough(plan, _consent(unseen, None)))
    everything = "et everything through that needs no acknowledgement:"
    if whole != unseen._replace(allow=tuple(sorted(asked.allow))):
        everything = "et all of the plan through, once you have looked at its hazards and deletes:"
    if asked.source is not None:
        return f"L{everything}", whole.again()
    reviewed = asked.saying(enough(plan, _consent(asked, None))).by_a_plan()
    return "Either apply a plan that was reviewed:", *reviewed, f"or l{everything}", whole.again()


def _wishes(asked: RunOptions) -> Wishes:
    return Wishes(
        targets=asked.targets,
        allow=asked.allow,
        switches_only=asked.switches_only,
    )


def _planned(asked: RunOptions, checkout: Checkout, client: Client, wishes: Wishes) -> Planned:
    planned = make_plan(checkout, client, wishes)
    return replace(planned, plan=with_commands(planned.plan, asked.output_format))


def _approved(asked: RunOptions, planned: Planned, saved: Plan | None) -> Approved:
    aside = asked.output_format != "text"
    if asked.switches_only:
        return approve_switches(planned)
    if saved is not None:
        head = f"{printable(str(asked.planfile))} for {place(planned.plan)}"
        note(head) if aside else click.echo(head)
        for new in sorted(set(planned.plan.notes) - set(saved.notes)):
            click.echo(f"Not known when the plan was made: {printable(new)}", err=True)
    elif not aside or not asked.auto_approve:
        is_rollback = asked.source is not None
        shown = plan_output(planned.plan, "text", stdout_style(), is_rollback=is_rollback)
        click.echo(shown, err=aside)
    _check_can_ask(asked, planned)
    return _settled(asked, planned, saved, _consent(asked, saved))


def _settled(asked: RunOptions, planned: Planned, saved: Plan | None, consent: Consent) -> Approved:
    try:
        return approve(planned, saved, consent)
    except MoreNeeded as more:
        whole = ("The whole command:", asked.saying(more.enough).again())
        raise RefusedError(more.summary, *more.details, *whole) from more


def _consent(asked: RunOptions, saved: Plan | None) -> Consent:
    reviewed = saved is not None or not asked.auto_approve
    return Consent(reviewed, frozenset(asked.allow), asked.allow_deletes)


def _ask(plan: Plan) -> None:
    """The answer may take long: what was shown is held against the account once more."""
    if not click.confirm(f"Apply this to {place(plan)}?", err=True):
        raise Declined("You said no. Nothing was applied.")


def _run(
    asked: RunOptions, planned: Planned, client: Client, approved: Approved
) -> tuple[int, Sequence[Result]]:
    done = [done_already(change) for change in approved.already]
    with ExitStack() as stack:
        results = None
        if asked.results is not None:
            results = results_file(asked.results, results_head(planned))
            stack.callback(results.close)
        if not approved.todo:
            if not asked.switches_only:
                refresh_lock(planned)
            return _finish(asked, planned, done, approved, stopped=False)
        stop = stack.enter_context(stopping_on_signals(client.interrupt))
        tools = Tools(
            workers=client.workers,
            stop=stop,
            results=results,
            sleep=stop.wait,
            report=lambda one: None if one.is_cut_off or asked.switches_only else _tell(one),
        )
        allowed = {*asked.allow, *planned.plan.allowed}
        outcomes = run(
            planned,
            client,
            todo=approved.flows,
            numbers=approved.numbers,
            allowed=allowed,
            tools=tools,
            remembers=not asked.switches_only,
        )
    outcomes = [*done, *outcomes]
    return _finish(asked, planned, outcomes, approved, stopped=stop.is_set())


def _tell(outcome: Result) -> None:
    if outcome.status is Status.DONE and is_quiet():
        return
    click.echo(outcome_line(outcome, stdout_style()), err=True)


def _finish(
    asked: RunOptions,
    planned: Planned,
    outcomes: Sequence[Result],
    approved: Approved,
    *,
    stopped: bool,
) -> tuple[int, Sequence[Result]]:
    """Tell what became of it. Changes elsewhere are in no plan: git wants more than is live."""
    elsewhere = approved.elsewhere
    for line in cut_off_lines(outcomes, stdout_style()):
        click.echo(line, err=True)
    code = ExitCode.INTERRUPTED if stopped else exit_code_of(outcomes)
    if code is ExitCode.DONE and elsewhere:
        code = ExitCode.PARTIAL
    if code is ExitCode.DONE and approved.refused:
        code = ExitCode.REFUSED
    say_lines(refusal_lines(approved.refused))
    say_lines(left_lines(elsewhere, asked.plan_again(planned.plan)))
    if asked.output_format == "json":
        told = results_json(planned.plan, outcomes, code, elsewhere, approved.refused)
        click.echo(json_text(told))
    elif asked.output_format == "markdown":
        from mbflow.views.results_markdown import results_markdown

        left = left_lines(elsewhere, asked.plan_again(planned.plan))
        verb = "apply" if asked.source is None else "rollback"
        below = render([*refusal_lines(approved.refused), *left])
        click.echo(results_markdown(planned.plan, outcomes, below, verb=verb))
    elif asked.switches_only:
        click.echo("\n".join(map(printable, pass_lines(planned.plan, outcomes))))
    elif outcomes:
        click.echo("\n".join(render(results_lines(planned.plan, outcomes, stdout_style()))))
    return code, outcomes


@contextmanager
def remind_of_lock(checkout: Checkout) -> Iterator[None]:
    """Around what may write the lock. Without its commit, others know nothing of what was done."""
    environment = checkout.environment
    path = lock_path(checkout.root, environment.name, embedded=environment.is_embedded)
    is_in_git = not environment.is_embedded and repository_root(checkout.root) is not None
    before = _content(path) if is_in_git else b""
    yield
    if is_in_git and is_interactive() and _content(path) != before:
        say_lines(
            [
                f"{LOCK_FILE} has changed. Commit it with the files that were applied:",
                git_command(checkout.root, "add", "--all", "--", checkout.project.flows, LOCK_FILE),
                git_command(checkout.root, "commit"),
            ]
        )


def _content(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError:
        return b""
