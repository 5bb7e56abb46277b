"""Why a flow cannot be called, in words."""

from __future__ import annotations

from collections.abc import Iterable

from mbflow.printable import shortened
from mbflow.suggestion import did_you_mean


def gone(key: str, known: Iterable[str]) -> str:
    """There is no file of that key; `known` are the keys that there are."""
    guess = did_you_mean(key, known) or " Its file is gone; remove the calls as well."
    return f'There is no flow "{_named(key)}".{guess}'


def elsewhere(key: str, environment: str, other: str) -> str:
    """The flow is for the environment `other`, and not for this one."""
    return (
        f'The flow "{_named(key)}" is not for the environment {environment}. '
        f"Name one that it is for in the call: environment: {other}"
    )


def broken(key: str) -> str:
    return f'The flow "{_named(key)}" has errors, so it cannot be called.'


def _named(key: str) -> str:
    return shortened(key, 80)
