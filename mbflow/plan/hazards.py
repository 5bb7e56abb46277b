"""Hazards: what about a change could hurt, in words, and what acknowledges it."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import TypeVar

from mbflow.flow.canonical import canonical
from mbflow.model.flow import LiveFlow, SafeBody, options_in, steps_in
from mbflow.model.text import Command, listed, plural
from mbflow.plan.model import (
    AnyChange,
    Change,
    ChangeKind,
    Hazard,
    HazardKind,
    Known,
    NumberChange,
    NumberFlow,
)

MOST_PAIRS = 40_000
"""More pairs of created and deleted flows than this are not searched for renames."""
ALIKE = 0.6
"""A created and a deleted flow are alike when they share this much of their words."""
_COMMON = ("language", "voice")
"""Options that say nothing of which flow it is."""


_UNTOLD = (
    "it was sent with a secret that is not known here any more, so whether it was edited outside "
    "git since cannot be told; an edit would be lost"
)


def outside_hazard(name: str, *, git_moved: bool, is_secret_missing: bool = False) -> Hazard:
    """Live is not what mbflow sent last. `git_moved`: neither is the file."""
    if is_secret_missing:
        return Hazard(HazardKind.CONFLICT if git_moved else HazardKind.OUTSIDE_EDIT, _UNTOLD)
    if git_moved:
        return Hazard(
            HazardKind.CONFLICT,
            "both the file and the live flow changed since they were last the same; the live edit "
            "would be lost. To see both sides:",
            command=Command("mbflow", "import", name, "--show"),
        )
    return Hazard(
        HazardKind.OUTSIDE_EDIT,
        "the live flow was edited outside git, or this branch is behind; applying takes the edit "
        "back. To keep it:",
        command=Command("mbflow", "import", name),
    )


def recreate_hazard(name: str) -> Hazard:
    return Hazard(
        HazardKind.RECREATE,
        "the live flow in the lock is gone; a new one gets a new id, and numbers that led to the "
        "old one lead nowhere until they are led to it, in mbflow.yaml or with:",
        command=Command("mbflow", "numbers", "assign", name, "NUMBER"),
    )


def delete_hazards(
    live: LiveFlow, *, protected: bool, edited: bool, is_secret_missing: bool = False
) -> Iterator[Hazard]:
    if protected:
        yield Hazard(HazardKind.PROTECTED, "the flow was protected, as the lock says", True)
    if live.is_default:
        yield Hazard(
            HazardKind.DEFAULT, "it answers every number that has no flow of its own", True
        )
    if edited:
        if is_secret_missing:
            yield Hazard(HazardKind.OUTSIDE_EDIT, _UNTOLD)
        else:
            yield Hazard(
                HazardKind.OUTSIDE_EDIT,
                "it was edited outside git since it was last as its file said:",
                command=Command("mbflow", "flows", "get", live.id),
            )


def with_numbers(change: Change, numbers: Sequence[str] | None) -> Change:
    """The change with the numbers that lead to its flow; None where they cannot be read.

    For a delete they are a hazard, and so is that they are not known. Those that the same plan
    leads away are not among them.
    """
    if change.action is not ChangeKind.DELETE:
        return replace(change, numbers=tuple(numbers or ()))
    if numbers is None:
        text = "its numbers cannot be read, so some may lead to it"
        return _with(change, Hazard(HazardKind.NUMBERS, text, needs_allow=True))
    if not numbers:
        return change
    text = f"{plural(len(numbers), 'number')} would lead nowhere: {', '.join(numbers)}"
    hazard = Hazard(HazardKind.NUMBERS, text, needs_allow=True)
    return replace(_with(change, hazard), numbers=tuple(numbers))


def number_hazards(
    to: NumberFlow,
    others: Sequence[NumberFlow],
    led: Collection[str],
    *,
    is_there: bool,
    taken_from: str = "",
    calendar: str = "",
) -> Iterator[Hazard]:
    """What could hurt when the number is led to a flow.

    `others` are the other flows that it leads to now; `led` the ids of the flows to which mbflow
    itself led it last. `is_there`: it leads to the flow already, and to the others too.
    `taken_from`: it leads nowhere, and mbflow led it to that flow. `calendar` is what leads it,
    where one does.
    """
    if is_there or len(others) > 1:
        names = listed([flow.label for flow in (*([to] if is_there else []), *others)], last="and")
        yield Hazard(
            HazardKind.TWO_FLOWS,
            f"the service shows it at {names}, and nobody knows which answers: take it off all "
            "but one in the service's dashboard, then plan again",
        )
    for flow in others:
        if not flow.name:
            yield Hazard(
                HazardKind.TAKEOVER,
                f'it leads to {flow.id} "{flow.title}", which no file here is for:',
                True,
                Command("mbflow", "flows", "get", flow.id),
            )
    if taken_from:
        yield Hazard(
            HazardKind.OUTSIDE_EDIT,
            f"it was taken off {taken_from} outside git; applying leads it again. To keep it off, "
            "take it out of mbflow.yaml",
        )
    moved = [flow for flow in others if led and flow.id not in led]
    if moved and not is_there:
        name = moved[0].name
        instead = f", in the place of the calendar {calendar}" if calendar else ""
        keep = f". To keep it, write {name} in mbflow.yaml{instead}" if name else ""
        yield Hazard(
            HazardKind.OUTSIDE_EDIT,
            f"it was led to {moved[0].label} outside git, or this branch is behind; applying takes "
            f"that back{keep}",
        )


def with_renames(changes: list[Change]) -> list[Change]:
    """The changes, with a hazard on each delete that looks like half of an undeclared rename."""
    created = [c for c in changes if c.action is ChangeKind.CREATE and c.after]
    deleted = [c for c in changes if c.action is ChangeKind.DELETE and c.before and not c.declared]
    if not created or not deleted or len(created) * len(deleted) > MOST_PAIRS:
        return changes
    words = [_words(change.after) for change in created]
    twins = {change.name: _twin(change, created, words) for change in deleted}
    return [_with_rename(change, twins.get(change.name)) for change in changes]


def with_default_hazards(changes: list[Change], known: Known) -> list[Change]:
    """Say so where numbers without a flow of their own get another flow, or none at all."""
    present = [flow for flow in known.live.values() if flow.is_default]
    has_heir = any(flow.is_to_be_default for flow in known.flows.values())
    given_up = frozenset() if has_heir else frozenset(flow.id for flow in present)
    return [_with_given_up(_with_handover(change, present), given_up) for change in changes]


def _with(change: Change, hazard: Hazard) -> Change:
    return replace(change, hazards=(*change.hazards, hazard))


def _with_given_up(change: Change, given_up: Collection[str]) -> Change:
    gives_up = change.after is not None and change.after.get("default") is False
    if not gives_up or change.id not in given_up:
        return change
    text = "it answers every number that has no flow of its own, and no other file takes over"
    return _with(change, Hazard(HazardKind.DEFAULT, text, needs_allow=True))


def _with_handover(change: Change, present: Collection[LiveFlow]) -> Change:
    becomes = change.after is not None and change.after.get("default") is True
    losers = [flow for flow in present if flow.id != change.id]
    if not becomes or not losers or any(flow.id == change.id for flow in present):
        return change
    names = ", ".join(f'{flow.id} "{flow.title}"' for flow in losers)
    text = f"takes over every number that has no flow of its own; until now that is {names}"
    return _with(change, Hazard(HazardKind.DEFAULT, text))


def _with_rename(change: Change, twin: Change | None) -> Change:
    if twin is None or change.action is not ChangeKind.DELETE:
        return change
    text = (
        f"{twin.name} is to be created and looks like this flow. If it is the same flow under "
        "another name, keep its id: "
        f"write `was: {change.name}` into the mbflow block of {twin.name}"
    )
    return _with(change, Hazard(HazardKind.SIMILAR_RENAME, text))


def _twin(
    deleted: Change, created: Sequence[Change], words: Sequence[Counter[str]]
) -> Change | None:
    """The created flow that is most like the deleted one, where one is like it at all."""
    own = _words(deleted.before)
    shares = [_share(own, others) for others in words]
    best = max(range(len(created)), key=shares.__getitem__)
    return created[best] if shares[best] >= ALIKE else None


def _share(one: Counter[str], two: Counter[str]) -> float:
    return 2 * (one & two).total() / ((one.total() + two.total()) or 1)


def _words(body: SafeBody | None) -> Counter[str]:
    """The words that tell a flow: texts, numbers, addresses; not actions, languages and voices."""
    words: Counter[str] = Counter()
    for step in steps_in(canonical(body or {})):
        values = [value for name, value in options_in(step).items() if name not in _COMMON]
        words.update(word for value in values for word in str(value).lower().split())
    return words


AChange = TypeVar("AChange", Change, NumberChange)
Acknowledged = Mapping[str, Mapping[str, str]]
"""Name of a flow, or a number, to kind of hazard to code, as an environment states them."""


def with_acknowledged(change: AChange, stated: Acknowledged) -> AChange:
    """The change with codes for the hazards that only `--allow` acknowledges.

    Where the code is stated, the hazard is like any other: a reviewed plan covers it.
    """
    own = stated.get(change.name, {})
    return replace(change, hazards=tuple(_with_code(change, h, own) for h in change.hazards))


def unused(stated: Acknowledged, changes: Collection[AnyChange]) -> Iterator[str]:
    """A note for each acknowledgement that fits no hazard: it must not wait for a later one."""
    codes = {(c.name, h.kind.value): h.code for c in changes for h in c.hazards if h.code}
    for name, own in stated.items():
        for kind, code in own.items():
            if (name, kind) not in codes:
                why = "there is no such hazard: remove it"
            elif codes[name, kind] != code:
                why = "it is not what it was then: look at it again"
            else:
                continue
            yield f"mbflow.yaml acknowledges {kind} of {name}, and {why}"


def _with_code(change: AnyChange, hazard: Hazard, own: Mapping[str, str]) -> Hazard:
    if not hazard.needs_allow:
        return hazard
    code = _code(change, hazard)
    if own.get(hazard.kind.value) != code:
        return replace(hazard, code=code)
    text = f"acknowledged in mbflow.yaml; {hazard.text}"
    return replace(hazard, code=code, text=text, needs_allow=False)


def _code(change: AnyChange, hazard: Hazard) -> str:
    """16 hex digits, of everything that somebody looked at."""
    if isinstance(change, NumberChange):
        seen = [change.number, change.to.label, *(change.former or ()), hazard.kind, hazard.text]
    else:
        live = (change.id, change.preconditions.digest, *change.numbers)
        action, kind = change.action.value, hazard.kind.value
        seen = [change.name, action, change.digest, kind, hazard.text, *live]
    return hashlib.sha256(json.dumps(seen).encode()).hexdigest()[:16]
