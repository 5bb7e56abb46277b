"""A refusal: why mbflow will not go on, and the commands that settle it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why no plan can be made, and the commands that settle it."""

    text: str
    commands: tuple[str, ...] = ()


def refusal_lines(refusals: Iterable[Refusal]) -> list[str]:
    """Each refusal, then the commands that settle it, to be copied."""
    return [
        line
        for refusal in refusals
        for line in (refusal.text, *(f"    {command}" for command in refusal.commands))
    ]
