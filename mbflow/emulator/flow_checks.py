"""What a client may send as a call flow: spelling folded, nulls dropped, invalid content named.

Facts: api reference sections 6.1, 6.2 and 14.6. Nothing here changes a value.

Tolerant where official SDKs need it (api reference section 15), strict elsewhere.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass

from mbflow.emulator.responses import INVALID, MISSING
from mbflow.model.flow import Body, Json
from mbflow.model.web_address import address_trouble

SERVICE_KEYS = ("id", "createdAt", "updatedAt", "_links")
"""Top-level keys that the service owns; clients send them back, and they are ignored."""


@dataclass(frozen=True, slots=True)
class Value:
    """What a value may be. 0, false and "" always mean "not set" and are let through."""

    kind: str
    """text, number, flag, or texts (one text or several)."""
    least: int | None = None
    most: int | None = None
    among: tuple[str, ...] = ()
    default: bool | int | str | None = None


TEXT = Value("text")
FLAG = Value("flag", default=False)
COUNT = Value("number", least=0)
MACHINE = Value("text", among=("continue", "delay", "hangup"), default="delay")
MACHINE_TIMEOUT = Value("number", least=400, most=10_000, default=7000)

FLOW_VALUES = {"title": TEXT, "record": FLAG, "default": FLAG, "maxDuration": COUNT}
STEP_VALUES = {
    "id": TEXT,
    "action": TEXT,
    "onKeypressGoto": TEXT,
    "onKeypressVar": TEXT,
    "endKey": TEXT,
    "maxNumKeys": COUNT,
}
CONDITION_VALUES = {"variable": TEXT, "operator": TEXT, "value": TEXT}

ACTIONS: Mapping[str, Mapping[str, Value]] = {
    "transfer": {
        "destination": TEXT,
        "record": Value("text", among=("in", "out", "both")),
        "mask": FLAG,
        "ifMachine": Value("text", among=("continue", "delay", "hangup")),
        "machineTimeout": Value("number", least=400, most=10_000),
        "source": TEXT,
    },
    "say": {
        "payload": TEXT,
        "language": TEXT,
        "voice": Value("text", among=("male", "female")),
        "repeat": Value("number", least=1, most=10, default=1),
        "ifMachine": MACHINE,
        "machineTimeout": MACHINE_TIMEOUT,
        "loop": Value("flag"),
        "length": COUNT,
    },
    "play": {"media": Value("texts")},
    "pause": {"length": COUNT},
    "record": {
        "maxLength": Value("number", least=0, default=0),
        "timeout": COUNT,
        "finishOnKey": Value("text", among=("any", "#", "*", "none"), default="none"),
        "transcribe": FLAG,
        "transcribeLanguage": TEXT,
        "onFinish": TEXT,
    },
    "fetchCallFlow": {"url": TEXT},
    "sendKeys": {"keys": TEXT, "duration": COUNT, "interval": COUNT},
    "hangup": {},
}
"""Action to its options. Durations are seconds but for machineTimeout, in milliseconds."""

REQUIRED = {
    "transfer": ("destination",),
    "say": ("payload", "language", "voice"),
    "play": ("media",),
    "pause": ("length",),
    "fetchCallFlow": ("url",),
}
"""Options that must be there. `payload` and `length` may be "" and 0; the others may not."""
MAY_BE_EMPTY = ("payload", "length")

OPTIONS: Mapping[str, Value] = {
    **{name: Value(value.kind) for options in ACTIONS.values() for name, value in options.items()},
    "token": Value("text"),
}
"""Every option of every action: Java sends them all, on every step, as zeros."""

ADDRESSES = ("media", "onFinish", "url")
"""Options that name a web server."""

FLOW_KEYS = (*FLOW_VALUES, "steps", *SERVICE_KEYS)
STEP_KEYS = (*STEP_VALUES, "options", "conditions")

Fault = tuple[int, str]
"""An error code and its message."""

_KINDS = {"text": "a text", "number": "a whole number", "flag": "true or false"}
_KINDS["texts"] = "a text or a list of texts"


def fold_flow(body: Body) -> Body:
    """The body in the API's own spelling (`Repeat` is `repeat`), without nulls and service keys."""
    flow = fold_names(body, FLOW_KEYS)
    for key in SERVICE_KEYS:
        flow.pop(key, None)
    if isinstance(flow.get("steps"), list):
        flow["steps"] = [_fold_step(step) for step in flow["steps"]]  # type: ignore[union-attr]
    return flow


def flow_faults(flow: Body, *, partial: bool = False, any_action: bool = False) -> list[Fault]:
    """Everything that is invalid in a folded body. `partial`: steps may be missing."""
    faults = list(_value_faults("", flow, FLOW_VALUES))
    steps = flow.get("steps")
    if steps is None and partial:
        return faults
    if not isinstance(steps, list) or not steps:
        code = INVALID if steps else MISSING
        return [*faults, (code, "steps must be a list of at least one step.")]
    for number, step in enumerate(steps):
        faults += _step_faults(f"steps[{number}]", step, any_action)
    return faults or list(_reference_faults([step for step in steps if isinstance(step, dict)]))


