"""Which numbers lead to which call flows; leading more to one, read back until that shows."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

from mbflow.api.errors import ApiError, Rejected
from mbflow.api.retry import poll
from mbflow.model.errors import PartialError
from mbflow.model.flow import Number
from mbflow.model.text import Command

if TYPE_CHECKING:
    from mbflow.api.client import Client

PAUSES = (0.0, 0.25, 0.5, 1.0, 2.0)
"""Seconds before each read: nobody knows whether a read shows a write at once."""
_INVALID = (400, 422)
_TAKE_AWAY = (
    "A number that leads to another call flow may have to leave that one first: take it away there"
    " in the service's dashboard, then run this again."
)


def numbers_of(client: Client, flow_ids: Sequence[str]) -> dict[str, list[Number]]:
    """The numbers that lead to each of the flows; a GET a flow, in parallel.

    Raises what `Client.list_numbers` raises for the first flow that fails.
    """
    found = client.read_each("Reading numbers", client.list_numbers, flow_ids)
    return dict(zip(flow_ids, found, strict=True))


def assign(
    client: Client,
    flow_id: str,
    numbers: Sequence[str],
    *,
    former: Collection[str] = (),
    sleep: Callable[[float], object] = time.sleep,
) -> list[Number]:
    """All numbers of the flow afterwards; `numbers` are digits without a plus.

    `former` are the ids of other flows that the numbers lead to until now. Raises what
    `Client.assign_numbers` raises, or `PartialError` when the service took the numbers but does
    not show them, or shows them at a former flow still.
    """
    former = [one for one in dict.fromkeys(former) if one != flow_id]
    try:
        client.assign_numbers(flow_id, numbers)
    except Rejected as refusal:
        if refusal.status == 409 or (former and refusal.status in _INVALID):
            refusal.details = (*refusal.details, _TAKE_AWAY)
        raise
    with client.progress.begin("Reading the numbers back"):
        found = poll(
            lambda: _read_back(client, [flow_id, *former]),
            lambda found: _difference(found, flow_id, numbers, former) is None,
            PAUSES,
            sleep,
        )
    if difference := _difference(found, flow_id, numbers, former):
        raise difference
    return found[flow_id]


def _difference(
    found: Mapping[str, Sequence[Number]],
    flow_id: str,
    numbers: Sequence[str],
    former: Sequence[str],
) -> PartialError | None:
    """What the service shows otherwise than it was told."""
    if missing := [one for one in numbers if not _showing(found, one, [flow_id])]:
        return PartialError(
            f"The service took the numbers, but does not show {', '.join(missing)}.",
            "Is the number one of this account? Look at the service's dashboard.",
        )
    doubled = {one: ids for one in numbers if (ids := _showing(found, one, former))}
    if not doubled:
        return None
    texts = ", ".join(doubled)
    return PartialError(
        f"The service took the numbers, but {texts} did not leave the former call flow.",
        *(f"{number} still leads to {', '.join(ids)}." for number, ids in doubled.items()),
        "Nobody knows which of the call flows answers. Take the number away from the former one in",
        "the service's dashboard. To see where numbers lead:",
        Command("mbflow", "numbers", "list"),
    )


def _showing(
    found: Mapping[str, Sequence[Number]], number: str, flow_ids: Iterable[str]
) -> tuple[str, ...]:
    return tuple(one for one in flow_ids if any(number == link.number for link in found[one]))


def _read_back(client: Client, flow_ids: Sequence[str]) -> dict[str, list[Number]]:
    try:
        return numbers_of(client, flow_ids)
    except ApiError as error:
        failure = error
    raise PartialError(
        "The service took the numbers, but they could not be read back.",
        failure.summary,
        *failure.details,
    )
