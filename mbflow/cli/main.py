"""The table of verbs, the one place where errors become text, and the process's exit code.

Verbs are imported when they are called, so that `--help` costs nothing; so is what errors need.
"""

from __future__ import annotations

import importlib
import os
import re
import signal
import sys
from collections.abc import Mapping, Sequence
from contextlib import redirect_stderr, redirect_stdout, suppress
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import click

from mbflow import __version__
from mbflow.cli.options import refuse_twice, visited, with_help, with_verbosity, with_version
from mbflow.cli.streams import WatchedOutput, help_width, open_closed_streams
from mbflow.model.errors import (
    Declined,
    Error,
    ExitCode,
    PartialError,
    ProblemsError,
    RefusedError,
    Stop,
)

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

VERBS = {
    "init": "Start a project: mbflow.yaml, a first flow and its calls.",
    "validate": "Check the flow files and call files. Needs no account and no network.",
    "fmt": "Write flow files, call files, calendars and mbflow.yaml in one style.",
    "test": "Run simulated calls against the flow files. Needs no account and no network.",
    "simulate": "Walk a call flow by hand, offline.",
    "graph": "Draw call flows as diagrams: Mermaid or DOT.",
    "page": "Write a page to look at: flows drawn, calls played back. Offline.",
    "say": "Speak the prompts of a call flow into a sound file, offline.",
    "plan": "Show what apply would change. Changes nothing.",
    "diff": "Compare what is live in two environments.",
    "apply": "Make the live flows what the files say.",
    "show": "Show a saved plan.",
    "import": "Write live flows into flow files.",
    "adopt": "Connect a flow file to a live flow that already exists.",
    "forget": "Remove a name from the lock; its live flow stays as it is.",
    "merge-lock": "Merge two lock files, called by git.",
    "ci": "Plan, apply or look for drift as a CI job does, in one command.",
    "rollback": "Bring back what was live before an apply.",
    "emulate": "Serve the Voice API on this machine.",
    "explain": "Print the manual of a rule.",
    "completion": "Print the script that completes commands in bash, zsh or fish.",
    "schema": "Print a JSON Schema: call-flow, calls, calendar, project, plan, lock.",
    "flows": "List and read live call flows.",
    "numbers": "List and assign the numbers of a call flow.",
    "calendar": "Show the opening hours of a calendar, or export them as iCal. Offline.",
    "calls": "Start calls, look at them, change them, hang up.",
    "legs": "List, read, hold and hang up the legs of a call.",
    "recordings": "List, read, download and delete recordings.",
    "transcriptions": "List, make, read and download transcriptions.",
    "webhooks": "List, read, create, update and delete webhooks.",
}
"""Verb to its line in `mbflow --help`. The verb `import` lives in `verbs/import_.py`."""


