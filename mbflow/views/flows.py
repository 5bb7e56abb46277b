"""Live call flows as text: a table of many, one in full; and both as JSON."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TypeAlias

from mbflow.model.flow import Body, Json, LiveFlow, Number
from mbflow.model.project import Environment
from mbflow.model.text import printable, shortened
from mbflow.views.text import Column, cut, plain, room_beside, share_width, table

_LONGEST = 100
"""Columns of a title in a table, however wide that may be."""
_ROOM = 24
"""Columns for names and titles, at least."""
FlowNumbers: TypeAlias = Mapping[str, Sequence[Number]]
"""Id of a flow to the numbers that lead to it, as far as they could be read."""
_NONE: FlowNumbers = {}
_TIMES = {"createdAt": "created", "updatedAt": "updated"}


def flows_table(
    flows: Sequence[LiveFlow],
    names: Mapping[str, str],
    numbers: FlowNumbers = _NONE,
    *,
    width: int | None = None,
) -> str:
    """One line a flow: id, steps, default, numbers, name, title; "" for no flows.

    `names` gives the name of an id where the lock knows one; a column that would be empty is left
    out. Titles come last; they and the names are cut where a line would be longer than `width`.
    Where numbers leave no room for both, steps are left out and one column names the flow.
    """
    if not flows:
        return ""
    columns: list[Column] = [["ID", *(printable(flow.id) for flow in flows)]]
    columns.append(["STEPS", *(_step_count(flow) for flow in flows)])
    if any(flow.is_default for flow in flows):
        columns.append(["DEFAULT", *("yes" if flow.is_default else "" for flow in flows)])
    if any(numbers.get(flow.id) for flow in flows):
        texts = (_numbers_cell(numbers.get(flow.id, ()), width) for flow in flows)
        columns.append(["NUMBERS", *texts])
        if room_beside(columns, width) < _ROOM:
            known = (_known_as(flow, names.get(flow.id)) for flow in flows)
            return table([columns[0], *columns[2:], ["CALL FLOW", *known]], width)
    has_keys = any(flow.id in names for flow in flows)
    if has_keys:
        columns.append(["NAME", *(printable(names.get(flow.id, "")) for flow in flows)])
    columns.append(["TITLE", *(cut(printable(flow.title), _LONGEST) or "-" for flow in flows)])
    return table(share_width(columns, width) if has_keys else columns, width)


def flow_text(flow: LiveFlow, name: str | None) -> str:
    """One flow in full: its head, then its steps; ids of steps only where a key leads to them."""
    head = [("id", flow.id), ("name", name or "-"), ("default", _yes(flow.is_default))]
    head.append(("record", _yes(flow.body.get("record") is True)))
    head += [(name, str(flow.body[field])) for field, name in _TIMES.items() if field in flow.body]
    lines = [printable(flow.title) or "(no title)"]
    lines += [f"  {name:<8} {printable(text)}" for name, text in head]
    return "\n".join([*lines, *_steps(flow.body.get("steps"))])


def flows_document(
    flows: Sequence[LiveFlow],
    names: Mapping[str, str],
    environment: Environment,
    total: int,
    numbers: FlowNumbers = _NONE,
) -> dict[str, Json]:
    """For JSON: `total` counts all flows, also those that `--limit` leaves out.

    The `numbers` of a flow are digits, sorted; null where they could not be read.
    """
    return {
        "environment": environment.name,
        "endpoint": environment.endpoint,
        "total": total,
        "flows": [
            {**flow_document(flow, names.get(flow.id)), "numbers": _digits(numbers.get(flow.id))}
            for flow in flows
        ],
    }


def flow_document(flow: LiveFlow, name: str | None) -> dict[str, Json]:
    """For JSON: `flow` is the object as the service sent it."""
    return {"id": flow.id, "name": name, "flow": flow.body}


def _digits(numbers: Sequence[Number] | None) -> Json:
    return None if numbers is None else [number.number for number in in_order(numbers)]


def _numbers_cell(numbers: Sequence[Number], width: int | None) -> str:
    """All of them in a file or a pipe; on a terminal one, or how many there are."""
    texts = [_with_plus(number) for number in in_order(numbers)]
    return ", ".join(texts) if width is None or len(texts) < 2 else f"{len(texts)} numbers"


def _known_as(flow: LiveFlow, name: str | None) -> str:
    return printable(name) if name else f'"{shortened(flow.title, 60)}"' if flow.title else ""


def _step_count(flow: LiveFlow) -> str:
    """Right-aligned under its head; some services leave steps out of lists."""
    steps = flow.body.get("steps")
    return f"{len(steps) if isinstance(steps, list) else '-':>5}"


def _yes(value: bool) -> str:
    return "yes" if value else "no"


def _steps(steps: Json) -> Iterator[str]:
    if not isinstance(steps, list) or not steps:
        yield "  no steps"
        return
    targets = [step.get("onKeypressGoto") for step in steps if isinstance(step, dict)]
    for number, step in enumerate(steps, 1):
        yield ""
        if isinstance(step, dict):
            yield f"  {number:>3}  {plain(step.get('action'))}"
            yield from _details(step, named=step.get("id") in targets)
        else:
            yield f"  {number:>3}  {plain(step)}"


def _details(step: Body, *, named: bool) -> Iterator[str]:
    hidden = {"action", "options"} if named else {"action", "options", "id"}
    options = step.get("options")
    pairs = list(options.items()) if isinstance(options, dict) else []
    pairs += [(name, value) for name, value in step.items() if name not in hidden]
    for name, value in pairs:
        yield f"         {printable(name)}: {plain(value)}"


def numbers_text(numbers: Sequence[Number]) -> str:
    """One number a line, sorted, with a plus; "" for none."""
    return "\n".join(_with_plus(number) for number in in_order(numbers))


def numbers_document(
    numbers: Sequence[Number], flow: LiveFlow, name: str | None, environment: Environment
) -> dict[str, Json]:
    return {
        "environment": environment.name,
        "endpoint": environment.endpoint,
        "id": flow.id,
        "name": name,
        "numbers": _documents(numbers),
    }


def all_numbers_table(
    found: Sequence[tuple[LiveFlow, Sequence[Number]]],
    names: Mapping[str, str],
    *,
    width: int | None = None,
) -> str:
    """One number a line with the flow that it leads to, sorted by number."""
    pairs = [(number, flow) for flow, numbers in found for number in numbers]
    pairs.sort(key=lambda pair: (pair[0].number, pair[0].id))
    numbers = ["NUMBER", *(_with_plus(number) for number, _ in pairs)]
    flows = ["CALL FLOW", *(flow_name(flow, names.get(flow.id)) for _, flow in pairs)]
    return table([numbers, flows], width)


def all_numbers_document(
    found: Sequence[tuple[LiveFlow, Sequence[Number]]],
    names: Mapping[str, str],
    environment: Environment,
) -> dict[str, Json]:
    """For JSON: the flows that numbers lead to, in the service's order."""
    flows: list[Json] = [
        {
            "id": flow.id,
            "name": names.get(flow.id),
            "title": flow.title,
            "numbers": _documents(numbers),
        }
        for flow, numbers in found
    ]
    return {"environment": environment.name, "endpoint": environment.endpoint, "flows": flows}


def in_order(numbers: Sequence[Number]) -> list[Number]:
    return sorted(numbers, key=lambda number: (number.number, number.id))


def flow_name(flow: LiveFlow, name: str | None) -> str:
    """What people know the flow by: its name or its title, and its id."""
    known = _known_as(flow, name)
    return f"{known} ({printable(flow.id)})" if known else printable(flow.id)


def _with_plus(number: Number) -> str:
    return f"+{shortened(number.number, 60)}"


def _documents(numbers: Sequence[Number]) -> list[Json]:
    return [{"id": number.id, "number": number.number} for number in in_order(numbers)]
