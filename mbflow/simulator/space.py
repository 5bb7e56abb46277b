"""The space of all calls: the situations that calls of a flow come to, and the moves between them.

Two flows are walked in step: the same caller, the same called parties. Pure.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from heapq import heappop, heappush
from typing import NamedTuple

from mbflow.flow.control_flow import finish_keys, listens
from mbflow.flow.steps import Program, Step
from mbflow.flow.vocabulary import Reason
from mbflow.simulator.inputs import enter, inputs, takes
from mbflow.simulator.walk import (
    NOTHING,
    Choice,
    Other,
    Place,
    Taken,
    Walk,
    machine_wish,
    party_of,
    ways_out,
)

MOST_MOVES = 40_000
"""Of a space; what is beyond is cut. A flow of 64 KB comes to a tenth of it without variables."""


_PASSED = 10
"""Steps passed over unheard that take as long to look at as a move."""


class Situation(NamedTuple):
    """Where a call stands: a place in each of the flows that are walked in step."""

    places: tuple[Place, ...]
    met: tuple[tuple[str, Reason], ...] = ()
    """What numbers and web servers did that may be asked again: they do it every time."""
    is_machine: bool = False
    """An answering machine picked up this call."""
    is_apart: bool = False
    """One flow took keys that another did not: there is no caller any more who does the same in
    both, so only what happens by itself is followed."""

    @property
    def is_over(self) -> bool:
        return all(place.step < 0 for place in self.places)


class Move(NamedTuple):
    """What happens in a situation: to its number from that of another."""

    origin: int
    choice: Choice
    to: int
    taken: tuple[Taken | None, ...]
    """In each flow; None where the call is over there."""

    @property
    def differs(self) -> bool:
        """Whether the flows walked in step do not do the same."""
        return len({taken and taken.happens for taken in self.taken}) > 1


@dataclass(slots=True)
class _Found:
    """A situation, and the first of the shortest calls that come to it."""

    situation: Situation
    above: Move | None = None
    cost: tuple[int, int] | None = None
    """Things done by somebody, then steps."""
    moves: list[Move] = field(default_factory=list)


class Space:
    """All calls of a flow, or of two in step. Situations have numbers, from 0.

    A number or web server that is asked again does the same all through a call, as a call file says
    it once; `is_each_try_alone`: whatever it may do, such as answer after it was busy. `is_silent`:
    callers press no keys.
    """

    def __init__(
        self,
        programs: Sequence[Program],
        most: int = MOST_MOVES,
        *,
        is_each_try_alone: bool = False,
        is_silent: bool = False,
    ) -> None:
        self.is_each_try_alone = is_each_try_alone
        self._is_silent = is_silent
        self.walks = [Walk(program, is_compared=len(programs) > 1) for program in programs]
        self.is_cut = False
        """Whether there are more moves than `most`: what is not in the space is not decided."""
        self._found: list[_Found] = []
        self._numbers: dict[Situation, int] = {}
        self._left = most
        self._order: list[int] = []
        self._typed: dict[tuple[tuple[object, ...], frozenset[str]], tuple[str, ...]] = {}
        self._constants: dict[str, dict[str, None]] = {}
        for walk in self.walks:
            for name, values in walk.constants.items():
                self._constants.setdefault(name, {}).update(dict.fromkeys(values))
        self.entries = tuple(walk.enter()[1] for walk in self.walks)
        """In each flow the ways out of steps that are passed over before anything is heard."""
        self.roots = tuple(self._begin())
        """Where calls of people begin, and calls that a machine picked up, if that is told."""
        self._explore()

    def __len__(self) -> int:
        return len(self._found)

    def situation(self, number: int) -> Situation:
        return self._found[number].situation

    def moves(self, number: int) -> Sequence[Move]:
        """What can happen there; first what does if nobody does anything."""
        return self._found[number].moves

    def every_move(self) -> Iterator[Move]:
        for found in self._found:
            yield from found.moves

    def in_order(self) -> Iterator[int]:
        """The situations that were come to, the shortest calls first."""
        return iter(self._order)

    def above(self, number: int) -> Move | None:
        """The last move of the shortest call to the situation; None at its beginning."""
        return self._found[number].above

    def path(self, number: int) -> list[Move]:
        """The shortest call to the situation."""
        moves = []
        while (move := self._found[number].above) is not None:
            moves.append(move)
            number = move.origin
        return moves[::-1]

    def onward(self, number: int) -> Iterator[Move]:
        """What follows if nobody does anything."""
        while moves := self._found[number].moves:
            yield moves[0]
            number = moves[0].to

    def cost(self, move: Move) -> tuple[int, int]:
        """How long the shortest call with that move is: things done, then steps."""
        done, steps = self._found[move.origin].cost or (0, 0)
        return done + (move.choice is not NOTHING), steps + 1

    def steps(self, situation: Situation) -> tuple[Step | None, ...]:
        """In each flow the step that is about to run."""
        pairs = zip(self.walks, situation.places, strict=True)
        return tuple(walk.step_at(place) for walk, place in pairs)

    def _begin(self) -> Iterator[int]:
        places = tuple(walk.enter()[0] for walk in self.walks)
        for is_machine in (False, True) if self._tells_machines() else (False,):
            number = self._number(Situation(places, is_machine=is_machine))
            self._found[number].cost = (int(is_machine), 0)
            yield number

    def _tells_machines(self) -> bool:
        """Whether a machine that picks up is treated in another way than a person, or in two."""
        steps = (step for walk in self.walks for step in walk.program.steps)
        wishes = {wish for step in steps if (wish := machine_wish(step))}
        return "hangup" in wishes or (len(wishes) > 1 and len(self.walks) > 1)

    def _explore(self) -> None:
        """Come to every situation, by the shortest call to each."""
        waiting = [(self._found[number].cost, number) for number in self.roots]
        while waiting and not self.is_cut:
            cost, number = heappop(waiting)
            if cost != self._found[number].cost:
                continue  # a shorter call was found since
            self._order.append(number)
            moves = self._found[number].moves
            for move in self._moves_from(number):
                self._left -= 1
                if self._left < sum(walk.passed for walk in self.walks) // _PASSED:
                    self.is_cut = True
                    break
                moves.append(move)
            for move in self._found[number].moves:
                found, cost = self._found[move.to], self.cost(move)
                if found.cost is None or cost < found.cost:
                    found.above, found.cost = move, cost
                    heappush(waiting, (cost, move.to))

    def _number(self, situation: Situation) -> int:
        number = self._numbers.get(situation)
        if number is None:
            number = self._numbers[situation] = len(self._found)
            self._found.append(_Found(situation))
        return number

    def _moves_from(self, number: int) -> Iterator[Move]:
        situation = self._found[number].situation
        if situation.is_over:
            return
        steps = self.steps(situation)
        for choice in (NOTHING, *self._choices(situation, steps)):
            met = dict(situation.met)
            taken = tuple(
                self._take(walk, place, choice, met, situation)
                for walk, place in zip(self.walks, situation.places, strict=True)
            )
            to = self._after(situation, taken, met)
            yield Move(number, choice, self._number(to), taken)

    def _choices(self, situation: Situation, steps: Sequence[Step | None]) -> Iterator[Choice]:
        """What can happen besides nothing."""
        running = [step for step in steps if step is not None]
        known = {party for party, _ in situation.met}
        answers = {
            Choice(why, party): None
            for step in running
            if (party := party_of(step)) and party not in known
            for why in ways_out(step, is_machine=situation.is_machine)[1:]
        }
        yield from answers
        if not (situation.is_machine or situation.is_apart or self._is_silent):
            held = frozenset(
                value.like
                for place in situation.places
                for _, value in place.values
                if isinstance(value, Other)
            )
            yield from (Choice(Reason.KEYS, typed) for typed in self._inputs(running, held))

    def _inputs(self, steps: Sequence[Step], held: frozenset[str]) -> Sequence[str]:
        asking = [step for step in steps if listens(step)]
        own = tuple((s.variable, s.end_key, s.max_keys, finish_keys(s)) for s in asking)
        if (own, held) not in self._typed:
            self._typed[own, held] = tuple(inputs(asking, self._constants, held))
        return self._typed[own, held]

    def _take(
        self,
        walk: Walk,
        place: Place,
        choice: Choice,
        met: dict[str, Reason],
        situation: Situation,
    ) -> Taken | None:
        """What comes of the choice in one flow; an answer from outside is noted in `met`."""
        step = walk.step_at(place)
        if step is None:
            return None
        if choice.why is Reason.KEYS and takes(step, choice.about):
            value = enter(step, choice.about).value
            known = value in self._constants.get(step.variable, ())
            held = value if known else Other(tuple(one.step for one in situation.places), value)
            return walk.run(place, Reason.KEYS, typed=choice.about, value=held)
        ways = ways_out(step, is_machine=situation.is_machine)
        party = party_of(step)
        if not party:
            return walk.run(place, ways[0], is_machine=situation.is_machine)
        if party not in met:
            met[party] = choice.why if choice.about == party else ways[0]
        # A machine is as good as a person to a transfer that does not hang up on it.
        why = met[party] if met[party] in ways else ways[0]
        return walk.run(place, why, is_machine=situation.is_machine)

    def _after(
        self, situation: Situation, taken: Sequence[Taken | None], met: dict[str, Reason]
    ) -> Situation:
        pairs = zip(taken, situation.places, strict=True)
        places = tuple(place if one is None else one.to for one, place in pairs)
        again: frozenset[str] = frozenset()
        if met and not self.is_each_try_alone:
            again = again.union(*(w.meets(p) for w, p in zip(self.walks, places, strict=True)))
        left = tuple(sorted((party, why) for party, why in met.items() if party in again))
        heard = {one.why is Reason.KEYS for one in taken if one is not None}
        is_apart = situation.is_apart or len(heard) > 1
        return Situation(places, left, situation.is_machine, is_apart)


def decided_space(program: Program) -> Space | None:
    """All calls of a flow without secrets; None where they are not decided.

    So it is where the space is cut, and where what steers calls is a reference without a value.
    """
    if is_open(program):
        return None
    space = Space([program], _MOST_OF_EACH)
    return None if space.is_cut else space


_MOST_OF_EACH = 8_000
"""Moves of a space that is made for every flow of a project: half a second at most."""
_STEERING = ("loop", "length", "maxLength", "timeout", "finishOnKey", "ifMachine", "machineTimeout")
"""Options that decide which ways lead out of a step."""


def is_open(program: Program) -> bool:
    """Whether what steers calls is a reference without a value, or a secret."""
    return any(map(_is_open, program.steps))


def _is_open(step: Step) -> bool:
    stated = [step.goto, step.end_key, *(step.text(name) for name in _STEERING)]
    return any("${" in text for text in stated)
