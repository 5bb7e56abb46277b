"""Asking before something is done that rings a phone or cannot be undone."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import click

from mbflow.commandline.output import is_interactive
from mbflow.errors import RefusedError, UsageError

Command = TypeVar("Command", bound=Callable[..., Any])


def yes(command: Command) -> Command:
    """`--yes`, given to the verb as `yes: bool`."""
    return click.option("--yes", is_flag=True, help="Do not ask first.")(command)


def check_can_ask(yes: bool, deed: str) -> None:
    """Before anything is read: raises `UsageError` where nobody can be asked to do the deed."""
    if not yes and not is_interactive():
        raise UsageError(f"There is no terminal to ask on: say --yes to {deed}.")


def ask(yes: bool, question: str) -> None:
    """Raises `RefusedError` when somebody says no."""
    if not yes and not click.confirm(question, err=True):
        raise RefusedError("Nothing was changed.")
