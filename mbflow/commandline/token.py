"""The token of a webhook: from a process variable or a prompt, never from the command line.

What stands on a command line is in the shell's history and in the list of processes.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any, TypeVar

import click

from mbflow.commandline.output import is_interactive
from mbflow.errors import Error, UsageError

Command = TypeVar("Command", bound=Callable[..., Any])


def token_options(command: Command) -> Command:
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
            raise Error(f"No token: the process variable {token_env} is not set, or empty.")
        return token
    return _asked() if ask_token else None


def _asked() -> str:
    if not is_interactive():
        raise UsageError("There is no terminal to ask for the token on: say --token-env NAME.")
    token = click.prompt("Token", hide_input=True, err=True)
    return str(token)
