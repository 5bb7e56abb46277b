"""The parties that a call may ring, and how each meets it, as a client set them beforehand."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from mbflow.exchange.calling.scripts import duration_ms, faults_of_does
from mbflow.model import Body, Json
from mbflow.simulator.replies import Answer, Outcome

OUTCOMES = tuple(Outcome)
_KEYS = ("outcome", "rings", "talks", "does")


@dataclass(frozen=True, slots=True)
class Party:
    """How a destination meets a call, and what it does when the call is its own (`does`)."""

    answer: Answer
    does: tuple[Json, ...] = ()


def number_key(destination: str) -> str:
    """The destination under which a party is kept: the plus of a number does not count."""
    return destination.strip().removeprefix("+")


def destinations_of(flow: Body) -> Iterator[str]:
    """The destinations that the transfers of a flow name."""
    steps = flow.get("steps")
    for step in steps if isinstance(steps, list) else ():
        options = step.get("options") if isinstance(step, dict) else None
        destination = options.get("destination") if isinstance(options, dict) else None
        if isinstance(destination, str) and destination:
            yield number_key(destination)


def party_of(body: Body) -> Party:
    """The party of `{"outcome", "rings", "talks", "does"}`, all optional, without faults."""
    does = body.get("does", [])
    return Party(
        Answer(
            Outcome(str(body.get("outcome", Outcome.ANSWERED))),
            rings_ms=duration_ms(body["rings"]) if "rings" in body else None,
            talks_ms=duration_ms(body["talks"]) if "talks" in body else None,
        ),
        tuple(does) if isinstance(does, list) else (),
    )


def faults_of_party(body: Body) -> Iterator[str]:
    """What is wrong with such an object, each in a sentence."""
    for name in sorted(body.keys() - set(_KEYS)):
        yield f"{name} is none of {', '.join(_KEYS)}."
    if body.get("outcome", Outcome.ANSWERED) not in OUTCOMES:
        yield f"outcome must be one of {', '.join(OUTCOMES)}."
    for name in ("rings", "talks"):
        if name in body and duration_ms(body[name]) is None:
            yield f"{name} must be a duration of at most a day, such as 1.5 or 30s."
    yield from faults_of_does(body.get("does", []))
