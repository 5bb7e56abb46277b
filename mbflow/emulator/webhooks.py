"""The endpoints of the account's webhooks (reference section 11). At most five."""

from __future__ import annotations

import json
import uuid
from dataclasses import replace

from mbflow.emulator.call_store import MOST_WEBHOOKS
from mbflow.emulator.context import WEBHOOK, Context, page_answer
from mbflow.emulator.flow_checks import Fault, fold_names
from mbflow.emulator.responses import (
    INVALID,
    MISSING,
    Response,
    invalid,
    not_found,
    nothing,
    one,
    text_of,
)
from mbflow.emulator.store import Record
from mbflow.model.flow import Body
from mbflow.model.web_address import address_trouble, is_complete

LINK = "/webhooks"
_KEYS = ("url", "token")
_BEGINNING = "must begin with http:// or https:// and a host"


def list_webhooks(context: Context) -> Response:
    return page_answer(context, WEBHOOK, link=LINK, items=LINK)


def get_webhook(context: Context) -> Response:
    return _answer(_find(context))


def create_webhook(context: Context) -> Response:
    body = fold_names(context.body(), _KEYS)
    _refuse(context, body)
    if context.records.count(WEBHOOK) >= MOST_WEBHOOKS:
        raise invalid((INVALID, f"An account has at most {MOST_WEBHOOKS} webhooks."))
    name = str(uuid.uuid4())
    text = _text(name, body, created=context.now, updated=context.now)
    record = Record(name, text)
    context.records.add(WEBHOOK, record)
    return _answer(record, 201)


def update_webhook(context: Context) -> Response:
    """What the body leaves out stays: the Python SDK sends the token alone."""
    record = _find(context)
    stored = json.loads(record.text)
    body = {**stored, **fold_names(context.body(), _KEYS)}
    _refuse(context, body)
    text = _text(record.id, body, created=stored["createdAt"], updated=context.now)
    record = replace(record, text=text)
    context.records.replace(WEBHOOK, record)
    return _answer(record)


def delete_webhook(context: Context) -> Response:
    context.records.remove(WEBHOOK, _find(context).id)
    return nothing()


def webhook_faults(body: Body, place: str = "") -> list[Fault]:
    """What is wrong with the `url` and `token` of a webhook."""
    faults = []
    url = body.get("url")
    if url in (None, ""):
        faults.append((MISSING, f"{place}url is missing."))
    elif not isinstance(url, str):
        faults.append((INVALID, f"{place}url must be a text."))
    elif trouble := address_trouble(url) or ("" if is_complete(url) else _BEGINNING):
        faults.append((INVALID, f"{place}url {trouble}."))
    if not isinstance(body.get("token", ""), str):
        faults.append((INVALID, f"{place}token must be a text."))
    return faults


def _find(context: Context) -> Record:
    name = context.ids["webhook"]
    record = context.records.get(WEBHOOK, name)
    if record is None:
        raise not_found("webhook", name)
    return record


def _refuse(context: Context, body: Body) -> None:
    if faults := webhook_faults(body):
        raise invalid(*faults)


def _text(name: str, body: Body, *, created: str, updated: str) -> str:
    settings = {key: body[key] for key in _KEYS if key in body}
    return text_of({"id": name, **settings, "createdAt": created, "updatedAt": updated})


def _answer(record: Record, status: int = 200) -> Response:
    return one(f"{LINK}/{record.id}", record.text, status)
