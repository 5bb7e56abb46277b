"""Commands that a message suggests to copy, made for the project and environment of the run.

Options that are as they are without being said are left out; `-e` and `-C` are added where the
message is written.
"""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from mbflow.model.project import LOCAL
from mbflow.model.text import command_line

if TYPE_CHECKING:
    from mbflow.plan.model import Change, Hazard, Plan

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


def with_advice(plan: Plan, output_format: str = "text") -> Plan:
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


PARALLELISM = 8
"""Requests at a time, where nothing is said."""


@dataclass(frozen=True, slots=True)
class RunOptions:
    """The options of one call."""

    directory: Path
    environment: str | None
    planfile: Path | None = None
    source: str | None = None
    """What a rollback takes back."""
    auto_approve: bool = False
    allow: frozenset[str] = frozenset()
    allow_deletes: int | None = None
    targets: tuple[str, ...] = ()
    parallelism: int = PARALLELISM
    results: Path | None = None
    output_format: str = "text"

    @property
    def verb(self) -> str:
        return "apply" if self.source is None else "rollback"


def again(asked: RunOptions, *, environment: str | None = None) -> str:
    """The command line that asks for the same, to be copied; in an environment that it names."""
    source = asked.planfile if asked.source is None else asked.source
    what = [] if source is None else [str(source)]
    approved = ["--auto-approve"] if asked.auto_approve else []
    chosen = [*_each("--target", asked.targets), *_each("--allow", sorted(asked.allow))]
    place = ["-e", environment] if environment is not None else []
    return command_line(
        "mbflow", asked.verb, *what, *approved, *chosen, *_run_options(asked), *place
    )


def by_a_plan(asked: RunOptions, planfile: str = "plan.json") -> tuple[str, str]:
    """The two command lines that do the same with a review in between."""
    chosen = [*_each("--target", asked.targets), *_each("--allow", sorted(asked.allow))]
    return (
        command_line("mbflow", "plan", *chosen, "--out", planfile),
        command_line("mbflow", "apply", planfile, *_run_options(asked)),
    )


def _run_options(asked: RunOptions) -> Iterator[str]:
    if asked.allow_deletes is not None:
        yield from ("--allow-deletes", str(asked.allow_deletes))
    if asked.parallelism != PARALLELISM:
        yield from ("--parallelism", str(asked.parallelism))
    if asked.results is not None:
        yield from ("--results", str(asked.results))
    if asked.output_format != "text":
        yield from ("--format", asked.output_format)


def _each(option: str, values: Iterable[str]) -> Iterator[str]:
    for value in values:
        yield from (option, value)
