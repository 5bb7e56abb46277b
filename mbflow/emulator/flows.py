"""The endpoints of call flows, and what is stored of a flow (api reference sections 2.1, 15).

The service adds ids and defaults to a valid flow, and orders its keys; quirks change how.
"""

from __future__ import annotations

import json
import re
import uuid
from collections.abc import Collection
from dataclasses import replace

from mbflow.emulator.context import FLOW, NUMBER, Context, page_answer
from mbflow.emulator.flow_checks import (
    ACTIONS,
    FLOW_KEYS,
    MAY_BE_EMPTY,
    OPTIONS,
    REQUIRED,
    STEP_KEYS,
    flow_faults,
    fold_flow,
)
from mbflow.emulator.quirks import Quirk
from mbflow.emulator.responses import Response, conflict, invalid, not_found, nothing, one, text_of
from mbflow.emulator.store import Record
from mbflow.model.flow import Body, Json

LINK = "/call-flows"
DEFAULT = "default"
_MOST_FAULTS = 20

_ORDERED = {"id", "title", "steps", "record", "default", "createdAt", "updatedAt"}
_LANGUAGES = ("language", "transcribeLanguage")
_LANGUAGE = re.compile("[A-Za-z]{2,3}-[A-Za-z]{2}(-.*)?")


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
    record = find_flow(context)
    hidden = ["title"] if context.has(Quirk.GET_WITHOUT_TITLE) else []
    return one(f"{LINK}/{record.id}", _without(record.text, *hidden))


def create_flow(context: Context) -> Response:
    name = str(uuid.uuid4())
    flow = fill_defaults(
        _read_flow(context), None, name=name, now=context.now, quirks=context.quirks
    )
    tag = _default_tag(context, name, flow)
    record = Record(name, text_of(flow), tag=tag)
    context.records.add(FLOW, record)
    return one(f"{LINK}/{name}", record.text, 201)


