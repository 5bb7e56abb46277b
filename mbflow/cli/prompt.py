"""Asking before something is done that rings a phone or cannot be undone, and for tokens.

What stands on a command line is in the shell's history and in the list of processes.
"""

from __future__ import annotations

import os

import click

from mbflow.cli.options import Verb
from mbflow.cli.output import is_interactive
from mbflow.model.errors import Declined, Error, UsageError
from mbflow.model.text import lines_to_set


def yes(command: Verb) -> Verb:
    """`--yes`, given to the verb as `yes: bool`."""
    return click.option("--yes", is_flag=True, help="Do not ask first.")(command)


def check_can_ask(yes: bool, deed: str) -> None:
    """Before anything is read: raises `UsageError` where nobody can be asked to do the deed."""
    if not yes and not is_interactive():
        raise UsageError(f"There is no terminal to ask on: say --yes to {deed}.")


def ask(yes: bool, question: str) -> None:
    """Raises `Declined` when somebody says no."""
    if not yes and not click.confirm(question, err=True):
        raise Declined("You said no. Nothing was changed.")


def token_options(command: Verb) -> Verb:
    """`--token-env NAME` and `--ask-token`, given as `token_env` and `ask_token`."""
    command = click.option(
        "--ask-token", is_flag=True, help="Ask for the token, without showing it."
    )(command)
    return click.option(
        "--token-env", metavar="NAME", help="Take the token from this process variable."
    )(command)


def read_token(token_env: str | None, ask_token: bool) -> str | None:
    """The token that was given, or None for none."""
    if token_env is not None and ask_token:
        raise UsageError("Say either --token-env or --ask-token.")
    if token_env is not None:
        token = os.environ.get(token_env, "")
        if not token:
            raise Error(
                f"No token: the process variable {token_env} is not set, or empty.",
                *lines_to_set(token_env),
            )
        return token
    return _ask_token() if ask_token else None


def _ask_token() -> str:
    if not is_interactive():
        raise UsageError("There is no terminal to ask for the token on: say --token-env NAME.")
    token = click.prompt("Token", hide_input=True, err=True)
    return str(token)
