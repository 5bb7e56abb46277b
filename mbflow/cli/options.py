"""Options that several verbs share. `-C` and `-e` may stand before or after the verb."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from pathlib import Path
from typing import Any, TypeVar, cast

import click
from click.core import ParameterSource

Verb = TypeVar("Verb", bound=Callable[..., Any])


def directory(command: Verb) -> Verb:
    """`-C DIR`, given to the verb as `directory: Path`."""
    return click.option(
        "-C",
        "directory",
        metavar="DIR",
        type=click.Path(exists=True, file_okay=False, path_type=Path),
        default=lambda: _given_before_verb("directory") or ".",
        callback=_chosen_directory,
        help="Work in DIR instead of here.",
    )(command)


def environment(command: Verb) -> Verb:
    """`-e NAME`, given to the verb as `environment: str | None`."""
    return click.option(
        "-e",
        "--environment",
        metavar="NAME",
        envvar="MBFLOW_ENVIRONMENT",
        callback=_chosen_environment,
        help="The environment to work on (or MBFLOW_ENVIRONMENT).",
    )(command)


def output_format(*names: str) -> Callable[[Verb], Verb]:
    """`--format`, one of `names`; the first is the default."""
    return click.option(
        "--format",
        "output_format",
        type=click.Choice(names),
        default=names[0],
        show_default=True,
        help="How the result is written to standard output.",
    )


@dataclass(frozen=True, slots=True)
class AccountOptions:
    """What every verb that looks at an account is told."""

    directory: Path
    environment: str | None
    output_format: str


def account_options(*formats: str) -> Callable[[Verb], Verb]:
    """`-C`, `-e` and `--format` (text and json, if no other), given as the first argument."""

    def decorate(command: Verb) -> Verb:
        @wraps(command)
        def run(directory: Path, environment: str | None, output_format: str, **others: Any) -> Any:
            return command(AccountOptions(directory, environment, output_format), **others)

        choice = output_format(*(formats or ("text", "json")))
        return directory(environment(choice(cast(Verb, run))))

    return decorate


def _chosen_directory(context: click.Context, parameter: click.Parameter, value: Path) -> Path:
    """A folder that the next command would have to be told again is noted for the errors."""
    _check_once(context, parameter)
    if value != Path():
        context.find_root().ensure_object(dict)["to_visit"] = str(value)
    return value


def _chosen_environment(
    context: click.Context, parameter: click.Parameter, value: str | None
) -> str | None:
    """What the command line says, before or after the verb, wins over MBFLOW_ENVIRONMENT.

    A name that the next command would have to be told again is noted for the errors.
    """
    _check_once(context, parameter)
    source = context.get_parameter_source(parameter.name or "")
    before = _given_before_verb("environment")
    if before is not None:
        value = before
    elif source is ParameterSource.ENVIRONMENT:
        return value
    context.find_root().ensure_object(dict)["to_name"] = value
    return value


def _check_once(context: click.Context, parameter: click.Parameter) -> None:
    """Raise `UsageError` for what was given before the verb and after it."""
    name = parameter.name or ""
    here = context.get_parameter_source(name) is ParameterSource.COMMANDLINE
    if here and _given_before_verb(name) is not None:
        raise click.UsageError(f"{parameter.opts[-1]} is given twice.", context)


def _given_before_verb(name: str) -> str | None:
    context = click.get_current_context().find_root()
    value = (context.obj or {}).get(name)
    return value if isinstance(value, str) else None
