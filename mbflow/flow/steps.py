"""A call flow made ready to walk: its steps with their targets found, whatever the body looks like.

Tolerant on purpose: live flows and fetched flows were never checked by mbflow. What is no step, no
number or no text is read as absent; nothing here raises.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple

from mbflow.flow.vocabulary import ACTIONS, action_of, spelled
from mbflow.model.flow import Body, Flow, Json, Path, RawBody, SafeBody, options_in, steps_in

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
    raw: str = field(repr=False)
    """The value as it is compared: it may hold a secret."""
    value: str


class Step(NamedTuple):
    """One step: `position` counts from 0, `jump` is where keys lead (None: to the step below).

    Names (of steps and of variables) are those that can be shown. A tuple, because every flow of
    a project is taken apart when it is checked, and tuples are made in half the time.
    """

    position: int
    action: str
    raw: RawBody
    """The options as the service is given them."""
    options: SafeBody
    conditions: tuple[Condition, ...] = ()
    id: str = ""
    goto: str = ""
    jump: int | None = None
    variable: str = ""
    end_key: str = ""
    max_keys: int = 0
    """How many keys are collected; 0 where the step does not say."""

    def __repr__(self) -> str:
        return f"Step({self.position}, {self.action!r}, {self.options!r})"

    def path(self, *below: str | int) -> Path:
        """Where the step stands in its flow, or something below it."""
        return ("steps", self.position, *below)

    def raw_text(self, name: str) -> str:
        """An option as the service is given it, "" when absent. It may hold a secret."""
        return _text(self.raw.get(name))

    def text(self, name: str) -> str:
        """An option as text, "" when absent. Safe to show."""
        return _text(self.options.get(name))

    def number(self, name: str) -> int:
        """An option as a whole number of at least 0; 0 means that it is not set."""
        return _number(self.raw.get(name))


class Program(NamedTuple):
    """One flow, by the name under which coverage and transcripts know it: a key, or a URL."""

    name: str
    steps: tuple[Step, ...]
    record: bool = False
    max_seconds: int = 0
    """The flow's `maxDuration`; 0 when it has none."""


def parse_program(name: str, body: SafeBody, raw: RawBody | None = None) -> Program:
    """Read a call-flow object. `raw` is the same with secret values, where it has any."""
    fields = spelled(body)
    steps = safe = _objects(fields.get("steps"))
    if raw is not None and raw is not body:
        steps = _objects(spelled(raw).get("steps"))
    targets: dict[str, int] = {}
    for index, step in enumerate(safe):
        targets.setdefault(_text(step.get("id")), index)
    return Program(
        name,
        tuple(_step(index, step, safe[index], targets) for index, step in enumerate(steps)),
        record=fields.get("record") is True,
        max_seconds=_number(fields.get("maxDuration")),
    )


def without_secrets(program: Program) -> Program:
    """The same flow with what is shown in the place of secret values."""
    return program._replace(steps=tuple(map(_shown, program.steps)))


def _shown(step: Step) -> Step:
    conditions = tuple(replace(one, raw=one.value) for one in step.conditions)
    return step._replace(raw=RawBody(step.options), conditions=conditions)


def media_of(value: Json) -> tuple[str, ...]:
    """The URLs of a play step: one, or several (reference 6.2)."""
    entries = value if isinstance(value, list) else [value]
    return tuple(entry for entry in entries if isinstance(entry, str) and entry)


def urls_of(step: Step, *, raw: bool = True) -> Iterator[tuple[Path, str]]:
    """The addresses that a step names, with their places below the flow.

    They may hold secrets, unless they are not to be `raw`.
    """
    option = action_of(step.action).url
    if not option:
        return
    value = (step.raw if raw else step.options).get(option)
    place = step.path("options", option)
    for number, url in enumerate(media_of(value)):
        yield (*place, number) if isinstance(value, list) else place, url


_URL_OPTIONS = frozenset(action.url for action in ACTIONS.values() if action.url)


def names_url(body: Body) -> bool:
    """Whether any step has an option for an address: quicker than to take the flow apart."""
    return any(not _URL_OPTIONS.isdisjoint(options_in(step)) for step in steps_in(body))


_PLAIN = frozenset({"action", "options"})


def _step(index: int, step: Body, safe: Body, targets: Mapping[str, int]) -> Step:
    options = SafeBody(spelled(_object(safe.get("options"))))
    raw = RawBody(options if safe is step else spelled(_object(step.get("options"))))
    if step is safe and step.keys() <= _PLAIN:
        return Step(index, _text(step.get("action")), raw, options)
    goto = _text(safe.get("onKeypressGoto"))
    return Step(
        index,
        _text(step.get("action")),
        raw,
        options,
        conditions=_conditions(step.get("conditions"), safe.get("conditions")),
        id=_text(safe.get("id")),
        goto=goto,
        jump=targets.get(goto, MISSING) if goto else None,
        variable=_text(safe.get("onKeypressVar")),
        end_key=_text(step.get("endKey")),
        max_keys=_number(step.get("maxNumKeys")),
    )


def _conditions(value: Json, safe: Json) -> tuple[Condition, ...]:
    if not value:
        return ()
    return tuple(
        Condition(
            _text(shown.get("variable")),
            _text(entry.get("operator")),
            _text(entry.get("value")),
            _text(shown.get("value")),
        )
        for entry, shown in zip(_objects(value), _objects(safe), strict=True)
    )


def _objects(value: Json) -> list[Body]:
    """What is no object counts as an empty one, so that places stay what they are in the file."""
    entries = value if isinstance(value, list) else []
    return [spelled(_object(entry)) for entry in entries]


def _object(value: Json) -> Body:
    return value if isinstance(value, dict) else {}


def _text(value: Json) -> str:
    return value if isinstance(value, str) else ""


def _number(value: Json) -> int:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return 0
    return int(value) if 0 < value < float("inf") else 0


def steps_of(flow: Flow) -> Iterator[tuple[int, dict[str, Any]]]:
    """The steps with their numbers, from 0, safe to show. Only for flows that fit the schema."""
    steps: Any = flow.body["steps"]
    return enumerate(steps)
