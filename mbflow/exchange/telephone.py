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
from mbflow.exchange.clock import Clock
from mbflow.exchange.context import PARTY
from mbflow.exchange.filling import text_of
from mbflow.exchange.lanes import lanes_of
from mbflow.exchange.placing import Begun, take_call
from mbflow.exchange.post import Post
from mbflow.exchange.store import Record, Records, Store
from mbflow.model import Body

_MOST = 20


class Telephone:
    """Places the calls of callers, and knows how destinations answer. Safe between threads."""

    def __init__(self, store: Store, clock: Clock, factor: float, post: Post) -> None:
        self.post = post
        self._store = store
        self._clock = clock
        self._factor = factor

    def call_in(self, account: str, body: Body) -> Answer:
        """A caller calls a number of the account."""
        does = body.get("does", [])
        faults = address_faults(body, source="from", destination="to")
        _refuse([*(message for _, message in faults), *faults_of_does(does)])
        assert isinstance(does, list)
        destination = number_key(str(body["to"]))
        with self._store.writing() as connection:
            records = Records(connection, account)
            record = take_call(
                records,
                Begun(self._clock.now(), self._factor),
                source=number_key(str(body["from"])),
                destination=destination,
                does=tuple(does),
            )
            lanes = lanes_of(records, [record.id] if record else [])
        if record is None:
            raise not_found("call flow that takes calls", destination)
        self.post.touch(account, lanes)
        shown = text_of(call_shown(course_of(record.text), 0))
        return one(f"{LINK}/{record.id}", shown, 201, more=LEGS)

    def put_destination(self, account: str, number: str, body: Body) -> Answer:
        """From the next call on, the destination behaves like this; `{}` is as usual."""
        _refuse(list(faults_of_party(body)))
        record = Record(number_key(number), text_of(body))
        with self._store.writing() as connection:
            records = Records(connection, account)
            if records.get(PARTY, record.id) is None:
                records.add(PARTY, record)
            else:
                records.replace(PARTY, record)
        return Answer(200, dumped({"destination": record.id, **body}))


def _refuse(faults: list[str]) -> None:
    if faults:
        raise Refused(422, *((INVALID, fault) for fault in faults[:_MOST]))
