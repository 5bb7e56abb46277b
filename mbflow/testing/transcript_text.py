"""Transcripts line by line, and their snapshots for review.

A snapshot holds a block for each call: a line `== name`, and the lines of its transcript.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from mbflow.model.duration import clock, seconds
from mbflow.model.text import printable, shortened
from mbflow.project.source import lines_of
from mbflow.simulator.transcript import Event, EventKind, KeyUse, ReplyKind, Transcript
from mbflow.testing.expectations import Failure, Result


def transcript_lines(transcript: Transcript) -> list[str]:
    """One line for each event: time, step, what happened. Steps count from 1 here."""
    return [event_line(event, transcript.flow) for event in transcript.events]


def _head(result: Result) -> list[str]:
    """Who answered, without the name of a holiday: another version of the library may word it."""
    return [result.answer.line] if result.answer is not None else []


def event_line(event: Event, flow: str) -> str:
    """`flow` is the one that took the call; steps of other flows are shown with their name."""
    step = str(event.step + 1) if event.step >= 0 else ""
    if step and event.flow != flow:
        step = f"{printable(event.flow)} {step}"
    word, tell = _WORDING.get(event.kind, (event.kind, _text))
    return f"{clock(event.at):>7} {step:>4}  {word:<7} {tell(event)}".rstrip()


def _text(event: Event) -> str:
    return printable(event.text)


def _quoted(event: Event) -> str:
    return f'"{printable(event.text)}"'


_KEYS: Mapping[str, str] = {
    KeyUse.TAKEN: "",
    KeyUse.UNHEARD: " (nobody listens)",
    KeyUse.RECORDED: " (into the recording)",
    KeyUse.FINISH: " (ends the recording)",
    KeyUse.END: " (ends the input)",
}


def _key(event: Event) -> str:
    return printable(event.text) + _KEYS[event.detail]


def _input(event: Event) -> str:
    return f"{printable(event.detail)} = {_quoted(event)}" if event.detail else _quoted(event)


def _recorded(event: Event) -> str:
    why = f", {event.why}" if event.why else ""
    said = f": {_quoted(event)}" if event.text else ""
    return f"{event.detail}, {seconds(event.lasts)}{why}{said}"


def _reply(event: Event) -> str:
    return printable(event.text) if event.detail == ReplyKind.FLOW else "none: the fetch failed"


def _machine(event: Event) -> str:
    return "recognised, hung up on" if event.detail == "hangup" else "recognised, waited for"


_WORDING: Mapping[EventKind, tuple[str, Callable[[Event], str]]] = {
    EventKind.SAY: ("say", _quoted),
    EventKind.PAUSE: ("pause", lambda event: seconds(event.lasts)),
    EventKind.KEY: ("press", _key),
    EventKind.INPUT: ("input", _input),
    EventKind.OUTCOME: ("callee", lambda event: f"{_text(event)}: {event.detail}"),
    EventKind.PARTED: ("parted", lambda event: f"{event.detail} hangs up"),
    EventKind.RECORD: ("record", lambda event: event.detail),
    EventKind.SPEECH: ("caller", _quoted),
    EventKind.RECORDED: ("recorded", _recorded),
    EventKind.TONES: ("send", _text),
    EventKind.MACHINE: ("machine", _machine),
    EventKind.FETCH: ("fetch", lambda event: f"{event.detail} {_text(event)}"),
    EventKind.REPLY: ("reply", _reply),
    EventKind.PASSED: ("unknown", _quoted),
    EventKind.END: ("end", lambda event: f"{event.detail} {_text(event)}".rstrip()),
}
"""The word for an event, where it is not the kind's own, and what is told of it but its text."""

UPDATE = "mbflow test --update"
LONGEST = 12
"""Events of a round that is recognised: a menu with its keys."""
FEWEST = 4
"""Rounds that are worth a line of their own."""


def short_lines(
    events: Sequence[Event], flow: str, keep: Collection[int] = ()
) -> Iterator[tuple[int, str]]:
    """The number of each event with its line; -1 with a line that stands for the rounds left out.

    Events in `keep` are always shown.
    """
    timeless = [replace(event, at=0) for event in events]
    number = 0
    while number < len(events):
        length, rounds = _rounds(timeless, number, keep)
        for index in range(number, number + length):
            yield index, event_line(events[index], flow)
        number += length * rounds
        if rounds > 1:
            yield -1, _again(length, rounds - 1, events[number - 1])


def _rounds(timeless: Sequence[Event], start: int, keep: Collection[int]) -> tuple[int, int]:
    """How many events the shortest round that begins here has, and how often it comes."""
    for length in range(1, LONGEST + 1):
        once = timeless[start : start + length]
        rounds = 1
        while True:
            again = start + length * rounds
            is_kept = any(again <= number < again + length for number in keep)
            if is_kept or timeless[again : again + length] != once:
                break
            rounds += 1
        if rounds >= FEWEST:
            return length, rounds
    return 1, 1


def _again(length: int, times: int, last: Event) -> str:
    lines = "The line" if length == 1 else f"The {length} lines"
    return f"{'…':>7}       {lines} above {times:,} times more, up to {clock(last.at)}."


_HEAD = "# What callers of {} hear. Written by mbflow test --update; review it as text."
_MARK = "== "


def snapshot_text(flow: str, results: Iterable[Result]) -> str:
    """The whole file, beside the flow of that name."""
    lines = [_HEAD.format(printable(flow))]
    for result in results:
        lines += ["", _MARK + printable(result.call.name)]
        lines += [*_head(result), *transcript_lines(result.transcript)]
    return "\n".join(lines) + "\n"


def blocks_of(text: str) -> dict[str, list[str]]:
    """The lines of each call, by its printable name."""
    blocks: dict[str, list[str]] = {}
    lines: list[str] = []
    for line in lines_of(text):
        if line.startswith(_MARK):
            lines = blocks.setdefault(line.removeprefix(_MARK), [])
        elif line.strip():
            lines.append(line.rstrip())
    return blocks


def difference(result: Result, blocks: Mapping[str, list[str]], file: str) -> Failure | None:
    """The first line in which a call is not what its snapshot in `file` says."""
    last = len(result.transcript.events) - 1
    expected = blocks.get(printable(result.call.name))
    if expected is None:
        message = f"{printable(file)} does not know this call. Add it with: {UPDATE}."
        return Failure(message, last)
    head = _head(result)
    lines = [*head, *transcript_lines(result.transcript)]
    if lines == expected:
        return None
    same = next((n for n, (a, b) in enumerate(zip(lines, expected, strict=False)) if a != b), None)
    at = min(len(lines), len(expected)) if same is None else same
    said = f"says: {shortened(expected[at].strip(), 200)}" if at < len(expected) else "ends before"
    message = f"{printable(file)} {said} ({UPDATE} accepts the change)"
    return Failure(message, min(max(at - len(head), 0), last))
