"""What is found of a promise in the space of a flow's calls, and what of it is certain. Pure."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple, TypeAlias

from mbflow.flow.vocabulary import Reason
from mbflow.simulator.search import Search, every, is_known, steps_run
from mbflow.simulator.space import Move, Space


class Holds(NamedTuple):
    """No call breaks it."""


class Broken(NamedTuple):
    """The shortest call that breaks it, and what is wrong in that call."""

    text: str
    path: tuple[Move, ...] = ()
    needed: int | None = None
    """How many moves of it show that; None for all of them."""


class NotDecided(NamedTuple):
    """Why nobody can tell, and the shortest call to what cannot be told."""

    text: str
    path: tuple[Move, ...] = ()


Verdict: TypeAlias = Holds | Broken | NotDecided


def judge(space: Space, find: Callable[[Callable[[Move], bool]], Broken | None]) -> Verdict:
    """What is found by the moves of which the keys are known; else by those with secret keys."""
    found = find(is_known)
    if found is not None:
        return found
    found = find(every)
    return holds_where_known(space) if found is None else not_known_keys(found)


def leads_away(move: Move) -> bool:
    """Whether a web server gives the flow that goes on."""
    return any(one is not None and one.why is Reason.FETCHED for one in move.taken)


def holds_where_known(space: Space) -> Verdict:
    """What is found of a promise that no known call breaks: a flow from elsewhere could."""
    fetched = Search(space, every).first(leads_away)
    if fetched is None:
        return Holds()
    step = next(steps_run(space, fetched[-1]))
    text = f"A web server gives the flow that goes on after step {step.position + 1}: nobody knows "
    return NotDecided(f"{text}it from here.", fetched)


def not_known_keys(found: Broken) -> NotDecided:
    """What would break the promise needs keys that are secret."""
    return NotDecided(f"{found.text} That needs keys that are a secret.", found.path)


def whole(space: Space, path: tuple[Move, ...], number: int) -> tuple[tuple[Move, ...], int]:
    """The call that goes that way to the situation, and then on while nobody does anything.

    With how many moves it has up to there.
    """
    return (*path, *space.onward(number)), len(path)
