"""Calls that would go through what no call goes through yet: found by trying, within bounds.

Every question of a call (which key, who answers, which flow comes) is answered in every way that
could make a difference, the shortest calls first.
"""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

from mbflow.flow.control_flow import finish_keys, hangs_up_on_machine, listens
from mbflow.flow.steps import Program, Step
from mbflow.simulator.caller import Act, Machine, Press, Speak, Wait, Window
from mbflow.simulator.replies import CalleeAnswer, FlowReply, FlowRequest, Outcome
from mbflow.simulator.simulate import simulate
from mbflow.simulator.transcript import EndKind, Event, EventKind, Transcript
from mbflow.testing.coverage import Branch, measure
from mbflow.testing.expectations import NEVER_RIGHT

MOST_TRIES = 3_000
"""Simulations that one search makes: a second at most, and enough for menus within menus."""
MOST_ANSWERS = 24
"""Questions that one call answers: a menu that can be heard again has no end of its own."""

WORDS = "This is a message."
"""What a caller says into a recording."""


@dataclass(frozen=True, slots=True)
class Answers:
    """What the caller does in a call, and what others do."""

    does: tuple[Act, ...] = ()
    outcomes: tuple[Outcome, ...] = ()
    """Of the transfers, in the order in which they are made."""
    replies: tuple[bool, ...] = ()
    """For each flow that is asked for: whether the web server fails. Else the call ends open."""


@dataclass(frozen=True, slots=True)
class Suggestion(Answers):
    """A call, and what comes of it."""

    transcript: Transcript = field(kw_only=True)


def suggest(
    program: Program, missed: Sequence[Branch], tries: int = MOST_TRIES
) -> tuple[list[Suggestion], list[Branch]]:
    """Calls that go through `missed`, and the branches for which none was found."""
    found: list[Suggestion] = []
    left = list(missed)
    for call in _calls(program, tries):
        if not left:
            break
        if call.transcript.ending.kind in NEVER_RIGHT or call.transcript.left:
            continue  # such a call would always fail
        still = _missed(program, left, call)
        if len(still) < len(left):
            left = still
            found.append(call)
    return found, left


def transfers_of(transcript: Transcript) -> list[Event]:
    """The transfers of a call, each where its destination is rung."""
    return [event for event in transcript.events if event.kind is EventKind.DIAL and event.text]


def _missed(program: Program, left: list[Branch], call: Suggestion) -> list[Branch]:
    (flow,) = measure({program.name: program}, [call.transcript])
    return [branch for branch in left if branch in flow.missed]


def _calls(program: Program, most: int) -> Iterator[Suggestion]:
    """Whole calls, those with few answers first."""
    machines = any(hangs_up_on_machine(step) and step.action == "say" for step in program.steps)
    roots = [Answers(), Answers(does=(Machine(),))] if machines else [Answers()]
    waiting = deque(roots)
    for _ in range(most):
        if not waiting:
            return
        answers = waiting.popleft()
        transcript = _simulate(program, answers, interactive=True)
        longer = _longer(program, answers, transcript)
        if longer and _count(answers) < MOST_ANSWERS:
            waiting.extend(longer)
        elif not longer:
            yield _shorten(program, answers)


def _count(answers: Answers) -> int:
    return len(answers.does) + len(answers.outcomes) + len(answers.replies)


def _simulate(program: Program, answers: Answers, *, interactive: bool) -> Transcript:
    outcomes = iter(answers.outcomes)

    def reply(request: FlowRequest) -> FlowReply | None:
        fails = request.number < len(answers.replies) and answers.replies[request.number]
        return FlowReply(None) if fails else None

    return simulate(
        program,
        answers.does,
        transfers=lambda destination: CalleeAnswer(next(outcomes, Outcome.ANSWERED)),
        replies=reply,
        interactive=interactive,
    )


def _shorten(program: Program, answers: Answers) -> Suggestion:
    """The call without waits that change nothing, as an author would write it."""
    does: list[Act] = []
    for act in answers.does:
        last = does[-1] if does else None
        if isinstance(act, Wait) and isinstance(last, Wait):
            does[-1] = Wait(last.ms + act.ms)
        else:
            does.append(act)
    if does and isinstance(does[-1], Wait):
        does.pop()
    short = replace(answers, does=tuple(does))
    transcript = _simulate(program, short, interactive=False)
    return Suggestion(short.does, short.outcomes, short.replies, transcript=transcript)


def _longer(program: Program, answers: Answers, transcript: Transcript) -> list[Answers]:
    """The call with each answer to its first open question; none when it is over."""
    dials = transfers_of(transcript)
    if len(dials) > len(answers.outcomes):
        step = program.steps[dials[len(answers.outcomes)].step]
        earlier = dict(zip((dial.text for dial in dials), answers.outcomes, strict=False))
        known = earlier.get(dials[len(answers.outcomes)].text)
        outcomes = _outcomes(step) if known is None else [known]
        return [replace(answers, outcomes=(*answers.outcomes, outcome)) for outcome in outcomes]
    if transcript.ending.kind is EndKind.FETCHED and transcript.request is not None:
        if transcript.request.number < len(answers.replies):
            return []
        urls = [event.text for event in transcript.events if event.kind is EventKind.FETCH]
        failed = dict(zip(urls, answers.replies, strict=False)).get(urls[-1])
        choices = (False, True) if failed is None else (failed,)
        return [replace(answers, replies=(*answers.replies, fails)) for fails in choices]
    if transcript.question is None:
        return []
    step = program.steps[transcript.state_at(transcript.ending.at).step]
    choices_of_acts = _acts(program, step, transcript.question)
    return [replace(answers, does=(*answers.does, *acts)) for acts in choices_of_acts]


def _outcomes(step: Step) -> list[Outcome]:
    machine = [Outcome.MACHINE] if hangs_up_on_machine(step) else []
    return [Outcome.ANSWERED, Outcome.BUSY, *machine]


def _acts(program: Program, step: Step, window: Window) -> Iterator[tuple[Act, ...]]:
    """What the caller could do now; to wait comes last, so that keys come early."""
    if listens(step):
        yield from ((Press(keys),) for keys in _inputs(program, step))
    if window.speech:
        finish = finish_keys(step)
        if finish and not listens(step):
            yield Speak(WORDS), Press(finish[-1])
        yield (Speak(WORDS),)
    yield (Wait(window.end - window.free),)


def _inputs(program: Program, step: Step) -> list[str]:
    """The keys that conditions ask for, and one that none of them names."""
    conditions = [
        condition.value
        for other in program.steps
        for condition in other.conditions
        if condition.variable == step.variable and _PRESSABLE.fullmatch(condition.value)
    ]
    values = list(dict.fromkeys(conditions))
    first = next(key for key in "1234567890*#" if key not in values)
    other = first * (min(step.max_keys, 12) or 1)
    return [keys + _end(step, keys) for keys in [*values, other]]


_PRESSABLE = re.compile(r"[0-9*#]{1,64}")


def _end(step: Step, keys: str) -> str:
    return step.end_key if step.end_key and len(keys) != step.max_keys else ""
