"""Equality at a glance: nearly all flows of a plan are unchanged, most of them obviously so."""

from __future__ import annotations

from itertools import compress

from mbflow.compare.canonical import manages_default, same
from mbflow.model import Body, Json
from mbflow.schema import SERVICE_FIELDS


def same_at_a_glance(desired: Body, live: Body) -> bool:
    """True only where the canonical forms are equal; False says nothing.

    The live flow is the file with what the service adds: its own fields, `false` for what is not
    said, and ids of steps that have none in the file. It costs a tenth of the canonical forms.
    """
    for key, value in live.items():
        if key in SERVICE_FIELDS or key == "steps":
            continue
        if key in desired:
            if not same(desired[key], value):
                return False
        elif value and not (key == "default" and not manages_default(desired)):
            return False
    if any(key not in live and value for key, value in desired.items()):
        return False
    wanted, found = desired.get("steps"), live.get("steps")
    if not isinstance(wanted, list) or not isinstance(found, list) or len(wanted) != len(found):
        return False
    return all(map(_same_step, wanted, found)) and not _labels_used_twice(wanted, found)


def _same_step(wanted: Json, found: Json) -> bool:
    if not isinstance(wanted, dict) or not isinstance(found, dict):
        return False
    if len(found) != len(wanted) + ("id" not in wanted):
        return False
    for key, value in wanted.items():
        if key not in found or found[key] != value:
            return False
        if value.__class__ is not str and not same(value, found[key]):
            return False
    return "id" in found


def _labels_used_twice(wanted: list[Json], found: list[Json]) -> bool:
    """Whether the service gave a step without an id the id of another: jumps would lead there."""
    named = [isinstance(step, dict) and "id" in step for step in wanted]
    if not any(named):
        return False
    ids = [step["id"] if isinstance(step, dict) else None for step in found]
    labels = list(compress(ids, named))
    return any(name in labels for name, own in zip(ids, named, strict=True) if not own)
