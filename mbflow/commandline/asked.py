"""What one call of `apply` or `rollback` asks for, and the command line that asks for it again.

Options that are as they are without being said are left out; `-e` and `-C` are added where the
message is written.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from mbflow.printable import command

PARALLELISM = 8
"""Requests at a time, where nothing is said."""


@dataclass(frozen=True, slots=True)
class Asked:
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


def again(asked: Asked, *, environment: str | None = None) -> str:
    """The command line that asks for the same, to be copied; in an environment that it names."""
    source = asked.planfile if asked.source is None else asked.source
    what = [] if source is None else [str(source)]
    approved = ["--auto-approve"] if asked.auto_approve else []
    chosen = [*_each("--target", asked.targets), *_each("--allow", sorted(asked.allow))]
    place = ["-e", environment] if environment is not None else []
    return command("mbflow", asked.verb, *what, *approved, *chosen, *_run_options(asked), *place)


def by_a_plan(asked: Asked, planfile: str = "plan.json") -> tuple[str, str]:
    """The two command lines that do the same with a review in between."""
    chosen = [*_each("--target", asked.targets), *_each("--allow", sorted(asked.allow))]
    return (
        command("mbflow", "plan", *chosen, "--out", planfile),
        command("mbflow", "apply", planfile, *_run_options(asked)),
    )


def _run_options(asked: Asked) -> Iterator[str]:
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