class Verbs(click.Group):
    """A group whose members are imported only when one of them runs."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(VERBS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in VERBS:
            return None
        module = "import_" if cmd_name == "import" else cmd_name.replace("-", "_")
        command = importlib.import_module(f"mbflow.cli.verbs.{module}").command
        assert isinstance(command, click.Command)
        return refuse_twice(with_verbosity(with_help(command)))

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        if args[0] == "help":
            args = [*args[1:], "--help"]
        try:
            return super().resolve_command(ctx, args)
        except click.UsageError as error:
            from mbflow.cli.habits import verb_answer
            from mbflow.model.text import did_you_mean

            if args[0].startswith("-"):
                raise
            if answer := verb_answer(args):
                raise click.UsageError(answer) from error
            guess = did_you_mean(args[0], VERBS)
            raise click.UsageError(f"{error.message}{guess}", ctx) from error

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem]:
        from click.shell_completion import CompletionItem

        lines = [CompletionItem(verb, help=line) for verb, line in VERBS.items()]
        options = click.Command.shell_complete(self, ctx, incomplete)
        return [*(one for one in lines if one.value.startswith(incomplete)), *options]

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Verbs"):
            formatter.write_dl(list(VERBS.items()))


@click.group(cls=Verbs, context_settings={"help_option_names": ["-h", "--help"]})
@with_version
@visited
@click.option("-e", "--environment", metavar="NAME", help="The environment to work on.")
@click.pass_context
def main(ctx: click.Context, directory: None, environment: str | None) -> None:
    """Phone call flows in git: checked, planned, applied.

    FLOW is a flow's name, the path of its file, or the id of its live flow.

    Exit codes: 0 done, 1 problems or a failure, 2 changes pending (--detailed-exitcode),
    3 refused for safety, or you said no, 4 partly done or unknown, 64 wrong usage, 70 a bug,
    130 interrupted.
    """
    ctx.ensure_object(dict).update(environment=environment, verb=ctx.invoked_subcommand)


refuse_twice(with_verbosity(with_help(main)))


def run(arguments: Sequence[str] | None = None, *, progress_delay: float = 1.0) -> None:
    """The program: ends the process with the exit code of the verb.

    `progress_delay` is after how many seconds a terminal shows how far it is. SIGTERM is what
    Ctrl-C is, where it is not ignored: what was begun is cleared away.
    """
    if sys.platform == "win32":
        _say("Error: mbflow runs on Linux and macOS. On Windows, use it in WSL.")
        sys.exit(ExitCode.FAILED)
    if signal.getsignal(signal.SIGTERM) is signal.SIG_DFL:
        signal.signal(signal.SIGTERM, signal.default_int_handler)
    if not open_closed_streams():
        _say("Error: standard output is closed. To throw it away: >/dev/null")
        sys.exit(ExitCode.FAILED)
    if request := os.environ.get("_MBFLOW_COMPLETE"):
        from mbflow.cli.candidates import answer

        answer(main, request, sys.argv[1:])
        os._exit(ExitCode.DONE)
    code = exit_code_of(arguments, progress_delay=progress_delay)
    with suppress(OSError):
        sys.stderr.flush()
    # All is written, closed and let go: to have Python clear up its own memory too takes a tenth
    # of the shortest runs.
    os._exit(code)


def exit_code_of(arguments: Sequence[str] | None = None, *, progress_delay: float = 1.0) -> int:
    """Run one command line; every error ends here, as text on standard error and a code.

    With `--format json` or `markdown` it is a document on standard output too, unless the verb
    wrote its own.
    """
    given = sys.argv[1:] if arguments is None else list(arguments)
    output, errors = WatchedOutput(sys.stdout), WatchedOutput(sys.stderr)
    with redirect_stdout(output), redirect_stderr(errors):
        known: dict[str, Any] = {"progress_delay": progress_delay}
        outcome = _outcome(given, known)
        if isinstance(outcome, Stop) and not output.was_written:
            _write_document(outcome, given, known)
        output.flush()
        code = outcome.code if isinstance(outcome, Stop) else outcome
        return _heard(output, code)


def _heard(output: WatchedOutput, code: int) -> int:
    """The verb's own code, also where its reader went away; lost output is no success."""
    if output.failure is None or isinstance(output.failure, BrokenPipeError):
        return code
    _say(f"Error: the output could not be written: {output.failure.strerror}.")
    return ExitCode.FAILED if code in (ExitCode.DONE, ExitCode.CHANGES) else code


def _outcome(arguments: Sequence[str], known: dict[str, Any]) -> int | Stop:
    try:
        result = main.main(
            arguments,
            prog_name="mbflow",
            standalone_mode=False,
            obj=known,
            terminal_width=help_width(),
        )
    except Error as error:
        return _stopped(error, known)
    except click.exceptions.NoArgsIsHelpError as error:
        click.echo(error.ctx.get_help() if error.ctx else "", err=True)
        return Stop(ExitCode.USAGE, "Say what to do: the help lists the verbs.")
    except click.UsageError as error:
        return _said(error, ExitCode.USAGE)
    except click.ClickException as error:
        return _said(error, ExitCode.FAILED)
    except click.Abort:
        return _aborted()
    except KeyboardInterrupt:
        return _interrupted()
    except Exception as error:
        refusal = _refusal_of_the_system(error)
        return _bug(error) if refusal is None else _stopped(refusal, known)
    return int(result) if isinstance(result, int) else ExitCode.DONE


def _wants(output_format: str, arguments: Sequence[str]) -> bool:
    """Looked up in the words themselves: a command line that is wrong is not parsed to its end."""
    words = list(arguments)
    words = words[: words.index("--")] if "--" in words else words
    return f"--format={output_format}" in words or ("--format", output_format) in pairwise(words)


