"""Call files checked without running a call: what is wrong with them before a caller does a thing.

What is wrong with a flow, a number or a calendar is reported there, not again at the calls.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from mbflow.model.errors import Error
from mbflow.model.flow import Path as Place
from mbflow.model.problem import Problem, Severity, has_errors
from mbflow.model.project import Environment
from mbflow.project.discover import (
    SUFFIX,
    CallFile,
    FlowFile,
    flow_files,
)
from mbflow.project.flow_file import Reading, Terms
from mbflow.project.load import in_some_environments
from mbflow.project.project_file import ProjectReading
from mbflow.project.readings import packed_problem, readings, unpacked_problem
from mbflow.project.workers import in_workers, not_collecting
from mbflow.testing.answer import NoAnswer, dials, find_answer
from mbflow.testing.call import FAILED, ExpectedCall, Fetched
from mbflow.testing.call_files import (
    RULE,
    CallFileReading,
    is_file_name,
    read_calls,
    read_reply,
    read_snapshot,
    stale_calls,
)
from mbflow.testing.flows import Calendars, no_flow_message, other_environment_message


def problems_of_calls(
    files: Sequence[CallFile], stated: ProjectReading, read: Iterable[Reading], terms: Terms
) -> list[Problem]:
    """What is wrong with these call files, in those of the environments that their flows are for.

    `read` are the flows that were read already. Nothing is reported where the project file is
    wrong: what the calls take from it is not known.
    """
    if not files or has_errors(stated.problems):
        return []
    flows = _Flows(stated.root, read, terms)

    def work(part: Sequence[CallFile]) -> list[Any]:
        return [_packed(one, flows, stated) for one in part]

    where: dict[Problem, list[str]] = {}
    environments: dict[str, Sequence[str]] = {}
    with not_collecting():
        found = [packed for part in in_workers(work, files) for packed in part]
    for one, (names, problems) in zip(files, found, strict=True):
        environments |= {one.file: names, one.snapshot_file: names}
        for name, packed in problems:
            where.setdefault(unpacked_problem(*packed), []).append(name)
    return in_some_environments(where, environments)


def _packed(one: CallFile, flows: _Flows, stated: ProjectReading) -> tuple[Any, ...]:
    """As plain data: the environments that its flow is for, and each problem with one of them."""
    names = flows.environments_of(one)
    found = _problems(one, names, flows, stated)
    return names, [(name, packed_problem(problem)) for problem, name in found]


def _problems(
    one: CallFile, names: Sequence[str], flows: _Flows, stated: ProjectReading
) -> Iterator[tuple[Problem, str]]:
    known = stated.project.environments
    # Numbers may lead to other flows where that of the file is not.
    places = [*names, *(one for one in flows.all if one not in names and known[one].numbers)]
    readings = list(zip(places, read_calls(one, known, places, Severity.WARNING), strict=True))
    led = {call.place for name, read in readings for call in read.calls if dials(call, known[name])}
    for name, read in readings:
        if name in names:
            yield from ((problem, name) for problem in read.problems)
            yield from ((problem, name) for problem in _snapshot_problems(read))
        for call in read.calls:
            if call.environment is not None:
                is_made = name in names and call.environment in names
            else:
                is_made = dials(call, known[name]) if call.place in led else name in names
            if is_made:
                found = _of_call(read, call, known[call.environment or name], flows, known)
                yield from ((problem, name) for problem in found)


def _of_call(
    read: CallFileReading,
    call: ExpectedCall,
    at: Environment,
    flows: _Flows,
    known: Mapping[str, Environment],
) -> Iterator[Problem]:
    environment = at.name
    answer = find_answer(call, at, known.values(), flows.calendars.find)
    if isinstance(answer, NoAnswer) and not answer.is_of_calendar:
        yield read.problem(answer.message, ("calls", call.place, answer.key))
    trouble = flows.trouble(read.where, read.where.name, environment) if answer is None else ""
    if trouble:
        place: Place = ("calls", call.place, "environment") if call.environment else ()
        yield read.problem(trouble, place)
    for url, given in call.fetches.items():
        trouble = _fetch_trouble(read.where, given, environment, flows)
        if trouble:
            yield read.problem(trouble, ("calls", call.place, "world", "fetches", url))


def _fetch_trouble(beside: CallFile, given: Fetched, environment: str, flows: _Flows) -> str:
    if not isinstance(given, str) or given == FAILED:
        return ""
    if is_file_name(given):
        reply = read_reply(given, beside, flows.root)
        return reply if isinstance(reply, str) else ""
    return flows.trouble(beside, given, environment)


def _snapshot_problems(read: CallFileReading) -> list[Problem]:
    try:
        text = read_snapshot(read.where)
    except Error as error:
        message = " ".join(map(str, [error.summary, *error.details]))
        return [Problem(RULE, Severity.ERROR, message, read.where.snapshot_file)]
    return [] if text is None else stale_calls(read, text)


class _Flows:
    """Which flows can be called where. Reads those that were not read with the others."""

    def __init__(self, root: Path, read: Iterable[Reading], terms: Terms) -> None:
        self.root = root
        self.calendars = Calendars(root)
        self._terms = terms
        self.all = tuple(environment.name for environment in terms.environments)
        self._read: dict[str, list[Reading]] = {}
        for one in read:
            self._read.setdefault(one.name, []).append(one)

    def environments_of(self, where: CallFile) -> tuple[str, ...]:
        """Those that the flow of a call file is for; all where there is no such flow."""
        found = self._readings(where, where.name)
        return tuple(name for one in found for name in one.environments) if found else self.all

    def trouble(self, beside: CallFile, name: str, environment: str) -> str:
        """Why calls of a flow cannot be run there; "" also where the flow's own file says it."""
        found = self._readings(beside, name)
        if not found:
            folder = _folder_of(beside).relative_to(self.root)
            return no_flow_message(
                name, [flow.name for flow in flow_files(self.root, str(folder))[0]]
            )
        names = [name for one in found for name in one.environments]
        wrong = any(has_errors(one.problems) for one in found)
        if environment in names or environment not in self.all or wrong or not names:
            return ""
        return other_environment_message(name, environment, names[0])

    def _readings(self, beside: CallFile, name: str) -> list[Reading]:
        if name not in self._read:
            path = _folder_of(beside) / f"{name}{SUFFIX}"
            file = FlowFile(name, path.relative_to(self.root).as_posix(), str(path))
            files = [file] if path.is_file() else []
            self._read[name] = readings(self.root, files, self._terms, keep_flows=False)
        return self._read[name]


def _folder_of(where: CallFile) -> Path:
    """What the names of this call file and of the flows that it fetches are seen from."""
    return where.path.parents[where.name.count("/")]