def _fold_step(step: Json) -> Json:
    if not isinstance(step, dict):
        return step
    step = fold_names(step, STEP_KEYS)
    if isinstance(step.get("options"), dict):
        step["options"] = fold_names(step["options"], OPTIONS)  # type: ignore[arg-type]
    if isinstance(step.get("conditions"), list):
        step["conditions"] = [
            fold_names(entry, CONDITION_VALUES) if isinstance(entry, dict) else entry
            for entry in step["conditions"]  # type: ignore[union-attr]
        ]
    return step


def fold_names(value: Mapping[str, Json], known: Iterable[str]) -> Body:
    """The entries that are not null, known keys in the API's spelling; an exact one wins."""
    spelling = {name.lower(): name for name in known}
    found: Body = {}
    for key, item in value.items():
        proper = spelling.get(key.lower(), key)
        if item is not None and (proper == key or proper not in value):
            found[proper] = item
    return found


def _step_faults(place: str, step: Json, any_action: bool) -> Iterator[Fault]:
    if not isinstance(step, dict):
        yield INVALID, f"{place} must be an object."
        return
    yield from _value_faults(f"{place}.", step, STEP_VALUES)
    yield from _condition_faults(f"{place}.conditions", step.get("conditions", []))
    action, options = step.get("action"), step.get("options", {})
    if action in (None, ""):
        yield MISSING, f"{place}.action is missing."
    elif isinstance(action, str) and action not in ACTIONS and not any_action:
        yield INVALID, f"{place}.action must be one of {', '.join(ACTIONS)}."
    if isinstance(options, dict):
        yield from _option_faults(f"{place}.options", action, options)
    else:
        yield INVALID, f"{place}.options must be an object."


def _option_faults(place: str, action: Json, options: Body) -> Iterator[Fault]:
    own = ACTIONS.get(action, {}) if isinstance(action, str) else {}
    foreign = {name: value for name, value in OPTIONS.items() if name not in own}
    said = {name: value for name, value in options.items() if name in own or value or value == []}
    yield from _value_faults(f"{place}.", said, {**foreign, **own})
    yield from _address_faults(f"{place}.", {name: options.get(name) for name in own})
    for name in REQUIRED.get(action, ()) if isinstance(action, str) else ():
        if name not in options or (name not in MAY_BE_EMPTY and options[name] in _empty(own[name])):
            yield MISSING, f"{place}.{name} is missing."
    is_transcribed = action == "record" and options.get("transcribe") is True
    if is_transcribed and not options.get("transcribeLanguage"):
        yield MISSING, f"{place}.transcribeLanguage is missing; transcribe needs it."


def _empty(wanted: Value) -> tuple[Json, ...]:
    """What stands for nothing; anything else of a wrong kind is told as that."""
    return ("", []) if wanted.kind == "texts" else ("",)


def _address_faults(place: str, options: Body) -> Iterator[Fault]:
    for name in ADDRESSES:
        value = options.get(name)
        for text in value if isinstance(value, list) else [value]:
            trouble = address_trouble(text) if isinstance(text, str) else ""
            if trouble:
                yield INVALID, f"{place}{name} {trouble}."


def _condition_faults(place: str, conditions: Json) -> Iterator[Fault]:
    if not isinstance(conditions, list):
        yield INVALID, f"{place} must be a list."
        return
    for number, entry in enumerate(conditions):
        if not isinstance(entry, dict):
            yield INVALID, f"{place}[{number}] must be an object."
            continue
        yield from _value_faults(f"{place}[{number}].", entry, CONDITION_VALUES)
        for name in CONDITION_VALUES.keys() - entry.keys():
            yield MISSING, f"{place}[{number}].{name} is missing."


def _reference_faults(steps: Collection[Body]) -> Iterator[Fault]:
    ids = Counter(str(step["id"]) for step in steps if step.get("id"))
    for name, times in ids.items():
        if times > 1:
            yield INVALID, f"The step id `{name}` is given {times} times; it must be unique."
    for number, step in enumerate(steps):
        goto = step.get("onKeypressGoto")
        if goto and goto not in ids:
            yield INVALID, f"steps[{number}].onKeypressGoto names no step: `{goto}`."


def _value_faults(place: str, values: Body, known: Mapping[str, Value]) -> Iterator[Fault]:
    for name, wanted in known.items():
        if name in values and (fault := _fault_of(values[name], wanted)):
            yield INVALID, f"{place}{name} must be {fault}."


def _fault_of(value: Json, wanted: Value) -> str:
    """What the value must be, if it is not."""
    if not _is(wanted.kind, value):
        return _KINDS[wanted.kind]
    if not value:
        return ""
    if wanted.among and value not in wanted.among:
        return f"one of {', '.join(wanted.among)}"
    if isinstance(value, int) and not isinstance(value, bool):
        return _range_fault(value, wanted)
    return ""


def _range_fault(value: int, wanted: Value) -> str:
    if wanted.least is not None and wanted.most is not None:
        return (
            "" if wanted.least <= value <= wanted.most else f"from {wanted.least} to {wanted.most}"
        )
    return f"{wanted.least} or more" if wanted.least is not None and value < wanted.least else ""


def _is(kind: str, value: Json) -> bool:
    if kind == "number":
        return isinstance(value, int) and not isinstance(value, bool)
    if kind == "flag":
        return isinstance(value, bool)
    if kind == "texts" and isinstance(value, list):
        return all(isinstance(item, str) for item in value)
    return isinstance(value, str)
