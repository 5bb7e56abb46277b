"""The stop that lists every reason why no plan can be made."""

from __future__ import annotations

from collections.abc import Iterable

from mbflow.errors import RefusedError
from mbflow.plan.refusal import Refusal, refusal_lines


def refuse(refusals: Iterable[Refusal]) -> None:
    lines = refusal_lines(refusals)
    if lines:
        raise RefusedError("No plan can be made before this is settled.", *lines)
