"""FLOW arguments: a flow's name, the path of its file, or the id of its live flow.

Every verb that takes a flow asks here. What is none of them stays as it was written: the verb knows
which flows there are, and says which one may be meant.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from mbflow.model.errors import UsageError

if TYPE_CHECKING:
    from pathlib import Path

    from mbflow.model.project import Project
    from mbflow.plan.model import Change, Plan

_SUFFIXES = (".calls.yaml", ".calls.txt", ".yaml")


def name_of_flow(text: str, directory: Path, environment: str | None = None) -> str:
    """The same as `flow_names`, for one."""
    return flow_names([text], directory, environment)[0]


def flow_names(
    texts: Iterable[str], directory: Path, environment: str | None = None
) -> tuple[str, ...]:
    """The name that each text stands for, in their order.

    A path leads to a flow file, its call file or snapshot, seen from `directory`; the file may be
    gone. An id is one that the lock gives to a name: in the environment, or in any
    where none is named.
    """
    import unicodedata

    from mbflow.project.project_file import find_root, read_project

    texts = [unicodedata.normalize("NFC", text) for text in _not_empty(texts)]
    if not any(_is_id(text) or text.endswith(_SUFFIXES) for text in texts):
        return tuple(texts)
    root = find_root(directory)
    project = read_project(root, os.environ).project
    base = root / project.flows
    ids = dict(_ids(root, project, environment)) if any(map(_is_id, texts)) else {}
    return tuple(_name(text, base, directory, ids) for text in texts)


def target_names(
    texts: Iterable[str], directory: Path, environment: str | None = None
) -> tuple[str, ...]:
    """The same as `flow_or_number_names`; the path of a folder of flows stands for `folder/`."""
    from mbflow.project.project_file import find_root, read_project

    texts = list(texts)
    if not any(map(os.path.isdir, texts)):
        return flow_or_number_names(texts, directory, environment)
    root = find_root(directory)
    base = root / read_project(root, os.environ).project.flows
    folders = (_name_of_folder(text, base, directory) for text in texts)
    return flow_or_number_names(folders, directory, environment)


def _name_of_folder(text: str, base: Path, directory: Path) -> str:
    """The text, where it is no folder below the flows folder or is a name there already."""
    from pathlib import Path

    path = Path(os.path.abspath(directory / text))  # noqa: PTH100
    is_name = os.path.exists(base / text) or os.path.isfile(base / f"{text}.yaml")  # noqa: PTH110, PTH113
    if is_name or not path.is_dir() or not path.is_relative_to(os.path.abspath(base)):  # noqa: PTH100
        return text
    below = path.relative_to(os.path.abspath(base)).as_posix()  # noqa: PTH100
    return "**" if below == "." else f"{below}/"


def flow_or_number_names(
    texts: Iterable[str], directory: Path, environment: str | None = None
) -> tuple[str, ...]:
    """The same as `flow_names`; a number that is written in full, such as `+44 20 7946 0100`,
    stands for its digits.
    """
    from mbflow.cli.arguments import digits_of

    return flow_names(map(digits_of, texts), directory, environment)


def flow_paths(
    texts: Iterable[str], directory: Path, environment: str | None = None
) -> tuple[str, ...]:
    """For verbs that take files and folders: the path of its file for each text that is none.

    What names no flow with a file stays as it was written.
    """
    from mbflow.project.project_file import find_root, read_project

    texts = _not_empty(texts)
    if all(os.path.lexists(directory / text) for text in texts):
        return tuple(texts)
    root = find_root(directory)
    base = root / read_project(root, os.environ).project.flows
    files = [base / f"{name}.yaml" for name in flow_names(texts, directory, environment)]
    return tuple(
        text
        if os.path.lexists(directory / text) or not os.path.isfile(file)  # noqa: PTH113
        else os.path.relpath(file, directory)
        for text, file in zip(texts, files, strict=True)
    )


def _is_id(text: str) -> bool:
    import re

    hex_digits = "[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"
    return re.fullmatch(hex_digits, text, re.IGNORECASE) is not None


def _not_empty(texts: Iterable[str]) -> list[str]:
    """The texts. Raises UsageError for an empty one: a variable of a script that nobody set."""
    from mbflow.model.errors import UsageError

    texts = list(texts)
    if "" in texts:
        raise UsageError("The name of the flow is empty.")
    return texts


def _name(text: str, base: Path, directory: Path, ids: Mapping[str, str]) -> str:
    if text.lower() in ids and not os.path.isfile(base / f"{text}.yaml"):  # noqa: PTH113  (takes any text)
        return ids[text.lower()]
    return _name_of_path(text, base, directory) if text.endswith(_SUFFIXES) else text


def _name_of_path(text: str, base: Path, directory: Path) -> str:
    """Links are followed where the path is not below the flows folder as it stands."""
    from pathlib import Path

    from mbflow.project.discover import name_of

    suffix = next(suffix for suffix in _SUFFIXES if text.endswith(suffix))
    stem = text.removesuffix(suffix)
    path = directory / stem
    for whole in (os.path.abspath, os.path.realpath):
        if Path(whole(path)).is_relative_to(whole(base)):
            return name_of(Path(whole(path)).relative_to(whole(base)).as_posix())
    return stem


def _ids(root: Path, project: Project, environment: str | None) -> Iterator[tuple[str, str]]:
    """Id to name. A lock that cannot be read knows none: who needs it refuses it."""
    from mbflow.model.errors import RefusedError
    from mbflow.state.lock import lock_path, read_lock

    for name, one in project.environments.items():
        if environment in (None, name):
            try:
                lock = read_lock(lock_path(root, name, embedded=one.is_embedded))
            except RefusedError:
                continue
            yield from ((entry.id.lower(), flow) for flow, entry in lock.of(name).items())


def changes_named(plan: Plan, names: Sequence[str]) -> Sequence[Change]:
    """The changes of flows with these names or ids, in their order; without names all.

    Raises UsageError for a flow that the plan does not change.
    """
    from mbflow.model.text import did_you_mean, shortened

    found = {change.name: change for change in plan.changes}
    ids = {change.id: change.name for change in plan.changes if change.id}
    names = [name if name in found else ids.get(name, name) for name in names]
    for name in names:
        if name not in found:
            guess = did_you_mean(name, found)
            raise UsageError(f'The plan does not change a flow "{shortened(name, 80)}".{guess}')
    return [found[name] for name in dict.fromkeys(names or found)]