def _write_document(stop: Stop, arguments: Sequence[str], known: Mapping[str, Any]) -> None:
    if _wants("json", arguments):
        from mbflow.views.problems import stop_document
        from mbflow.views.text import json_text

        click.echo(json_text(stop_document(stop)))
    elif _wants("markdown", arguments):
        from mbflow.cli.output import stop_comment

        click.echo(stop_comment(stop, known))


def _stopped(error: Error, known: Mapping[str, Any]) -> Stop:
    """`known` holds what commands to copy must name."""
    from mbflow.model.text import printable

    if isinstance(error, ProblemsError):
        from mbflow.views.problems import problems_text

        click.echo(problems_text(error.problems), err=True)
        return Stop(error.exit_code, error.summary, problems=error.problems)
    from mbflow.cli.next_command import render

    heads = {Declined: "", RefusedError: "Refused: ", PartialError: "Partly done: "}
    head = next((word for kind, word in heads.items() if isinstance(error, kind)), "Error: ")
    _say(f"{head}{printable(error.summary)}")
    details = render(error.details, known)
    for detail in details:
        _say(f"  {printable(detail)}")
    return Stop(error.exit_code, error.summary, details)


def _said(error: click.ClickException, code: ExitCode) -> Stop:
    from mbflow.cli.habits import answer_to
    from mbflow.model.text import nearest, printable

    if answer := answer_to(error):
        error = click.UsageError(answer)
    elif isinstance(error, click.NoSuchOption):
        # click compares them with their dashes, which are alike in all of them.
        name = error.option_name.lstrip("-")
        known = error.possibilities or ()
        near = [one for one in known if nearest(name, [one.lstrip("-")])]
        error = click.NoSuchOption(error.option_name, possibilities=near, ctx=error.ctx)
    context = getattr(error, "ctx", None)
    if context is not None:
        _say(context.get_usage())
    message = error.format_message()
    _say(f"Error: {printable(message)}")
    details: list[str] = []
    if context is not None and _LOST.match(message) and "Did you mean" not in message:
        details = ["To see what there is:", f"    {context.command_path} --help"]
    for detail in details:
        _say(f"  {detail}")
    return Stop(code, message, details)


_LOST = re.compile("No such (command|option)|Missing command")
"""Messages of click that say nothing of what there is."""


def _aborted() -> Stop:
    """click raises Abort for Ctrl-C at a prompt and for the end of input alike."""
    if isinstance(sys.exc_info()[1].__context__, EOFError):  # type: ignore[union-attr]
        if sys.stderr.isatty():
            _say("")  # Ctrl-D leaves the cursor behind the question.
        _say("Error: No answer was given.")
        return Stop(ExitCode.USAGE, "No answer was given.")
    return _interrupted()


def _interrupted() -> Stop:
    _say("Interrupted.")
    return Stop(ExitCode.INTERRUPTED, "Interrupted.")


def _refusal_of_the_system(error: Exception) -> Error | None:
    """A full disk, a limit, a folder that is gone: nothing that mbflow does wrong. Else None."""
    if isinstance(error, RuntimeError) and str(error) == "can't start new thread":
        return Error(
            "The system gives this process no more threads.",
            "Raise its limit (ulimit -u in a shell, pids in a container), or have less done at a "
            "time: apply takes --parallelism 1.",
        )
    if not isinstance(error, OSError | MemoryError):
        return None
    try:
        os.getcwd()  # noqa: PTH109
    except OSError:
        return Error("The current folder is not there any more.", "Change to one that is.")
    if isinstance(error, MemoryError):
        return Error("There is not enough memory.")
    where = f"{error.filename}: " if isinstance(error.filename, str | os.PathLike) else ""
    return Error(f"The system refuses: {where}{error.strerror or type(error).__name__}.")


def _bug(error: Exception) -> Stop:
    """Places only: an exception's text or a local value could hold a secret."""
    import traceback

    summary = f"mbflow {__version__} did not expect this: {type(error).__name__}."
    _say(f"Bug: {summary}")
    places = []
    for frame in traceback.extract_tb(error.__traceback__):
        if "mbflow" in frame.filename:
            place = frame.filename.rpartition("mbflow")[2].lstrip("/\\")
            places.append(f"{place}:{frame.lineno} {frame.name}")
            _say(f"  {places[-1]}")
    _say("  The message is left out: it could hold a secret. Please report these lines.")
    return Stop(ExitCode.BUG, summary, tuple(places))


def _say(text: str) -> None:
    click.echo(text, err=True)
