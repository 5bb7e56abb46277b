"""The numbers that lead to a call flow, as text and as JSON."""

from __future__ import annotations

from collections.abc import Sequence

from mbflow.model import Json, LiveFlow, Number
from mbflow.printable import printable, shortened
from mbflow.project import Environment


def numbers_text(numbers: Sequence[Number]) -> str:
    """One number a line, sorted, with a plus; "" for none."""
    return "\n".join(f"+{shortened(number.number.lstrip('+'), 60)}" for number in in_order(numbers))


def numbers_document(
    numbers: Sequence[Number], flow: LiveFlow, key: str | None, environment: Environment
) -> dict[str, Json]:
    return {
        "environment": environment.name,
        "endpoint": environment.endpoint,
        "id": flow.id,
        "key": key,
        "numbers": [{"id": number.id, "number": number.number} for number in in_order(numbers)],
    }


def in_order(numbers: Sequence[Number]) -> list[Number]:
    return sorted(numbers, key=lambda number: (number.number, number.id))


def flow_name(flow: LiveFlow, key: str | None) -> str:
    """What people know the flow by: its key or its title, and its id."""
    name = printable(key) if key else f'"{shortened(flow.title, 60)}"' if flow.title else ""
    return f"{name} ({printable(flow.id)})" if name else printable(flow.id)
