"""Suggested calls as YAML, ready to be pasted into a call file."""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterator, Mapping
from itertools import chain, count
from typing import TypeAlias

from mbflow.model.text import printable, shortened
from mbflow.simulator.caller import Act, HangUp, Machine, Press, Speak, Wait, deed_text
from mbflow.simulator.script import Script
from mbflow.simulator.transcript import EndKind, Transcript, heard
from mbflow.testing.expectations import NEVER_RIGHT
from mbflow.testing.proposal import Proposal
from mbflow.testing.suggestions import Suggestion

Wordings: TypeAlias = Mapping[str, str]
_REFERENCE = re.compile(r"\$\{([^{}]+)\}")
_NAME = 120
"""Characters of a suggested name: a call may have hundreds of acts."""
_WORDS = 6
"""Words of a text that a suggested call expects to hear."""


def suggestions_yaml(proposal: Proposal) -> str:
    """A whole call file, or calls for the end of the one that is there.

    Every text is quoted, so that any YAML reader takes it as it is meant.
    """
    lines: list[str] = []
    taken = set(proposal.names)
    for place, suggestion in enumerate(proposal.found.calls):
        name = _unique(what_is_done(suggestion, proposal.wordings), taken)
        taken.add(name)
        call = call_item(suggestion, name, proposal.wordings)
        lines += [*([""] if place else []), *call]
    indented = [f"{' ' * proposal.indent}{line}" if line else "" for line in lines]
    return "\n".join(indented if proposal.file else ["calls:", *indented])


def call_item(suggestion: Suggestion, name: str, words: Wordings) -> Iterator[str]:
    """The lines of one item of a call file."""
    transcript = suggestion.transcript
    yield f"- name: {_text(name)}"
    acts = ", ".join(map(_act, suggestion.script.does))
    if acts:
        yield f"  does: [{acts}]"
    world = _world(suggestion.script, words)
    if world:
        yield f"  world: {{{world}}}"
    hears = [_text(part) for part in dict.fromkeys(map(_beginning, heard(transcript))) if part]
    if hears:
        yield f"  hears: [{', '.join(hears)}]"
    if transcript.ending.kind in NEVER_RIGHT:
        yield "  within: 1h"  # no call file expects such an end, and each such call fails
    else:
        yield f"  ends: {_ends(transcript, words)}"


def what_is_done(suggestion: Suggestion, words: Wordings) -> str:
    """What is special about the call, in few words."""
    script = suggestion.script
    does = [deed_text(act) for act in script.does]
    busy = [
        f"{_called(to, words)} {outcome.replace('_', ' ')}"
        for to, outcome in script.transfers.items()
    ]
    fails = ["no next flow"] if script.failing else []
    return shortened(", ".join([*(does or ["a caller who only listens"]), *busy, *fails]), _NAME)


def _unique(name: str, taken: Collection[str]) -> str:
    numbered = (f"{name} ({number})" for number in count(2))
    return next(one for one in chain([name], numbered) if one not in taken)


def _called(destination: str, words: Wordings) -> str:
    """The name of a variable for its value: a name of a call is the same in every environment."""
    whole = _REFERENCE.fullmatch(words.get(destination, ""))
    return whole[1] if whole is not None else destination


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


def _world(script: Script, words: Wordings) -> str:
    outcomes = script.transfers.items()
    transfers = ", ".join(f"{_worded(to, words)}: {outcome}" for to, outcome in outcomes)
    fetches = ", ".join(f"{_worded(url, words)}: failed" for url in sorted(script.failing))
    parts = [f"transfers: {{{transfers}}}"] if transfers else []
    return ", ".join([*parts, f"fetches: {{{fetches}}}"] if fetches else parts)


def _beginning(text: str) -> str:
    """The first words, up to a reference to a secret variable."""
    return " ".join(text.split("${")[0].split()[:_WORDS])


def _ends(transcript: Transcript, words: Wordings) -> str:
    ending = transcript.ending
    if ending.kind in (EndKind.TRANSFERRED, EndKind.FETCHED):
        return f"{{{ending.kind}: {_worded(ending.text, words)}}}"
    return ending.kind.value


def _worded(text: str, words: Wordings) -> str:
    return _text(words.get(text, text))


def _text(text: str) -> str:
    """In double quotes, where YAML takes every escape that `printable` writes."""
    return printable(json.dumps(text, ensure_ascii=False))
