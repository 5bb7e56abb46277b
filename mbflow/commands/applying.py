"""What `mbflow apply` does once its options are read: plan, approve, ask, run, report."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import replace

import click

from mbflow.api.client import Client
from mbflow.api.connect import open_client
from mbflow.apply.approve import Approved, MoreNeeded, approve, wishes_of
from mbflow.apply.outcome import ALREADY, Outcome, Status, exit_code_of, is_cut_off
from mbflow.apply.run import Tools, refresh_lock, results_head, run
from mbflow.apply.turn import (
    own_turn,
    stopping_on_signals,
    terminated_as_interrupted,
    turn_folder,
)
from mbflow.commandline.asked import Asked, again, by_a_plan
from mbflow.commandline.output import is_interactive, plan_output, stdout_style
from mbflow.commandline.suggested import advised, as_called_here, tell_environment
from mbflow.errors import ExitCode, RefusedError, UsageError
from mbflow.files.checkout import Checkout, read_checkout
from mbflow.files.plans import read_plan_file
from mbflow.plan.approval import Consent
from mbflow.plan.value import Plan
from mbflow.planning.make import Planned, make_plan
from mbflow.planning.survey import Wishes
from mbflow.printable import printable
from mbflow.problem import has_errors
from mbflow.project import LOCAL
from mbflow.records import results_file
from mbflow.views.json_text import json_text
from mbflow.views.plan import place
from mbflow.views.results import outcome_line, results_json, results_text


def apply(asked: Asked) -> int:
    """Plan, approve and run. Returns the exit code."""
    _check_usage(asked)
    saved = read_plan_file(asked.planfile) if asked.planfile is not None else None
    checkout = _checkout_for(asked, saved)
    if saved is None and checkout.environment.require_plan:
        raise RefusedError(
            f"The environment {checkout.environment.name} is applied from a saved plan only.",
            "Save a plan, and apply it once it is reviewed:",
            *_to_copy(*by_a_plan(asked)),
        )
    wishes = wishes_of(saved, asked.allow) if saved else _wishes(asked)
    code, _ = in_turn(asked, checkout, wishes, saved)
    return code


def _checkout_for(asked: Asked, saved: Plan | None) -> Checkout:
    """A saved plan says where it is for: an environment that is named must be the same."""
    if saved is None:
        return read_checkout(asked.directory, asked.environment)
    if asked.environment not in (None, saved.environment):
        raise RefusedError(
            f"This plan is for {saved.environment}, and not for {asked.environment}:",
            *_to_copy(again(asked, environment=saved.environment)),
        )
    checkout = read_checkout(asked.directory, saved.environment)
    if asked.environment is None and {*checkout.project.declared} - {LOCAL}:
        tell_environment(saved.environment)
    return checkout


def in_turn(
    asked: Asked, checkout: Checkout, wishes: Wishes, saved: Plan | None
) -> tuple[int, Sequence[Outcome]]:
    """The part of an apply that needs the account: one at a time in a checkout."""
    with ExitStack() as stack:
        stack.enter_context(terminated_as_interrupted())
        stack.enter_context(own_turn(turn_folder(checkout.root, checkout.environment)))
        client = stack.enter_context(
            open_client(
                checkout.root, checkout.environment, can_write=True, workers=asked.parallelism
            )
        )
        planned = _planned(asked, checkout, client, wishes)
        if has_errors(planned.plan.problems):
            click.echo(plan_output(planned.plan, asked.output_format, stdout_style()))
            return ExitCode.FAILED, ()
        approved = _approved(asked, planned, saved)
        if saved is None and not asked.auto_approve and approved.todo:
            _ask(planned.plan)
            shown, planned = planned.plan, _planned(asked, checkout, client, wishes)
            approved = _settled(asked, planned, shown, _consent(asked, None))
        return _run(asked, planned, client, approved)


def _check_usage(asked: Asked) -> None:
    if asked.planfile is not None and asked.targets:
        raise UsageError(
            "--target does not go with a plan file: the plan already says what is changed."
        )
    _check_can_ask(asked)


def _check_can_ask(asked: Asked) -> None:
    if asked.planfile is None and not asked.auto_approve and not is_interactive():
        raise UsageError(
            "There is no terminal to ask, so say what may be applied.", *_advice(asked)
        )


def _advice(asked: Asked) -> Sequence[str]:
    everything = "et everything through that needs no acknowledgement:"
    at_once = _to_copy(again(replace(asked, auto_approve=True)))
    if asked.verb != "apply":
        return (f"L{everything}", *at_once)
    reviewed = _to_copy(*by_a_plan(asked))
    return ("Either apply a plan that was reviewed:", *reviewed, f"or l{everything}", *at_once)


def _to_copy(*commands: str) -> list[str]:
    return [f"    {command}" for command in commands]


def _wishes(asked: Asked) -> Wishes:
    return Wishes(targets=asked.targets, allow=tuple(sorted(asked.allow)))


def _planned(asked: Asked, checkout: Checkout, client: Client, wishes: Wishes) -> Planned:
    planned = make_plan(checkout, client, wishes)
    return replace(planned, plan=advised(planned.plan, asked.output_format))


def _approved(asked: Asked, planned: Planned, saved: Plan | None) -> Approved:
    aside = asked.output_format != "text"
    if saved is not None:
        click.echo(f"{printable(str(asked.planfile))} for {place(planned.plan)}", err=aside)
        for note in sorted(set(planned.plan.notes) - set(saved.notes)):
            click.echo(f"Not known when the plan was made: {printable(note)}", err=True)
    elif not aside or not asked.auto_approve:
        click.echo(plan_output(planned.plan, "text", stdout_style()), err=aside)
    _check_can_ask(asked)
    approved = _settled(asked, planned, saved, _consent(asked, saved))
    for change in approved.elsewhere:
        click.echo(f"Not in the plan, left alone: {change.action} {change.key}", err=True)
    return approved


def _settled(asked: Asked, planned: Planned, saved: Plan | None, consent: Consent) -> Approved:
    try:
        return approve(planned, saved, consent)
    except MoreNeeded as more:
        said = replace(asked, allow=more.enough.allow, allow_deletes=more.enough.allow_deletes)
        whole = ("The whole command:", *_to_copy(again(said)))
        raise RefusedError(more.summary, *more.details, *whole) from more


def _consent(asked: Asked, saved: Plan | None) -> Consent:
    reviewed = saved is not None or not asked.auto_approve
    return Consent(reviewed, asked.allow, asked.allow_deletes)


def _ask(plan: Plan) -> None:
    """The answer may take long: what was shown is held against the account once more."""
    if not click.confirm(f"Apply this to {place(plan)}?", err=True):
        raise RefusedError("Nothing was applied.")


def _run(
    asked: Asked, planned: Planned, client: Client, approved: Approved
) -> tuple[int, Sequence[Outcome]]:
    done = [Outcome(c, Status.DONE, ALREADY, id=c.id) for c in approved.already]
    if not approved.todo:
        refresh_lock(planned)
        return _finish(asked, planned, done, stopped=False)
    with ExitStack() as stack:
        results = None
        if asked.results is not None:
            results = results_file(asked.results, results_head(planned))
            stack.callback(results.close)
        stop = stack.enter_context(stopping_on_signals(client.interrupt))
        tools = Tools(
            workers=client.workers,
            stop=stop,
            results=results,
            sleep=stop.wait,
            report=lambda outcome: None if is_cut_off(outcome) else _tell(outcome),
        )
        allowed = asked.allow | set(planned.plan.allowed)
        outcomes = run(planned, client, todo=approved.todo, allowed=allowed, tools=tools)
    return _finish(asked, planned, [*done, *outcomes], stopped=stop.is_set())


def _tell(outcome: Outcome) -> None:
    click.echo(outcome_line(outcome, stdout_style()), err=True)


def _finish(
    asked: Asked, planned: Planned, outcomes: Sequence[Outcome], *, stopped: bool
) -> tuple[int, Sequence[Outcome]]:
    for outcome in sorted(filter(is_cut_off, outcomes), key=lambda cut: cut.change.key):
        _tell(outcome)
    code = ExitCode.INTERRUPTED if stopped else exit_code_of(outcomes)
    if asked.output_format == "json":
        click.echo(json_text(results_json(planned.plan, outcomes, code)))
    elif outcomes:
        text = results_text(planned.plan, outcomes, stdout_style())
        click.echo("\n".join(as_called_here(text.splitlines())))
    return code, outcomes
