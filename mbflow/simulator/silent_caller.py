"""What becomes of a caller who does nothing: every end, and how long it takes. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from mbflow.flow.control_flow import asks_for_flow
from mbflow.flow.steps import END_OF_FLOW, MISSING
from mbflow.flow.vocabulary import Reason
from mbflow.model.duration import seconds
from mbflow.model.promise import RECORDED, SilentCaller
from mbflow.model.text import listed
from mbflow.simulator.move_duration import endless_ms, silence_ms
from mbflow.simulator.search import Search
from mbflow.simulator.space import Move, Space
from mbflow.simulator.transcript import EndKind
from mbflow.simulator.verdict import Broken, Holds, NotDecided, Verdict
from mbflow.simulator.walk import ENDLESS, NOTHING


class _Silence(NamedTuple):
    """The call of a caller who does nothing, on its way."""

    choices: int
    """How often somebody else did something."""
    ms: int | None
    """None once a web server was asked."""
    path: tuple[Move, ...]
    is_quick: bool = False
    """Whoever does not answer is busy, and not rung for long."""


class _End(NamedTuple):
    """How such a call ended, and when; the path does not hold a step that was cut."""

    kind: str
    silence: _Silence


def silent_caller(space: Space, claim: SilentCaller) -> Verdict:
    """Whether a caller who does nothing always comes to one of the promised ends, in time."""
    broken: list[tuple[tuple[int, int], Broken]] = []
    undecided: list[tuple[tuple[int, int], NotDecided]] = []
    for kind, silence in _ends(space, is_recording_an_end=RECORDED in claim.ends):
        found = _judge(claim, kind, silence)
        cost = (silence.choices, len(silence.path))
        if isinstance(found, Broken):
            broken.append((cost, found))
        elif isinstance(found, NotDecided):
            undecided.append((cost, found))
    first = min(broken or undecided, key=lambda one: one[0], default=None)
    return Holds() if first is None else first[1]


def _judge(claim: SilentCaller, kind: str, silence: _Silence) -> Verdict:
    who = "A caller who does nothing"
    if kind not in claim.ends:
        if kind == EndKind.FETCHED:
            text = f"{who} is handed to the flow of a web server: nobody knows it from here."
            return NotDecided(text, silence.path)
        wanted = listed(claim.ends)
        return Broken(f"{who} comes to the end {kind}; promised is {wanted}.", silence.path)
    if claim.within_ms is None or (silence.ms is not None and silence.ms <= claim.within_ms):
        return Holds()
    if silence.ms is None:
        text = f"How long {who[0].lower()}{who[1:]} waits for a web server is not known."
        return NotDecided(text, silence.path)
    took, most = seconds(silence.ms), seconds(claim.within_ms)
    text = f"{who} comes to the end {kind} after {took}; promised is {most}."
    return Broken(text, silence.path)


def _ends(space: Space, *, is_recording_an_end: bool) -> Iterator[_End]:
    """Every end, by the slowest way to it: without keys a call never goes back.

    Where `maxDuration` may cut the slowest also by the quickest.
    """
    root = space.roots[0]
    speeds = (False, True) if space.walks[0].program.max_seconds else (False,)
    here = {root: {(0, True, quick): _Silence(0, 0, (), quick) for quick in speeds}}
    if space.situation(root).is_over:
        last = space.entries[0][-1:]
        is_hangup = bool(last) and last[0].why is Reason.HANGUP
        kind = EndKind.HANGUP if is_hangup else EndKind.END_OF_FLOW
        yield _End(kind, _Silence(0, 0, ()))
        return
    reached = Search(space, _is_silent, roots=[root])
    for number in sorted(reached, key=lambda number: space.situation(number).places[0].step):
        for silence in here.pop(number, {}).values():
            for found in _steps_on(space, number, silence, is_recording_an_end):
                if isinstance(found, _End):
                    yield found
                    continue
                labels = here.setdefault(found.path[-1].to, {})
                key = (found.choices, found.ms is not None, found.is_quick)
                if key not in labels or (found.ms or 0) > (labels[key].ms or 0):
                    labels[key] = found


def _is_silent(move: Move) -> bool:
    return move.choice.why is not Reason.KEYS


def _steps_on(
    space: Space, number: int, silence: _Silence, is_recording_an_end: bool
) -> Iterator[_Silence | _End]:
    (step,) = space.steps(space.situation(number))
    longest = space.walks[0].program.max_seconds * 1000
    if step is not None and step.action == "record" and is_recording_an_end:
        yield _End(RECORDED, silence)
        return
    endless = endless_ms(step) if step is not None else None
    if endless is not None:
        if longest and (silence.ms or 0) + endless > longest:
            yield _End(EndKind.MAX_DURATION, silence._replace(ms=longest))
        else:
            yield _End(EndKind.ENDLESS, silence)
        return
    for move in filter(_is_silent, space.moves(number)):
        lasts = silence_ms(space, move, is_quick=silence.is_quick)
        ms = None if silence.ms is None or lasts is None else silence.ms + lasts
        choices = silence.choices + (move.choice is not NOTHING)
        asks = step is not None and asks_for_flow(step)
        after = _Silence(choices, None if asks else ms, (*silence.path, move), silence.is_quick)
        if longest and ms is not None and ms > longest:
            yield _End(EndKind.MAX_DURATION, silence._replace(ms=longest))
        elif space.situation(move.to).is_over:
            yield _End(_end_of(move), after)
        else:
            yield after


_KINDS = {
    Reason.ANSWERED: EndKind.TRANSFERRED,
    Reason.FETCHED: EndKind.FETCHED,
    Reason.UNFETCHED: EndKind.FETCH_FAILED,
}


def _end_of(move: Move) -> EndKind:
    """The end that the last way of a move comes to."""
    (taken,) = move.taken
    last = taken.ways[-1] if taken is not None and taken.ways else None
    if last is None or last.to == ENDLESS:
        return EndKind.ENDLESS
    if last.to in (END_OF_FLOW, MISSING):
        return EndKind.END_OF_FLOW if last.to == END_OF_FLOW else EndKind.BROKEN
    return _KINDS.get(last.why, EndKind.HANGUP)
