"""Calls that would go through what no call goes through yet: the shortest of the space."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from heapq import nsmallest
from typing import NamedTuple

from mbflow.flow.control_flow import Way
from mbflow.flow.steps import END_OF_FLOW, OVER, Program, without_secrets
from mbflow.flow.vocabulary import Reason
from mbflow.simulator.script import Script, script_of
from mbflow.simulator.search import Search, is_known, ways_to_end
from mbflow.simulator.space import Move, Space
from mbflow.simulator.transcript import Transcript
from mbflow.simulator.walk import ENDLESS
from mbflow.testing.coverage import Branch, passed_by
from mbflow.testing.expectations import NEVER_RIGHT

MOST_TRIES = 12
"""Ways to a branch that are tried: `maxDuration` may end the shortest before it comes there."""

MOST_STEPS = 16_000
"""Of all calls that are tried: half a second, and mostly less than a call file may hold."""

_STATED = 3
"""Steps that take as much as one thing that a call states: what callers and others do."""

MOST_MOVES = 16_000
"""Of the space: as long again."""


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A call, and what comes of it."""

    script: Script
    transcript: Transcript


class Suggestions(NamedTuple):
    """Calls that go through branches, and the branches that are left."""

    calls: tuple[Suggestion, ...]
    left: tuple[Branch, ...] = ()
    """No call was found for these."""
    later: tuple[Branch, ...] = ()
    """These were not looked for: the calls that were tried are long enough."""
    is_cut: bool = False
    """Whether there are more different calls than were looked at."""


def suggest(program: Program, missed: Sequence[Branch]) -> Suggestions:
    """Calls that go through `missed`, the shortest first, until they have too many steps."""
    space = _Branches(program)
    found: list[Suggestion] = []
    waiting = sorted(missed, key=space.cost)
    left: set[Branch] = set()
    while waiting:
        branch = waiting[0]
        call = next(space.calls(branch), None)
        if call is not None:
            found.append(call)
            went = passed_by(program.name, [call.transcript])
            waiting = [one for one in waiting if not one.is_in(went)]
            left = {one for one in left if not one.is_in(went)}
        elif space.is_spent:
            break
        else:
            left.add(waiting.pop(0))
    return Suggestions(
        tuple(found),
        tuple(branch for branch in missed if branch in left),
        tuple(branch for branch in missed if branch in set(waiting)),
        space.is_cut,
    )


class _Branches:
    """The space of a flow, with the moves that go through each branch."""

    def __init__(self, program: Program) -> None:
        self._program = program
        self._left = MOST_STEPS
        self._space = Space([without_secrets(program)], MOST_MOVES)
        ends = {END_OF_FLOW, OVER} | ({ENDLESS} if program.max_seconds else set())
        self._onward = ways_to_end(self._space, ends)
        self._moves: Mapping[Way | int, list[Move]] = self._index()

    @property
    def is_cut(self) -> bool:
        """Whether there are more different calls than are looked at."""
        return self._space.is_cut

    @property
    def is_spent(self) -> bool:
        """Whether the calls that were tried have so many steps that no more are."""
        return self._left <= 0

    def cost(self, branch: Branch) -> tuple[int, int]:
        """Of the shortest call through the branch."""
        if self._is_at_once(branch):
            return 0, 0
        return min(map(self._space.cost, self._through(branch)), default=_NEVER)

    def calls(self, branch: Branch) -> Iterator[Suggestion]:
        """Calls that go through the branch and can be right, the shortest first."""
        for path in self._paths(branch):
            if self.is_spent:
                return
            if all(map(is_known, path)):
                script = script_of(self._space, path, program=self._program)
                transcript = script.call(self._program)
                stated = len(script.does) + len(script.transfers) + len(script.failing)
                self._left -= len(transcript.moves) + _STATED * stated
                is_right = transcript.ending.kind not in NEVER_RIGHT and not transcript.left
                if is_right and branch.is_in(passed_by(self._program.name, [transcript])):
                    yield Suggestion(script, transcript)

    def _paths(self, branch: Branch) -> Iterator[list[Move]]:
        if self._is_at_once(branch):
            yield from ([*self._to_end(root)] for root in self._space.roots)
        moves = (move for move in self._through(branch) if move.to in self._onward)
        for move in nsmallest(MOST_TRIES, moves, key=self._space.cost):
            yield [*self._space.path(move.origin), move, *self._to_end(move.to)]
            if self._program.max_seconds and move.origin in self._hasty:
                yield [*self._hasty.path(move.origin), move, *self._to_end(move.to)]

    @cached_property
    def _hasty(self) -> Search:
        """The calls of somebody who presses a key before time is up."""
        return Search(
            self._space, weigh=lambda move: (0, int(move.choice.why is not Reason.KEYS), 1)
        )

    def _to_end(self, number: int) -> Iterator[Move]:
        while (found := self._onward.get(number)) is not None and found.move is not None:
            yield found.move
            number = found.move.to

    def _through(self, branch: Branch) -> Iterator[Move]:
        for key in branch.ways or [branch.step]:
            yield from self._moves.get(key, ())

    def _is_at_once(self, branch: Branch) -> bool:
        """Whether every call goes through the branch before anything is heard."""
        return any(
            way in branch.ways if branch.ways else _runs(way, branch.step)
            for way in self._space.entries[0]
        )

    def _index(self) -> Mapping[Way | int, list[Move]]:
        found: defaultdict[Way | int, list[Move]] = defaultdict(list)
        for move in self._space.every_move():
            (taken,) = move.taken
            assert taken is not None
            ran = {taken.step, *(w.step for w in taken.ways if _runs(w, w.step))}
            for way in set(taken.ways):
                found[way].append(move)
            for position in ran:
                found[position].append(move)
        return found


_NEVER = (1 << 30, 0)


def _runs(way: Way, step: int) -> bool:
    return way.step == step and way.why is not Reason.SKIPPED
