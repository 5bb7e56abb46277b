"""The numbers that lead to one call flow, or to any, as text and as JSON."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from mbflow.model.flow import Json, LiveFlow, Number
from mbflow.model.project import Environment
from mbflow.model.text import printable, shortened
from mbflow.views.table import table


def numbers_text(numbers: Sequence[Number]) -> str:
    """One number a line, sorted, with a plus; "" for none."""
    return "\n".join(_with_plus(number) for number in in_order(numbers))


def numbers_document(
    numbers: Sequence[Number], flow: LiveFlow, key: str | None, environment: Environment
) -> dict[str, Json]:
    return {
        "environment": environment.name,
        "endpoint": environment.endpoint,
        "id": flow.id,
        "key": key,
        "numbers": _documents(numbers),
    }


def all_numbers_table(
    found: Sequence[tuple[LiveFlow, Sequence[Number]]],
    keys: Mapping[str, str],
    *,
    width: int | None = None,
) -> str:
    """One number a line with the flow that it leads to, sorted by number."""
    pairs = [(number, flow) for flow, numbers in found for number in numbers]
    pairs.sort(key=lambda pair: (pair[0].number, pair[0].id))
    numbers = ["NUMBER", *(_with_plus(number) for number, _ in pairs)]
    flows = ["CALL FLOW", *(flow_name(flow, keys.get(flow.id)) for _, flow in pairs)]
    return table([numbers, flows], width)


def all_numbers_document(
    found: Sequence[tuple[LiveFlow, Sequence[Number]]],
    keys: Mapping[str, str],
    environment: Environment,
) -> dict[str, Json]:
    """For JSON: the flows that numbers lead to, in the service's order."""
    flows: list[Json] = [
        {
            "id": flow.id,
            "key": keys.get(flow.id),
            "title": flow.title,
            "numbers": _documents(numbers),
        }
        for flow, numbers in found
    ]
    return {"environment": environment.name, "endpoint": environment.endpoint, "flows": flows}


def in_order(numbers: Sequence[Number]) -> list[Number]:
    return sorted(numbers, key=lambda number: (number.number, number.id))


def flow_name(flow: LiveFlow, key: str | None) -> str:
    """What people know the flow by: its key or its title, and its id."""
    name = printable(key) if key else f'"{shortened(flow.title, 60)}"' if flow.title else ""
    return f"{name} ({printable(flow.id)})" if name else printable(flow.id)


def _with_plus(number: Number) -> str:
    return f"+{shortened(number.number.lstrip('+'), 60)}"


def _documents(numbers: Sequence[Number]) -> list[Json]:
    return [{"id": number.id, "number": number.number} for number in in_order(numbers)]
