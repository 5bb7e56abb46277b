"""What a caller can enter at a step, by the kinds that conditions and lengths tell apart."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from itertools import product
from typing import NamedTuple

from mbflow.flow.control_flow import finish_keys, listens
from mbflow.flow.steps import Step
from mbflow.simulator.call import input_is_complete, input_text

KEYPAD = "1234567890*#"


class Entry(NamedTuple):
    """What a step makes of the keys that are typed."""

    value: str
    """What its variable holds then."""
    taken: int
    """How many of the keys it takes."""
    is_complete: bool
    """Whether it goes on at once, and does not wait for another key."""


def enter(step: Step, typed: str) -> Entry:
    """A secret (`${pin}`) may be any keys, and is taken whole."""
    if "${" in typed:
        return Entry(typed, len(typed), is_complete=True)
    for number, key in enumerate(typed, 1):
        keys = typed[:number]
        if key == step.end_key:
            return Entry(input_text(keys[:-1], key), number, is_complete=True)
        if input_is_complete(step, keys):
            return Entry(keys, number, is_complete=True)
    return Entry(typed, len(typed), is_complete=False)


def takes(step: Step, typed: str) -> bool:
    """Whether these keys are an input to the step."""
    return listens(step) and typed[0] not in _ending(step)


def inputs(
    steps: Iterable[Step],
    constants: Mapping[str, Collection[str]],
    held: Collection[str] = (),
) -> Iterator[str]:
    """Keys that the steps tell apart, as they are typed: each constant, and one other input.

    Of steps that collect keys differently also what only one of them takes for a whole input. The
    other input is none of those `held`, so that it is seen which of two a web server receives.
    """
    asking = [step for step in steps if listens(step)]
    asked = {value: None for step in asking for value in constants.get(step.variable, ())}
    found: dict[str, None] = {}
    for step in asking:
        values = (*asked, *_other(step, {*asked, *held}))
        found |= {value + _end(step, value): None for value in values if _can_enter(step, value)}
    if len({_collects(step) for step in asking}) > 1:
        found |= {typed: None for step in asking for typed in _whole(step, asking)}
    yield from found


def _collects(step: Step) -> tuple[str, int]:
    """When an input is complete: at its end key, or after so many keys (0: any number)."""
    return step.end_key, step.max_keys or (0 if step.end_key else 1)


def _other(step: Step, known: Collection[str]) -> Iterator[str]:
    """One input that is not known, where there is any."""
    end, most = _collects(step)
    keys = [key for key in KEYPAD if key != end]
    for length in dict.fromkeys([min(most or 1, 12), 1, 2, 3]):
        if most and length > most:
            continue
        repeated = (key * length for key in keys)
        for value in (*repeated, *map("".join, product(keys, repeat=min(length, 3))), end):
            if value not in known and _can_enter(step, value):
                yield value
                return


def _whole(step: Step, steps: Sequence[Step]) -> Iterator[str]:
    """Inputs that end in each way in which the step can end one."""
    end, most = _collects(step)
    ends = {key for other in steps for key in (other.end_key, *_ending(other))}
    key = next((key for key in KEYPAD if key not in ends), "")
    yield from (typed for typed in (end, key and key + end, key * min(most, 64), key) if typed)


def _can_enter(step: Step, value: str) -> bool:
    end, most = _collects(step)
    if "${" in value:
        return True
    if not value or not set(value) <= {*KEYPAD} or value[0] in _ending(step):
        return False
    if value == end:
        return True
    return not (end and end in value) and (not most or len(value) <= most)


def _ending(step: Step) -> str:
    """Keys that end the step, and are no input."""
    return finish_keys(step) if step.action == "record" else ""


def _end(step: Step, value: str) -> str:
    end, most = _collects(step)
    return end if end and value != end and len(value) != most else ""
