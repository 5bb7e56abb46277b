"""What every caller can reach: whether ways lead there, and how long the fastest takes.

Times are those of simulated calls: each text is heard to its end before a key is pressed, and a
number that does not answer rings for half a minute. Pure.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from heapq import heapify, heappop, heappush

from mbflow.flow.control_flow import listens
from mbflow.flow.steps import Step
from mbflow.flow.vocabulary import Reason
from mbflow.model.duration import seconds
from mbflow.model.promise import CanReach, Fit, fit
from mbflow.model.text import listed, shortened
from mbflow.simulator.space import Move, Space
from mbflow.simulator.span import span_of, usual_ms
from mbflow.simulator.verdict import (
    Broken,
    NotDecided,
    Search,
    Verdict,
    every,
    holds_where_known,
    is_known,
    not_known_keys,
    steps_run,
    steps_run_first,
    whole,
)

_NEVER = float("inf")
_LONG = 1e15
"""As long as nobody waits: a way that leads nowhere takes longer."""


def can_reach(space: Space, claim: CanReach) -> Verdict:
    """Whether a way leads to such a step from every point at which a call waits for the caller."""
    known, hoped = _Ways(space, claim, is_hoped=False), _Ways(space, claim, is_hoped=True)
    undecided: Verdict | None = None
    for is_certain in (True, False):
        search = Search(space, is_known if is_certain else every, roots=space.roots[:1])
        for number in search.cost:
            if not _waits(space, number):
                continue
            left = _time_left(space, claim, search, number)
            if known.ms(number) <= left:
                continue
            path = search.path(number)
            if left < 0:
                text = "The call may be over, by its maxDuration, before it comes so far."
                undecided = undecided or NotDecided(text, path)
            elif hoped.ms(number) <= left:
                undecided = undecided or _not_known(space, claim, number, path)
            elif is_certain:
                return _no_way(space, claim, number, path, known)
            elif undecided is None:
                undecided = not_known_keys(_no_way(space, claim, number, path, known))
    return undecided or holds_where_known(space)


def _waits(space: Space, number: int) -> bool:
    """Whether a call begins there, or waits for the caller."""
    (step,) = space.steps(space.situation(number))
    is_root = number in space.roots
    return is_root or (step is not None and (listens(step) or step.action == "record"))


def _time_left(space: Space, claim: CanReach, search: Search, number: int) -> float:
    """How long the way may last: what is promised, and what `maxDuration` leaves of the call."""
    promised = _LONG if claim.within_ms is None else claim.within_ms
    longest = space.walks[0].program.max_seconds * 1000
    if not longest:
        return promised
    passed = usual_ms(space, search.path(number))
    return promised if passed is None else min(promised, longest - passed)


def _goal(claim: CanReach) -> str:
    if claim.action != "transfer":
        return f"a step with the action {claim.action}"
    numbers = listed(shortened(one, 60) for one in claim.destinations)
    return f"a transfer to {numbers}" if claim.destinations else "a transfer"


def _from(space: Space, number: int) -> str:
    (step,) = space.steps(space.situation(number))
    if number in space.roots or step is None:
        return "from the beginning"
    return f"from step {step.position + 1} ({step.action}), where the call waits,"


def _no_way(
    space: Space, claim: CanReach, number: int, path: tuple[Move, ...], known: _Ways
) -> Broken:
    start = _from(space, number)
    start = start[0].upper() + start[1:]
    if known.ms(number) == _NEVER:
        return Broken(f"{start} no way leads to {_goal(claim)}.", *whole(space, path, number))
    ms = int(known.ms(number))
    is_over = claim.within_ms is None or ms <= claim.within_ms
    promised = _promised(space, None if is_over else claim.within_ms)
    return Broken(
        f"{start} it takes {seconds(ms)} to come to {_goal(claim)}, at the shortest; {promised}.",
        (*path, *known.way(number)),
        len(path) if is_over else None,
    )


def _promised(space: Space, within_ms: int | None) -> str:
    longest = space.walks[0].program.max_seconds
    if within_ms is None:
        return f"the call is over by then: its maxDuration is {longest} s"
    return f"promised is {seconds(within_ms)}"


def _not_known(space: Space, claim: CanReach, number: int, path: tuple[Move, ...]) -> NotDecided:
    text = (
        f"Whether a call comes to {_goal(claim)} {_from(space, number).rstrip(',')} hangs on what "
        "is not known: a web server, or a secret."
    )
    return NotDecided(text, path)


class _Ways:
    """The fastest ways from all situations to the steps of a claim.

    `is_hoped`: also by what is not known, and in no more time than it takes at the least.
    """

    def __init__(self, space: Space, claim: CanReach, *, is_hoped: bool) -> None:
        self._space = space
        self._claim = claim
        self._is_hoped = is_hoped
        self._ms: dict[int, float] = {}
        self._next: dict[int, Move] = {}
        self._explore()

    def ms(self, number: int) -> float:
        return self._ms.get(number, _NEVER)

    def way(self, number: int) -> Iterator[Move]:
        """The moves to the step, and that which runs it."""
        while (move := self._next.get(number)) is not None:
            yield move
            number = move.to
            if self._passes_goal(move):
                return
        if number in self._ms:
            yield from self._space.moves(number)[:1]

    def _is_goal(self, number: int) -> bool:
        (step,) = self._space.steps(self._space.situation(number))
        moves, first = self._space.moves(number), steps_run_first(self._space)
        return (
            (step is not None and self._is_promised(step))
            or (self._is_hoped and any(map(_leads_away, moves)))
            or (number == self._space.roots[0] and any(map(self._is_promised, first)))
        )

    def _passes_goal(self, move: Move) -> bool:
        _, *passed = steps_run(self._space, move)
        return any(map(self._is_promised, passed))

    def _is_promised(self, step: Step) -> bool:
        claim = self._claim
        if step.action != claim.action:
            return False
        if not claim.destinations:
            return step.action != "transfer" or bool(step.text("destination"))
        found = fit(step.text("destination"), claim.destinations)
        return found is Fit.YES or (self._is_hoped and found is Fit.UNKNOWN)

    def _explore(self) -> None:
        self._ms = {number: 0 for number in range(len(self._space)) if self._is_goal(number)}
        waiting: list[tuple[float, int]] = [(0, number) for number in self._ms]
        backward: dict[int, list[tuple[Move, int]]] = defaultdict(list)
        for move in self._space.every_move():
            if (ms := self._lasts(move)) is not None:
                backward[move.to].append((move, ms))
                if self._passes_goal(move):
                    self._shorten(move, ms, waiting)
        heapify(waiting)
        while waiting:
            so_far, number = heappop(waiting)
            for move, more in backward[number] if so_far == self._ms[number] else ():
                self._shorten(move, so_far + more, waiting)

    def _shorten(self, move: Move, ms: float, waiting: list[tuple[float, int]]) -> None:
        if ms < self.ms(move.origin):
            self._ms[move.origin], self._next[move.origin] = ms, move
            heappush(waiting, (ms, move.origin))

    def _lasts(self, move: Move) -> int | None:
        span = span_of(self._space, move)
        if self._is_hoped:
            return span.least if span.usual is None else span.usual
        return span.usual if is_known(move) else None


def _leads_away(move: Move) -> bool:
    return any(one is not None and one.why is Reason.FETCHED for one in move.taken)
