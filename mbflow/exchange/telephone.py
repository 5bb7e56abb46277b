"""The far end of the line, for the exchange's controls: who calls in, and how destinations answer.

`POST /_exchange/calls {"from", "to", "does"}`,
`PUT /_exchange/destinations/NUMBER {"outcome", "rings", "talks", "does"}`.
"""

from __future__ import annotations

from mbflow.exchange.answers import INVALID, Answer, Refused, dumped, not_found, one
from mbflow.exchange.calling.course import course_of
from mbflow.exchange.calling.parties import faults_of_party, number_key
from mbflow.exchange.calling.scripts import faults_of_does
from mbflow.exchange.calling.showing import call_shown
from mbflow.exchange.calls import LEGS, LINK, address_faults
from mbflow.exchange.context import PARTY
from mbflow.exchange.filling import text_of
from mbflow.exchange.placing import Begun, take_call
from mbflow.exchange.store import Record, Records
from mbflow.model import Body

_MOST = 20


def call_in(records: Records, begun: Begun, body: Body) -> tuple[str, Answer]:
    """A caller calls a number of the account; the call's id, and the answer."""
    does = body.get("does", [])
    faults = [
        *(message for _, message in address_faults(body, source="from", destination="to")),
        *faults_of_does(does),
    ]
    _refuse(faults)
    assert isinstance(does, list)
    destination = number_key(str(body["to"]))
    record = take_call(
        records,
        begun,
        source=number_key(str(body["from"])),
        destination=destination,
        does=tuple(does),
    )
    if record is None:
        raise not_found("call flow that takes calls", destination)
    shown = text_of(call_shown(course_of(record.text), 0))
    return record.id, one(f"{LINK}/{record.id}", shown, 201, more=LEGS)


def put_destination(records: Records, number: str, body: Body) -> Answer:
    """From the next call on, the destination behaves like this; `{}` is the usual behaviour."""
    _refuse(list(faults_of_party(body)))
    record = Record(number_key(number), text_of(body))
    if records.get(PARTY, record.id) is None:
        records.add(PARTY, record)
    else:
        records.replace(PARTY, record)
    return Answer(200, dumped({"destination": record.id, **body}))


def _refuse(faults: list[str]) -> None:
    if faults:
        raise Refused(422, *((INVALID, fault) for fault in faults[:_MOST]))
