"""Commands that an error suggests to copy, made for the project and environment of the run."""

from __future__ import annotations

import shlex
from collections.abc import Sequence

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
