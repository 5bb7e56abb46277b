"""What is found of a promise in the space of a flow's calls, and the search for what breaks it.

A call is as short as there is one: fewest things done by anybody, then fewest steps. Pure.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from heapq import heappop, heappush
from typing import NamedTuple, TypeAlias

from mbflow.flow.steps import Step
from mbflow.flow.vocabulary import Reason
from mbflow.simulator.space import Move, Space
from mbflow.simulator.walk import NOTHING

Cost: TypeAlias = tuple[int, int, int]
"""Questions answered, where they are what counts; things done by anybody; steps."""


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


def is_known(move: Move) -> bool:
    """Whether the keys of the move are known: a condition may ask for a secret."""
    return move.choice.why is not Reason.KEYS or "${" not in move.choice.about


def every(move: Move) -> bool:
    return True


def done_then_steps(move: Move) -> Cost:
    return 0, int(move.choice is not NOTHING), 1


class Search:
    """The shortest call to each situation, by the moves that `passes` lets through."""

    def __init__(
        self,
        space: Space,
        passes: Callable[[Move], bool] = is_known,
        *,
        roots: Sequence[int] | None = None,
        weigh: Callable[[Move], Cost] = done_then_steps,
    ) -> None:
        self._space = space
        self._weigh = weigh
        self._passes = passes
        self.cost: dict[int, Cost] = {}
        """Of the situations that are come to, the nearest first."""
        self._above: dict[int, Move] = {}
        self._explore(space.roots if roots is None else roots)

    def _explore(self, roots: Sequence[int]) -> None:
        best: dict[int, Cost] = {}
        waiting: list[tuple[Cost, int]] = []
        for root in roots:
            best[root] = (0, int(self._space.situation(root).is_machine), 0)
            heappush(waiting, (best[root], root))
        while waiting:
            cost, number = heappop(waiting)
            if number in self.cost:
                continue
            self.cost[number] = cost
            for move in filter(self._passes, self._space.moves(number)):
                to = _plus(cost, self._weigh(move))
                if move.to not in best or to < best[move.to]:
                    best[move.to], self._above[move.to] = to, move
                    heappush(waiting, (to, move.to))

    def path(self, number: int) -> tuple[Move, ...]:
        """The shortest call to the situation."""
        moves = []
        while (move := self._above.get(number)) is not None:
            moves.append(move)
            number = move.origin
        return tuple(moves[::-1])

    def first(self, is_goal: Callable[[Move], bool]) -> tuple[Move, ...] | None:
        """The shortest call that ends with such a move, whether or not it is let through."""
        found = [
            (_plus(cost, self._weigh(move)), move)
            for number, cost in self.cost.items()
            for move in self._space.moves(number)
            if is_goal(move)
        ]
        if not found:
            return None
        _, move = min(found, key=lambda one: one[0])
        return (*self.path(move.origin), move)


def _plus(cost: Cost, more: Cost) -> Cost:
    return cost[0] + more[0], cost[1] + more[1], cost[2] + more[2]


def steps_run(space: Space, move: Move) -> Iterator[Step]:
    """The steps that run in the move: those that nobody hears, such as a hangup, are passed."""
    (taken,) = move.taken
    if taken is None:
        return
    steps = space.walks[0].program.steps
    yield steps[taken.step]
    for way in taken.ways:
        if way.step != taken.step and way.why is not Reason.SKIPPED:
            yield steps[way.step]


def steps_run_first(space: Space) -> Iterator[Step]:
    """The steps that run before anything is heard: a flow may begin with a hangup."""
    steps = space.walks[0].program.steps
    (entry,) = space.entries
    return (steps[way.step] for way in entry if way.why is not Reason.SKIPPED)


def whole(space: Space, path: tuple[Move, ...], number: int) -> tuple[tuple[Move, ...], int]:
    """The call that goes that way to the situation, and then on while nobody does anything.

    With how many moves it has up to there.
    """
    return (*path, *space.onward(number)), len(path)


def holds_where_known(space: Space) -> Verdict:
    """What is found of a promise that no known call breaks: a flow from elsewhere could."""
    fetched = Search(space, every).first(
        lambda move: any(one is not None and one.why is Reason.FETCHED for one in move.taken)
    )
    if fetched is None:
        return Holds()
    step = next(steps_run(space, fetched[-1]))
    text = f"A web server gives the flow that goes on after step {step.position + 1}: nobody knows "
    return NotDecided(f"{text}it from here.", fetched)


def not_known_keys(found: Broken) -> NotDecided:
    """What would break the promise needs keys that are secret."""
    return NotDecided(f"{found.text} That needs keys that are a secret.", found.path)
