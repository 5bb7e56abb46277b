"""The endpoints of calls: start, list, read, another flow, another party, hang up (reference 7)."""

from __future__ import annotations

import re
from collections.abc import Mapping

from mbflow.emulator.call_objects import call_object, leg_object
from mbflow.emulator.call_record import (
    CallPart,
    ExtraCallee,
    FlowStart,
    destinations_of,
    number_key,
    part_id,
)
from mbflow.emulator.call_store import (
    CallStart,
    CurrentCall,
    callee,
    callee_answers,
    current_call,
    find_call,
    place_call,
    refuse_if_over,
    store_call,
)
from mbflow.emulator.call_timeline import CallStatus
from mbflow.emulator.context import CALL, Context, page_answer
from mbflow.emulator.delivery_queue import open_queues
from mbflow.emulator.flow_checks import Fault, flow_faults, fold_flow, fold_names
from mbflow.emulator.quirks import Quirk
from mbflow.emulator.requests import json_of
from mbflow.emulator.responses import (
    INVALID,
    MISSING,
    Response,
    conflict,
    invalid,
    nothing,
    one,
    text_of,
)
from mbflow.emulator.webhooks import webhook_faults
from mbflow.model.flow import Body, Json

LINK = "/calls"
LEGS = {"legs": "/legs"}
ADDRESS = r"\+?[0-9]{3,20}|(?:sip|client):[^/\s]{1,250}"
"""Whom a call may be made to: a number, a SIP address, or a client (reference 6.2, transfer)."""

_KEYS = ("source", "destination", "callFlow", "webhook")
_OTHER = "or begin with sip: or client:"
_DESTINATION = (re.compile(ADDRESS), _OTHER)
_SOURCE = (
    re.compile(rf"{ADDRESS}|\+?[0-9A-Za-z]{{1,32}}"),
    f"a name of letters and digits, {_OTHER}",
)
_MOST = 20


def list_calls(context: Context) -> Response:
    return page_answer(
        context,
        CALL,
        link=LINK,
        items=LINK,
        more=LEGS,
        text=lambda record: _text(context, current_call(context, record)),
    )


def create_call(context: Context) -> Response:
    body = fold_names(context.body(), _KEYS)
    flow = _decode(body.get("callFlow"), "callFlow")
    webhook = _decode(body.get("webhook"), "webhook")
    faults = [
        *address_faults(body),
        *(_flow_faults(context, flow) if flow is not None else [(MISSING, "callFlow is missing.")]),
        *_webhook_faults(webhook),
    ]
    if faults:
        raise invalid(*faults[:_MOST])
    assert isinstance(flow, dict)
    record = place_call(
        context.records,
        CallStart(context.moment, context.time_factor),
        source=number_key(str(body["source"])),
        destination=number_key(str(body["destination"])),
        flow=fold_flow(flow),
        webhook=_webhook(webhook),
    )
    context.updated_calls.add(record.id)
    return _answer(context, current_call(context, record), 201)


def get_call(context: Context) -> Response:
    return _answer(context, find_call(context))


def update_call(context: Context) -> Response:
    """A running call goes on with another flow, `{"callFlow": {...}}` or the flow itself."""
    current = find_call(context)
    body = context.body()
    flow = fold_names(body, _KEYS).get("callFlow", body if "steps" in body else None)
    flow = _decode(flow, "callFlow")
    if flow is None:
        raise invalid((MISSING, "callFlow is missing."))
    if faults := _flow_faults(context, flow):
        raise invalid(*faults[:_MOST])
    refuse_if_over(current)
    if len(current.call.flows) >= _MOST:
        raise conflict(f"A call takes at most {_MOST} flows.")
    assert isinstance(flow, dict)
    answers = callee_answers(context.records, destinations_of(fold_flow(flow)))
    current = store_call(
        context,
        current,
        flows=(*current.call.flows, FlowStart(current.at, fold_flow(flow))),
        callees={**answers, **current.call.callees},
    )
    open_queues(context.records, current.call)
    return _answer(context, current)


