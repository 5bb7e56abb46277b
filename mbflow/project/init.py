"""Starts a project in a folder, new or not. Nothing that is there is ever overwritten."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

from mbflow.model.errors import Error, ProblemsError, RefusedError, UsageError
from mbflow.model.problem import has_errors
from mbflow.model.project import LOCAL
from mbflow.model.text import Command, Line, printable
from mbflow.project.discover import PROJECT_FILE, find_root, leads_within, repository_root
from mbflow.project.git import default_branch, is_set
from mbflow.project.project_file import ProjectReading, read_project
from mbflow.project.starter import (
    GITLAB,
    NewFile,
    Place,
    first_files,
    github_files,
    gitlab_files,
    vscode_files,
)

_DRIVER = "merge.mbflow.driver"
_LARGEST = 1_000_000
"""Bytes of a file that is there already which are looked at."""


class Start(NamedTuple):
    """What was done, and what is left to people."""

    written: Mapping[str, bool]
    """Each file, seen from the project's folder, and whether it is new."""
    todo: tuple[tuple[str, tuple[Line, ...]], ...]
    """A sentence, and the lines to copy for it."""


def start_project(root: Path, *, ci: str = "", editor: str = "") -> Start:
    """Write what is missing of a project in `root`: for CI (`github`, `gitlab`) and an editor
    (`vscode`) too.

    Raises Error where a file cannot be written: before the first is, if that can be known.
    """
    root = Path(os.path.realpath(root))
    stated = _project(root)
    top = repository_root(root) or root
    place = _place(root, top, stated)
    files = {root / name: of for name, of in _first(root, stated, ci).items()}
    of_repository = _of_repository(top, place, ci, editor)
    files |= {top / name: of for name, of in of_repository.items()}
    for path in files:
        _check_place(path, root if path.is_relative_to(root) else top)
    written = {os.path.relpath(path, root): _written(path, of.text) for path, of in files.items()}
    todo = [*_additions(root, files, written), *_settings(root, top, stated, place, ci)]
    return Start(written, tuple(todo))


def _first(root: Path, stated: ProjectReading, ci: str) -> dict[str, NewFile]:
    """The folder's name as a plain word is that of the project."""
    name = re.sub(r"[^a-z0-9]+", "-", root.name.lower()).strip("-") or "calls"
    flows = stated.project.flows
    return first_files(
        name,
        has_project=stated.exists,
        has_ci=bool(ci),
        flow_folder="" if os.path.lexists(root / flows) else flows.strip("/"),
    )


def _project(root: Path) -> ProjectReading:
    """What mbflow.yaml says, if it is there. Raises where this folder cannot be a project's."""
    above = find_root(root)
    if above != root:
        raise UsageError(
            f"This folder belongs to the project in {above}, and a project holds no other.",
            Command("mbflow", "init", str(above)),
        )
    stated = read_project(root, os.environ)
    if has_errors(stated.problems):
        raise ProblemsError(stated.problems)
    return stated


def _place(root: Path, top: Path, stated: ProjectReading) -> Place:
    """The first environment with an account; else what the first would be called."""
    project = stated.project
    declared = [project.environments[name] for name in project.declared if name != LOCAL]
    declared.sort(key=lambda one: one.is_embedded)
    folder = "" if root == top else root.relative_to(top).as_posix()
    place = Place(folder, project.flows, branch=default_branch(top))
    if not declared:
        return place
    return place._replace(environment=declared[0].name, access_key_env=declared[0].access_key_env)


def _of_repository(top: Path, place: Place, ci: str, editor: str) -> dict[str, NewFile]:
    if ci and "$" in place.folder:
        # ${{ … }} is an expression to GitHub, and $NAME in a path a variable to GitLab.
        raise UsageError(
            f"CI would take the $ in the name of {printable(place.folder)} for more than a letter.",
            "Nothing was written. Give the folder another name.",
        )
    files: dict[str, NewFile] = {}
    if ci == "github":
        files |= github_files(place)
    elif ci == "gitlab":
        pipeline = _text(top / GITLAB)
        files |= gitlab_files(place, has_pipeline=bool(pipeline) and "mbflow ci " not in pipeline)
    if editor == "vscode":
        files |= vscode_files(place)
    return files


def _check_place(path: Path, within: Path) -> None:
    """Raise where a file is in the place of a folder, or a link leads out of the project."""
    for folder in reversed(path.parents):
        if os.path.lexists(folder) and not folder.is_dir():
            raise Error(
                f"{_shown(folder)} is not a folder, and {path.name} belongs into one of that name.",
                "Nothing was written.",
            )
    if within.exists() and not leads_within(path.parent, within):
        raise RefusedError(
            f"{_shown(path.parent)} leads out of {_shown(within)}, and mbflow writes there.",
            "Nothing was written. Put a folder in the place of the link.",
        )


def _shown(path: Path) -> str:
    """From here, where it lies below; it may be seen from a folder that is gone."""
    below = os.path.relpath(path)
    return str(path) if below.startswith("..") else below


def _written(path: Path, text: str) -> bool:
    """Whether the file is new."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("x", encoding="utf-8", newline="\n") as stream:
            try:
                stream.write(text)
                stream.flush()
            except OSError:
                path.unlink()  # Half a file would be kept for a whole one.
                raise
    except FileExistsError:
        return False
    except OSError as error:
        raise Error(
            f"{_shown(path)} cannot be written: {error.strerror}.",
            "What was written before stays. Once there is a way, run this again for the rest.",
        ) from error
    return True


def _text(path: Path) -> str:
    """What a file holds, as far as it can be read."""
    with suppress(OSError), path.open("rb") as stream:
        return stream.read(_LARGEST).decode("utf-8", "replace")
    return ""


def _additions(
    root: Path, files: Mapping[Path, NewFile], written: Mapping[str, bool]
) -> list[tuple[str, tuple[Line, ...]]]:
    """What files that were there already lack."""
    found: list[tuple[str, tuple[Line, ...]]] = []
    for path, of in files.items():
        name = os.path.relpath(path, root)
        missing = () if written[name] else of.missing(_text(path))
        if missing:
            lines = tuple(f"    {line}" for line in missing)
            found.append((f"{name} is there already. Add to it:", lines))
    return found


def _settings(
    root: Path, top: Path, stated: ProjectReading, place: Place, ci: str
) -> list[tuple[str, tuple[Line, ...]]]:
    found: list[tuple[str, tuple[Line, ...]]] = []
    if repository_root(root) is None:
        found.append(("Put the folder into git:", (Command("git", "init"),)))
    if not is_set(root, _DRIVER):
        driver = Command("git", "config", _DRIVER, "mbflow merge-lock %O %A %B")
        found.append(("Once in each clone, for git to merge locks:", (driver,)))
    if ci == "gitlab" and _lacks_stage(_text(top / GITLAB)):
        found.append((f"Its jobs are of the stage test: add that to stages: in {GITLAB}.", ()))
    if ci and place.environment not in stated.project.declared:
        found.append(
            (f"CI is for the environment {place.environment}. Declare it in {PROJECT_FILE}.", ())
        )
    return found


def _lacks_stage(pipeline: str) -> bool:
    """Whether a pipeline has stages of its own, and none of the name that jobs take by default."""
    stages = re.search(r"^stages:(.*(?:\n[ \t-].*)*)", pipeline, re.MULTILINE)
    return stages is not None and not re.search(r"[\s\['\"]test\b", stages[1])
