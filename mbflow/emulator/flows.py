"""The endpoints of call flows: list, read, create, update, delete (api reference section 2.1)."""

from __future__ import annotations

import json
import uuid
from dataclasses import replace

from mbflow.emulator.context import FLOW, NUMBER, Context, page_answer
from mbflow.emulator.flow_checks import faults_of, folded
from mbflow.emulator.flow_defaults import filled
from mbflow.emulator.quirks import Quirk
from mbflow.emulator.responses import CONFLICT, Refused, Response, not_found, nothing, one, text_of
from mbflow.emulator.store import Record
from mbflow.model.flow import Body

LINK = "/call-flows"
DEFAULT = "default"
_FAULTS_SHOWN = 20


def list_flows(context: Context) -> Response:
    hidden = [
        key
        for key, quirk in (
            ("title", Quirk.LIST_WITHOUT_TITLES),
            ("steps", Quirk.LIST_WITHOUT_STEPS),
        )
        if context.has(quirk)
    ]
    return page_answer(
        context, FLOW, link=LINK, items=LINK, text=lambda record: _without(record.text, *hidden)
    )


def get_flow(context: Context) -> Response:
    record = stored_flow(context)
    hidden = ["title"] if context.has(Quirk.GET_WITHOUT_TITLE) else []
    return one(f"{LINK}/{record.id}", _without(record.text, *hidden))


def create_flow(context: Context) -> Response:
    wanted = _wanted(context)
    name = str(uuid.uuid4())
    flow = filled(wanted, None, name=name, now=context.now, quirks=context.quirks)
    tag = _default_tag(context, name, flow)
    record = Record(name, text_of(flow), tag=tag)
    context.records.add(FLOW, record)
    return one(f"{LINK}/{name}", record.text, 201)


def update_flow(context: Context) -> Response:
    """PUT replaces the whole flow and keeps its id, its place and `createdAt`."""
    record = stored_flow(context)
    stored = json.loads(record.text)
    flow = filled(
        _wanted(context, partial=context.has(Quirk.PUT_MERGES)),
        stored,
        name=record.id,
        now=context.now,
        quirks=context.quirks,
    )
    record = replace(record, text=text_of(flow), tag=_default_tag(context, record.id, flow))
    context.records.replace(FLOW, record)
    return one(f"{LINK}/{record.id}", record.text)


def delete_flow(context: Context) -> Response:
    """The numbers of the flow are unbound with it."""
    record = stored_flow(context)
    count = context.records.count(NUMBER, record.id)
    if count and context.has(Quirk.DELETE_REFUSED_WITH_NUMBERS):
        raise Refused(409, (CONFLICT, f"Call flow `{record.id}` has {count} numbers."))
    for number in context.records.page(NUMBER, record.id, 0, count):
        context.records.remove(NUMBER, number.id)
    context.records.remove(FLOW, record.id)
    return nothing()


def stored_flow(context: Context) -> Record:
    """The call flow that the path names; refused with 404 where the account has none."""
    name = context.ids["flow"]
    record = context.records.get(FLOW, name)
    if record is None:
        raise not_found("call flow", name)
    return record


def _wanted(context: Context, *, partial: bool = False) -> Body:
    flow = folded(context.body())
    any_action = context.has(Quirk.UNKNOWN_ACTIONS_ACCEPTED)
    faults = faults_of(flow, partial=partial, any_action=any_action)
    if faults:
        raise context.invalid(*faults[:_FAULTS_SHOWN])
    return flow


def _default_tag(context: Context, name: str, flow: Body) -> str | None:
    """The tag of a default flow, taken from the flow that had it: an account has only one."""
    if flow["default"] is not True:
        return None
    other = context.records.tagged(FLOW, DEFAULT)
    if other and other.id != name:
        if context.has(Quirk.SECOND_DEFAULT_REFUSED):
            raise Refused(409, (CONFLICT, f"Call flow `{other.id}` is the default already."))
        loser = {**json.loads(other.text), "default": False, "updatedAt": context.now}
        context.records.replace(FLOW, replace(other, text=text_of(loser), tag=None))
    return DEFAULT


def _without(text: str, *keys: str) -> str:
    if not keys:
        return text
    flow = json.loads(text)
    return text_of({key: value for key, value in flow.items() if key not in keys})
