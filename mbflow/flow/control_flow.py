"""The ways out of a step, where each leads, and what of a flow calls come to.

The simulator, the coverage, the diagrams and the rules all ask here.

All rules look at one flow before the next comes, so the last look is kept.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence, Set
from typing import NamedTuple

from mbflow.flow.steps import END_OF_FLOW, MISSING, OVER, Program, Step, parse_program
from mbflow.flow.vocabulary import ACTIONS, Reason, action_of
from mbflow.model.flow import Flow


class Way(NamedTuple):
    """One edge: from a step's index to another's, or to END_OF_FLOW, OVER or MISSING."""

    step: int
    why: Reason
    to: int


def listens(step: Step) -> bool:
    """Whether keys pressed while the step runs are taken as input."""
    return bool(step.goto or step.variable) and action_of(step.action).takes_keys


def lasts_forever(step: Step) -> bool:
    """Whether nothing but the caller ends the step.

    `loop` on say is undocumented (reference 6.2); taken to repeat the text without end.
    """
    if step.action == "say":
        return step.raw.get("loop") is True
    return step.action == "record" and not (
        step.number("maxLength") or step.number("timeout") or finish_keys(step)
    )


def finish_keys(step: Step) -> str:
    """The keys that end a recording (reference 6.2: any, #, *, none)."""
    wanted = step.raw_text("finishOnKey")
    return "0123456789*#" if wanted == "any" else wanted if wanted in ("#", "*") else ""


def hangs_up_on_machine(step: Step) -> bool:
    """On transfer only `hangup` has been seen (reference 6.2), so it is read the same way there."""
    wanted = step.raw.get("ifMachine") == "hangup"
    return wanted and "ifMachine" in action_of(step.action).options


def asks_for_flow(step: Step) -> bool:
    """Whether a web server is asked for the flow to go on with: it receives all variables."""
    return Reason.FETCHED in action_of(step.action).ways or (
        step.action == "record" and bool(step.raw_text("onFinish"))
    )


def reasons(step: Step) -> tuple[Reason, ...]:
    """Every way in which a call can leave the step, except that the caller hangs up."""
    own = _own_reasons(step)
    if listens(step):
        own = (Reason.KEYS, *own)
    if hangs_up_on_machine(step):
        own = (Reason.MACHINE, *own)
    return (Reason.SKIPPED, *own) if step.conditions else own


def target(program: Program, step: Step, why: Reason) -> int:
    """Where that way leads.

    Keys without `onKeypressGoto` are stored and the step below runs (open question 25). A transfer
    that nobody answers goes on with the step below, so that a sales hunt or a voicemail can follow;
    one that was answered ends the call with it, whoever hangs up first (open question 28). The
    steps below a fetchCallFlow are documented as never executed, so a failed one ends the call;
    nothing of the kind is said of `onFinish`, and a recording that was handed over in vain goes on
    with the step below.
    """
    if why is Reason.KEYS and step.jump is not None:
        return step.jump
    fetch_failed = why is Reason.UNFETCHED and step.action == "fetchCallFlow"
    if why in _ONWARD and not fetch_failed:
        return step.position + 1 if step.position + 1 < len(program.steps) else END_OF_FLOW
    return OVER


def ways(program: Program) -> list[Way]:
    """All edges of a flow, in the order of its steps."""
    return [
        Way(step.position, why, target(program, step, why))
        for step in program.steps
        for why in reasons(step)
    ]


_ONWARD = frozenset({Reason.NEXT, Reason.KEYS, Reason.SKIPPED, Reason.UNANSWERED, Reason.UNFETCHED})


def _own_reasons(step: Step) -> tuple[Reason, ...]:
    if lasts_forever(step):
        return ()
    if asks_for_flow(step):
        return Reason.FETCHED, Reason.UNFETCHED
    return action_of(step.action).ways


def reachable(program: Program) -> set[int]:
    """The steps that some call comes to, conditions left aside."""
    found: set[int] = set()
    waiting = [0] if program.steps else []
    while waiting:
        position = waiting.pop()
        found.add(position)
        step = program.steps[position]
        for why in reasons(step):
            to = target(program, step, why)
            if to >= 0 and to not in found:
                waiting.append(to)
    return found


def ending(program: Program) -> set[int]:
    """The steps from which a call can end without the caller hanging up."""
    backward: dict[int, list[int]] = defaultdict(list)
    waiting = []
    for way in ways(program):
        if way.to < 0:
            waiting.append(way.step)
        else:
            backward[way.to].append(way.step)
    found: set[int] = set()
    while waiting:
        position = waiting.pop()
        if position not in found:
            found.add(position)
            waiting += backward[position]
    return found


class FlowFacts(NamedTuple):
    flow: Flow
    program: Program
    reached: Set[int]
    """The steps that some call comes to."""
    by_action: Mapping[str, Sequence[Step]]
    asking: Sequence[Step]
    """The steps that name where keys lead, or what holds them."""
    conditional: Sequence[Step]
    """The steps with conditions."""
    naming_urls: Sequence[Step]
    """The steps with an address."""

    @property
    def steps(self) -> tuple[Step, ...]:
        return self.program.steps

    def doing(self, action: str) -> Sequence[Step]:
        """The steps with that action."""
        return self.by_action.get(action, ())

    @property
    def is_sound(self) -> bool:
        """Whether every jump leads to one step. Else what cannot be reached is no news."""
        ids = [step.id for step in self.steps if step.id]
        return len(ids) == len(set(ids)) and all(step.jump != MISSING for step in self.steps)


_URL_OPTIONS = {name: action.url for name, action in ACTIONS.items() if action.url}


def facts_of(flow: Flow) -> FlowFacts:
    """The flow taken apart; the same value as long as the same flow is asked for."""
    look = _kept[0] if _kept else None
    if look is None or look.flow is not flow:
        program = parse_program(flow.name, flow.body, flow.raw)
        by_action: dict[str, list[Step]] = {}
        for step in program.steps:
            by_action.setdefault(step.action, []).append(step)
        asking = [step for step in program.steps if step.goto or step.variable]
        conditional = [step for step in program.steps if step.conditions]
        urls = [step for step in program.steps if _URL_OPTIONS.get(step.action) in step.raw]
        reached = reachable(program)
        look = FlowFacts(flow, program, reached, by_action, asking, conditional, urls)
        _kept[:] = [look]
    return look


_kept: list[FlowFacts] = []
