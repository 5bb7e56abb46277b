"""Decides promises over all calls of one flow: each is held, broken by a call, or not decided.

What is promised of a destination is compared as it is shown: a secret stands as `${name}`. Pure.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial

from mbflow.flow.steps import OVER, Step, media_of
from mbflow.flow.vocabulary import Reason
from mbflow.model.promise import (
    AtMost,
    Before,
    CanReach,
    Claim,
    Every,
    Fit,
    SilentCaller,
    fit,
)
from mbflow.model.text import listed, listed_shortly, plural, shortened
from mbflow.simulator.can_reach import can_reach
from mbflow.simulator.inputs import enter
from mbflow.simulator.replies import Outcome
from mbflow.simulator.script import Script, script_of
from mbflow.simulator.search import Cost, Search, every, is_known, steps_run, steps_run_first
from mbflow.simulator.silent_caller import silent_caller
from mbflow.simulator.space import Move, Space, is_open
from mbflow.simulator.timing import MEDIA_MS, speech_ms
from mbflow.simulator.verdict import (
    Broken,
    Holds,
    NotDecided,
    Verdict,
    holds_where_known,
    judge,
    not_known_keys,
    whole,
)
from mbflow.simulator.walk import NOTHING, party_of

_CUT = "The flow has more different calls than mbflow looks at."


def decide(space: Space, claim: Claim) -> Verdict:
    """What is true of all calls of the flow. What is not known never holds."""
    if is_open(space.walks[0].program):
        return NotDecided("A secret decides which way calls go: nobody knows it from here.")
    if isinstance(claim, SilentCaller):
        programs = [walk.program for walk in space.walks]  # without keys it is far smaller
        space = Space(programs, is_each_try_alone=space.is_each_try_alone, is_silent=True)
    if space.is_cut and isinstance(claim, CanReach):
        return NotDecided(_CUT)  # the way may be in what was cut
    found = _found(space, claim)
    if isinstance(found, Broken) and not _can_be_shown(space, claim, found):
        return _shown_elsewhere(space, claim) or NotDecided(
            f"{found.text} No simulated call shows it: {_why_not_shown(space, found)}", found.path
        )
    if isinstance(found, Holds) and space.is_cut:
        return NotDecided(_CUT)
    return found


def script_of_claim(space: Space, claim: Claim, path: Sequence[Move]) -> Script:
    """The call as a script. Where times count, whoever does not answer is rung for long."""
    is_timed = isinstance(claim, CanReach | SilentCaller) and claim.within_ms is not None
    unanswered = Outcome.NO_ANSWER if is_timed else Outcome.BUSY
    pressed_after = partial(_pressed_after, space, claim)
    script = script_of(space, path, unanswered=unanswered, pressed_after=pressed_after)
    return replace(script, does=()) if isinstance(claim, SilentCaller) else script


def _found(space: Space, claim: Claim) -> Verdict:
    match claim:
        case CanReach():
            return can_reach(space, claim)
        case SilentCaller():
            return silent_caller(space, claim)
        case Before():
            return _before(space, claim)
        case Every():
            return _every(space, claim)
        case AtMost():
            return _at_most(space, claim)


def _can_be_shown(space: Space, claim: Claim, found: Broken) -> bool:
    """Whether the simulator goes that way: `maxDuration` is not in the space."""
    transcript = script_of_claim(space, claim, found.path).call(space.walks[0].program)
    ways = [*space.entries[0]]
    for move in found.path[: found.needed]:
        ways += [way for taken in move.taken if taken is not None for way in taken.ways]
    if ways and ways[-1] == (ways[-1].step, Reason.FETCHED, OVER):
        ways.pop()  # the flow that takes over is not known, so the call is not seen to leave
    made = [(move.step, move.why, move.to) for move in transcript.moves]
    return made[: len(ways)] == ways


def _shown_elsewhere(space: Space, claim: Claim) -> Broken | None:
    """What a call breaks in which numbers do the same at every try: a call file can state that."""
    alike = Space([space.walks[0].program])
    if alike.is_cut and isinstance(claim, CanReach):
        return None  # the way may be in what was cut
    found = _found(alike, claim)
    is_shown = isinstance(found, Broken) and _can_be_shown(alike, claim, found)
    return found if isinstance(found, Broken) and is_shown else None


def _why_not_shown(space: Space, found: Broken) -> str:
    met: dict[str, Reason] = {}
    for move in found.path:
        (taken,) = move.taken
        party = party_of(space.walks[0].program.steps[taken.step]) if taken is not None else ""
        if taken is not None and party and met.setdefault(party, taken.why) is not taken.why:
            who = shortened(party, 60)
            return f"a call file says once what {who} does, and here it does two things."
    return "the call may be over before, by its maxDuration."


def _before(space: Space, claim: Before) -> Verdict:
    program = space.walks[0].program
    if claim.action == "record" and program.record and program.steps:
        return Broken("The whole call is recorded, from its beginning.")
    quoted = listed(f'"{shortened(text, 60)}"' for text in claim.texts)
    heard = f"{quoted} was not heard{' to the end' if claim.whole else ''}"
    for step in steps_run_first(space):
        if _begins(claim, step):
            return Broken(f"Step {step.position + 1} ({step.action}) runs, and {heard}.")

    def find(passes: Callable[[Move], bool]) -> Broken | None:
        search = Search(space, lambda move: passes(move) and not _tells(space, claim, move))
        path = search.first(lambda move: _begins_untold(space, claim, move))
        if path is None:
            return None
        step = next(one for one in steps_run(space, path[-1]) if _begins(claim, one))
        return Broken(f"Step {step.position + 1} ({step.action}) runs, and {heard}.", path)

    return judge(space, find)


def _begins_untold(space: Space, claim: Before, move: Move) -> bool:
    first, *passed = steps_run(space, move)
    (taken,) = move.taken
    if _begins(claim, first):
        # The recording of a transfer begins when somebody answers.
        is_recorded_talk = claim.action == "record" and first.action == "transfer"
        return not is_recorded_talk or (taken is not None and taken.why is Reason.ANSWERED)
    return not _tells(space, claim, move) and any(_begins(claim, step) for step in passed)


def _begins(claim: Before, step: Step) -> bool:
    """A transfer that is recorded is a recording."""
    if claim.action == "record" and step.action == "transfer":
        return step.raw_text("record") in ("in", "out", "both")
    return step.action == claim.action


def _tells(space: Space, claim: Before, move: Move) -> bool:
    """Whether the step says one of the texts; `whole`: and no key cuts it short."""
    (taken,) = move.taken
    ways = (Reason.NEXT,) if claim.whole else (Reason.NEXT, Reason.KEYS)
    return taken is not None and taken.why in ways and _told_ms(space, claim, move) is not None


def _told_ms(space: Space, claim: Before, move: Move) -> int | None:
    """When the first of the texts that the step says is said; None where it says none."""
    step = next(steps_run(space, move))
    if step.action not in ("say", "play"):
        return None
    said = _plain(" ".join((step.text("payload"), *media_of(step.options.get("media")))))
    texts = [_plain(text) for text in claim.texts]
    ends = [said.index(text) + len(text) for text in texts if text in said]
    if not ends:
        return None
    return speech_ms(said[: min(ends)]) if step.action == "say" else MEDIA_MS


def _pressed_after(space: Space, claim: Claim, move: Move) -> int | None:
    """A key that cuts a promised text short comes in its middle, so that the call shows it."""
    if not isinstance(claim, Before) or not claim.whole or move.choice.why is not Reason.KEYS:
        return None
    told = _told_ms(space, claim, move)
    return told and told // 2


def _plain(text: str) -> str:
    """Line breaks and capitals are not heard."""
    return " ".join(text.split()).casefold()


def _every(space: Space, claim: Every) -> Verdict:
    undecided: Verdict | None = None
    for is_certain in (True, False):
        search = Search(space, is_known if is_certain else every)
        for wanted in (Fit.NO, Fit.UNKNOWN):
            path = search.first(partial(_fits, space, claim, wanted))
            if path is None:
                continue
            step = next(steps_run(space, path[-1]))
            rings = f"Step {step.position + 1} rings {shortened(step.text('destination'), 80)}"
            found = Broken(f"{rings}, which is none of the promised destinations.", path)
            if wanted is Fit.NO and is_certain:
                return found
            secret = NotDecided(f"{rings}: a secret decides whether that is promised.", path)
            undecided = undecided or (secret if wanted is Fit.UNKNOWN else not_known_keys(found))
    return undecided or holds_where_known(space)


def _fits(space: Space, claim: Every, wanted: Fit, move: Move) -> bool:
    step = next(steps_run(space, move))
    to = step.text("destination") if step.action == claim.action else ""
    return bool(to) and fit(to, claim.destinations) is wanted


def _at_most(space: Space, claim: AtMost) -> Verdict:
    return judge(
        space,
        lambda passes: (
            _too_many_options(space, claim, Search(space, passes))
            or _too_deep(space, claim, Search(space, passes, weigh=_answers))
        ),
    )


def _too_many_options(space: Space, claim: AtMost, search: Search) -> Broken | None:
    for number in search if claim.options is not None else ():
        told = _options(space, number)
        if len(told) > (claim.options or 0):
            (step,) = space.steps(space.situation(number))
            place = step.position + 1 if step is not None else 0
            keys = listed_shortly([move.choice.about for move in told], 9)
            answer = next(filter(is_known, told), told[0])
            path = search.path(number)
            return Broken(
                f"The question of step {place} tells {plural(len(told), 'input')} apart: "
                f"{keys}; promised is at most {claim.options}.",
                (*path, answer, *space.onward(answer.to)),
                len(path),
            )
    return None


def _options(space: Space, number: int) -> list[Move]:
    """The moves by inputs that lead elsewhere than one that no condition asks for; at least one."""
    (step,) = space.steps(space.situation(number))
    moves = [move for move in space.moves(number) if move.choice.why is Reason.KEYS]
    if step is None or not moves:
        return []
    constants = space.walks[0].constants.get(step.variable, ())
    others = [move for move in moves if enter(step, move.choice.about).value not in constants]
    if space.is_cut and not others:
        return []  # it may be among what was cut
    elsewhere = {(move.to, move.taken[0] and move.taken[0].ways) for move in others}
    told = [m for m in moves if (m.to, m.taken[0] and m.taken[0].ways) not in elsewhere]
    return told or moves[:1]


def _answers(move: Move) -> Cost:
    return int(move.choice.why is Reason.KEYS), int(move.choice is not NOTHING), 1


def _too_deep(space: Space, claim: AtMost, search: Search) -> Broken | None:
    if claim.menus is None:
        return None
    deep = (number for number in search if search.cost(number)[0] > (claim.menus or 0))
    number = next(deep, None)  # the nearest of them all
    if number is None:
        return None
    (step,) = space.steps(space.situation(number))
    place = f"step {step.position + 1} ({step.action})" if step is not None else "the end"
    answered = plural(search.cost(number)[0], "question")
    text = f"Callers answer {answered} in a row to come to {place}; "
    text += f"promised is at most {claim.menus}."
    return Broken(text, *whole(space, search.path(number), number))
