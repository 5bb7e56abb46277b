"""The endpoints of calls: start, list, read, another flow, another party, hang up (reference 7)."""

from __future__ import annotations

import re
from collections.abc import Mapping

from mbflow.emulator.call_objects import call_shown, leg_shown
from mbflow.emulator.call_record import (
    CallPart,
    GivenFlow,
    JoinedParty,
    destinations_of,
    number_key,
    part_id,
)
from mbflow.emulator.call_store import (
    Begun,
    Running,
    changed,
    named_call,
    parties,
    party,
    place_call,
    refuse_ended,
    running,
)
from mbflow.emulator.context import CALL, Context, page_answer
from mbflow.emulator.delivery_queue import open_queues
from mbflow.emulator.flow_checks import Fault, faults_of, folded, spelled
from mbflow.emulator.quirks import Quirk
from mbflow.emulator.requests import json_of
from mbflow.emulator.responses import (
    CONFLICT,
    INVALID,
    MISSING,
    Refused,
    Response,
    nothing,
    one,
    text_of,
)
from mbflow.emulator.webhooks import url_fault
from mbflow.model.flow import Body, Json

LINK = "/calls"
LEGS = {"legs": "/legs"}
ADDRESS = r"\+?[0-9]{3,20}|(?:sip|client):[^/\s]{1,250}"
"""Whom a call may be made to: a number, a SIP address, or a client (reference 6.2, transfer)."""

_KEYS = ("source", "destination", "callFlow", "webhook")
_ADDRESS = re.compile(ADDRESS)
_SOURCE = re.compile(rf"{ADDRESS}|\+?[0-9A-Za-z]{{1,32}}")
_MOST = 20


def list_calls(context: Context) -> Response:
    return page_answer(
        context,
        CALL,
        link=LINK,
        items=LINK,
        more=LEGS,
        text=lambda record: _text(context, running(context, record)),
    )


def create_call(context: Context) -> Response:
    body = spelled(context.body(), _KEYS)
    flow, webhook = _opened(body.get("callFlow")), _opened(body.get("webhook"))
    faults = [
        *address_faults(body),
        *(_flow_faults(context, flow) if flow is not None else [(MISSING, "callFlow is missing.")]),
        *_webhook_faults(webhook),
    ]
    if faults:
        raise context.invalid(*faults[:_MOST])
    assert isinstance(flow, dict)
    record = place_call(
        context.records,
        Begun(context.moment, context.factor),
        source=number_key(str(body["source"])),
        destination=number_key(str(body["destination"])),
        flow=folded(flow),
        webhook=_webhook(webhook),
    )
    context.touched.add(record.id)
    return _answer(context, running(context, record), 201)


def get_call(context: Context) -> Response:
    return _answer(context, named_call(context))


def update_call(context: Context) -> Response:
    """A running call goes on with another flow, `{"callFlow": {...}}` or the flow itself."""
    found = named_call(context)
    body = context.body()
    flow = spelled(body, _KEYS).get("callFlow", body if "steps" in body else None)
    flow = _opened(flow)
    if flow is None:
        raise context.invalid((MISSING, "callFlow is missing."))
    if faults := _flow_faults(context, flow):
        raise context.invalid(*faults[:_MOST])
    refuse_ended(found)
    if len(found.call.flows) >= _MOST:
        raise Refused(409, (CONFLICT, f"A call takes at most {_MOST} flows."))
    assert isinstance(flow, dict)
    met = parties(context.records, destinations_of(folded(flow)))
    found = changed(
        context,
        found,
        flows=(*found.call.flows, GivenFlow(found.at, folded(flow))),
        parties={**met, **found.call.parties},
    )
    open_queues(context.records, found.call)
    return _answer(context, found)


def delete_call(context: Context) -> Response:
    """Hangs up. The call stays readable; one that has ended stays as it is."""
    found = named_call(context)
    if not found.is_over:
        changed(context, found, hung_up=found.at)
    return nothing()


def add_party(context: Context) -> Response:
    """Calls another party into the call, and answers with its leg."""
    found = named_call(context)
    refuse_ended(found)
    if found.course.status(found.at) != "ongoing":
        raise Refused(409, (CONFLICT, f"Call `{found.call.id}` is not ongoing yet."))
    if len(found.call.joined) >= _MOST:
        raise Refused(409, (CONFLICT, f"A call takes at most {_MOST} further parties."))
    destination = number_key(context.ids["destination"])
    met = party(context.records, destination).answer
    joined = (*found.call.joined, JoinedParty(found.at, destination, met))
    found = changed(context, found, joined=joined)
    number = next(n for n, leg in enumerate(found.course.legs) if leg.joined == len(joined) - 1)
    link = f"{LINK}/{found.call.id}/legs/{part_id(found.call.id, CallPart.LEG, number)}"
    return one(link, text_of(leg_shown(found.course, number, found.at)), 201)


def address_faults(
    body: Body, *, source: str = "source", destination: str = "destination"
) -> list[Fault]:
    """What is wrong with the two ends of a call, under these names in a body."""
    found = []
    for name, form in ((source, _SOURCE), (destination, _ADDRESS)):
        value = body.get(name)
        if value in (None, ""):
            found.append((MISSING, f"{name} is missing."))
        elif not isinstance(value, str) or not form.fullmatch(value):
            found.append((INVALID, f"{name} must be a phone number, as a text."))
    return found


def _answer(context: Context, found: Running, status: int = 200) -> Response:
    return one(f"{LINK}/{found.call.id}", _text(context, found), status, more=LEGS)


def _text(context: Context, found: Running) -> str:
    shown = call_shown(found.course, found.at)
    if found.call.webhook and context.has(Quirk.WEBHOOK_ECHOED):
        shown["webhook"] = dict(found.call.webhook)
    return text_of(shown)


def _opened(value: Json) -> Json:
    """An object, also where a client sends it as JSON text inside the JSON (Ruby does)."""
    return json_of(value.encode()) if isinstance(value, str) and value.strip() else value


def _flow_faults(context: Context, flow: Json) -> list[Fault]:
    if not isinstance(flow, dict):
        return [(INVALID, "callFlow must be an object.")]
    any_action = context.has(Quirk.UNKNOWN_ACTIONS_ACCEPTED)
    faults = faults_of(folded(flow), any_action=any_action)
    return [(code, f"callFlow: {message}") for code, message in faults]


def _webhook_faults(webhook: Json) -> list[Fault]:
    if webhook in (None, "", {}):
        return []
    if not isinstance(webhook, dict):
        return [(INVALID, "webhook must be an object.")]
    given = spelled(webhook, ("url", "token"))
    faults = [fault for fault in [url_fault(given.get("url"), "webhook.url")] if fault]
    if not isinstance(given.get("token", ""), str):
        faults.append((INVALID, "webhook.token must be a text."))
    return faults


def _webhook(webhook: Json) -> Mapping[str, str] | None:
    if not isinstance(webhook, dict) or not webhook:
        return None
    given = spelled(webhook, ("url", "token"))
    return {name: str(given[name]) for name in ("url", "token") if given.get(name)}
