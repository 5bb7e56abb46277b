"""Reads an account as far as a plan needs it: one complete listing, and by id what it hides."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor

from mbflow.api.client import Client
from mbflow.api.failures import ApiError
from mbflow.model import Flow, LiveFlow, LockEntry
from mbflow.plan.diff import is_settled


def read_account(
    client: Client,
    flows: Mapping[str, Flow],
    entries: Mapping[str, LockEntry],
) -> tuple[dict[str, LiveFlow], bool]:
    """Every live flow by id; and whether titles are hidden in lists.

    Locked flows that are not listed are read by id; so is every flow of which the list shows too
    little to be compared.
    """
    live = {flow.id: flow for flow in client.list_call_flows()}
    hidden = bool(live) and not any("title" in flow.body for flow in live.values())
    hidden = hidden and any("title" in flow.shown for flow in flows.values())
    wanted = {entry.id for entry in entries.values()} - live.keys()
    wanted |= {flow.id for flow in live.values() if "steps" not in flow.body}
    if hidden:
        wanted |= live.keys() - set(_settled_ids(flows, entries, live))
    with ThreadPoolExecutor(max(1, client.workers)) as pool:
        for flow_id, flow in zip(
            sorted(wanted), pool.map(client.get_call_flow, sorted(wanted)), strict=True
        ):
            if flow is None:
                live.pop(flow_id, None)
            else:
                listed = live[flow_id].body if flow_id in live else {}
                live[flow_id] = LiveFlow(flow_id, {**listed, **flow.body})
    return live, hidden


def list_with_new(client: Client, known: Collection[str]) -> list[LiveFlow]:
    """A complete listing, in which flows that are not `known` are whole.

    Where lists hide titles or steps, a new flow could not be recognised from its entry alone.
    """
    flows = client.list_call_flows()
    return [flow if flow.id in known else _whole(client, flow) for flow in flows]


def _whole(client: Client, listed: LiveFlow) -> LiveFlow:
    if "steps" in listed.body and "title" in listed.body:
        return listed
    found = client.get_call_flow(listed.id)
    return listed if found is None else LiveFlow(listed.id, {**listed.body, **found.body})


def _settled_ids(
    flows: Mapping[str, Flow], entries: Mapping[str, LockEntry], live: Mapping[str, LiveFlow]
) -> Iterable[str]:
    for key, entry in entries.items():
        flow, found = flows.get(key), live.get(entry.id)
        if flow and found and is_settled(flow, found, entry, titles_hidden=True):
            yield entry.id


def read_numbers(client: Client, flow_id: str) -> list[str] | None:
    """The numbers that lead to a flow, sorted; None where they cannot be read."""
    try:
        return sorted(number.number for number in client.list_numbers(flow_id))
    except ApiError:
        return None
