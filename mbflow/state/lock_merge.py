"""Merges two locks that came of one: flow by flow, where git would merge line by line."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from mbflow.model.errors import RefusedError
from mbflow.model.flow import LockEntry
from mbflow.state.lock import Lock, entry_line, lock_text

Entries = dict[tuple[str, str], LockEntry]
"""By environment and name."""


def merge_locks(base: Lock, ours: Lock, theirs: Lock) -> tuple[str, list[str]]:
    """The text of the merged lock, and the flows that both sides changed, each in its own way.

    Those stand in the text as git writes a conflict, so that the lock is not used before somebody
    has chosen. Raises RefusedError for locks of two projects.
    """
    if ours.project and theirs.project and ours.project != theirs.project:
        raise RefusedError(
            f"The one lock belongs to the project {ours.project}, the other to {theirs.project}."
        )
    old, own, other = map(_entries, (base, ours, theirs))
    merged: Entries = {}
    conflicts: list[tuple[str, str]] = []
    for key in sorted({*own, *other}):
        before, here, there = old.get(key), own.get(key), other.get(key)
        found = there if here == before else here
        if here not in (there, before) and there != before:
            conflicts.append(key)
            found = here or there  # One of the lines, so that the flow's place is known.
        if found is not None:
            merged[key] = found
    both = {key: [*_conflict_lines(key[1], own.get(key), other.get(key))] for key in conflicts}
    text = lock_text(_lock(merged, ours.project or theirs.project), both)
    return text, [f"{environment}: {name}" for environment, name in conflicts]


def _entries(lock: Lock) -> Entries:
    return {
        (environment, name): entry
        for environment in lock.environments
        for name, entry in lock.of(environment).items()
    }


def _lock(entries: Entries, project: str) -> Lock:
    environments: defaultdict[str, dict[str, LockEntry]] = defaultdict(dict)
    for (environment, name), entry in entries.items():
        environments[environment][name] = entry
    return Lock(project=project, environments=environments)


def _conflict_lines(name: str, ours: LockEntry | None, theirs: LockEntry | None) -> Iterator[str]:
    """Both lines of a flow between git's marks."""
    yield "<<<<<<< ours"
    yield from [entry_line(name, ours)] if ours is not None else []
    yield "======="
    yield from [entry_line(name, theirs)] if theirs is not None else []
    yield ">>>>>>> theirs"
