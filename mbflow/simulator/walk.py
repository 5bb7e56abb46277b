"""One flow made ready for the space of its calls: what it offers at a step, and where that leads.

Variables count by kind: a constant that some condition asks for, or anything else. Pure.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Iterator, Mapping
from functools import cached_property
from itertools import product
from typing import NamedTuple, TypeAlias

from mbflow.flow.control_flow import (
    Way,
    asks_for_flow,
    finish_keys,
    hangs_up_on_machine,
    lasts_forever,
    listens,
    reasons,
    target,
)
from mbflow.flow.steps import OVER, Program, Step, media_of
from mbflow.flow.vocabulary import Reason
from mbflow.simulator.actions import recognises_machines
from mbflow.simulator.call import UNSET, input_is_complete, input_text

ENDLESS = -4
"""The target of what only the caller ends."""
KEYPAD = "1234567890*#"


class Other(NamedTuple):
    """The value of an input that no condition asks for, entered at these steps."""

    steps: tuple[int, ...]


Value: TypeAlias = str | Other
Values: TypeAlias = tuple[tuple[str, Value], ...]
"""Variables that are set and still asked for, by name."""


class Choice(NamedTuple):
    """What the caller, a called party or a web server does: `NOTHING` unless it is said.

    `about` is what is pressed, the destination that is rung, or the URL that is asked.
    """

    why: Reason
    about: str = ""


NOTHING = Choice(Reason.NEXT)


class Place(NamedTuple):
    """A step about to run, or the target that ended the call; with what is remembered."""

    step: int
    values: Values = ()


class Taken(NamedTuple):
    """One step run: the way out of it, then the steps that were passed over unheard."""

    step: int
    why: Reason
    to: Place
    ways: tuple[Way, ...]
    happens: str
    """What happens while it runs: equal only where callers and called parties notice nothing."""


class Walk:
    """A flow, and all that can happen at each of its steps."""

    def __init__(self, program: Program) -> None:
        self.program = program
        self._settled: dict[tuple[int, Values], tuple[Place, tuple[Way, ...]]] = {}

    @cached_property
    def constants(self) -> Mapping[str, Collection[str]]:
        """What conditions compare each variable with."""
        found: dict[str, dict[str, None]] = {}
        for step in self.program.steps:
            for condition in step.conditions:
                if condition.operator == "==":
                    found.setdefault(condition.variable, {})[condition.value] = None
        return found

    @cached_property
    def _asked(self) -> list[frozenset[str]]:
        """For each step the variables whose values still matter when it is come to.

        A web server that is asked for the next flow receives them all.
        """
        steps = self.program.steps
        every = frozenset(step.variable for step in steps if step.variable)
        reads = [
            (every if asks_for_flow(step) else frozenset()).union(
                condition.variable for condition in step.conditions
            )
            for step in steps
        ]
        return _backward(self.program, reads, {step.position: step.variable for step in steps})

    @cached_property
    def _met(self) -> list[frozenset[str]]:
        """For each step the numbers and web servers that may still be asked."""
        return _backward(
            self.program, [frozenset(filter(None, [party_of(s)])) for s in self.program.steps], {}
        )

    def meets(self, place: Place) -> frozenset[str]:
        """The numbers and web servers that may still be asked from there on."""
        return self._met[place.step] if place.step >= 0 else frozenset()

    def enter(self) -> tuple[Place, tuple[Way, ...]]:
        """Where a call begins."""
        return self._settle(0 if self.program.steps else OVER, ())

    def step_at(self, place: Place) -> Step | None:
        """The step about to run; None where the call is over."""
        return self.program.steps[place.step] if place.step >= 0 else None

    def run(self, place: Place, why: Reason, entry: Value = "") -> Taken:
        """Leave the step that way; with keys its variable holds `entry` from then on."""
        step = self.program.steps[place.step]
        values = dict(place.values)
        if why is Reason.KEYS and step.variable:
            values[step.variable] = entry
        is_endless = why is Reason.NEXT and lasts_forever(step)
        to = ENDLESS if is_endless else target(self.program, step, why)
        settled, passed = self._settle(to, tuple(sorted(values.items(), key=lambda one: one[0])))
        own = () if to == ENDLESS else (Way(step.position, why, to),)
        return Taken(step.position, why, settled, own + passed, self._happens(step, why, values))

    def _settle(self, step: int, values: Values) -> tuple[Place, tuple[Way, ...]]:
        """Pass over what nobody hears: steps whose conditions fail, and the end of the call."""
        known = self._settled.get((step, values))
        if known is None:
            known = self._settled[step, values] = self._pass(step, values)
        return known

    def _pass(self, position: int, values: Values) -> tuple[Place, tuple[Way, ...]]:
        ways: list[Way] = []
        have = dict(values)
        while position >= 0:
            step = self.program.steps[position]
            if not _hold(step, have):
                why = Reason.SKIPPED
            elif step.action == "hangup":
                why = Reason.HANGUP
            elif _is_nothing(step):
                why = Reason.NEXT
            else:
                break
            to = target(self.program, step, why)
            ways.append(Way(position, why, to))
            position = to
        asked = self._asked[position] if position >= 0 else ()
        left = tuple(one for one in values if one[0] in asked)
        return Place(position, left), tuple(ways)

    def _happens(self, step: Step, why: Reason, values: Mapping[str, Value]) -> str:
        told = self._told[step.position]
        if why is Reason.KEYS:
            return f"{'pause' if step.action == 'pause' else told} {collects(step)}"
        if why is Reason.NEXT:
            return told
        sent = sorted(values.items()) if why is Reason.FETCHED else ""
        return f"{told} {why} {sent}"

    @cached_property
    def _told(self) -> list[str]:
        return [_words(step) for step in self.program.steps]


def party_of(step: Step) -> str:
    """Who outside decides how a call leaves the step: a number, a URL, or nobody."""
    if step.action == "transfer":
        return step.text("destination")
    return (
        step.text("onFinish" if step.action == "record" else "url") if asks_for_flow(step) else ""
    )


def collects(step: Step) -> tuple[str, int]:
    """When an input is complete: at its end key, or after so many keys (0: any number)."""
    most = step.max_keys or (0 if step.end_key else 1)
    return step.end_key, most


def entered(step: Step, typed: str) -> str:
    """What the step's variable holds after these keys."""
    keys = ""
    for key in typed if "${" not in typed else ():
        if key == step.end_key:
            return input_text(keys, key)
        keys += key
        if input_is_complete(step, keys):
            break
    return keys if "${" not in typed else typed


