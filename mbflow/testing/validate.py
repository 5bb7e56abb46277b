"""Flow and call files checked for all environments, or some in one: what `validate` tells.

Every file is read and every problem collected; nothing in a file stops the rest.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

from mbflow.model.errors import RefusedError, UsageError
from mbflow.model.problem import Problem, Severity, has_errors
from mbflow.model.progress import SILENT, Progress
from mbflow.model.project import Environment
from mbflow.model.text import Command, did_you_mean
from mbflow.project.discover import (
    CALENDARS,
    CALLS_SUFFIX,
    PROJECT_FILE,
    CallFile,
    FlowFile,
    calendar_files,
    find_call_files,
    find_root,
    flow_files,
    is_below,
    parted,
)
from mbflow.project.flow_file import Terms, judge
from mbflow.project.load import (
    numbers_of_no_flow,
    problems_of_all,
    promises_of_no_flow,
    unknown_overrides,
)
from mbflow.project.local_folder import LOCK_FILE
from mbflow.project.project_file import (
    ProjectReading,
    asked_environments,
    read_project,
    terms_of,
)
from mbflow.project.readings import readings
from mbflow.project.route_document import routes_of_no_calendar
from mbflow.project.source import lines_of
from mbflow.project.yaml.parser import LARGEST_FILE


class CheckResult(NamedTuple):
    """What was found, with files named from the folder that was asked for."""

    problems: tuple[Problem, ...] = ()
    flows: int = 0
    """How many flow files were read."""
    call_files: int = 0
    """How many files with simulated calls."""
    calendars: int = 0


def check(
    directory: Path,
    paths: Sequence[Path] = (),
    environment: str | None = None,
    *,
    environ: Mapping[str, str] = os.environ,
    seen_from: Path | None = None,
    progress: Progress = SILENT,
) -> CheckResult:
    """Check the project that `directory` is in, or only the files and folders `paths` in it.

    Without an environment: for every one that the project declares. Paths outside a project are
    flow files and call files, too. Raises UsageError where there is nothing to check, a path does
    not exist, or the environment is unknown.
    """
    problems: list[Problem] = []
    flows = calls = calendars = 0
    for root, chosen in _by_root(directory, paths).items():
        stated = read_project(root, environ)
        terms = terms_of(stated, _environments(stated, environment))
        files, found = _selected(stated, chosen)
        read = readings(root, files, terms, keep_flows=False, progress=progress)
        call_files = _selected_call_files(stated, chosen)
        found += [*stated.problems, *problems_of_all(read, root, terms)]
        if call_files:
            from mbflow.testing.call_checks import problems_of_calls

            with progress.begin("Checking call files"):
                found += problems_of_calls(call_files, stated, read, terms)
        if not chosen:
            found += unknown_overrides(stated, read, terms.environments)
            found += numbers_of_no_flow(stated, read, terms.environments)
            found += promises_of_no_flow(stated, [flow.name for flow in files])
        names, odd = _calendars(stated, chosen, terms)
        found += odd
        problems += _seen_from(seen_from or directory, root, found)
        flows += len(files)
        calls += len(call_files)
        calendars += len(names)
    return CheckResult(tuple(problems), flows, calls, calendars)


def _calendars(
    stated: ProjectReading, paths: Sequence[Path], terms: Terms
) -> tuple[list[str], list[Problem]]:
    """The names of the calendars among these files and folders, and what is wrong with them.

    Without paths: of all of the project; and the numbers that are led by one that is not there.
    """
    inside = _calendar_paths(stated.root, paths)
    files, problems = calendar_files(stated.root) if inside or not paths else ([], [])
    if paths:
        files = [file for file in files if is_below(Path(file.path), inside)]
        problems = [one for one in problems if is_below(stated.root / one.file, inside)]
    if files:
        from mbflow.project.calendar_file import read_calendars

        for reading in read_calendars(stated.root, files):
            problems += judge(reading.problems, terms.severities, {})
    names = [file.name for file in files]
    if not paths:
        problems += routes_of_no_calendar(terms.environments, names)
    return names, problems


def _calendar_paths(root: Path, paths: Sequence[Path]) -> set[Path]:
    return parted(paths, root / CALENDARS)[0] if (root / CALENDARS).is_dir() else set()


def _environments(stated: ProjectReading, name: str | None) -> tuple[Environment, ...]:
    # A mistake in mbflow.yaml may be why the name is unknown: the mistake is what to tell.
    is_lost = name not in stated.project.environments and has_errors(stated.problems)
    return asked_environments(stated.project, None if is_lost else name)


def source_lines(folder: Path, problems: Iterable[Problem]) -> dict[tuple[str, int], str]:
    """The lines that problems stand in, and those above them.

    None of the project file: it may hold a secret.
    """
    numbers_of: dict[str, set[int]] = {}
    for problem in problems:
        if problem.line and Path(problem.file).name != PROJECT_FILE:
            numbers_of.setdefault(problem.file, set()).update((problem.line - 1, problem.line))
    found: dict[tuple[str, int], str] = {}
    for file, numbers in numbers_of.items():
        lines = lines_of((folder / file).read_bytes())
        found |= {
            (file, number): lines[number - 1] for number in numbers if 0 < number <= len(lines)
        }
    return found


def sources(folder: Path, problems: Iterable[Problem]) -> dict[str, bytes]:
    """The files that problems stand in, where they can be read. Not the project file, either."""
    found: dict[str, bytes] = {}
    for file in {problem.file for problem in problems}:
        if Path(file).name != PROJECT_FILE:
            with contextlib.suppress(OSError):
                found[file] = _beginning(folder / file)
    return found


def _beginning(path: Path) -> bytes:
    with path.open("rb") as stream:
        return stream.read(LARGEST_FILE)


def _by_root(directory: Path, paths: Sequence[Path]) -> dict[Path, list[Path]]:
    """The paths of each project; an empty list stands for the whole of it."""
    if not paths:
        return {find_root(directory): []}
    found: dict[Path, list[Path]] = {}
    for path in paths:
        whole = Path(os.path.abspath(directory / path))  # noqa: PTH100  (keeps links)
        if not whole.exists():
            raise UsageError(f"There is no file, folder or flow {path}.{_guess(directory, path)}")
        found.setdefault(find_root(whole if whole.is_dir() else whole.parent), []).append(whole)
    return found


def _guess(directory: Path, path: Path) -> str:
    root = find_root(directory)
    files = flow_files(root, read_project(root, os.environ).project.flows)[0]
    paths = [os.path.relpath(root / flow.file, directory) for flow in files]
    return did_you_mean(str(path), [*(flow.name for flow in files), *paths])


def _selected(
    stated: ProjectReading, paths: Sequence[Path]
) -> tuple[list[FlowFile], list[Problem]]:
    root, folder = stated.root, stated.project.flows
    files, problems = flow_files(root, folder)
    if not paths:
        return files, [*problems, *_nothing_there(stated, found=bool(files or problems))]
    has_folder = stated.exists or (root / folder).is_dir()
    inside, outside = parted(paths, root / folder) if has_folder else (set(), paths)
    outside = [path for path in outside if not path.is_relative_to(root / CALENDARS)]
    chosen = {flow.path: flow for flow in files if is_below(Path(flow.path), inside)}
    found = {one: None for one in problems if is_below(root / one.file, inside)}
    for path in outside:
        alone = _alone(root, path)
        chosen |= {flow.path: flow for flow in alone[0]}
        found |= dict.fromkeys(alone[1])
    return sorted(chosen.values(), key=lambda flow: flow.name), list(found)


def _alone(root: Path, path: Path) -> tuple[list[FlowFile], list[Problem]]:
    """A folder or a file that is not below the flows folder of a project."""
    if path.is_dir():
        return flow_files(root, str(path.relative_to(root)))
    if path == root / PROJECT_FILE or path.name.endswith(CALLS_SUFFIX):
        return [], []
    if path.name == LOCK_FILE:
        return [], list(_lock_problems(root, path))
    return [FlowFile(path.stem, str(path.relative_to(root)), str(path))], []


def _selected_call_files(stated: ProjectReading, paths: Sequence[Path]) -> list[CallFile]:
    """The call files among these files and folders; without one those of the whole project."""
    root, folder = stated.root, stated.project.flows
    if not paths:
        return find_call_files(root, folder)
    has_folder = (root / folder).is_dir()
    inside, outside = parted(paths, root / folder) if has_folder else (set(), paths)
    files = find_call_files(root, folder) if inside else []
    chosen = {one.path: one for one in files if is_below(one.path, inside)}
    for path in outside:
        if path.is_dir():
            found = find_call_files(root, str(path.relative_to(root)))
        else:
            found = _call_file(root, path)
        chosen |= {one.path: one for one in found}
    return list(chosen.values())


def _call_file(root: Path, path: Path) -> list[CallFile]:
    if not path.name.endswith(CALLS_SUFFIX):
        return []
    name = path.name.removesuffix(CALLS_SUFFIX)
    return [CallFile(name, path.relative_to(root).as_posix(), path)]


def _lock_problems(root: Path, path: Path) -> Iterator[Problem]:
    """The lock is no flow: mbflow writes it, and only has to be able to read it."""
    from mbflow.state.lock import read_lock

    try:
        read_lock(path)
    except RefusedError as error:
        file = str(path.relative_to(root))
        yield Problem("file-unreadable", Severity.ERROR, error.summary, file=file)


def _nothing_there(stated: ProjectReading, *, found: bool) -> list[Problem]:
    # A project file that cannot be read may name another folder: its errors are what to tell.
    if found or has_errors(stated.problems) or (stated.root / stated.project.flows).is_dir():
        return []
    if not stated.exists and not stated.problems:
        raise UsageError(
            "There is nothing to check: no mbflow.yaml and no flows folder here or above.",
            "Name the files to check, or start a project with:",
            Command("mbflow", "init"),
        )
    message = f"There is no folder {stated.project.flows} beside this file, so there are no flows."
    return [Problem("project-file", Severity.ERROR, message, file=PROJECT_FILE)]


def _seen_from(folder: Path, root: Path, problems: Iterable[Problem]) -> list[Problem]:
    """The problems with their files named from `folder` in place of the project's root."""
    if os.path.relpath(root, folder) == ".":
        return list(problems)
    return [
        replace(problem, file=os.path.relpath(root / problem.file, folder).replace(os.sep, "/"))
        for problem in problems
    ]
