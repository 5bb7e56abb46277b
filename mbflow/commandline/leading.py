"""Which call flow each number of an account leads to. The service says so by flow only."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mbflow.api.client import Client
    from mbflow.commandline.account import Account
    from mbflow.model import LiveFlow, Number


def led_flows(account: Account, client: Client) -> list[tuple[LiveFlow, list[Number]]]:
    """Every live flow that a number leads to, with its numbers, in the service's order.

    Sends a GET for each flow. Raises `ApiError` where one of them cannot be answered.
    """
    from mbflow.api.parallel import in_parallel

    flows = client.list_call_flows()
    numbers = in_parallel(client.list_numbers, [flow.id for flow in flows], client.workers)
    pairs = zip(map(account.shown, flows), numbers, strict=True)
    return [(flow, found) for flow, found in pairs if found]


def leaving(
    account: Account, client: Client, flow_id: str, wanted: Sequence[str]
) -> list[tuple[str, LiveFlow]]:
    """The wanted numbers, in digits, that lead to another flow than this now; and which flow."""
    others = [(flow, found) for flow, found in led_flows(account, client) if flow.id != flow_id]
    leads = {number.number.lstrip("+"): flow for flow, found in others for number in found}
    return [(digits, leads[digits]) for digits in wanted if digits in leads]
