"""The numbers of a call flow: list, add, replace, read (api reference section 12).

Any number in E.164 digits exists here. What becomes of one that another flow has, nobody knows of
the real service: it moves, unless a quirk says otherwise. PUT follows the same reading as POST.
"""

from __future__ import annotations

import json
import re
import uuid
from collections.abc import Sequence
from dataclasses import replace

from mbflow.emulator.context import NUMBER, Context, page_answer
from mbflow.emulator.flows import LINK as FLOWS
from mbflow.emulator.flows import find_flow
from mbflow.emulator.quirks import Quirk
from mbflow.emulator.responses import (
    BAD_REQUEST,
    INVALID,
    MISSING,
    ErrorResponse,
    Response,
    invalid,
    not_found,
    one,
    text_of,
)
from mbflow.emulator.store import Record

LINK = "/numbers"
_E164 = re.compile(r"\+?([1-9][0-9]{6,14})")


def list_numbers(context: Context) -> Response:
    return _numbers_of(context, find_flow(context))


def add_numbers(context: Context) -> Response:
    """Binds the numbers to the flow, beside those it has."""
    flow = find_flow(context)
    for digits in _read_numbers(context):
        _bind(context, flow, digits)
    return _numbers_of(context, flow, 201)


def replace_numbers(context: Context) -> Response:
    """Binds the numbers to the flow and unbinds all others from it."""
    flow = find_flow(context)
    numbers = _read_numbers(context)
    if not context.has(Quirk.NUMBERS_PUT_ADDS):
        count = context.records.count(NUMBER, flow.id)
        for bound in context.records.page(NUMBER, flow.id, 0, count):
            if bound.tag not in numbers:
                context.records.remove(NUMBER, bound.id)
    for digits in numbers:
        _bind(context, flow, digits)
    return _numbers_of(context, flow)


def get_number(context: Context) -> Response:
    name = context.ids["number"]
    record = context.records.get(NUMBER, name)
    if record is None:
        raise not_found("number", name)
    return one(f"{LINK}/{name}", record.text)


def _numbers_of(context: Context, flow: Record, status: int = 200) -> Response:
    link = f"{FLOWS}/{flow.id}/numbers"
    return page_answer(context, NUMBER, parent=flow.id, link=link, items=LINK, status=status)


def _read_numbers(context: Context) -> Sequence[str]:
    """The digits of `{"numbers": [...]}`, each once, without a plus."""
    body = context.body()
    if "numbers" not in body:
        raise invalid((MISSING, "numbers is missing."))
    numbers = body["numbers"]
    if not isinstance(numbers, list):
        raise invalid((INVALID, "numbers must be a list of texts."))
    matches = [_E164.fullmatch(item) if isinstance(item, str) else None for item in numbers]
    faults = [
        (INVALID, f"numbers[{index}] must be a phone number in E.164 digits, as a text.")
        for index, match in enumerate(matches)
        if match is None
    ]
    if faults:
        raise invalid(*faults[:20])
    return list(dict.fromkeys(match[1] for match in matches if match))


def _bind(context: Context, flow: Record, digits: str) -> None:
    links = context.records.all_by_tag(NUMBER, digits)
    others = [link for link in links if link.parent != flow.id]
    if others and context.has(Quirk.LINKED_NUMBER_409):
        # The status is what the quirk is about, so it does not depend on conflict-409.
        raise ErrorResponse(409, (BAD_REQUEST, f"Number {digits} has another call flow."))
    if others and not context.has(Quirk.LINKED_NUMBER_ADDED):
        _move(context, flow, links)
    elif links == others:
        name = str(uuid.uuid4())
        text = _text(name, digits, flow.id, created=context.now, updated=context.now)
        context.records.add(NUMBER, Record(name, text, parent=flow.id, tag=digits))


def _move(context: Context, flow: Record, links: Sequence[Record]) -> None:
    """The first link leads to the flow, and no other is left from a time with another quirk."""
    first, *others = links
    for link in others:
        context.records.remove(NUMBER, link.id)
    created = json.loads(first.text)["createdAt"]
    text = _text(first.id, first.tag or "", flow.id, created=created, updated=context.now)
    context.records.replace(NUMBER, replace(first, text=text, parent=flow.id))


def _text(name: str, digits: str, flow: str, *, created: str, updated: str) -> str:
    return text_of(
        {
            "id": name,
            "number": digits,
            "callFlowId": flow,
            "createdAt": created,
            "updatedAt": updated,
        }
    )
