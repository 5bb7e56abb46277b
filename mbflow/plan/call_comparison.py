"""The calls of one change: kinds of calls, and what a few of them hear before and after. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from mbflow.flow.canonical import canonical
from mbflow.flow.step_lines import options_lines
from mbflow.flow.steps import Program, parse_program
from mbflow.flow.vocabulary import spelled
from mbflow.flow.words import LENGTH
from mbflow.model.duration import seconds
from mbflow.model.flow import Json, SafeBody, options_in, steps_in
from mbflow.model.text import shortened
from mbflow.plan.model import Change
from mbflow.plan.secrets import OLDER
from mbflow.simulator.compare import Comparison, Kind
from mbflow.simulator.script import Script
from mbflow.simulator.transcript import (
    Ending,
    Event,
    EventKind,
    KeyUse,
    RecordingKind,
    Transcript,
    heard,
)
from mbflow.testing.call import FAILED, act_json, end_json


@dataclass(frozen=True, slots=True)
class ToldCall:
    """One call as somebody heard it, or will."""

    heard: tuple[str, ...]
    """Texts and addresses of media."""
    leaves_message: bool
    ending: Ending
    happens: tuple[str, ...] = ()
    """All that happens, in words: told where two calls differ in nothing else."""


@dataclass(frozen=True, slots=True)
class CallExample:
    """The same caller before and after the change."""

    script: Script
    before: ToldCall
    after: ToldCall


@dataclass(frozen=True, slots=True)
class ChangedCalls:
    """The kinds of calls of a flow, and those that a change touches."""

    kinds: int
    changed: int
    not_decided: str
    """Why the counts are only of what could be looked at; empty where all could."""
    moves: int
    """How much was looked at."""
    examples: tuple[CallExample, ...]
    """The shortest of the changed calls."""


_MOST_REPLAYS = 12
"""Changed kinds that are replayed to see whether they differ: beyond, the walk is believed."""
_EFFECTS = ("loop", "repeat", "endKey", "maxNumKeys")
"""Options that are told by what comes of them."""


def compare_calls(change: Change, most: int | None) -> ChangedCalls:
    """What an update means for callers; with `most` examples, or all."""
    bodies = [change.before or SafeBody({}), change.after or SafeBody({})]
    before, after = (parse_program(change.name, _plain(body)) for body in bodies)
    comparison = Comparison(before, after)
    changed = comparison.shortest(None)
    first, rest = changed[:_MOST_REPLAYS], changed[_MOST_REPLAYS:]
    told = list(_examples(comparison, first, bodies))
    count = len(told) + len(rest)
    wanted = len(rest) if most is None else max(most - len(told), 0)
    told += _examples(comparison, rest[:wanted], bodies)
    return ChangedCalls(
        len(comparison.kinds),
        count,
        comparison.not_decided or _older_secret(before),
        sum(1 for _ in comparison.space.every_move()),
        tuple(told[:most]),
    )


def _older_secret(live: Program) -> str:
    """Why calls are not decided where the value of a secret changes; empty where none does."""
    values = (condition.value for step in live.steps for condition in step.conditions)
    return "the value of a secret decides which way calls go" if OLDER in values else ""


def _plain(body: SafeBody) -> SafeBody:
    """The flow without options that hold their default: they change nothing."""
    pairs = zip(steps_in(spelled(body)), steps_in(canonical(body)), strict=True)
    steps: list[Json] = [{**step, "options": form.get("options")} for step, form in pairs]
    return SafeBody({**spelled(body), "steps": steps})


def _examples(
    comparison: Comparison, kinds: Iterable[Kind], bodies: Sequence[SafeBody]
) -> Iterator[CallExample]:
    """A call may be over before it comes to what differs: maxDuration may cut it."""
    examples = (_example(comparison, kind, bodies) for kind in kinds)
    yield from (example for example in examples if example.before != example.after)


def _example(comparison: Comparison, kind: Kind, bodies: Sequence[SafeBody]) -> CallExample:
    script = comparison.script(kind)
    calls = [script.call(program) for program in comparison.programs]
    before, after = map(_told, calls)
    if (before.heard, end_of(before)) == (after.heard, end_of(after)):
        triples = zip(comparison.programs, bodies, calls, strict=True)
        happens = [tuple(_happenings(*one)) for one in triples]
        if happens[0] == happens[1]:
            happens = [(f"the call takes {seconds(call.ending.at)}",) for call in calls]
        before, after = replace(before, happens=happens[0]), replace(after, happens=happens[1])
    return CallExample(script, before, after)


def end_of(call: ToldCall) -> tuple[bool, str, str]:
    """What came of the call: equal where nobody can tell two of them apart by it."""
    return call.leaves_message, call.ending.kind, call.ending.text


def _told(call: Transcript) -> ToldCall:
    leaves = any(
        event.kind is EventKind.RECORD and event.detail == RecordingKind.IVR
        for event in call.events
    )
    return ToldCall(tuple(heard(call)), leaves, call.ending)


def _happenings(program: Program, body: SafeBody, call: Transcript) -> Iterator[str]:
    """All that happens in a call, with the options of the steps that do it."""
    if program.record:
        yield "the whole call is recorded"
    if program.max_seconds:
        yield f"the call is cut off after {program.max_seconds} s at the latest"
    details = [" ".join(lines) for lines in options_lines(_without_effects(body), LENGTH)]
    for event in call.events:
        words = _happening(event, program, call)
        detail = details[event.step] if event.step >= 0 and event.kind in _OF_STEPS else ""
        if words:
            yield f"{words} ({detail})" if detail else words


def _without_effects(body: SafeBody) -> SafeBody:
    steps: list[Json] = []
    for step in steps_in(body):
        options: Json = {k: v for k, v in options_in(step).items() if k not in _EFFECTS}
        kept = {k: v for k, v in step.items() if k not in _EFFECTS}
        steps.append({**kept, "options": options})
    return SafeBody({**body, "steps": steps})


_KEYS = {
    KeyUse.TAKEN: "is taken",
    KeyUse.END: "is taken",
    KeyUse.UNHEARD: "is not heard",
    KeyUse.RECORDED: "is recorded",
    KeyUse.FINISH: "ends the recording",
}
_OF_STEPS = (EventKind.SAY, EventKind.PLAY, EventKind.TONES, EventKind.RECORD, EventKind.DIAL)


def _happening(event: Event, program: Program, call: Transcript) -> str:
    match event.kind:
        case EventKind.SAY | EventKind.PLAY | EventKind.PASSED:
            return f'"{shortened(event.text, LENGTH)}"'
        case EventKind.KEY:
            return f"the key {event.text} {_KEYS[KeyUse(event.detail)]}"
        case EventKind.PAUSE:
            return f"{seconds(event.lasts)} of silence"
        case EventKind.DIAL:
            return f"{event.text} is rung"
        case EventKind.RECORD if event.step >= 0:
            longest = program.steps[event.step].number("maxLength")
            return f"a recording of up to {longest} s" if longest else "a recording"
        case EventKind.TONES:
            return f"the tones {event.text}"
        case EventKind.FETCH:
            sent = ", ".join(f"{name}={value}" for name, value in sorted(call.variables.items()))
            return f"{event.text} is asked for the next flow{f' with {sent}' if sent else ''}"
    return ""


def comparison_json(calls: ChangedCalls) -> Json:
    """The calls of a change in the JSON of a plan."""
    return {
        "kinds": calls.kinds,
        "changed": calls.changed,
        "decided": not calls.not_decided,
        "examples": [_example_json(example) for example in calls.examples],
    }


def _example_json(example: CallExample) -> Json:
    script, sides = example.script, {"before": example.before, "after": example.after}
    world: dict[str, dict[str, Json]] = {
        "transfers": {to: outcome.value for to, outcome in sorted(script.transfers.items())},
        "fetches": dict.fromkeys(sorted(script.failing), FAILED),
    }
    happens: Json = {side: list(call.happens) for side, call in sides.items()}
    return {
        "does": [act_json(act) for act in script.does],
        "world": {name: dict(told) for name, told in world.items() if told},
        "heard": {side: list(call.heard) for side, call in sides.items()},
        "ends": {side: end_json(call.ending) for side, call in sides.items()},
        "happens": happens if example.before.happens else None,
    }
