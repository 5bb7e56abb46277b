"""One flow made ready for the space of its calls: what it offers at a step, and where that leads.

Variables count by kind: a constant that some condition asks for, or anything else. Pure.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Mapping
from functools import cached_property
from typing import NamedTuple, TypeAlias

from mbflow.flow.control_flow import (
    Way,
    asks_for_flow,
    hangs_up_on_machine,
    lasts_forever,
    listens,
    reasons,
    target,
)
from mbflow.flow.steps import END_OF_FLOW, Program, Step, media_of
from mbflow.flow.vocabulary import Reason, action_of
from mbflow.simulator.actions import recognises_machines
from mbflow.simulator.call import UNSET
from mbflow.simulator.inputs import enter

ENDLESS = -4
"""The target of what only the caller ends."""


class Other(NamedTuple):
    """The value of an input that no condition asks for, entered at these steps."""

    steps: tuple[int, ...]
    like: str
    """One such value."""


UNASKED = Other((), "")
"""Any such value: enough for what only conditions ask for."""
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

    def __init__(self, program: Program, *, is_compared: bool) -> None:
        self.program = program
        self._is_compared = is_compared
        self.passed = 0
        """Steps that were passed over so far: what the walk has cost beside its moves."""
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
        """For each step the variables that a condition may still ask for when it is come to."""
        return self._read_later(
            [frozenset(one.variable for one in step.conditions) for step in self.program.steps]
        )

    @cached_property
    def _sent(self) -> list[frozenset[str]]:
        """For each step the variables that a web server may still receive: it receives all.

        What it makes of them matters only where two flows are held against each other.
        """
        steps = self.program.steps
        every = frozenset(step.variable for step in steps if step.variable and self._is_compared)
        return self._read_later([every if asks_for_flow(s) else frozenset() for s in steps])

    def _read_later(self, reads: list[frozenset[str]]) -> list[frozenset[str]]:
        sets = {step.position: step.variable for step in self.program.steps}
        return _backward(self.program, reads, sets)

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
        return self._settle(0 if self.program.steps else END_OF_FLOW, ())

    def step_at(self, place: Place) -> Step | None:
        """The step about to run; None where the call is over."""
        return self.program.steps[place.step] if place.step >= 0 else None

    def run(
        self,
        place: Place,
        why: Reason,
        *,
        is_machine: bool = False,
        typed: str = "",
        value: Value = "",
    ) -> Taken:
        """Leave the step that way; after the keys `typed` its variable holds `value`."""
        step = self.program.steps[place.step]
        values = dict(place.values)
        if why is Reason.KEYS and step.variable:
            values[step.variable] = value
        is_endless = why is Reason.NEXT and lasts_forever(step)
        to = ENDLESS if is_endless else target(self.program, step, why)
        wish = machine_wish(step) if is_machine else ""
        settled, passed = self._settle(to, tuple(sorted(values.items(), key=lambda one: one[0])))
        own = () if to == ENDLESS else (Way(step.position, why, to),)
        return Taken(
            step.position,
            why,
            settled,
            own + passed,
            self._happens(step, why, values, typed) + wish,
        )

    def _settle(self, step: int, values: Values) -> tuple[Place, tuple[Way, ...]]:
        """Pass over what nobody hears: steps whose conditions fail, and the end of the call."""
        known = self._settled.get((step, values))
        if known is None:
            known = self._settled[step, values] = self._pass(step, values)
            self.passed += len(known[1])
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
        return Place(position, tuple(self._remembered(position, values))), tuple(ways)

    def _remembered(self, position: int, values: Values) -> Iterator[tuple[str, Value]]:
        for name, value in values if position >= 0 else ():
            if name in self._sent[position]:
                yield name, value
            elif name in self._asked[position]:
                yield name, UNASKED if isinstance(value, Other) else value

    def _happens(self, step: Step, why: Reason, values: Mapping[str, Value], typed: str) -> str:
        told = self._told[step.position]
        if why is Reason.KEYS:
            made = enter(step, typed)
            return f"{self._told_in_part[step.position]} {made.taken} {made.is_complete}"
        if why is Reason.NEXT:
            return told
        if why is Reason.MACHINE and step.action != "transfer":
            return why  # before anything is said
        sent = sorted(values.items()) if why is Reason.FETCHED else ""
        return f"{told} {why} {sent}"

    @cached_property
    def _told(self) -> list[str]:
        return [_words(step, _STEERING) for step in self.program.steps]

    @cached_property
    def _told_in_part(self) -> list[str]:
        """The same where a key cuts the step: how long it would have gone on is not noticed."""
        return [_words(step, _STEERING | _LENGTHS) for step in self.program.steps]


def party_of(step: Step) -> str:
    """Who outside decides how a call leaves the step: a number, a URL, or nobody."""
    if step.action == "transfer":
        return step.text("destination")
    return (
        step.text("onFinish" if step.action == "record" else "url") if asks_for_flow(step) else ""
    )


def machine_wish(step: Step) -> str:
    """What the step does with an answering machine that picked up the call: `hangup`, `delay`."""
    if "ifMachine" not in action_of(step.action).options or step.action == "transfer":
        return ""
    if not recognises_machines(step):
        return "continue"
    return "hangup" if hangs_up_on_machine(step) else "delay"


def ways_out(step: Step, *, is_machine: bool) -> list[Reason]:
    """Every way in which a call can leave the step by itself, the usual one first."""
    if is_machine and machine_wish(step) == "hangup":
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


_LENGTHS = frozenset({"loop", "repeat", "length"})
"""Options that say how long a step goes on."""


def _words(step: Step, hidden: Collection[str]) -> str:
    options = {key: value for key, value in step.options.items() if key not in hidden}
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
