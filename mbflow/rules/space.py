"""All calls of one flow, for the rules that need paths, and one of them in words.

A space takes as long as reading the file. What the plain graph of a flow says cannot happen cannot,
so a space is made only where conditions may make that graph say too much. All rules look at one
flow before the next comes, so the last space is kept.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cached_property
from itertools import chain
from typing import TYPE_CHECKING

from mbflow.flow.control_flow import FlowFacts, facts_of, lasts_forever, listens
from mbflow.flow.steps import Step, parse_program
from mbflow.flow.vocabulary import Reason
from mbflow.model.flow import Flow, steps_in
from mbflow.model.text import shortened

if TYPE_CHECKING:
    from mbflow.simulator.paths import Passed
    from mbflow.simulator.space import Move, Space


class Calls:
    """All calls of a flow, made when they are first asked for."""

    def __init__(self, flow: Flow) -> None:
        self.flow = flow

    @cached_property
    def space(self) -> Space | None:
        if any(isinstance(step.get("maxNumKeys"), str) for step in steps_in(self.flow.body)):
            return None  # a reference without a value
        from mbflow.simulator.paths import decided_space  # few flows need it

        return decided_space(parse_program(self.flow.name, self.flow.body))

    @cached_property
    def passed(self) -> Passed | None:
        """What calls pass, where some step may never be run for all that the plain graph says."""
        look = facts_of(self.flow)
        if _runs_all(look) or not look.is_sound or self.space is None:
            return None
        conditions = chain.from_iterable(step.conditions for step in look.conditional)
        if any("${" in one.variable + one.value for one in conditions):
            return None  # nothing is said because of what is not known
        from mbflow.simulator.paths import passed

        return passed(self.space)


_kept: list[Calls] = []


def _calls_of(look: FlowFacts) -> Calls | None:
    if not (look.conditional or any(step.action == "record" for step in look.asking)):
        return None  # the plain graph knows it all
    if not _kept or _kept[0].flow is not look.flow:
        _kept[:] = [Calls(look.flow)]
    return _kept[0]


def space_of(look: FlowFacts) -> Space | None:
    """All calls of a flow by its safe body, so nothing in it is secret.

    None where they are not decided, or the plain graph knows them.
    """
    calls = _calls_of(look)
    return None if calls is None else calls.space


def passed_in(look: FlowFacts) -> Passed | None:
    """What calls pass, where that may be less than what the plain graph says; else None."""
    calls = _calls_of(look)
    return None if calls is None else calls.passed


def _runs_all(look: FlowFacts) -> bool:
    """Whether callers who press a key once run every step that the graph comes to."""
    asked: dict[str, set[str]] = {}
    for step in look.conditional:
        for condition in step.conditions:
            asked.setdefault(condition.variable, set()).add(condition.value)
    found: set[int] = set()
    _run(look, 0, "", "", found)
    seen = set()
    for step in [step for step in look.asking if step.position in found]:
        to = step.position + 1 if step.jump is None else step.jump
        asks = to, step.variable
        # A recording may end with the key that would be its input.
        if asks not in seen and step.action != "record" and listens(step):
            seen.add(asks)
            values = asked.get(step.variable, set())
            for value in values:
                if _is_entered(step, value):
                    _run(look, to, step.variable, value, found)
            if len(values) < _CERTAIN:
                _run(look, to, step.variable, _OTHER, found)
    return len(found) == len(look.reached)


_CERTAIN = 9
"""So few values leave a key that is none of them, and ends no input."""
_OTHER = "another key"


def _is_entered(step: Step, value: str) -> bool:
    """Whether the step certainly takes that input."""
    is_whole = not step.end_key or step.end_key not in value
    return value.isascii() and value.isdigit() and len(value) <= (step.max_keys or 1) and is_whole


def _run(look: FlowFacts, begin: int, variable: str, value: str, found: set[int]) -> None:
    """Add the steps that are run from there on, where nobody presses a key."""
    last = look.conditional[-1].position if look.conditional else -1
    for step in look.steps[begin:] if begin >= 0 else ():
        position = step.position
        if position > last and position in found:
            return  # so are those below
        if step.conditions and not _hold(step, variable, value):
            continue
        found.add(position)
        if step.action in ("hangup", "fetchCallFlow") or lasts_forever(step):
            return


def _hold(step: Step, variable: str, value: str) -> bool:
    for one in step.conditions:  # a loop takes half the time of `all`
        if one.value != (value if one.variable == variable else "") or one.operator != "==":
            return False
    return True


def caller(path: Iterable[Move]) -> str:
    """Who makes that call, as the subject of a sentence: `a caller who presses 1, then 2`."""
    pressed, others = [], []
    for move in path:
        about = shortened(move.choice.about, 60)
        if move.choice.why is Reason.KEYS:
            pressed.append(about)
        elif move.choice.why in _OTHERS:
            others.append(f"{about} {_OTHERS[move.choice.why]}")
    keys = ", then ".join(pressed) or "no key"
    return f"a caller who presses {keys}" + (f" ({' and '.join(others)})" if others else "")


_OTHERS: Mapping[Reason, str] = {
    Reason.UNANSWERED: "does not answer",
    Reason.MACHINE: "is an answering machine",
    Reason.UNFETCHED: "gives no flow",
}


def sentence(text: str) -> str:
    return text[:1].upper() + text[1:]
