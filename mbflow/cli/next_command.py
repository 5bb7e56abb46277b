"""Commands that a message suggests to copy: for the project and environment of the run.

`-e` and `-C` are added where the message is written; options that are as they are without being
said are left out.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

import click

from mbflow.cli.options import told
from mbflow.model.text import Command, Line, printable

if TYPE_CHECKING:
    from pathlib import Path

    from mbflow.apply.approve import Consent
    from mbflow.plan.model import Hazard, Plan

_WITHOUT = {"validate", "fmt", "explain", "schema", "show", "emulate", "init"}
"""Verbs that know no environment, or look at all of them."""
_FILES_FROM = {"rm": 0, "mv": 0, "sed": -1}
"""Program to the first of its words that are files."""


def complete(command: Command, environment: str | None, directory: str | None) -> Command:
    """The command with `-e NAME` and `-C DIR` where it lacks them, if it is one of mbflow.

    One of another program is for the files in the folder. Each is None where the next command
    finds what it needs without being told.
    """
    program, *words = command.words
    if program != "mbflow":
        return _for_files_in(directory, program, words) if directory is not None else command
    if words[0] == "-C":
        return command
    if environment is not None and words[0] not in _WITHOUT and not {"-e", "--"} & {*words}:
        words += ["-e", environment]
    if directory is not None:
        words[:0] = ["-C", directory]
    return Command(program, *words)


def _for_files_in(directory: str, program: str, words: list[str]) -> Command:
    from pathlib import Path

    folder = Path(directory)
    if program == "git":
        below, *rest = words[1:] if words[0] == "-C" else [".", *words]
        return Command(program, "-C", str(folder / below), *rest)
    first = _FILES_FROM.get(program, len(words))
    return Command(program, *words[:first], *(str(folder / file) for file in words[first:]))


def render(lines: Iterable[Line], known: Mapping[str, Any] | None = None) -> list[str]:
    """The lines as text, each command indented; `known` is what the call was told: `to_name`, …"""
    known = told() if known is None else known
    place = known.get("to_name"), known.get("to_visit")
    return [line if isinstance(line, str) else f"    {complete(line, *place)}" for line in lines]


def completed(command: Command) -> Command:
    """The command as it is to be called from here."""
    known = told()
    return complete(command, known.get("to_name"), known.get("to_visit"))


def say_lines(lines: Iterable[Line]) -> None:
    """Write them to standard error."""
    for line in render(lines):
        click.echo(printable(line), err=True)


def tell_environment(name: str) -> None:
    """The environment was not named, but found elsewhere: the next command has to name it."""
    told()["to_name"] = name


def visited_folder() -> Path:
    """The folder that `-C` names."""
    from pathlib import Path

    return Path(told().get("to_visit") or ".")


def with_commands(plan: Plan, output_format: str = "text") -> Plan:
    """The plan with commands in its hazards that can be copied where it is read.

    Its environment is always named, but for `local`: others read a plan, in another shell. The
    folder is not part of a document, which is read anywhere.
    """
    from dataclasses import replace

    from mbflow.model.project import LOCAL

    known = told()
    name = known.get("to_name") if plan.environment == LOCAL else plan.environment
    directory = None if output_format == "json" else known.get("to_visit")

    def here(hazard: Hazard) -> Hazard:
        command = hazard.command and complete(hazard.command, name, directory)
        return replace(hazard, command=command)

    changes = (replace(c, hazards=tuple(map(here, c.hazards))) for c in plan.changes)
    numbers = (replace(c, hazards=tuple(map(here, c.hazards))) for c in plan.numbers)
    return replace(plan, changes=tuple(changes), numbers=tuple(numbers))


PARALLELISM = 8
"""Requests at a time, where nothing is said."""


def _argument(text: str) -> str:
    """What begins with a dash would be taken for an option."""
    return f"./{text}" if text.startswith("-") else text


class RunOptions(NamedTuple):
    """The options of one call."""

    directory: Path
    environment: str | None
    planfile: Path | None = None
    source: str | None = None
    """What a rollback takes back."""
    auto_approve: bool = False
    allow: tuple[str, ...] = ()
    allow_deletes: int | None = None
    targets: tuple[str, ...] = ()
    parallelism: int = PARALLELISM
    results: Path | None = None
    output_format: str = "text"
    at: str = "now"
    """For which moment calendars decide."""
    switches_only: bool = False
    """Only numbers that calendars lead, with nobody asked."""

    def again(self, *, environment: str | None = None) -> Command:
        """The command that asks for the same; in an environment that it names."""
        verb, what = ("apply", self.planfile) if self.source is None else ("rollback", self.source)
        return Command(
            "mbflow",
            verb,
            *([] if what is None else [_argument(str(what))]),
            *(["--auto-approve"] if self.auto_approve else []),
            *(["--calendar"] if self.switches_only else []),
            *self._chosen(),
            *self._rest(),
            *_option("-e", environment),
        )

    def saying(self, consent: Consent) -> RunOptions:
        """The same with everything said that a plan needs."""
        allow = tuple(sorted(consent.allow))
        return self._replace(allow=allow, allow_deletes=consent.allow_deletes)

    def by_a_plan(self) -> tuple[Command, Command]:
        """The two commands that do the same with a review in between."""
        planned = Command("mbflow", "plan", *self._chosen(), "--out", "plan.json")
        return planned, Command("mbflow", "apply", "plan.json", *self._rest())

    def plan_at(self) -> Command:
        """The command that plans for the same moment."""
        return Command("mbflow", "plan", *self._chosen())

    def plan_again(self, plan: Plan) -> Command:
        """The command that plans anew what was left: the way this plan was asked for."""
        if self.planfile is None:
            return self.again()
        base = plan.options.get("base")
        said = _option("--base", *([base] if isinstance(base, str) else []))
        match = ["--match-title"] if plan.options.get("match_title") is True else []
        return Command("mbflow", "plan", *said, *match, "--out", str(self.planfile))

    def _chosen(self) -> Iterator[str]:
        yield from _option("--at", self.at, unless="now")
        yield from _option("--target", *self.targets)
        yield from _option("--allow", *sorted({*self.allow}))

    def _rest(self) -> Iterator[str]:
        yield from _option("--allow-deletes", self.allow_deletes)
        yield from _option("--parallelism", self.parallelism, unless=PARALLELISM)
        yield from _option("--results", self.results)
        yield from _option("--format", self.output_format, unless="text")


def _option(name: str, *values: object, unless: object = None) -> Iterator[str]:
    """`--allow a --allow b`, without values that are the default."""
    for value in values:
        if value != unless:
            yield from (name, str(value))
