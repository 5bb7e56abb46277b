"""A call flow made ready to walk: its steps with their targets found, whatever the body looks like.

Tolerant on purpose: live flows and fetched flows were never checked by mbflow. What is no step, no
number or no text is read as absent; nothing here raises.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from mbflow.model import Body, Json

END_OF_FLOW = -1
"""The target of a step below which there is none."""
OVER = -2
"""The target of what ends the call, or hands it to another flow."""
MISSING = -3
"""The target of a goto that names no step."""


@dataclass(frozen=True, slots=True)
class Condition:
    variable: str
    operator: str
    value: str


@dataclass(frozen=True, slots=True)
class Step:
    """One step: `index` counts from 0, `jump` is where keys lead (None: to the step below)."""

    index: int
    action: str
    options: Mapping[str, Json] = field(repr=False)
    """What the service is given. May hold secret values: never show it."""
    shown: Mapping[str, Json]
    """The same options, safe to show."""
    conditions: tuple[Condition, ...] = ()
    id: str = ""
    goto: str = ""
    jump: int | None = None
    variable: str = ""
    end_key: str = ""
    max_keys: int = 0
    """How many keys are collected; 0 where the step does not say."""

    def text(self, name: str) -> str:
        """An option as text, "" when absent."""
        value = self.options.get(name)
        return value if isinstance(value, str) else ""

    def number(self, name: str) -> int:
        """An option as a whole number of at least 0; 0 means that it is not set."""
        return _number(self.options.get(name))

    def shown_text(self, name: str) -> str:
        value = self.shown.get(name)
        return value if isinstance(value, str) else ""


@dataclass(frozen=True, slots=True)
class Program:
    """One flow, by the name under which coverage and transcripts know it: a key, or a URL."""

    name: str
    steps: tuple[Step, ...]
    title: str = ""
    record: bool = False
    max_seconds: int = 0
    """The flow's `maxDuration`; 0 when it has none."""


def parse_program(name: str, body: Body, shown: Body | None = None) -> Program:
    """Read a call-flow object. `shown` is the same object without secret values."""
    fields = _spelled(body)
    steps = _objects(fields.get("steps"))
    safe = steps if shown is None else _objects(_spelled(shown).get("steps"))
    targets: dict[str, int] = {}
    for index, step in enumerate(steps):
        targets.setdefault(_text(step.get("id")), index)
    title = (body if shown is None else shown).get("title")
    return Program(
        name,
        tuple(
            _step(index, step, safe_step, targets)
            for index, (step, safe_step) in enumerate(zip(steps, safe, strict=True))
        ),
        title=_text(title),
        record=fields.get("record") is True,
        max_seconds=_number(fields.get("maxDuration")),
    )


def media_of(value: Json) -> tuple[str, ...]:
    """The URLs of a play step: one, or several (reference 6.2)."""
    entries = value if isinstance(value, list) else [value]
    return tuple(entry for entry in entries if isinstance(entry, str) and entry)


def _step(
    index: int, step: Mapping[str, Json], shown: Mapping[str, Json], targets: Mapping[str, int]
) -> Step:
    options, safe = _object(step.get("options")), _object(shown.get("options"))
    goto = _text(step.get("onKeypressGoto"))
    return Step(
        index,
        _text(step.get("action")),
        _spelled(options),
        _spelled(safe),
        conditions=tuple(_condition(entry) for entry in _objects(step.get("conditions"))),
        id=_text(step.get("id")),
        goto=goto,
        jump=targets.get(goto, MISSING) if goto else None,
        variable=_text(step.get("onKeypressVar")),
        end_key=_text(step.get("endKey")),
        max_keys=_number(step.get("maxNumKeys")),
    )


def _condition(entry: Mapping[str, Json]) -> Condition:
    return Condition(
        _text(entry.get("variable")), _text(entry.get("operator")), _text(entry.get("value"))
    )


# The service finds keys without regard to case (reference 7: `Repeat`, `Language`, `callflow`).
_NAMES = """
steps record maxDuration id action options conditions onKeypressGoto onKeypressVar endKey maxNumKeys
destination mask ifMachine machineTimeout source payload language voice repeat loop length media
maxLength timeout finishOnKey transcribe transcribeLanguage onFinish url keys duration interval
variable operator value title
"""
_SPELLINGS = {name.lower(): name for name in _NAMES.split()}


def _spelled(entries: Mapping[str, Json]) -> dict[str, Json]:
    return {_SPELLINGS.get(key.lower(), key): value for key, value in entries.items()}


def _objects(value: Json) -> Sequence[Mapping[str, Json]]:
    """What is no object counts as an empty one, so that places stay what they are in the file."""
    entries = value if isinstance(value, list) else []
    return [_spelled(_object(entry)) for entry in entries]


def _object(value: Json) -> Mapping[str, Json]:
    return value if isinstance(value, dict) else {}


def _text(value: Json) -> str:
    return value if isinstance(value, str) else ""


def _number(value: Json) -> int:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return 0
    return int(value) if 0 < value < float("inf") else 0