def is_complete(step: Step, typed: str) -> bool:
    """Whether the input is over with its last key; else it is after a while without one."""
    end, most = collects(step)
    return (bool(end) and typed.endswith(end)) or (bool(most) and len(typed) >= most)


def inputs(steps: Iterable[Step], constants: Mapping[str, Collection[str]]) -> Iterator[str]:
    """Keys that the steps tell apart, as they are typed: each constant, and one other input."""
    asking = [step for step in steps if listens(step)]
    asked = {value: None for step in asking for value in constants.get(step.variable, ())}
    seen: dict[str, None] = {}
    for step in asking:
        for value in (*asked, *_others(step, asked)):
            if _can_enter(step, value):
                seen[value + _end(step, value)] = None
    yield from seen


def _others(step: Step, asked: Mapping[str, None]) -> Iterator[str]:
    """One input that no condition asks for, where there is any."""
    end, most = collects(step)
    keys = [key for key in KEYPAD if key != end]
    for length in dict.fromkeys([min(most or 1, 12), 1, 2, 3]):
        if most and length > most:
            continue
        repeated = (key * length for key in keys)
        for value in (*repeated, *map("".join, product(keys, repeat=min(length, 3))), end):
            if value not in asked and _can_enter(step, value):
                yield value
                return


def _can_enter(step: Step, value: str) -> bool:
    end, most = collects(step)
    if "${" in value:  # a secret, which may be any keys
        return True
    if not value or not set(value) <= {*KEYPAD} or value[0] in _ending(step):
        return False
    if value == end:
        return True
    return not (end and end in value) and (not most or len(value) <= most)


def takes(step: Step, typed: str) -> bool:
    """Whether these keys are an input to the step."""
    return listens(step) and not typed.startswith(tuple(_ending(step)))


def _ending(step: Step) -> str:
    """Keys that end the step, and are no input."""
    return finish_keys(step) if step.action == "record" else ""


def _end(step: Step, value: str) -> str:
    end, most = collects(step)
    return end if end and value != end and len(value) != most else ""


def ways_out(step: Step, *, is_machine: bool) -> list[Reason]:
    """Every way in which a call can leave the step by itself, the usual one first."""
    hangs_up = hangs_up_on_machine(step) and recognises_machines(step)
    if is_machine and step.action != "transfer" and hangs_up:
        return [Reason.MACHINE]
    found = [why for why in reasons(step) if why not in (Reason.SKIPPED, Reason.KEYS)]
    if step.action == "transfer":
        if not step.text("destination"):
            return [Reason.UNANSWERED]
        return sorted(found, key=[Reason.ANSWERED, Reason.UNANSWERED, Reason.MACHINE].index)
    return [why for why in found if why is not Reason.MACHINE] or [Reason.NEXT]


def _is_nothing(step: Step) -> bool:
    """Whether the step takes no time, and offers nothing."""
    if step.action == "play":
        return not media_of(step.options.get("media"))
    return step.action == "pause" and not step.number("length") and not listens(step)


def _hold(step: Step, values: Mapping[str, Value]) -> bool:
    return all(
        condition.operator == "==" and values.get(condition.variable, UNSET) == condition.value
        for condition in step.conditions
    )


_STEERING = frozenset({"ifMachine", "machineTimeout"})
"""Options whose effect is the way that is taken."""


def _words(step: Step) -> str:
    options = {key: value for key, value in step.options.items() if key not in _STEERING}
    return f"{step.action} {json.dumps(options, sort_keys=True)}"


def _backward(
    program: Program, reads: list[frozenset[str]], sets: Mapping[int, str]
) -> list[frozenset[str]]:
    """For each step what is read there or later, unless it is set before."""
    steps = program.steps
    found = list(reads)
    leads = [[(why, target(program, step, why)) for why in reasons(step)] for step in steps]
    is_changed = True
    while is_changed:  # one time more for each loop of keys within a loop
        is_changed = False
        for position in reversed(range(len(steps))):
            now = reads[position]
            for why, to in leads[position]:
                if to >= 0:
                    now |= found[to] - {sets.get(position, "") if why is Reason.KEYS else ""}
            if now != found[position]:
                found[position], is_changed = now, True
    return found
