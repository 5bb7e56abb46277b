"""Numbers led to a call flow, and read back until the service shows them."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from mbflow.api.errors import ApiError
from mbflow.api.retry import poll
from mbflow.model.errors import PartialError
from mbflow.model.flow import Number

if TYPE_CHECKING:
    from mbflow.api.client import Client

PAUSES = (0.0, 0.25, 0.5, 1.0, 2.0)
"""Seconds before each read: nobody knows whether a read shows a write at once."""


def assign(
    client: Client,
    flow_id: str,
    numbers: Sequence[str],
    *,
    sleep: Callable[[float], object] = time.sleep,
) -> list[Number]:
    """All numbers of the flow afterwards; `numbers` are digits without a plus.

    Raises what `Client.assign_numbers` raises, or `PartialError` when the service took the
    numbers but does not show them.
    """
    client.assign_numbers(flow_id, numbers)

    def missing(found: Sequence[Number]) -> list[str]:
        return [n for n in numbers if n not in {number.number for number in found}]

    found = poll(
        lambda: _read_back(client, flow_id), lambda found: not missing(found), PAUSES, sleep
    )
    if left := missing(found):
        raise PartialError(
            f"The service took the numbers, but does not show {', '.join(left)}.",
            "Is the number one of this account? Look at the service's dashboard.",
        )
    return found


def _read_back(client: Client, flow_id: str) -> list[Number]:
    try:
        return client.list_numbers(flow_id)
    except ApiError as error:
        failure = error
    raise PartialError(
        "The service took the numbers, but they could not be read back.",
        failure.summary,
        *failure.details,
    )
