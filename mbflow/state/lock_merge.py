"""Merges two locks that came of one: flow by flow and number by number, not line by line."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from mbflow.model.errors import RefusedError
from mbflow.model.flow import LockEntry
from mbflow.state.lock import Key, Lock, lock_text
from mbflow.state.lock_line import entry_line, number_line

Value = LockEntry | tuple[str, ...]
"""Of a flow, or the ids of the flows that a number leads to."""
Entries = dict[Key, Value]


def merge_locks(
    base: Lock, ours: Lock, theirs: Lock
) -> tuple[str, list[str], dict[str, list[str]]]:
    """The text of the merged lock, the flows and numbers that both sides changed, each in its own
    way, and the live flows that have one name on one side and another on the other.

    Both stand in the text as git writes a conflict, so that the lock is not used before somebody
    has chosen. Raises RefusedError for locks of two projects.
    """
    if ours.project and theirs.project and ours.project != theirs.project:
        raise RefusedError(
            f"The one lock belongs to the project {ours.project}, the other to {theirs.project}."
        )
    old, *sides = map(_entries, (base, ours, theirs))
    own, other = sides
    merged: Entries = {}
    conflicts: list[Key] = []
    for key in sorted({*own, *other}):
        before, here, there = old.get(key), own.get(key), other.get(key)
        found = there if here == before else here
        if here not in (there, before) and there != before:
            conflicts.append(key)
        if found is not None:
            merged[key] = found
    doubles = _doubles(merged, *({key: of[key] for key in conflicts if key in of} for of in sides))
    marked = sorted({*conflicts, *(key for keys in doubles.values() for key in keys)})
    for key in marked:
        found = own.get(key) or other.get(key)
        if found is not None:
            merged[key] = found  # One of the lines, so that the flow's place is known.
    both = {key: [*_conflict_lines(key, own.get(key), other.get(key))] for key in marked}
    text = lock_text(_lock(merged, ours.project or theirs.project), both)
    two_names = {flow_id: [*map(_shown, keys)] for flow_id, keys in doubles.items()}
    return text, [*map(_shown, conflicts)], two_names


def _doubles(*entries: Entries) -> dict[str, list[Key]]:
    """Id of each live flow that has more than one name, to its names."""
    keys: defaultdict[str, list[Key]] = defaultdict(list)
    flows = ((key, value) for of in entries for key, value in of.items())
    for key, flow_id in sorted({(k, of.id) for k, of in flows if isinstance(of, LockEntry)}):
        keys[flow_id].append(key)
    return {flow_id: found for flow_id, found in keys.items() if len(found) > 1}


def _shown(key: Key) -> str:
    return ": ".join(key[1:])


def _entries(lock: Lock) -> Entries:
    flows: Entries = {
        ("environments", environment, name): entry
        for environment in lock.environments
        for name, entry in lock.of(environment).items()
    }
    numbers: Entries = {
        ("numbers", environment, number): flow_ids
        for environment in lock.numbers
        for number, flow_ids in lock.numbers_of(environment).items()
    }
    return {**flows, **numbers}


def _lock(entries: Entries, project: str) -> Lock:
    environments: defaultdict[str, dict[str, LockEntry]] = defaultdict(dict)
    numbers: defaultdict[str, dict[str, tuple[str, ...]]] = defaultdict(dict)
    for (_, environment, name), value in entries.items():
        if isinstance(value, LockEntry):
            environments[environment][name] = value
        else:
            numbers[environment][name] = value
    return Lock(project=project, environments=environments, numbers=numbers)


def _conflict_lines(key: Key, ours: Value | None, theirs: Value | None) -> Iterator[str]:
    """Both lines of a flow or a number between git's marks."""
    yield "<<<<<<< ours"
    yield from _lines(key, ours)
    yield "======="
    yield from _lines(key, theirs)
    yield ">>>>>>> theirs"


def _lines(key: Key, value: Value | None) -> Iterator[str]:
    if isinstance(value, LockEntry):
        yield entry_line(key[2], value)
    elif value is not None:
        yield number_line(key[2], value)