def delete_call(context: Context) -> Response:
    """Hangs up. The call stays readable; one that has ended stays as it is."""
    current = find_call(context)
    if not current.is_over:
        store_call(context, current, hangup_at=current.at)
    return nothing()


def add_callee(context: Context) -> Response:
    """Calls another party into the call, and answers with its leg."""
    current = find_call(context)
    refuse_if_over(current)
    if current.timeline.status(current.at) is not CallStatus.ONGOING:
        raise conflict(f"Call `{current.call.id}` is not ongoing yet.")
    if len(current.call.extra_callees) >= _MOST:
        raise conflict(f"A call takes at most {_MOST} further parties.")
    destination = number_key(context.ids["destination"])
    answer = callee(context.records, destination).answer
    callees = (*current.call.extra_callees, ExtraCallee(current.at, destination, answer))
    current = store_call(context, current, extra_callees=callees)
    extra = len(callees) - 1
    number = next(n for n, leg in enumerate(current.timeline.legs) if leg.extra == extra)
    link = f"{LINK}/{current.call.id}/legs/{part_id(current.call.id, CallPart.LEG, number)}"
    return one(link, text_of(leg_object(current.timeline, number, current.at)), 201)


def address_faults(
    body: Body, *, source: str = "source", destination: str = "destination"
) -> list[Fault]:
    """What is wrong with the two ends of a call, under these names in a body."""
    return [
        *_address_faults(source, body.get(source), *_SOURCE),
        *destination_faults(destination, body.get(destination)),
    ]


def destination_faults(name: str, value: Json) -> list[Fault]:
    """What is wrong with whom a call is made to, under this name."""
    return _address_faults(name, value, *_DESTINATION)


def _address_faults(name: str, value: Json, form: re.Pattern[str], words: str) -> list[Fault]:
    if value in (None, ""):
        return [(MISSING, f"{name} is missing.")]
    if not isinstance(value, str):
        return [(INVALID, f"{name} must be a text, also where it is a number.")]
    if not form.fullmatch(value):
        return [(INVALID, f"{name} must be a phone number in 3 to 20 digits, {words}.")]
    return []


def _answer(context: Context, current: CurrentCall, status: int = 200) -> Response:
    return one(f"{LINK}/{current.call.id}", _text(context, current), status, more=LEGS)


def _text(context: Context, current: CurrentCall) -> str:
    shown = call_object(current.timeline, current.at)
    if current.call.webhook and context.has(Quirk.WEBHOOK_ECHOED):
        shown["webhook"] = dict(current.call.webhook)
    return text_of(shown)


def _decode(value: Json, name: str) -> Json:
    """An object, also where a client sends it as JSON text inside the JSON (Ruby does)."""
    is_json = isinstance(value, str) and value.lstrip().startswith("{")
    return json_of(str(value).encode(), name) if is_json else value


def _flow_faults(context: Context, flow: Json) -> list[Fault]:
    if not isinstance(flow, dict):
        return [(INVALID, "callFlow must be an object.")]
    any_action = context.has(Quirk.UNKNOWN_ACTIONS_ACCEPTED)
    faults = flow_faults(fold_flow(flow), any_action=any_action)
    return [(code, f"callFlow: {message}") for code, message in faults]


def _webhook_faults(webhook: Json) -> list[Fault]:
    if webhook in (None, "", {}):
        return []
    if not isinstance(webhook, dict):
        return [(INVALID, "webhook must be an object.")]
    return webhook_faults(fold_names(webhook, ("url", "token")), "webhook.")


def _webhook(webhook: Json) -> Mapping[str, str] | None:
    if not isinstance(webhook, dict) or not webhook:
        return None
    settings = fold_names(webhook, ("url", "token"))
    return {name: str(settings[name]) for name in ("url", "token") if settings.get(name)}
