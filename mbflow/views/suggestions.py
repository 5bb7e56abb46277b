"""Suggested calls as YAML, ready to be pasted into a call file."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from itertools import chain, count
from typing import TypeAlias

from mbflow.model.flow import Json
from mbflow.model.text import shortened
from mbflow.project.yaml.layout import ONE_STYLE, entry_lines
from mbflow.project.yaml.tree import Entry, node_of
from mbflow.simulator.caller import Act, HangUp, Machine, Press, Speak, Wait, deed_text
from mbflow.simulator.script import Script
from mbflow.simulator.transcript import EndKind, Transcript, heard
from mbflow.testing.expectations import NEVER_RIGHT
from mbflow.testing.proposal import Proposal
from mbflow.testing.suggestions import Suggestion

Wordings: TypeAlias = Mapping[str, str]
_REFERENCE = re.compile(r"\$\{([^{}]+)\}")
_WORD = re.compile("[a-z_]+|True")
_NAME = 120
"""Characters of a suggested name: a call may have hundreds of acts."""
_WORDS = 6
"""Words of a text that a suggested call expects to hear."""


def suggestions_yaml(proposal: Proposal) -> str:
    """A whole call file, or calls for the end of the one that is there; as `mbflow fmt` has it."""
    lines: list[str] = [] if proposal.file else ["calls:"]
    taken = set(proposal.names)
    for place, suggestion in enumerate(proposal.found.calls):
        name = _unique(what_is_done(suggestion, proposal.wordings), taken)
        taken.add(name)
        call = call_item(suggestion, name, proposal.wordings, proposal.indent)
        lines += [*([""] if place else []), *call]
    return "\n".join(lines)


def call_item(suggestion: Suggestion, name: str, words: Wordings, indent: int = 0) -> list[str]:
    """The lines of one item of a call file."""
    node = node_of(_call(suggestion, name, words))
    for entry in node.entries:
        for part in entry.node.nodes() if entry.node.entries else ():
            part.in_brackets = bool(part.entries)
            # What is heard and said is in quotes, and words such as `busy` are not.
            part.style = "new" if _WORD.fullmatch(str(part.data)) else '"'
    return entry_lines(Entry(node), indent, ONE_STYLE, is_first=True)


def _call(suggestion: Suggestion, name: str, words: Wordings) -> dict[str, Json]:
    transcript = suggestion.transcript
    hears = filter(None, dict.fromkeys(map(_beginning, heard(transcript))))
    # No call file expects an end that is never right, and each such call fails.
    is_odd = transcript.ending.kind in NEVER_RIGHT
    call: dict[str, Json] = {
        "name": name,
        "does": [_act(act) for act in suggestion.script.does],
        "world": _world(suggestion.script, words),
        "hears": list(hears),
        **({"within": "1h"} if is_odd else {"ends": _ends(transcript, words)}),
    }
    return {key: value for key, value in call.items() if value}


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


def _act(act: Act) -> Json:
    match act:
        case Press():
            return {"press": act.keys}
        case Speak():
            return {"say": act.text}
        case Wait():
            return {"wait": f"{act.ms}ms"}
        case HangUp():
            return {"hang_up": True}
        case Machine():
            return {"machine": True}


def _world(script: Script, words: Wordings) -> Json:
    transfers: Json = {words.get(to, to): str(outcome) for to, outcome in script.transfers.items()}
    fetches: Json = {words.get(url, url): "failed" for url in sorted(script.failing)}
    world = {"transfers": transfers, "fetches": fetches}
    return {key: value for key, value in world.items() if value}


def _beginning(text: str) -> str:
    """The first words, up to a reference to a secret variable."""
    return " ".join(text.split("${")[0].split()[:_WORDS])


def _ends(transcript: Transcript, words: Wordings) -> Json:
    ending = transcript.ending
    if ending.kind in (EndKind.TRANSFERRED, EndKind.FETCHED):
        return {ending.kind.value: words.get(ending.text, ending.text)}
    return ending.kind.value
