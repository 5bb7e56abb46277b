"""Reads an account as far as a plan needs it: one complete listing, and by id what it hides."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

from mbflow.api.errors import ApiError, IncompleteListing
from mbflow.api.retry import poll
from mbflow.model.flow import Flow, LiveFlow, LockEntry, SafeBody
from mbflow.plan.diff import is_settled
from mbflow.plan.secrets import hide_flow

if TYPE_CHECKING:
    from mbflow.api.client import Client

PAUSES = (0.0, 0.5, 1.0, 2.0)
"""Seconds before each listing, where one and the reads by id contradict each other."""


def read_account(
    client: Client,
    flows: Mapping[str, Flow],
    entries: Mapping[str, LockEntry],
    secrets: Mapping[str, str],
    listed: Sequence[LiveFlow] | None = None,
) -> tuple[dict[str, LiveFlow], bool]:
    """Every live flow by id, `secrets` hidden; and whether titles are hidden in lists.

    Locked flows that are not listed are read by id; so is every flow of which the list shows too
    little to be compared. `listed` is what `list_account` gave, if it was asked before.
    """

    def wanted(listed: Mapping[str, LiveFlow]) -> set[str]:
        ids = {entry.id for entry in entries.values()} - listed.keys()
        ids |= {flow.id for flow in listed.values() if not flow.has_steps}
        if _hides_titles(listed, flows):
            ids |= listed.keys() - set(_settled_ids(flows, entries, listed))
        return ids

    shown, live = _list_and_read(client, wanted, secrets, listed)
    return live, _hides_titles(shown, flows)


def list_account(client: Client, secrets: Mapping[str, str]) -> list[LiveFlow]:
    """One complete listing, `secrets` hidden."""
    return client.list_call_flows_as(lambda flow: hide_flow(flow, secrets))


def list_with_new(
    client: Client, known: Collection[str], secrets: Mapping[str, str]
) -> list[LiveFlow]:
    """A complete listing, in which flows that are not `known` are whole.

    Where lists hide titles or steps, a new flow could not be recognised from its entry alone.
    """

    def wanted(listed: Mapping[str, LiveFlow]) -> set[str]:
        new = [flow for flow in listed.values() if flow.id not in known]
        return {flow.id for flow in new if not {"steps", "title"} <= flow.body.keys()}

    _, live = _list_and_read(client, wanted, secrets)
    return list(live.values())


def _hides_titles(listed: Mapping[str, LiveFlow], flows: Mapping[str, Flow]) -> bool:
    """Whether titles are wanted and no listed flow has one."""
    shown = any("title" in flow.body for flow in listed.values())
    return bool(listed) and not shown and any("title" in flow.body for flow in flows.values())


def _list_and_read(
    client: Client,
    wanted: Callable[[Mapping[str, LiveFlow]], set[str]],
    secrets: Mapping[str, str],
    first: Sequence[LiveFlow] | None = None,
) -> tuple[dict[str, LiveFlow], dict[str, LiveFlow]]:
    """A complete listing by id, and the same with the flows that are `wanted` of it read by id.

    Asked for, unless it is there as the `first`. A flow that is listed and not to be read was
    deleted in between, or the service shows a new one by halves: another listing tells. To take it
    for gone would mean to make it again.
    """

    listings = [] if first is None else [first]

    def read() -> tuple[dict[str, LiveFlow], dict[str, LiveFlow | None], list[str]]:
        flows = listings.pop() if listings else list_account(client, secrets)
        listed = {flow.id: flow for flow in flows}
        found = _read(client, sorted(wanted(listed)), secrets)
        return listed, found, [name for name, flow in found.items() if not flow and name in listed]

    listed, found, missing = poll(read, lambda reading: not reading[2], PAUSES, client.wait)
    if missing:
        raise IncompleteListing(
            f"The list of call flows could not be read completely: it shows {missing[0]}, "
            "and a read of that flow says that it is not there.",
            "Is somebody changing the account right now? Try again in a minute.",
        )
    whole = {flow_id: _whole(listed.get(flow_id), flow) for flow_id, flow in found.items()}
    return listed, {**listed, **{name: flow for name, flow in whole.items() if flow}}


def _read(
    client: Client, ids: Sequence[str], secrets: Mapping[str, str]
) -> dict[str, LiveFlow | None]:
    found = client.read_each("Reading call flows", client.get_call_flow, ids)
    hidden = (None if flow is None else hide_flow(flow, secrets) for flow in found)
    return dict(zip(ids, hidden, strict=True))


def _whole(listed: LiveFlow | None, read: LiveFlow | None) -> LiveFlow | None:
    if listed is None or read is None:
        return read
    return LiveFlow(read.id, SafeBody({**listed.body, **read.body}))


def _settled_ids(
    flows: Mapping[str, Flow], entries: Mapping[str, LockEntry], live: Mapping[str, LiveFlow]
) -> Iterable[str]:
    for name, entry in entries.items():
        flow, found = flows.get(name), live.get(entry.id)
        if flow and found and is_settled(flow, found, entry, titles_hidden=True):
            yield entry.id


def read_numbers(
    client: Client, ids: Sequence[str], *, give_up: bool = False
) -> dict[str, list[str] | None]:
    """The numbers that lead to each flow, sorted; None where they cannot be read.

    With `give_up` none is asked for after the first failure: each would be tried as often.
    """
    failed = False

    def read(flow_id: str) -> list[str] | None:
        nonlocal failed
        if failed and give_up:
            return None
        try:
            return sorted(number.number for number in client.list_numbers(flow_id))
        except ApiError:
            failed = True
            return None

    return dict(zip(ids, client.read_each("Reading numbers", read, ids), strict=True))