def update_flow(context: Context) -> Response:
    """PUT replaces the whole flow and keeps its id, its place and `createdAt`."""
    record = find_flow(context)
    stored = json.loads(record.text)
    flow = fill_defaults(
        _read_flow(context, partial=context.has(Quirk.PUT_MERGES)),
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
    record = find_flow(context)
    count = context.records.count(NUMBER, record.id)
    if count and context.has(Quirk.DELETE_REFUSED_WITH_NUMBERS):
        raise conflict(f"Call flow `{record.id}` has {count} numbers.")
    for number in context.records.page(NUMBER, record.id, 0, count):
        context.records.remove(NUMBER, number.id)
    context.records.remove(FLOW, record.id)
    return nothing()


def find_flow(context: Context) -> Record:
    """The call flow that the path names; refused with 404 where the account has none."""
    name = context.ids["flow"]
    record = context.records.get(FLOW, name)
    if record is None:
        raise not_found("call flow", name)
    return record


def _read_flow(context: Context, *, partial: bool = False) -> Body:
    flow = fold_flow(context.body())
    any_action = context.has(Quirk.UNKNOWN_ACTIONS_ACCEPTED)
    faults = flow_faults(flow, partial=partial, any_action=any_action)
    if faults:
        raise invalid(*faults[:_MOST_FAULTS])
    return flow


def _default_tag(context: Context, name: str, flow: Body) -> str | None:
    """The tag of a default flow, taken from the flow that had it: an account has only one."""
    if flow["default"] is not True:
        return None
    other = context.records.find_by_tag(FLOW, DEFAULT)
    if other and other.id != name:
        if context.has(Quirk.SECOND_DEFAULT_REFUSED):
            raise conflict(f"Call flow `{other.id}` is the default already.")
        former = {**json.loads(other.text), "default": False, "updatedAt": context.now}
        context.records.replace(FLOW, replace(other, text=text_of(former), tag=None))
    return DEFAULT


def _without(text: str, *keys: str) -> str:
    if not keys:
        return text
    flow = json.loads(text)
    return text_of({key: value for key, value in flow.items() if key not in keys})


def fill_defaults(
    flow: Body, stored: Body | None, *, name: str, now: str, quirks: Collection[Quirk] = ()
) -> Body:
    """The whole object as it is stored, in the order of keys that recent captures show.

    `flow` is valid and in the API's spelling; `stored` is what it replaces, or None.
    """
    if stored and Quirk.PUT_MERGES in quirks:
        flow = {**stored, **flow}
    if Quirk.UNKNOWN_KEYS_DROPPED in quirks:
        flow = {key: value for key, value in flow.items() if key in FLOW_KEYS}
    if Quirk.UNTITLED_AS_EMPTY in quirks:
        flow = {"title": "", **flow}
    steps = _with_ids(_steps(flow), _steps(stored or {}), quirks)
    made: Body = {
        "id": name,
        **({"title": flow["title"]} if "title" in flow else {}),
        "steps": [_fill_step(step, quirks) for step in steps],
        "record": flow.get("record", False),
        "default": flow.get("default", False),
        **{key: value for key, value in flow.items() if key not in _ORDERED},
        "createdAt": stored["createdAt"] if stored else now,
        "updatedAt": now,
    }
    if stored and Quirk.UNCHANGED_PUT_KEEPS_TIME in quirks:
        unchanged: Body = {**made, "updatedAt": stored["updatedAt"]}
        return unchanged if text_of(unchanged) == text_of(stored) else made
    return made


def _steps(flow: Body) -> list[Body]:
    steps = flow.get("steps")
    return [step for step in steps if isinstance(step, dict)] if isinstance(steps, list) else []


def _with_ids(steps: list[Body], before: list[Body], quirks: Collection[Quirk]) -> list[Body]:
    """Every step with an id, first of all its keys; gotos follow ids that were replaced."""
    known = {step["id"] for step in before}
    ids: dict[Json, Json] = {}
    if Quirk.STEP_IDS_REPLACED in quirks:
        ids = {
            step["id"]: _new_id() for step in steps if step.get("id") and step["id"] not in known
        }
    taken = {step.get("id") for step in steps}
    places = [] if Quirk.STEP_IDS_REISSUED in quirks else before
    found = []
    for number, step in enumerate(steps):
        here = places[number]["id"] if number < len(places) else ""
        own = step.get("id") or (here if here not in taken else "") or _new_id()
        step = {**step, "id": ids.get(own, own)}
        if step.get("onKeypressGoto") in ids:
            step["onKeypressGoto"] = ids[step["onKeypressGoto"]]
        found.append({key: step[key] for key in ("id", *(k for k in step if k != "id"))})
    return found


def _fill_step(step: Body, quirks: Collection[Quirk]) -> Body:
    if Quirk.UNKNOWN_KEYS_DROPPED in quirks:
        step = {key: value for key, value in step.items() if key in STEP_KEYS}
    options = step.get("options")
    action = str(step["action"])
    options = options if isinstance(options, dict) else {}
    made = _fill_options(action, options, quirks)
    return {**step, "options": made} if made or "options" in step else step


def _fill_options(action: str, options: Body, quirks: Collection[Quirk]) -> Body:
    made = dict(options)
    if Quirk.UNKNOWN_KEYS_DROPPED in quirks:
        made = {key: value for key, value in made.items() if key in OPTIONS}
    if Quirk.EMPTY_OPTIONS_DROPPED in quirks:
        needed = [name for name in REQUIRED.get(action, ()) if name in MAY_BE_EMPTY]
        made = {key: value for key, value in made.items() if value or key in needed}
    if Quirk.DEFAULTS_WRITTEN in quirks:
        defaults = _defaults(action)
        sent = {key: value for key, value in made.items() if value or key not in defaults}
        made = {**defaults, **sent}
    if Quirk.LANGUAGE_NORMALISED in quirks:
        made.update({name: _normal_tag(made[name]) for name in _LANGUAGES if name in made})
    return made


def _defaults(action: str) -> Body:
    known = ACTIONS.get(action, {}).items()
    return {name: value.default for name, value in known if value.default is not None}


def _normal_tag(tag: Json) -> Json:
    if not isinstance(tag, str) or not _LANGUAGE.fullmatch(tag):
        return tag
    language, region, *rest = tag.split("-")
    return "-".join([language.lower(), region.upper(), *(part.upper() for part in rest)])


def _new_id() -> str:
    return str(uuid.uuid4())
