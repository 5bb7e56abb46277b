"""Hazards acknowledged in git: in `mbflow.yaml`, where they are reviewed like the files.

An acknowledgement is of one hazard of one change: its code is made of what the live flow is and
what becomes of it, so that it says nothing of any later change.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Iterator, Mapping
from dataclasses import replace

from mbflow.plan.model import Change, Hazard

Acknowledged = Mapping[str, Mapping[str, str]]
"""Name of a flow to kind of hazard to code, as an environment in `mbflow.yaml` states them."""


def with_acknowledged(change: Change, stated: Acknowledged) -> Change:
    """The change with codes for the hazards that only `--allow` acknowledges.

    Where the code is stated, the hazard is like any other: a reviewed plan covers it.
    """
    own = stated.get(change.name, {})
    return replace(change, hazards=tuple(_with_code(change, h, own) for h in change.hazards))


def unused(stated: Acknowledged, changes: Collection[Change]) -> Iterator[str]:
    """A note for each acknowledgement that fits no hazard: it must not wait for a later one."""
    codes = {(c.name, h.kind.value): h.code for c in changes for h in c.hazards if h.code}
    for name, own in stated.items():
        for kind, code in own.items():
            if (name, kind) not in codes:
                why = "there is no such hazard: remove it"
            elif codes[name, kind] != code:
                why = "the flow is not what it was then: look at it again"
            else:
                continue
            yield f"mbflow.yaml acknowledges {kind} of {name}, and {why}"


def _with_code(change: Change, hazard: Hazard, own: Mapping[str, str]) -> Hazard:
    if not hazard.needs_allow:
        return hazard
    code = _code(change, hazard)
    if own.get(hazard.kind.value) != code:
        return replace(hazard, code=code)
    text = f"acknowledged in mbflow.yaml; {hazard.text}"
    return replace(hazard, code=code, text=text, needs_allow=False)


def _code(change: Change, hazard: Hazard) -> str:
    """16 hex digits, of everything that somebody looked at."""
    live = (change.id, change.preconditions.digest, *change.numbers)
    seen = [change.name, change.action.value, change.digest, hazard.kind.value, hazard.text, *live]
    return hashlib.sha256(json.dumps(seen).encode()).hexdigest()[:16]
