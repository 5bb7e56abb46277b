"""The canonical form: what of a call flow counts when two of them are compared.

One function serves both sides. It is idempotent; it is blind to what the service owns, to key
order, defaults, labels and unknown keys; it is awake to everything that a caller hears.
"""

from __future__ import annotations

import hashlib
import json
import marshal
from collections.abc import Mapping
from functools import cached_property
from itertools import compress

from mbflow.flow.vocabulary import ACTIONS, LANGUAGES, spelled
from mbflow.model.flow import Body, Json, SafeBody, steps_in
from mbflow.schema.validator import SERVICE_FIELDS, KeyRule, condition_keys, flow_keys, step_keys

VERSION = 1
"""Version of the form. A digest made under another version says nothing: base unknown."""

_FLOW_KEYS = flow_keys()
_STEP_REST = tuple(
    key for key in step_keys() if key not in ("id", "action", "options", "onKeypressGoto")
)
_CONDITION_KEYS = tuple(condition_keys())
_OPTIONS = {name: action.options for name, action in ACTIONS.items()}


def canonical(body: Body) -> Body:
    """The canonical form of a call flow, from a file or from the service.

    Top-level keys and optional options that hold null, "", 0, false or their default are left
    out; `onKeypressGoto` holds the index of its target, or the text where no step has that id.
    `default` is none of it: it says which flow of the account it is, not what a caller hears.
    """
    body = spelled(body)
    form: Body = {}
    for key, rule in _FLOW_KEYS.items():
        if key in body and key not in ("steps", "default") and not _is_unset(body[key], rule):
            form[key] = _plain(body[key])
    steps = [spelled(step) for step in steps_in(body)]
    places = _places(steps)
    form["steps"] = [_step(step, places) for step in steps]
    return form


def label_of(step: Body) -> Body:
    """The step's own `id`, where it has one."""
    name = spelled(step).get("id")
    return {"id": name} if isinstance(name, str) and name else {}


def digest(form: Body) -> str:
    """Sixteen hex digits that stand for a canonical form in the lock and in plans."""
    text = json.dumps(form, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:16]


def same(left: Json, right: Json) -> bool:
    """Equal in value and in type: `true` is not 1."""
    if left.__class__ is str or left != right:
        return left == right
    # Most are the same to the letter, which is quick to see. Version 2 of marshal has no
    # references, by which equal values may be written in two ways.
    if marshal.dumps(left, 2) == marshal.dumps(right, 2):
        return True
    if isinstance(left, dict) and isinstance(right, dict):
        return all(same(value, right[key]) for key, value in left.items())
    if isinstance(left, list) and isinstance(right, list):
        return all(map(same, left, right))
    return isinstance(left, bool) == isinstance(right, bool)


def _places(steps: list[Body]) -> dict[str, int]:
    """Step id to index; where an id stands twice, the first counts."""
    places: dict[str, int] = {}
    for index, step in enumerate(steps):
        name = step.get("id")
        if isinstance(name, str):
            places.setdefault(name, index)
    return places


def _step(step: Body, places: Mapping[str, int]) -> Json:
    action = step.get("action")
    form: Body = {"action": action}
    options = step.get("options")
    if isinstance(options, dict):
        known = isinstance(action, str) and action in _OPTIONS
        kept = _known_options(str(action), options) if known else _plain(options)
        if kept:
            form["options"] = kept
    for key in _STEP_REST:
        value = step.get(key)
        if key == "conditions" and isinstance(value, list):
            value = [condition_form(condition) for condition in value]
        if value:
            form[key] = _plain(value)
    goto = step.get("onKeypressGoto")
    if goto is not None and goto != "":
        form["onKeypressGoto"] = places.get(goto, goto) if isinstance(goto, str) else _plain(goto)
    return form


def condition_form(condition: Json) -> Json:
    """A condition without unknown keys; what the known ones hold counts as it stands."""
    if not isinstance(condition, dict):
        return condition
    known = spelled(condition)
    return {key: known[key] for key in _CONDITION_KEYS if key in known}


