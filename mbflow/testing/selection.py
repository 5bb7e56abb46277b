"""Which simulated calls to run: by call file, flow file, folder, key, and name."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from mbflow.calls.call import Call
from mbflow.errors import UsageError
from mbflow.files.call_files import CallFile
from mbflow.suggestion import did_you_mean


@dataclass(frozen=True, slots=True)
class Selection:
    """What to run; everything where nothing is said."""

    paths: tuple[str, ...] = ()
    """Call files, flow files, folders, or keys."""
    name: str = ""
    """Only calls whose name holds this text, in upper or lower case."""

    def wants(self, call: Call) -> bool:
        return self.name.casefold() in call.name.casefold()


def selected(files: list[CallFile], selection: Selection, directory: Path) -> list[CallFile]:
    """The call files among `files` that are asked for; paths are seen from `directory`.

    Raises UsageError for a path or a key that stands for none of them.
    """
    if not selection.paths:
        return files
    found: dict[str, CallFile] = {}
    for asked in selection.paths:
        path = Path(os.path.abspath(directory / asked))  # noqa: PTH100  (keeps links)
        matching = {where.key: where for where in files if _is_meant(where, asked, path)}
        if not matching:
            raise _nothing_found(asked, path, files)
        found |= matching
    return [found[key] for key in sorted(found)]


def _is_meant(where: CallFile, asked: str, path: Path) -> bool:
    if asked == where.key or path == where.flow_path:
        return True
    return path.exists() and where.path.is_relative_to(path)


def _nothing_found(asked: str, path: Path, files: list[CallFile]) -> UsageError:
    if path.exists():
        return UsageError(
            f"{asked} has no simulated calls.",
            "They stand in NAME.calls.yaml beside the flow NAME.yaml. To have some proposed:",
            "    mbflow test --suggest KEY",
        )
    guess = did_you_mean(asked, [where.key for where in files])
    return UsageError(f"There is no file, folder or tested flow {asked}.{guess}")
