"""Which kinds of calls two flows answer otherwise: both are walked in step. Pure.

A kind of call is told from the others by the last thing that somebody does in it: each choice in
each situation, by the shortest call to it, and nothing after it. So a flow of menus within menus
has as many kinds as it has choices, and what differs anywhere differs in one of them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from heapq import nsmallest

from mbflow.flow.steps import Program
from mbflow.flow.vocabulary import Reason
from mbflow.simulator.script import Script, script_of
from mbflow.simulator.space import Move, Space, is_open
from mbflow.simulator.walk import NOTHING

MOST_MOVES = 10_000
"""Of the space of two flows; what is beyond is not decided."""


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of call: the root it begins at, and the move that tells it from the others."""

    root: int
    move: Move | None
    cost: tuple[int, int]
    is_changed: bool


class Comparison:
    """The kinds of calls of two flows, the one that is live first."""

    def __init__(self, live: Program, desired: Program, most: int = MOST_MOVES) -> None:
        self.programs = (live, desired)
        self.space = Space(self.programs, most)
        self._is_otherwise = (live.record, live.max_seconds) != (
            desired.record,
            desired.max_seconds,
        )

    @property
    def not_decided(self) -> str:
        """Why the kinds are not all that there are, or may be others; empty where they are."""
        if any(map(is_open, self.programs)):
            return "a secret decides which way calls go"
        return "there are too many to look at all of them" if self.space.is_cut else ""

    @cached_property
    def kinds(self) -> Sequence[Kind]:
        """All kinds, the shortest calls first."""
        found = [self._kind(root, None) for root in self.space.roots]
        for number in self.space.in_order():
            found += [
                self._kind(number, move)
                for move in self.space.moves(number)
                if move.choice is not NOTHING and not self._is_known(number, move)
            ]
        return found

    def shortest(self, most: int | None = 3) -> list[Kind]:
        """The changed kinds, the shortest calls first; all of them without a number."""
        changed = [kind for kind in self.kinds if kind.is_changed]
        return nsmallest(len(changed) if most is None else most, changed, key=lambda k: k.cost)

    def script(self, kind: Kind) -> Script:
        """The shortest call of that kind."""
        space = self.space
        number, path = kind.root, [] if kind.move is None else space.path(kind.move.origin)
        if kind.move is not None:
            path, number = [*path, kind.move], kind.move.to
        path += space.onward(number)
        return script_of(space, path, _listener(path), kind.root)

    def _kind(self, number: int, move: Move | None) -> Kind:
        before = self._is_otherwise or self._differs_before[number]
        if move is None:
            return Kind(number, None, (number and 1, 0), before or self._differs_after[number])
        is_changed = before or move.differs or self._differs_after[move.to]
        return Kind(number, move, self.space.cost(move), is_changed)

    def _is_known(self, number: int, move: Move) -> bool:
        """Whether the key is pressed later in the same question, and nothing else comes of it."""
        above = self.space.above(number)
        if above is None or above.choice is not NOTHING or move.choice.why is not Reason.KEYS:
            return False
        earlier = (m for m in self.space.moves(above.origin) if m.choice == move.choice)
        return any(
            m.to == move.to
            and self._kind(above.origin, m).is_changed == self._kind(number, move).is_changed
            for m in earlier
        )

    @cached_property
    def _differs_before(self) -> Sequence[bool]:
        """Of each situation whether the shortest call to it is another by then."""
        found = [False] * len(self.space)
        for number in self.space.in_order():
            above = self.space.above(number)
            if above is not None:
                found[number] = above.differs or found[above.origin]
        return found

    @cached_property
    def _differs_after(self) -> Sequence[bool]:
        """Of each situation whether calls go on in another way if nobody does anything more."""
        found: dict[int, bool] = {}
        for number in range(len(self.space)):
            way = []
            while number not in found:
                moves = self.space.moves(number)
                if not moves:
                    places = self.space.situation(number).places
                    found[number] = len({place.step for place in places}) > 1
                    break
                way.append(moves[0])
                number = moves[0].to
            for move in reversed(way):
                found[move.origin] = move.differs or found[move.to]
        return [found[number] for number in range(len(self.space))]


def _listener(path: Sequence[Move]) -> int:
    """The flow whose times the script keeps: the desired one, unless only the live one listens."""
    pressed = [move for move in path if move.choice.why is Reason.KEYS]
    last = pressed[-1].taken if pressed else ()
    hears = [taken is not None and taken.why is Reason.KEYS for taken in last]
    return 0 if hears == [True, False] else 1
