"""`mbflow ci`: what a CI job does, in one command."""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from typing import TYPE_CHECKING, Any

import click

from mbflow.cli.options import directory, environment, environments, output_format, told
from mbflow.cli.output import show_as

if TYPE_CHECKING:
    from mbflow.ci.job import Job, Output, Step


_base = click.option(
    "--base",
    metavar="REF",
    default="",
    help="The commit to compare with, where the CI system does not say it.",
)


_lock = click.option(
    "--lock",
    type=click.Choice(["push", "propose", "none"]),
    default="push",
    show_default=True,
    help="How mbflow.lock.yaml gets into git. A branch that takes no push gets it proposed.",
)


_format = output_format("text", "json")


@click.group()
def command() -> None:
    """Plan in a pull request, apply after the merge, look for drift: a CI job in one command.

    GitHub and GitLab are known by the variables that they set; anywhere else the same is done
    without comments. What a job leaves is in the folder mbflow-ci/. With --format json its outputs,
    notes and files are the document, and the log goes to standard error.
    """


@command.command("plan")
@directory
@environments
@_base
@_format
def plan(environments: tuple[str, ...], base: str, directory: Any, output_format: str) -> int:
    """Validate, test and plan, draw the page, and tell it in one comment that is updated.

    Writes nothing to the account. Without -e every environment of mbflow.yaml is planned. After a
    merge the plan is the one that was reviewed, where there
    is one of these very files.

    Exit codes: the worst of mbflow validate, test and plan --require-applicable: 0 sound,
    1 problems or failed calls, 3 apply would ask for more, 64 wrong usage.
    """

    def run(job: Job) -> int:
        from mbflow.ci.plan import plan

        return plan(job, job.environments(environments), base or job.base)

    return _with_job(run, output_format)


@command.command("apply")
@directory
@environment
@_base
@_lock
@_format
def apply(environment: str | None, base: str, lock: str, directory: Any, output_format: str) -> int:
    """Apply the plan that was reviewed, keep its results, commit the lock, tell what came of it.

    The plan is that of mbflow-ci/, which the job before has made; else the one that the pull
    request of these very files kept; else a new one of the newest commit.

    Exit codes: those of mbflow apply; 4 also where the lock could not be brought into git.
    """

    def run(job: Job) -> int:
        from mbflow.ci.apply import apply

        return apply(job, job.one_of(environment), base or job.base, lock)

    return _with_job(run, output_format)


@command.command("lock")
@directory
@environment
@_lock
@_format
def keep_lock(environment: str | None, lock: str, directory: Any, output_format: str) -> int:
    """Bring the lock into git after an apply that was killed, with what its journal says is done.

    Asks the account nothing. mbflow ci apply does the same at its own end.

    Exit codes: 0 it is in git, or nothing was to be done; 4 it could not be brought there.
    """

    def run(job: Job) -> int:
        from mbflow.ci.apply import keep_lock

        return keep_lock(job, job.one_of(environment), lock)

    return _with_job(run, output_format)


@command.command("drift")
@directory
@environments
@_format
def drift(environments: tuple[str, ...], directory: Any, output_format: str) -> int:
    """Plan, and keep one issue open while live is not what git says. Writes nothing to the account.

    Exit codes: 0 live is what git says, 2 it is not, 1 problems or a failure, 3 refused.
    """

    def run(job: Job) -> int:
        from mbflow.ci.drift import drift

        return drift(job, job.environments(environments))

    return _with_job(run, output_format)


def _with_job(run: Callable[[Job], int], output_format: str) -> int:
    """The log is standard output; with JSON that gets the document alone, and errors the log."""
    from contextlib import ExitStack, closing

    from mbflow.ci.event import read_event
    from mbflow.ci.job import open_job

    event = read_event(os.environ)
    verbs = _Verbs(on_github=event.host == "github")
    with ExitStack() as stack:
        if output_format == "json":
            stack.enter_context(redirect_stdout(sys.stderr))
        job = open_job(event, os.environ, verbs, verbs.say)
        code = run(stack.enter_context(closing(job)))
    show_as(output_format, job.report.document(code), "")
    return code


class _Verbs:
    """Runs command lines of mbflow in this process, as they could be repeated by hand."""

    def __init__(self, *, on_github: bool) -> None:
        self._on_github = on_github

    def __call__(self, *words: str, output: Output | None = None) -> Step:
        from mbflow.ci.job import Output, Step
        from mbflow.cli.main import exit_code_of
        from mbflow.model.text import Command

        output, said = output or Output.LOG, told().get("said")
        click.echo(f"$ {Command('mbflow', *words)}")
        text = io.StringIO()
        with self._quoted():
            # In one stream, so that what is quoted stays between its marks.
            with redirect_stderr(sys.stdout), redirect_stdout(text):
                code = exit_code_of([said, *words] if said else words)
            if output is Output.LOG:
                click.echo(text.getvalue(), nl=False)
        if output is Output.COMMANDS:
            click.echo(text.getvalue(), nl=False)
        if code:
            click.echo(f"exit code {code}")
        return Step(code, text.getvalue())

    def say(self, text: str) -> None:
        """Into the log, on standard error: it may name what is in files."""
        with self._quoted(err=True):
            click.echo(text, err=True)

    @contextmanager
    def _quoted(self, *, err: bool = False) -> Iterator[None]:
        """GitHub's runner takes any line that begins with `::`, or has `##[` in it, for a command,
        whoever wrote it.
        """
        if not self._on_github:
            yield
            return
        import secrets

        word = secrets.token_hex(16)
        click.echo(f"::stop-commands::{word}", err=err)
        try:
            yield
        finally:
            click.echo(f"::{word}::", err=err)
