"""Where the numbers of an account lead becomes the table in `mbflow.yaml`.

Reads the account, writes only to the project.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from mbflow.apply.adopt import write_entries
from mbflow.apply.import_flows import Import
from mbflow.model.errors import Error, RefusedError
from mbflow.model.route import can_be_dialled
from mbflow.model.text import printable, shortened
from mbflow.plan.numbers import holders_of, read_links
from mbflow.plan.survey import Survey
from mbflow.project.discover import PROJECT_FILE
from mbflow.project.numbers_table import with_numbers
from mbflow.project.whole_file import new_file, replace_file

if TYPE_CHECKING:
    from mbflow.api.client import Client


@dataclass(slots=True)
class NumbersImport:
    """What becomes of the numbers of one environment."""

    written: dict[str, str] = field(default_factory=dict)
    """Numbers whose lines are new or changed, to the names of their flows."""
    right: list[str] = field(default_factory=list)
    """Numbers that lead where their line says, without a calendar."""
    left_out: list[str] = field(default_factory=list)
    """A sentence for each number that gets no line, or leads nowhere yet."""
    contrary: list[str] = field(default_factory=list)
    """A sentence for each number whose line stays, although it does not say where it leads."""


def import_numbers(seen: Survey, client: Client, imported: Sequence[Import]) -> NumbersImport:
    """Write the lines of all numbers that lead to a flow with a file, then the lock.

    `imported` are the flows that got their file in this run. Sends a GET for each live flow.
    Raises `ApiError` where one is not answered, RefusedError where the file cannot be edited.
    """
    flow_ids = holders_of(read_links(client, seen.live))
    found = _compare(seen, flow_ids, _names(seen, imported))
    if found.written:
        _write_table(seen, found.written)
    known = seen.lock.numbers_of(seen.checkout.environment.name)
    led = {number: tuple(flow_ids[number]) for number in (*found.written, *found.right)}
    if any(known.get(number) != ids for number, ids in led.items()):
        write_entries(seen, {one.name: one.entry for one in imported}, {**known, **led})
    return found


def _names(seen: Survey, imported: Sequence[Import]) -> dict[str, str]:
    """Id of a live flow to the name of its file."""
    files = {*seen.checkout.flows, *seen.checkout.broken}
    names = {entry.id: name for name, entry in seen.entries.items() if name in files}
    names |= {match.live.id: name for name, match in seen.matches.matched.items()}
    return names | {one.live.id: one.name for one in imported}


def _compare(
    seen: Survey, flow_ids: Mapping[str, Sequence[str]], names: Mapping[str, str]
) -> NumbersImport:
    """What the table says of each number, and where it leads. Nothing is written yet."""
    table = seen.checkout.environment.numbers
    found = NumbersImport()
    for number in sorted({*table, *flow_ids}):
        route, ids = table.get(number), flow_ids.get(number, ())
        name = names.get(ids[0]) if len(ids) == 1 else None
        trouble = _trouble(seen, number, ids, name)
        if route is not None and not trouble and route.calendar and name not in route.flows:
            trouble = (
                f"leads to {name}, which is none of the flows of its calendar {route.calendar}"
            )
        if trouble:
            consequence = "left out" if route is None else f"its line in {PROJECT_FILE} stays"
            is_told = route is None or not ids
            sentences = found.left_out if is_told else found.contrary
            sentences.append(printable(f"{number} {trouble}: {consequence}."))
        elif name is not None and (route is None or name not in route.flows):
            found.written[number] = name
        elif route is not None and not route.calendar:
            found.right.append(number)
    return found


def _trouble(seen: Survey, number: str, ids: Sequence[str], name: str | None) -> str:
    """Why no line can say where the number leads."""
    if not ids:
        return "leads to no call flow"
    if len(ids) > 1:
        return f"leads to {len(ids)} call flows at once, {' and '.join(ids)}"
    if name is None:
        title = seen.live[ids[0]].title
        flow = f'"{shortened(title, 60)}" ({ids[0]})' if title else ids[0]
        return f"leads to {flow}, which has no flow file"
    if not can_be_dialled(number):
        return "is not a complete telephone number"
    return ""


def _write_table(seen: Survey, numbers: Mapping[str, str]) -> None:
    path = seen.checkout.root / PROJECT_FILE
    try:
        source = path.read_bytes().decode() if path.exists() else ""
        new = with_numbers(source, seen.checkout.environment.name, numbers).encode()
        (replace_file if path.exists() else new_file)(path, new)
    except FileExistsError as error:
        raise RefusedError(f"{PROJECT_FILE} came meanwhile; it is not overwritten.") from error
    except OSError as error:
        raise Error(f"{PROJECT_FILE} cannot be written: {error.strerror}.") from error
