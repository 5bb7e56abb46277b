"""What the service makes of a valid call flow before it is stored: ids, defaults, key order.

Facts: api reference section 15. Quirks change what is made; nothing here is refused.
"""

from __future__ import annotations

import re
import uuid
from collections.abc import Collection

from mbflow.emulator.flow_checks import (
    ACTIONS,
    FLOW_KEYS,
    MAY_BE_EMPTY,
    OPTIONS,
    REQUIRED,
    STEP_KEYS,
)
from mbflow.emulator.quirks import Quirk
from mbflow.emulator.responses import text_of
from mbflow.model.flow import Body, Json

_PLACED = {"id", "title", "steps", "record", "default", "createdAt", "updatedAt"}
_LANGUAGES = ("language", "transcribeLanguage")
_LANGUAGE = re.compile("[A-Za-z]{2,3}-[A-Za-z]{2}(-.*)?")


def filled(
    flow: Body, stored: Body | None, *, name: str, now: str, quirks: Collection[Quirk] = ()
) -> Body:
    """The whole object as it is stored, in the order of keys that recent captures show.

    `flow` is a folded, valid body; `stored` what it replaces, or None for a new flow.
    """
    if stored and Quirk.PUT_MERGES in quirks:
        flow = {**stored, **flow}
    if Quirk.UNKNOWN_KEYS_DROPPED in quirks:
        flow = {key: value for key, value in flow.items() if key in FLOW_KEYS}
    if Quirk.UNTITLED_AS_EMPTY in quirks:
        flow = {"title": "", **flow}
    steps = _numbered(_steps(flow), _steps(stored or {}), quirks)
    made: Body = {
        "id": name,
        **({"title": flow["title"]} if "title" in flow else {}),
        "steps": [_finished(step, quirks) for step in steps],
        "record": flow.get("record", False),
        "default": flow.get("default", False),
        **{key: value for key, value in flow.items() if key not in _PLACED},
        "createdAt": stored["createdAt"] if stored else now,
    }
    made["updatedAt"] = now
    if stored and Quirk.UNCHANGED_PUT_KEEPS_TIME in quirks:
        kept: Body = {**made, "updatedAt": stored["updatedAt"]}
        return kept if text_of(kept) == text_of(stored) else made
    return made


def _steps(flow: Body) -> list[Body]:
    steps = flow.get("steps")
    return [step for step in steps if isinstance(step, dict)] if isinstance(steps, list) else []


def _numbered(steps: list[Body], before: list[Body], quirks: Collection[Quirk]) -> list[Body]:
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


def _finished(step: Body, quirks: Collection[Quirk]) -> Body:
    if Quirk.UNKNOWN_KEYS_DROPPED in quirks:
        step = {key: value for key, value in step.items() if key in STEP_KEYS}
    options = step.get("options")
    action = str(step["action"])
    if not isinstance(options, dict):
        options = {}
    made = _options(action, options, quirks)
    return {**step, "options": made} if made or "options" in step else step


def _options(action: str, options: Body, quirks: Collection[Quirk]) -> Body:
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
        made.update({name: _normal(made[name]) for name in _LANGUAGES if name in made})
    return made


def _defaults(action: str) -> Body:
    known = ACTIONS.get(action, {}).items()
    return {name: value.default for name, value in known if value.default is not None}


def _normal(tag: Json) -> Json:
    if not isinstance(tag, str) or not _LANGUAGE.fullmatch(tag):
        return tag
    language, region, *rest = tag.split("-")
    return "-".join([language.lower(), region.upper(), *(part.upper() for part in rest)])


def _new_id() -> str:
    return str(uuid.uuid4())
