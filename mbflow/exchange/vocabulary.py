"""The words of a call flow: its keys, actions and options, and which values each may have.

Facts: api reference sections 6.1, 6.2 and 14.6. Nothing here changes a value.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

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

FLOW_KEYS = (*FLOW_VALUES, "steps", *SERVICE_KEYS)
STEP_KEYS = (*STEP_VALUES, "options", "conditions")
