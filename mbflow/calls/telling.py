"""A transcript told line by line, as people read it in a terminal and in a snapshot."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from mbflow.calls.durations import clock, seconds
from mbflow.printable import printable
from mbflow.simulator.transcript import Event, Kind, Transcript


def transcript_lines(transcript: Transcript) -> list[str]:
    """One line for each event: time, step, what happened. Steps count from 1 here."""
    return [event_line(event, transcript.flow) for event in transcript.events]


def event_line(event: Event, flow: str) -> str:
    """`flow` is the one that took the call; steps of other flows are told with their name."""
    step = str(event.step + 1) if event.step >= 0 else ""
    if step and event.flow != flow:
        step = f"{printable(event.flow)} {step}"
    word, tell = _TOLD[event.kind]
    return f"{clock(event.at):>7} {step:>4}  {word:<7} {tell(event)}".rstrip()


def _text(event: Event) -> str:
    return printable(event.text)


def _quoted(event: Event) -> str:
    return f'"{printable(event.text)}"'


_KEYS = {
    "": "",
    "unheard": " (nobody listens)",
    "recorded": " (into the recording)",
    "finish": " (ends the recording)",
    "end": " (ends the input)",
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
    return printable(event.text) if event.detail == "flow" else "none: the fetch failed"


def _machine(event: Event) -> str:
    return "recognised, hung up on" if event.detail == "hangup" else "recognised, waited for"


_TOLD: Mapping[Kind, tuple[str, Callable[[Event], str]]] = {
    Kind.SAY: ("say", _quoted),
    Kind.PLAY: ("play", _text),
    Kind.PAUSE: ("pause", lambda event: seconds(event.lasts)),
    Kind.KEY: ("press", _key),
    Kind.INPUT: ("input", _input),
    Kind.DIAL: ("dial", _text),
    Kind.OUTCOME: ("callee", lambda event: f"{_text(event)}: {event.detail}"),
    Kind.PARTED: ("parted", lambda event: f"{event.detail} hangs up"),
    Kind.RECORD: ("record", lambda event: event.detail),
    Kind.SPEECH: ("caller", _quoted),
    Kind.RECORDED: ("take", _recorded),
    Kind.TONES: ("send", _text),
    Kind.MACHINE: ("machine", _machine),
    Kind.FETCH: ("fetch", lambda event: f"{event.detail} {_text(event)}"),
    Kind.REPLY: ("reply", _reply),
    Kind.PASSED: ("unknown", _quoted),
    Kind.END: ("end", lambda event: f"{event.detail} {_text(event)}".rstrip()),
}
