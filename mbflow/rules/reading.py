"""What rules need to look at a flow. Not a rule."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from mbflow.model import Flow


def steps_of(flow: Flow) -> Iterator[tuple[int, dict[str, Any]]]:
    """The steps with their numbers, from 0, safe to show. Only for flows that fit the schema."""
    steps: Any = flow.shown["steps"]
    return enumerate(steps)
