"""Which call files and calls a run is of: those of paths, of names, or all."""

from __future__ import annotations

import os
from collections import defaultdict
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

from mbflow.model.errors import UsageError
from mbflow.model.text import Command, did_you_mean
from mbflow.project.discover import CallFile, is_flow_name


@dataclass(frozen=True, slots=True)
class Selection:
    """What to run; everything where nothing is said."""

    paths: tuple[str, ...] = ()
    """Call files, flow files, folders, or names."""
    name: str = ""
    """Only calls whose name holds this text, in upper or lower case."""

    def names(self, text: str) -> bool:
        """Whether a call or a promise of that name is selected."""
        return self.name.casefold() in text.casefold()


def select_files(files: list[CallFile], selection: Selection, directory: Path) -> list[CallFile]:
    """The call files among `files` that the selection names; paths are seen from `directory`.

    Raises UsageError for a path or a name that stands for none of them.
    """
    if not selection.paths:
        return files
    places: defaultdict[str | Path, list[CallFile]] = defaultdict(list)
    for where in files:
        places[where.name].append(where)
        for path in (where.flow_path, where.path, *where.path.parents):
            places[path].append(where)
    found: dict[str, CallFile] = {}
    for text in selection.paths:
        path = Path(os.path.abspath(directory / text))  # noqa: PTH100  (keeps links)
        matching = [*places.get(text, ()), *places.get(path, ())]
        if not matching:
            raise _nothing_found(text, path, files, directory)
        found |= {where.name: where for where in matching}
    return [found[name] for name in sorted(found)]


def _nothing_found(text: str, path: Path, files: list[CallFile], directory: Path) -> UsageError:
    if path.exists():
        is_flow_file = path.is_file() and is_flow_name(path.name)
        return UsageError(
            f"{text} has no simulated calls.",
            "They stand in NAME.calls.yaml beside the flow NAME.yaml. To get suggestions:",
            Command("mbflow", "test", "--suggest", text if is_flow_file else "FLOW"),
        )
    known = [(where.name, os.path.relpath(where.flow_path, directory)) for where in files]
    guess = did_you_mean(text, chain.from_iterable(known))
    return UsageError(
        f"There are no simulated calls for {text}, and no file or folder of that name.{guess}"
    )
