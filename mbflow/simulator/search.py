"""Questions about a space: the shortest ways through it, and what its calls pass. Pure.

A call is as short as there is one: fewest things done by anybody, then fewest steps.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from heapq import heappop, heappush
from operator import add
from typing import NamedTuple, TypeAlias

from mbflow.flow.control_flow import Way
from mbflow.flow.steps import Step
from mbflow.flow.vocabulary import Reason
from mbflow.simulator.space import Move, Space
from mbflow.simulator.walk import NOTHING

Cost: TypeAlias = tuple[int, ...]
"""What counts most comes first. Of calls: questions answered, where they are what counts; things
done by anybody; steps."""


class Found(NamedTuple):
    """The shortest way to a situation, or from there to what is searched."""

    cost: Cost
    move: Move | None = None
    """Its last move, or its first one; None where the search began."""


def shortest(
    begin: Iterable[tuple[int, Found]],
    moves: Callable[[int], Iterable[tuple[int, Move]]],
    weigh: Callable[[Move], Cost | None],
) -> dict[int, Found]:
    """The situations that are come to, the nearest first.

    `moves` gives those of a situation with where each leads, `weigh` None where it is not gone.
    """
    best: dict[int, Found] = {}
    done: dict[int, Found] = {}
    waiting: list[tuple[Cost, int]] = []

    def note(number: int, cost: Cost, move: Move | None) -> None:
        if number not in best or cost < best[number].cost:
            best[number] = Found(cost, move)
            heappush(waiting, (cost, number))

    for number, found in begin:
        note(number, *found)
    while waiting:
        cost, number = heappop(waiting)
        if number in done:
            continue  # a shorter way was found since
        done[number] = best[number]
        for to, move in moves(number):
            if (more := weigh(move)) is not None:
                note(to, _plus(cost, more), move)
    return done


def shortest_back(
    space: Space, begin: Iterable[tuple[int, Found]], weigh: Callable[[Move], Cost | None]
) -> dict[int, Found]:
    """The situations from which calls can come to where the search begins."""
    back: defaultdict[int, list[tuple[int, Move]]] = defaultdict(list)
    for move in space.every_move():
        back[move.to].append((move.origin, move))
    return shortest(begin, back.__getitem__, weigh)


def ways_to_end(space: Space, ends: Collection[int]) -> dict[int, Found]:
    """The situations from which calls can come to such an end: targets that end calls.

    The least that anybody has to do counts.
    """
    places = (space.situation(number).places[0].step for number in range(len(space)))
    begin = [(number, Found((0, 0, 0))) for number, step in enumerate(places) if step in ends]
    return shortest_back(space, begin, done_then_steps)


def done_then_steps(move: Move) -> Cost:
    return 0, int(move.choice is not NOTHING), 1


def is_known(move: Move) -> bool:
    """Whether the keys of the move are known: a condition may ask for a secret."""
    return move.choice.why is not Reason.KEYS or "${" not in move.choice.about


def every(move: Move) -> bool:
    return True


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
        begin = space.roots if roots is None else roots
        self._found = shortest(
            [(root, Found((0, int(space.situation(root).is_machine), 0))) for root in begin],
            lambda number: ((move.to, move) for move in space.moves(number)),
            lambda move: weigh(move) if passes(move) else None,
        )

    def __contains__(self, number: int) -> bool:
        return number in self._found

    def __iter__(self) -> Iterator[int]:
        """The situations that are come to, the nearest first."""
        return iter(self._found)

    def cost(self, number: int) -> Cost:
        """Of the shortest call to the situation."""
        return self._found[number].cost

    def path(self, number: int) -> tuple[Move, ...]:
        """The shortest call to the situation."""
        moves = []
        while (move := self._found[number].move) is not None:
            moves.append(move)
            number = move.origin
        return tuple(moves[::-1])

    def first(self, is_goal: Callable[[Move], bool]) -> tuple[Move, ...] | None:
        """The shortest call that ends with such a move, whether or not it is let through."""
        goals = (move for number in self for move in self._space.moves(number) if is_goal(move))
        move = min(goals, key=self._cost_with, default=None)
        return None if move is None else (*self.path(move.origin), move)

    def _cost_with(self, move: Move) -> Cost:
        return _plus(self.cost(move.origin), self._weigh(move))


def _plus(cost: Cost, more: Cost) -> Cost:
    return tuple(map(add, cost, more))


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


class Passed(NamedTuple):
    """What the calls of a space pass."""

    ran: frozenset[int]
    """The steps that some call runs."""
    ways: frozenset[Way]
    """The ways that some call goes."""


def passed(space: Space) -> Passed:
    """What some call runs, and the ways that some call goes."""
    ways = set(space.entries[0])
    ran = set()
    for move in space.every_move():
        for taken in filter(None, move.taken):
            ran.add(taken.step)
            ways.update(taken.ways)
    ran.update(way.step for way in ways if way.why is not Reason.SKIPPED)
    return Passed(frozenset(ran), frozenset(ways))
