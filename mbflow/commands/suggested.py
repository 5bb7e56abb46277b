"""Commands that an error suggests to copy, made for the environment that the run was for."""

from __future__ import annotations

import shlex
from collections.abc import Sequence

_START = "    mbflow "
_WITHOUT = {"validate", "explain", "schema", "show", "emulate", "init"}
"""Verbs that know no environment, or look at all of them."""


def with_environment(details: Sequence[str], environment: str | None) -> tuple[str, ...]:
    """The lines of an error; those that are commands get `-e NAME` where they lack it.

    `environment` is None where the next command finds the environment without being told.
    """
    if environment is None:
        return tuple(details)
    return tuple(_named(line, environment) for line in details)


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
