"""Commands that a message suggests to copy, made for the project and environment of the run."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import click

from mbflow.project import LOCAL

if TYPE_CHECKING:
    from mbflow.plan.value import Change, Hazard, Plan

_START = "    mbflow "
_WITHOUT = {"validate", "explain", "schema", "show", "emulate", "init"}
"""Verbs that know no environment, or look at all of them."""


def as_it_was_called(
    details: Sequence[str], *, environment: str | None = None, directory: str | None = None
) -> tuple[str, ...]:
    """The lines of an error; those that are commands get `-e NAME` and `-C DIR` where they lack it.

    Each is None where the next command finds what it needs without being told.
    """
    named = details if environment is None else [_named(line, environment) for line in details]
    return tuple(named if directory is None else [_placed(line, directory) for line in named])


def as_called_here(lines: Sequence[str]) -> tuple[str, ...]:
    """The same for what the running verb says."""
    name, place = _told()
    return as_it_was_called(lines, environment=name, directory=place)


def tell_environment(name: str) -> None:
    """The environment was not named, but found elsewhere: the next command has to name it."""
    click.get_current_context().find_root().ensure_object(dict)["to_name"] = name


def advised(plan: Plan, output_format: str = "text") -> Plan:
    """The plan with commands in its hazards that can be copied where it is read.

    Its environment is always named, but for `local`: others read a plan, in another shell. The
    folder is not part of a document, which is read anywhere.
    """
    name, place = _told()
    environment = name if plan.environment == LOCAL else plan.environment
    directory = None if output_format == "json" else place
    changes = [_with_commands(change, environment, directory) for change in plan.changes]
    return replace(plan, changes=tuple(changes))


def _with_commands(change: Change, environment: str | None, directory: str | None) -> Change:
    if not change.hazards:
        return change
    hazards = [_with_command(hazard, environment, directory) for hazard in change.hazards]
    return replace(change, hazards=tuple(hazards))


def _with_command(hazard: Hazard, environment: str | None, directory: str | None) -> Hazard:
    """Hazards of these kinds end with their command; others may end with anybody's words."""
    text, said, words = hazard.text.rpartition(": mbflow ")
    if not said or hazard.kind not in ("outside-edit", "conflict", "recreate"):
        return hazard
    lines = as_it_was_called([_START + words], environment=environment, directory=directory)
    return replace(hazard, text=f"{text}: {lines[0].strip()}")


def _told() -> tuple[str | None, str | None]:
    """The environment and the folder that the next command would have to be told again."""
    context = click.get_current_context(silent=True)
    given = context.find_root().obj if context is not None else None
    return (given.get("to_name"), given.get("to_visit")) if given else (None, None)


def _placed(line: str, directory: str) -> str:
    if not line.startswith(_START) or line.startswith(f"{_START}-C "):
        return line
    return f"{_START}-C {shlex.quote(directory)} {line.removeprefix(_START)}"


def _named(line: str, environment: str) -> str:
    if not line.startswith(_START):
        return line
    try:
        verb, *words = shlex.split(line.removeprefix(_START))
    except ValueError:
        return line
    if verb.startswith("-") or verb in _WITHOUT or {"-e", "--environment", "--"} & {*words}:
        return line
    return f"{line} -e {shlex.quote(environment)}"
