"""The outline of a project, for completion: its flows folder and its environments, quickly.

`mbflow.yaml` may be half typed: what stands before the first mistake counts, and nothing is told.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from mbflow.model.project import LOCAL, Project
from mbflow.project.discover import PROJECT_FILE


def flows_folder(root: Path) -> str:
    """The folder of the flow files, below `root`. Raises nothing, whatever lies there."""
    found = [value for keys, value in _entries(root, "flows") if keys == ("flows",) and value]
    return found[0] if found else Project().flows


def environment_names(root: Path) -> tuple[str, ...]:
    """The environments that are declared, in their order, and `local`. Raises nothing either."""
    found = [keys for keys, _ in _entries(root, "environments") if keys[0] == "environments"]
    names = [keys[1] for keys in found if len(keys) == 2 and keys[1]]
    return tuple(dict.fromkeys([*names, LOCAL]))


def _entries(root: Path, sought: str) -> Iterator[tuple[tuple[str, ...], str]]:
    """The keys down to each value of the two upper levels, and the value where it is a scalar.

    Nothing where the sought word is not in the file: to load YAML takes a third of the time.
    """
    path = root / PROJECT_FILE
    try:
        # A device or a pipe may never end.
        source = path.read_bytes() if path.is_file() else b""
    except OSError:
        return
    if sought.encode() not in source:
        return
    from yaml.error import YAMLError
    from yaml.events import MappingStartEvent

    from mbflow.project.yaml.parser import events

    try:
        found = events(source)
        if any(isinstance(event, MappingStartEvent) for event in found):
            yield from _below((), found)
    except (YAMLError, ValueError):
        return


def _below(above: tuple[str, ...], found: Iterator[Any]) -> Iterator[tuple[tuple[str, ...], str]]:
    """The same for the mapping that has just begun."""
    from yaml.events import CollectionStartEvent, MappingEndEvent, MappingStartEvent

    for event in found:
        if isinstance(event, MappingEndEvent):
            return
        if isinstance(event, CollectionStartEvent):
            _skip(found)
        keys, value = (*above, getattr(event, "value", "")), next(found, None)
        yield keys, getattr(value, "value", "")
        if isinstance(value, MappingStartEvent) and not above:
            yield from _below(keys, found)
        elif isinstance(value, CollectionStartEvent):
            _skip(found)


def _skip(found: Iterator[Any]) -> None:
    """To the end of the collection that has just begun."""
    from yaml.events import CollectionEndEvent, CollectionStartEvent

    depth = 1
    for event in found:
        depth += isinstance(event, CollectionStartEvent) - isinstance(event, CollectionEndEvent)
        if not depth:
            return
