"""A call run against its flow, and what fell short of what it expects."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass

from mbflow.flow.control_flow import asks_for_flow
from mbflow.flow.steps import Program, media_of
from mbflow.model.duration import seconds
from mbflow.model.text import did_you_mean, shortened
from mbflow.simulator.caller import act_text
from mbflow.simulator.replies import CalleeAnswer, FlowReply, FlowRequest
from mbflow.simulator.simulate import simulate
from mbflow.simulator.transcript import Ending, EndKind, EventKind, Transcript, heard_events
from mbflow.testing.answer import Answer
from mbflow.testing.call import ExpectedCall, ExpectedEnd

NEVER_RIGHT = frozenset({EndKind.ENDLESS, EndKind.BROKEN})
"""A call that ends so fails, whatever is expected of it."""

_SHOWN = 200
"""Characters of a text that a message shows."""


@dataclass(frozen=True, slots=True)
class Failure:
    """One expectation that was not met. `event`: index of the event where that first shows."""

    message: str
    event: int


def failures(call: ExpectedCall, transcript: Transcript, program: Program) -> list[Failure]:
    """Everything that fell short, in the order of the call."""
    found = [
        *_unheard(call, transcript, program),
        *_unwanted_texts(call, transcript),
        *_wrong_variables(call, transcript),
        *_wrong_end(call, transcript, program),
        *_too_late(call, transcript),
        *_never_done(transcript),
    ]
    return sorted(found, key=lambda failure: failure.event)


def _unheard(call: ExpectedCall, transcript: Transcript, program: Program) -> Iterator[Failure]:
    """The first of the expected texts that is not heard in its place; the others hang on it."""
    hears, parts = call.expects.hears, heard_events(transcript)
    at = _heard_at(hears, parts)
    if len(at) == len(hears):
        return
    wanted = _line(hears[len(at)])
    expected = f'Expected to hear "{shortened(wanted, _SHOWN)}"'
    last, end = at[-1] if at else (-1, 0)
    left = [(i, _line(text)[end if i == last else 0 :]) for i, text in parts if i >= last]
    near = next(((index, words) for index, text in left if (words := _near(wanted, text))), None)
    if near is not None:
        yield Failure(f"{expected}, but heard {near[1]}", near[0])
        return
    if not call.fetches and not any(wanted in text for text in _texts(program)):
        message = f"{expected}, but no step of the flow says that."
        words = next(filter(None, (_near(wanted, text) for text in _texts(program))), "")
        message += f" One says {words}" if words else ""
    elif at:
        after = shortened(_line(hears[len(at) - 1]), 60)
        message = f'{expected} after "{after}", but it was not heard there.'
    else:
        message = f"{expected}, but it was not heard."
    spoken = [index for index, _ in left if index > last]
    yield Failure(message, spoken[0] if spoken else _last(transcript))


def _near(wanted: str, text: str) -> str:
    """The part of a text that differs only in what nobody hears, and in what; "" for none."""
    text = _line(text)
    words = r"[\W_]+".join(map(re.escape, re.findall(r"[^\W_]+", wanted)))
    for pattern, what in (
        (re.escape(wanted), "capitals differ"),
        (words, "capitals or punctuation differ"),
    ):
        found = re.search(pattern, text, re.IGNORECASE)
        if found is not None and found[0]:
            return f'"{shortened(found[0], _SHOWN)}": only {what}.'
    return ""


def _heard_at(hears: Sequence[str], parts: Sequence[tuple[int, str]]) -> list[tuple[int, int]]:
    """The events in which the texts are heard one after the other, up to the first that is not.

    Each with the position in its text at which the expected one ends.
    """
    found: list[tuple[int, int]] = []
    number = position = 0
    for expected in map(_line, hears):
        while number < len(parts):
            at = _line(parts[number][1]).find(expected, position)
            if at >= 0:
                break
            number, position = number + 1, 0
        else:
            break
        position = at + len(expected)
        found.append((parts[number][0], position))
    return found


def _texts(program: Program) -> list[str]:
    texts = [step.text("payload") for step in program.steps]
    texts += [url for step in program.steps for url in media_of(step.options.get("media"))]
    return [_line(text) for text in texts]


def _unwanted_texts(call: ExpectedCall, transcript: Transcript) -> Iterator[Failure]:
    """Whatever its capitals, which nobody hears: a test that misses a text passes unseen."""
    for expected in map(_line, call.expects.never_hears):
        for index, text in heard_events(transcript):
            heard = re.search(re.escape(expected), _line(text), re.IGNORECASE)
            if heard is not None:
                how = "it was heard." if heard[0] == expected else f"heard {_near(expected, text)}"
                shown = shortened(expected, _SHOWN)
                yield Failure(f'Expected never to hear "{shown}", but {how}', index)
                break


def _wrong_variables(call: ExpectedCall, transcript: Transcript) -> Iterator[Failure]:
    for name, expected in call.expects.variables.items():
        value = transcript.variables.get(name)
        if value != expected:
            actual = "was never set" if value is None else f'was "{shortened(value, 60)}"'
            shown = f'{shortened(name, 60)} to be "{shortened(expected, 60)}"'
            inputs = [
                index
                for index, event in enumerate(transcript.events)
                if event.kind is EventKind.INPUT and event.detail == name
            ]
            message = f"Expected the variable {shown}, but it {actual}."
            yield Failure(message, inputs[-1] if inputs else _last(transcript))


def _wrong_end(call: ExpectedCall, transcript: Transcript, program: Program) -> Iterator[Failure]:
    expected, ending = call.expects.ends, transcript.ending
    if expected is not None and not _is(expected, ending):
        message = (
            f"Expected the call to end {_end_text(expected)}, but it ended {_end_text(ending)}."
        )
        if expected.kind is EndKind.TRANSFERRED and not _transfers_to(expected.text, program):
            message += " No step of the flow transfers there."
        yield Failure(message, _last(transcript))
    elif ending.kind in NEVER_RIGHT:
        yield Failure(f"The call ended {_end_text(ending)}.", _last(transcript))


def _is(expected: ExpectedEnd, ending: Ending) -> bool:
    return expected.kind is ending.kind and expected.text in ("", ending.text)


def _transfers_to(destination: str, program: Program) -> bool:
    """A program that fetches can transfer anywhere."""
    return any(
        step.text("destination") == destination or asks_for_flow(step) for step in program.steps
    )


_END_TEXTS = {
    EndKind.HANGUP: "with a hangup",
    EndKind.CALLER: "by the caller hanging up",
    EndKind.END_OF_FLOW: "below the last step",
    EndKind.TRANSFERRED: "transferred to {}",
    EndKind.FETCHED: "handed to the flow of {}",
    EndKind.FETCH_FAILED: "by a failed fetch",
    EndKind.MAX_DURATION: "by its maxDuration",
    EndKind.STOPPED: "by the service, as it was told to",
    EndKind.ENDLESS: "without end: {}",
    EndKind.BROKEN: "broken: {}",
    EndKind.QUESTION: "open",
}


def _end_text(end: ExpectedEnd | Ending) -> str:
    return _END_TEXTS[end.kind].format(shortened(end.text, 80))


def _too_late(call: ExpectedCall, transcript: Transcript) -> Iterator[Failure]:
    """A transfer is reached when it is answered: how long people talk then is no matter."""
    most, reached = call.expects.within_ms, transcript.ending.at
    if transcript.ending.kind is EndKind.TRANSFERRED:
        reached = transcript.moves[-1].at
    if most is not None and reached > most:
        late = [index for index, event in enumerate(transcript.events) if event.at > most]
        took = seconds(reached)
        message = f"Expected the call to be over within {seconds(most)}, but it took {took}."
        yield Failure(message, late[0] if late else _last(transcript))


def _never_done(transcript: Transcript) -> Iterator[Failure]:
    """A script that the call gave no occasion for does not test what its author thinks."""
    if transcript.left:
        acts = ", ".join(shortened(act_text(act), 60) for act in transcript.left)
        yield Failure(f"The caller never came to: {acts}.", _last(transcript))


def _last(transcript: Transcript) -> int:
    return len(transcript.events) - 1


def _line(text: str) -> str:
    """Line breaks and indents of a YAML block are not heard."""
    return " ".join(text.split())


@dataclass(frozen=True, slots=True)
class Result:
    """One call that was run; without failures it passed."""

    name: str
    """The flow that answered."""
    file: str
    """The call file."""
    line: int
    call: ExpectedCall
    transcript: Transcript
    failures: tuple[Failure, ...]
    answer: Answer | None = None
    """Where a number led to that flow; None where the call file stands beside it."""


def run_call(
    call: ExpectedCall, program: Program, fetched: Mapping[str, Program | None]
) -> tuple[Transcript, tuple[Failure, ...]]:
    """`fetched`: what each URL gives, None where the fetch fails; other URLs are not known."""
    met: set[str] = set()

    def reply(request: FlowRequest) -> FlowReply | None:
        met.add(request.url)
        return FlowReply(fetched[request.url]) if request.url in fetched else None

    def answer(destination: str) -> CalleeAnswer:
        met.add(destination)
        outcome = call.transfers.get(destination)
        return CalleeAnswer() if outcome is None else CalleeAnswer(outcome)

    transcript = simulate(program, call.does, transfers=answer, replies=reply)
    found = failures(call, transcript, program)
    programs = [program, *(one for one in fetched.values() if one is not None)]
    found += _never_met(call, transcript, programs, met, failed=bool(found))
    return transcript, tuple(sorted(found, key=lambda failure: failure.event))


def _never_met(
    call: ExpectedCall,
    transcript: Transcript,
    programs: Sequence[Program],
    met: Collection[str],
    *,
    failed: bool,
) -> Iterator[Failure]:
    """What `world` says of a number or URL that the call never came to.

    It fails the call where no step could come to it; else it is told beside other failures.
    """
    steps = [step for program in programs for step in program.steps]
    named = {value for step in steps for value in step.options.values() if isinstance(value, str)}
    known = {call.shown.get(name, name) for name in (*call.transfers, *call.fetches)}
    seen = {e.text for e in transcript.events if e.kind in (EventKind.DIAL, EventKind.FETCH)}
    for of, deed in ((call.transfers, "calls"), (call.fetches, "asks")):
        for name in of:
            if name not in met and (failed or name not in named):
                shown = call.shown.get(name, name)
                message = f"world names {shortened(shown, 80)}, but this call never {deed} it."
                if name not in named:
                    message += " No step of the flow does." + did_you_mean(shown, seen - known)
                yield Failure(message, _last(transcript))
