"""The table of verbs, the one place where errors become text, and the process's exit code.

Verbs are imported when they are called, so that `--help` costs nothing; so is what errors need.
"""

from __future__ import annotations

import importlib
import os
import sys
from collections.abc import Sequence

import click

from mbflow import __version__
from mbflow.errors import Error, ExitCode, PartialError, ProblemsError, RefusedError, UsageError

VERBS = {
    "init": "Start a project: mbflow.yaml and a first flow.",
    "validate": "Check the flow files. Needs no account and no network.",
    "test": "Run simulated calls against the flow files. Needs no account and no network.",
    "simulate": "Walk a call flow by hand, offline.",
    "graph": "Draw call flows as diagrams: Mermaid or DOT.",
    "plan": "Show what apply would change. Sends only GET.",
    "apply": "Make the live flows what the files say.",
    "show": "Show a saved plan.",
    "import": "Write live flows into flow files.",
    "adopt": "Tie a flow file to a live flow that is already there.",
    "forget": "Drop a key from the lock and leave its live flow alone.",
    "rollback": "Plan the way back to what was live before.",
    "emulate": "Serve the Voice API on this machine.",
    "explain": "Print the manual of a rule.",
    "schema": "Print a JSON Schema: call-flow, calls, project, plan, lock.",
    "flows": "List and read live call flows.",
    "numbers": "List and assign the numbers of a call flow.",
}
"""Verb to its line in `mbflow --help`. The verb `import` lives in `commands/import_.py`."""


class Verbs(click.Group):
    """A group whose members are imported only when one of them runs."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(VERBS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in VERBS:
            return None
        module = "import_" if cmd_name == "import" else cmd_name
        command = importlib.import_module(f"mbflow.commands.{module}").command
        assert isinstance(command, click.Command)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Verbs"):
            formatter.write_dl(list(VERBS.items()))


@click.group(cls=Verbs, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="mbflow")
@click.option("-C", "directory", metavar="DIR", help="Work in DIR instead of here.")
@click.option("-e", "--environment", metavar="NAME", help="The environment to work on.")
@click.pass_context
def main(ctx: click.Context, directory: str | None, environment: str | None) -> None:
    """Phone call flows in git: checked, planned, applied.

    Exit codes: 0 done, 1 problems or a failure, 2 changes pending (--detailed-exitcode),
    3 refused for safety, 4 partly done or unknown, 64 wrong usage, 70 a bug, 130 interrupted.
    """
    ctx.obj = {"directory": directory, "environment": environment}


def run(arguments: Sequence[str] | None = None) -> None:
    """The program: ends the process with the exit code of the verb."""
    code = exit_code_of(arguments)
    try:
        sys.stdout.flush()
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    sys.exit(code)


def exit_code_of(arguments: Sequence[str] | None = None) -> int:
    """Run one command line; every error ends here, as text on standard error and a code."""
    try:
        result = main.main(arguments, prog_name="mbflow", standalone_mode=False)
    except Error as error:
        return _stopped(error)
    except click.exceptions.NoArgsIsHelpError as error:
        click.echo(error.ctx.get_help() if error.ctx else "", err=True)
        return ExitCode.USAGE
    except click.UsageError as error:
        return _said(error, ExitCode.USAGE)
    except click.ClickException as error:
        return _said(error, ExitCode.FAILED)
    except click.Abort:
        return _aborted()
    except KeyboardInterrupt:
        _say("Interrupted.")
        return ExitCode.INTERRUPTED
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        return ExitCode.DONE
    except Exception as error:
        return _bug(error)
    return int(result) if isinstance(result, int) else ExitCode.DONE


def _stopped(error: Error) -> int:
    from mbflow.printable import printable

    if isinstance(error, ProblemsError):
        from mbflow.views.problems import problems_text

        click.echo(problems_text(error.problems), err=True)
        return error.exit_code
    heads = {RefusedError: "Refused", PartialError: "Partly done", UsageError: "Usage"}
    head = next((word for kind, word in heads.items() if isinstance(error, kind)), "Error")
    _say(f"{head}: {printable(error.summary)}")
    for detail in error.details:
        _say(f"  {printable(detail)}")
    return error.exit_code


def _said(error: click.ClickException, code: ExitCode) -> int:
    from mbflow.printable import printable

    context = getattr(error, "ctx", None)
    if context is not None:
        _say(context.get_usage())
    _say(f"Error: {printable(error.format_message())}")
    return code


def _aborted() -> int:
    """click raises Abort for Ctrl-C at a prompt and for the end of input alike."""
    if isinstance(sys.exc_info()[1].__context__, EOFError):  # type: ignore[union-attr]
        _say("Error: the answer could not be read: there is no terminal.")
        return ExitCode.USAGE
    _say("Interrupted.")
    return ExitCode.INTERRUPTED


def _bug(error: Exception) -> int:
    """Places only: an exception's text or a local value could hold a secret."""
    import traceback

    _say(f"Bug: mbflow {__version__} did not expect this: {type(error).__name__}.")
    for frame in traceback.extract_tb(error.__traceback__):
        if "mbflow" in frame.filename:
            place = frame.filename.rpartition("mbflow")[2].lstrip("/\\")
            _say(f"  {place}:{frame.lineno} {frame.name}")
    _say("  The message is left out: it could hold a secret. Please report these lines.")
    return ExitCode.BUG


def _say(text: str) -> None:
    click.echo(text, err=True)
