"""The ways out of a step, and where each leads: the one description of control flow.

The simulator, the coverage, the diagrams and the rules all ask here.
"""

from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple

from mbflow.graph.program import END_OF_FLOW, OVER, Program, Step

KEY_ACTIONS = frozenset({"say", "play", "pause", "record"})
"""The actions that take `onKeypressGoto` and `onKeypressVar`.

Sources show say and pause only (open question 25). play and record are taken in because they keep
the caller listening in the same way. A transfer is not: once two people talk, a key is theirs.
"""

FOREVER = frozenset({"say", "record"})
"""The actions that can be made to last until the caller does something."""


class Why(StrEnum):
    """Why a call leaves a step."""

    NEXT = "next"
    """The step is done, and nobody pressed a key."""
    KEYS = "keys"
    SKIPPED = "skipped"
    """A condition does not hold."""
    ANSWERED = "answered"
    UNANSWERED = "unanswered"
    MACHINE = "machine"
    """A machine was recognised, and `ifMachine: hangup`."""
    FETCHED = "fetched"
    """Another flow takes over."""
    UNFETCHED = "unfetched"
    """A web server was asked for the next flow, and gave none."""
    HANGUP = "hangup"


class Way(NamedTuple):
    """One edge: from a step's index to another's, or to END_OF_FLOW, OVER or MISSING."""

    step: int
    why: Why
    to: int


def listens(step: Step) -> bool:
    """Whether keys pressed while the step runs are taken as input."""
    return bool(step.goto or step.variable) and step.action in KEY_ACTIONS


def lasts_forever(step: Step) -> bool:
    """Whether nothing but the caller ends the step.

    `loop` on say is undocumented (reference 6.2); taken to repeat the text without end.
    """
    if step.action == "say":
        return step.options.get("loop") is True
    return step.action == "record" and not (
        step.number("maxLength") or step.number("timeout") or finish_keys(step)
    )


def finish_keys(step: Step) -> str:
    """The keys that end a recording (reference 6.2: any, #, *, none)."""
    wanted = step.text("finishOnKey")
    return "0123456789*#" if wanted == "any" else wanted if wanted in ("#", "*") else ""


def hangs_up_on_machine(step: Step) -> bool:
    """On transfer only `hangup` has been seen (reference 6.2), so it is read the same way there."""
    return step.options.get("ifMachine") == "hangup" and step.action in ("say", "transfer")


def reasons(step: Step) -> tuple[Why, ...]:
    """Every way in which a call can leave the step, except that the caller hangs up."""
    own = _own_reasons(step)
    if listens(step):
        own = (Why.KEYS, *own)
    if hangs_up_on_machine(step):
        own = (Why.MACHINE, *own)
    return (Why.SKIPPED, *own) if step.conditions else own


def target(program: Program, step: Step, why: Why) -> int:
    """Where that way leads.

    Keys without `onKeypressGoto` are stored and the step below runs (open question 25). A transfer
    that nobody answers goes on with the step below, so that a sales hunt or a voicemail can follow;
    one that was answered ends the call with it, whoever hangs up first (open question 28). The
    steps below a fetchCallFlow are documented as never executed, so a failed one ends the call;
    nothing of the kind is said of `onFinish`, and a recording that was handed over in vain goes on
    with the step below.
    """
    if why is Why.KEYS and step.jump is not None:
        return step.jump
    fetch_failed = why is Why.UNFETCHED and step.action == "fetchCallFlow"
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


_ONWARD = frozenset({Why.NEXT, Why.KEYS, Why.SKIPPED, Why.UNANSWERED, Why.UNFETCHED})


def _own_reasons(step: Step) -> tuple[Why, ...]:
    always = _ALWAYS.get(step.action)
    if always is not None:
        return always
    if step.action in FOREVER and lasts_forever(step):
        return ()
    if step.action == "record" and step.text("onFinish"):
        return Why.FETCHED, Why.UNFETCHED
    return (Why.NEXT,)


_ALWAYS = {
    "hangup": (Why.HANGUP,),
    "transfer": (Why.ANSWERED, Why.UNANSWERED),
    "fetchCallFlow": (Why.FETCHED, Why.UNFETCHED),
}
