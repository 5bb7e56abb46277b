"""Callers are told before they are recorded."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from mbflow.flow.control_flow import FlowFacts, facts_of, reasons, target
from mbflow.flow.steps import Step
from mbflow.flow.vocabulary import Reason
from mbflow.model.flow import Flow
from mbflow.rules.rule import Finding
from mbflow.rules.space import caller, sentence, space_of

if TYPE_CHECKING:
    from mbflow.simulator.space import Move, Space

MANUAL = """\
A recording begins before callers are told about it.

In many countries nobody may be recorded without being told first. On every path to a recording a
text must say so, or a sound file must be played that may say so. A text counts when it mentions
recording or leaving a message, in one of the languages that this rule knows.

Fails:

    title: Voicemail
    steps:
      - action: say
        options: {payload: "Nobody is here.", language: en-GB, voice: female}
      - action: record
        options: {maxLength: 60}
      - action: hangup

Passes:

    title: Voicemail
    steps:
      - action: say
        options: {payload: "Please leave us a message.", language: en-GB, voice: female}
      - action: record
        options: {maxLength: 60}
      - action: hangup"""

_NOTICES = (
    # Beginnings of words for recording and for message; "message" is English and French.
    *("record", "messag", "voicemail", "voice mail"),
    *("opgenomen", "opname", "bericht"),
    *("aufgezeichnet", "aufzeichn", "aufgenommen", "aufnahm", "nachricht"),
    *("enregistr", "graba", "mensaje", "grava", "mensage", "registra", "messaggi"),
    *("inspel", "spela", "meddelande", "opptak", "melding", "optag", "besked"),
    *("nagr", "wiadomo", "nahr", "zpráv", "kayd", "kayıt", "mesaj"),
)


def check(flow: Flow) -> Iterator[Finding]:
    look = facts_of(flow)
    steps = (*look.doing("record"), *look.doing("transfer"))
    recording = [step for step in steps if _records(step) and step.position in look.reached]
    if not recording and not look.program.record:
        return
    graph = _reached_untold(look)
    unsure = [step for step in recording if step.position in graph]
    space = space_of(look) if unsure else None
    untold = (
        dict.fromkeys(graph, "Callers can reach") if space is None else _callers_untold(space, look)
    )
    for step in unsure:
        if step.position in untold:
            what = "this recording" if step.action == "record" else "the recording of this transfer"
            who = untold[step.position]
            message = f"{who} {what} without being told about it. Say so before."
            yield Finding(message, step.path())
    if look.program.record and not _told_first(look):
        message = "The whole call is recorded, and the first text does not say so. Say so there."
        yield Finding(message, ("record",))


def _records(step: Step) -> bool:
    return step.action == "record" or (
        step.action == "transfer" and step.raw_text("record") in ("in", "out", "both")
    )


def _tells(step: Step) -> bool:
    if step.action == "play":
        return True
    if step.action != "say":
        return False
    text = step.raw_text("payload").lower()
    return any(notice in text for notice in _NOTICES)


def _reached_untold(look: FlowFacts) -> set[int]:
    """The steps to which some way leads on which nobody tells of a recording."""
    found: set[int] = set()
    waiting = [0]
    while waiting:
        step = look.steps[waiting.pop()]
        if step.position in found:
            continue
        found.add(step.position)
        told = _tells(step)
        for why in reasons(step):
            to = target(look.program, step, why)
            if to >= 0 and (why is Reason.SKIPPED or not told):
                waiting.append(to)
    return found


def _callers_untold(space: Space, look: FlowFacts) -> dict[int, str]:
    """The steps that calls reach in which nobody told of a recording, each with such a caller."""
    from mbflow.simulator.verdict import Search

    found: dict[int, str] = {}
    come = Search(space, lambda move: not _tells(_step(look, move)))
    for number in come.cost:
        position = space.situation(number).places[0].step
        found.setdefault(position, f"{sentence(caller(come.path(number)))} reaches")
    return found


def _step(look: FlowFacts, move: Move) -> Step:
    """The step that is run in that move, with its real texts."""
    (taken,) = move.taken
    assert taken is not None
    return look.steps[taken.step]


def _told_first(look: FlowFacts) -> bool:
    """Whether the first text tells; where conditions decide which that is, each that can be."""
    heard = [step for step in look.steps if step.action in _HEARD]
    space = space_of(look) if any(step.conditions for step in heard) else None
    if space is None:
        return bool(heard) and _tells(heard[0])
    from mbflow.simulator.verdict import Search

    before = Search(space, lambda move: _step(look, move).action not in _HEARD).cost
    places = [space.situation(number).places[0].step for number in before]
    first = [look.steps[position] for position in places if position >= 0]
    return all(_tells(step) for step in first if step.action in _HEARD) and bool(heard)


_HEARD = ("say", "play")
