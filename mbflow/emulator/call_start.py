"""Begins calls: those that a client asks for, and those that callers make to a number."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from mbflow.emulator.call_record import GivenFlow, StoredCall, new_call_id, stored_call_text
from mbflow.emulator.context import CALL, FLOW, NUMBER, PARTY, WEBHOOK
from mbflow.emulator.delivery_queue import open_queues
from mbflow.emulator.flows import DEFAULT
from mbflow.emulator.parties import Party, destinations_of, number_key, party_of
from mbflow.emulator.store import Record, Records
from mbflow.model.flow import Body, Json
from mbflow.simulator.replies import CalleeAnswer

MOST_WEBHOOKS = 5


@dataclass(frozen=True, slots=True)
class Begun:
    """When a call begins, and how fast its time goes."""

    moment: float
    factor: float


def place_call(
    records: Records,
    begun: Begun,
    *,
    source: str,
    destination: str,
    flow: Body,
    webhook: Mapping[str, str] | None = None,
) -> Record:
    """Call a destination and take the answered call through the flow."""
    return _kept(
        records,
        StoredCall(
            id=new_call_id(),
            started=begun.moment,
            factor=begun.factor,
            incoming=False,
            source=source,
            destination=destination,
            flows=(GivenFlow(0, flow),),
            does=party(records, destination).does,
            parties=parties(records, [destination, *destinations_of(flow)]),
            webhook=webhook,
            hooks=_hooks(records),
        ),
    )


def take_call(
    records: Records, begun: Begun, *, source: str, destination: str, does: tuple[Json, ...]
) -> Record | None:
    """A caller calls a number; None where neither the number nor the account has a flow for it."""
    number = records.tagged(NUMBER, destination)
    stored = records.get(FLOW, number.parent) if number else records.tagged(FLOW, DEFAULT)
    if stored is None:
        return None
    flow: Body = json.loads(stored.text)
    return _kept(
        records,
        StoredCall(
            id=new_call_id(),
            started=begun.moment,
            factor=begun.factor,
            incoming=True,
            source=source,
            destination=destination,
            flows=(GivenFlow(0, flow),),
            does=does,
            parties=parties(records, destinations_of(flow)),
            number_id=number.id if number else "",
            hooks=_hooks(records),
        ),
    )


def party(records: Records, destination: str) -> Party:
    """How a destination meets calls from now on."""
    record = records.get(PARTY, number_key(destination))
    return party_of(json.loads(record.text)) if record else Party(CalleeAnswer())


def parties(records: Records, destinations: Iterable[str]) -> dict[str, CalleeAnswer]:
    """How those of the destinations that were given a behaviour meet a call."""
    known = {name: records.get(PARTY, name) for name in map(number_key, destinations)}
    return {name: party(records, name).answer for name, record in known.items() if record}


def _hooks(records: Records) -> tuple[str, ...]:
    return tuple(record.id for record in records.page(WEBHOOK, "", 0, MOST_WEBHOOKS))


def _kept(records: Records, call: StoredCall) -> Record:
    record = Record(call.id, stored_call_text(call))
    records.add(CALL, record)
    open_queues(records, call)
    return record
