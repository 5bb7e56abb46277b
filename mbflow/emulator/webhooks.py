"""The endpoints of the account's webhooks (reference section 11). At most five."""

from __future__ import annotations

import json
import uuid
from dataclasses import replace
from urllib.parse import urlsplit

from mbflow.emulator.call_store import MOST_WEBHOOKS
from mbflow.emulator.context import WEBHOOK, Context, page_answer
from mbflow.emulator.flow_checks import Fault, spelled
from mbflow.emulator.responses import INVALID, MISSING, Response, not_found, nothing, one, text_of
from mbflow.emulator.store import Record
from mbflow.model.flow import Body, Json

LINK = "/webhooks"


def list_webhooks(context: Context) -> Response:
    return page_answer(context, WEBHOOK, link=LINK, items=LINK)


def get_webhook(context: Context) -> Response:
    return _answer(_named(context))


def create_webhook(context: Context) -> Response:
    given = _given(context)
    _refuse(context, given)
    if context.records.count(WEBHOOK) >= MOST_WEBHOOKS:
        raise context.invalid((INVALID, f"An account has at most {MOST_WEBHOOKS} webhooks."))
    name = str(uuid.uuid4())
    text = _text(name, given, created=context.now, updated=context.now)
    record = Record(name, text)
    context.records.add(WEBHOOK, record)
    return _answer(record, 201)


def update_webhook(context: Context) -> Response:
    """What the body leaves out stays: the Python SDK sends the token alone."""
    record = _named(context)
    stored = json.loads(record.text)
    kept = {name: stored[name] for name in ("url", "token") if name in stored}
    given = {**kept, **_given(context)}
    _refuse(context, given)
    text = _text(record.id, given, created=stored["createdAt"], updated=context.now)
    record = replace(record, text=text)
    context.records.replace(WEBHOOK, record)
    return _answer(record)


def delete_webhook(context: Context) -> Response:
    context.records.remove(WEBHOOK, _named(context).id)
    return nothing()


def url_fault(value: Json, name: str = "url") -> Fault | None:
    """What is wrong with the address of a webhook, if anything is."""
    if value in (None, ""):
        return MISSING, f"{name} is missing."
    if not isinstance(value, str) or not _is_web_address(value):
        return INVALID, f"{name} must be an address that begins with http:// or https://."
    return None


def _is_web_address(text: str) -> bool:
    if not text.isprintable() or " " in text or len(text) > 2000:
        return False
    try:
        parts = urlsplit(text)
        return parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False


def _named(context: Context) -> Record:
    name = context.ids["webhook"]
    record = context.records.get(WEBHOOK, name)
    if record is None:
        raise not_found("webhook", name)
    return record


def _given(context: Context) -> Body:
    body = spelled(context.body(), ("url", "token"))
    return {name: body[name] for name in ("url", "token") if name in body}


def _refuse(context: Context, given: Body) -> None:
    faults = [fault for fault in [url_fault(given.get("url"))] if fault]
    if not isinstance(given.get("token", ""), str):
        faults.append((INVALID, "token must be a text."))
    if faults:
        raise context.invalid(*faults)


def _text(name: str, given: Body, *, created: str, updated: str) -> str:
    return text_of({"id": name, **given, "createdAt": created, "updatedAt": updated})


def _answer(record: Record, status: int = 200) -> Response:
    return one(f"{LINK}/{record.id}", record.text, status)
