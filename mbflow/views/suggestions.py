"""Suggested calls as YAML, ready to be pasted into a call file."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence

from mbflow.calls.suggest import Suggestion, dialled
from mbflow.printable import printable
from mbflow.simulator.replies import Outcome
from mbflow.simulator.script import Act, HangUp, Machine, Press, Speak, Wait
from mbflow.simulator.transcript import EndKind, Kind, Transcript, heard

_WORDS = 6
"""Words of a text that a suggested call expects to hear."""


def suggestions_yaml(found: Sequence[Suggestion]) -> str:
    """A whole call file; every text is quoted, so that any YAML reader takes it as it is meant."""
    lines = ["calls:"]
    names: dict[str, int] = {}
    for place, suggestion in enumerate(found):
        name = _name(suggestion)
        names[name] = names.get(name, 0) + 1
        unique = name if names[name] == 1 else f"{name} ({names[name]})"
        lines += [*([""] if place else []), *_call(suggestion, unique)]
    return "\n".join(lines)


def _call(suggestion: Suggestion, name: str) -> Iterator[str]:
    transcript = suggestion.transcript
    yield f"  - name: {_text(name)}"
    acts = ", ".join(map(_act, suggestion.does))
    if acts:
        yield f"    does: [{acts}]"
    world = _world(suggestion, transcript)
    if world:
        yield f"    world: {{{world}}}"
    hears = [_text(part) for part in dict.fromkeys(map(_beginning, heard(transcript))) if part]
    if hears:
        yield f"    hears: [{', '.join(hears)}]"
    yield f"    ends: {_ends(transcript)}"


def _name(suggestion: Suggestion) -> str:
    """What is special about the call, in few words."""
    does = [text for act in suggestion.does if (text := _did(act))]
    busy = [
        f"{dial.text} {outcome.value.replace('_', ' ')}"
        for dial, outcome in zip(dialled(suggestion.transcript), suggestion.outcomes, strict=False)
        if outcome is not Outcome.ANSWERED
    ]
    fails = ["no next flow"] if any(suggestion.replies) else []
    return ", ".join([*(does or ["a caller who only listens"]), *busy, *fails])


def _did(act: Act) -> str:
    match act:
        case Press():
            return f"presses {act.keys}"
        case Speak():
            return "speaks"
        case Wait():
            return "waits"
        case HangUp():
            return "hangs up"
        case Machine():
            return "an answering machine"


def _act(act: Act) -> str:
    match act:
        case Press():
            return f"{{press: {_text(act.keys)}}}"
        case Speak():
            return f"{{say: {_text(act.text)}}}"
        case Wait():
            return f"{{wait: {act.ms}ms}}"
        case HangUp():
            return "{hang_up: true}"
        case Machine():
            return "{machine: true}"


def _world(suggestion: Suggestion, transcript: Transcript) -> str:
    outcomes = {
        dial.text: outcome
        for dial, outcome in zip(dialled(transcript), suggestion.outcomes, strict=False)
        if outcome is not Outcome.ANSWERED
    }
    asked = [event for event in transcript.events if event.kind is Kind.FETCH]
    failed = [event.text for event, fails in zip(asked, suggestion.replies, strict=False) if fails]
    transfers = ", ".join(f"{_text(to)}: {outcome}" for to, outcome in outcomes.items())
    fetches = ", ".join(f"{_text(url)}: failed" for url in dict.fromkeys(failed))
    parts = [f"transfers: {{{transfers}}}"] if transfers else []
    return ", ".join([*parts, f"fetches: {{{fetches}}}"] if fetches else parts)


def _beginning(text: str) -> str:
    """The first words, up to a reference to a secret variable."""
    return " ".join(text.split("${")[0].split()[:_WORDS])


def _ends(transcript: Transcript) -> str:
    ending = transcript.ending
    if ending.kind in (EndKind.TRANSFERRED, EndKind.FETCHED):
        return f"{{{ending.kind}: {_text(ending.text)}}}"
    return ending.kind.value


def _text(text: str) -> str:
    """In double quotes, where YAML takes every escape that `printable` writes."""
    return printable(json.dumps(text, ensure_ascii=False))