def _known_options(action: str, options: Body) -> Body:
    rules = _OPTIONS[action]
    kept: Body = {}
    for name, value in spelled(options).items():
        rule = rules.get(name)
        if rule is None or _is_unset(value, rule):
            continue
        value = _plain(value)
        if name in LANGUAGES and isinstance(value, str):
            value = _language(value)
            if _is_unset(value, rule):
                continue
        kept[name] = value
    return kept


def _is_unset(value: Json, rule: KeyRule) -> bool:
    if rule.required:
        return False
    if value is None or value == "" or (value == 0 and not isinstance(value, (list, dict))):
        return True
    return value == rule.default and isinstance(value, bool) == isinstance(rule.default, bool)


def _plain(value: Json) -> Json:
    """A whole number written as a float is the same number: `5.0` is 5."""
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, list):
        return [_plain(item) for item in value]
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    return value


def _language(tag: str) -> str:
    first, *rest = tag.split("-")
    return "-".join([first.lower(), *(part.upper() for part in rest)])


def same_at_a_glance(desired: SafeBody, live: SafeBody) -> bool:
    """True only where `form.is_alike` is; False says nothing.

    The live flow is the file with what the service adds: its own fields, `false` for what is not
    said, and ids of steps that have none in the file. It costs a tenth of the canonical forms.
    """
    for key, value in live.items():
        if key in SERVICE_FIELDS or key == "steps":
            continue
        if key in desired:
            if not same(desired[key], value):
                return False
        elif value and key != "default":
            return False
    if any(key not in live and value for key, value in desired.items()):
        return False
    wanted, found = desired.get("steps"), live.get("steps")
    if not isinstance(wanted, list) or not isinstance(found, list) or len(wanted) != len(found):
        return False
    return all(map(_same_step, wanted, found)) and not _labels_used_twice(wanted, found)


def _same_step(wanted: Json, found: Json) -> bool:
    if not isinstance(wanted, dict) or not isinstance(found, dict):
        return False
    if len(found) != len(wanted) + ("id" not in wanted):
        return False
    for key, value in wanted.items():
        if value.__class__ is str:  # Most are: they are not worth a call.
            if found.get(key) != value:
                return False
        elif key not in found or not same(value, found[key]):
            return False
    return "id" in found


def _labels_used_twice(wanted: list[Json], found: list[Json]) -> bool:
    """Whether the service gave a step without an id the id of another: jumps would lead there."""
    named = [isinstance(step, dict) and "id" in step for step in wanted]
    if not any(named):
        return False
    ids = [step["id"] if isinstance(step, dict) else None for step in found]
    labels = list(compress(ids, named))
    return any(name in labels for name, own in zip(ids, named, strict=True) if not own)


class Form:
    """A body with what it is compared by, handed on instead of being made again.

    The body must not be changed once it is in one.
    """

    def __init__(self, body: SafeBody) -> None:
        self.body = body

    @cached_property
    def canonical(self) -> Body:
        return canonical(self.body)

    @cached_property
    def labelled(self) -> Body:
        """The canonical form with each step's own `id` put back: what steps are aligned by."""
        pairs = zip(steps_in(self.body), steps_in(self.canonical), strict=True)
        steps: list[Json] = [{**kept, **label_of(step)} for step, kept in pairs]
        return {**self.canonical, "steps": steps}

    @cached_property
    def digest(self) -> str:
        """Of the canonical form: what the lock and an intent remember."""
        return digest(self.canonical)

    @cached_property
    def state_digest(self) -> str:
        """Of all that a write may overwrite: the canonical form, and `default`."""
        return digest({**self.canonical, "default": True}) if self.is_default else self.digest

    @property
    def is_default(self) -> bool:
        return self.body.get("default") is True


def is_alike(desired: Form, live: Form) -> bool:
    """Whether the live flow is what the file says."""
    return agrees_on_default(desired, live) and same(desired.canonical, live.canonical)


def agrees_on_default(desired: Form, live: Form) -> bool:
    """Whether the live flow is the default where the file wants it; without a word it may be."""
    return desired.body.get("default") is None or desired.is_default == live.is_default
