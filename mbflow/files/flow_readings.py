"""Many flow files read at once, and the problems that only all of them together show."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import astuple, replace
from pathlib import Path
from typing import Any

from mbflow.files.flow_file import Reading, Terms, judge, read_flow
from mbflow.files.tree import FlowFile
from mbflow.files.workers import in_workers, not_collecting
from mbflow.files.yaml_composer import LARGEST_FILE
from mbflow.files.yaml_reader import read_yaml
from mbflow.model import Flow, Settings
from mbflow.problem import Problem, Severity
from mbflow.rules import RULES


def readings(files: Sequence[FlowFile], terms: Terms, *, keep_flows: bool) -> list[Reading]:
    """One reading or more of each file, in the order of the files; with flows only if asked."""

    def work(part: Sequence[FlowFile]) -> list[tuple[Any, ...]]:
        return [_packed(one, keep_flows) for flow in part for one in _read(flow, terms)]

    with not_collecting():
        return [_unpacked(*packed) for part in in_workers(work, files) for packed in part]


def problems_of_all(found: Sequence[Reading], root: Path, terms: Terms) -> list[Problem]:
    """The problems of every file and of the files together, each once.

    One that is not there in every environment that its file is for names those in which it is.
    """
    where: dict[Problem, list[str]] = {}
    wanted: dict[str, list[str]] = {}
    for reading in found:
        wanted.setdefault(reading.file, []).extend(reading.environments)
        for problem in reading.problems:
            where.setdefault(problem, []).extend(reading.environments)
    for environment in terms.environments:
        for problem in _common_problems(found, environment.name, root, terms.severities):
            where.setdefault(problem, []).append(environment.name)
    return in_some_environments(where, wanted)


def in_some_environments(
    where: Mapping[Problem, Sequence[str]], wanted: Mapping[str, Sequence[str]]
) -> list[Problem]:
    """The problems with the environments that they are in, where their file is for more of them."""
    return [_naming(problem, names, wanted[problem.file]) for problem, names in where.items()]


def packed_problem(of: Problem) -> tuple[Any, ...]:
    """The problem as plain data, which marshal can carry between processes."""
    return of.rule, str(of.severity), of.message, of.file, of.line, of.column, of.path


def unpacked_problem(rule: str, severity: str, *rest: Any) -> Problem:
    return Problem(rule, Severity(severity), *rest)


def _read(flow: FlowFile, terms: Terms) -> list[Reading]:
    try:
        with open(flow.path, "rb", buffering=0) as stream:  # noqa: PTH123  (a third faster)
            source = stream.read(LARGEST_FILE + 1)
    except OSError as error:
        message = f"The file cannot be read: {error.strerror}."
        problem = Problem("file-unreadable", Severity.ERROR, message, file=flow.file)
        names = tuple(environment.name for environment in terms.environments)
        return [Reading(flow.key, flow.file, names, (problem,), variables=None)]
    return read_flow(source, flow.key, flow.file, terms)


def _common_problems(
    found: Iterable[Reading], environment: str, root: Path, severities: Mapping[str, str]
) -> Iterator[Problem]:
    here = [reading for reading in found if environment in reading.environments]
    for rule in RULES.values():
        if rule.check_all is not None:
            facts = {one.file: one.facts[rule.id] for one in here if rule.id in one.facts}
            for problem in judge(rule.check_all(facts), severities, {}):
                yield _placed(problem, root)


def _placed(problem: Problem, root: Path) -> Problem:
    source = (root / problem.file).read_bytes()
    return problem.at(problem.file, *read_yaml(source).place(problem.path))


def _naming(problem: Problem, names: Sequence[str], wanted: Sequence[str]) -> Problem:
    if set(names) == set(wanted):
        return problem
    return replace(problem, message=f"{problem.message} (in {', '.join(dict.fromkeys(names))})")


def _packed(reading: Reading, keep_flow: bool) -> tuple[Any, ...]:
    """The reading as plain data, which marshal can carry between processes."""
    flow = reading.flow if keep_flow else None
    packed = None
    if flow is not None:
        shown = None if flow.shown is flow.body else flow.shown
        settings = None if flow.settings == Settings() else astuple(flow.settings)
        packed = (flow.body, shown, settings)
    problems = [packed_problem(of) for of in reading.problems]
    rest = (dict(reading.facts), reading.variables)
    return reading.key, reading.file, reading.environments, problems, packed, *rest


def _unpacked(
    key: str,
    file: str,
    environments: tuple[str, ...],
    problems: list[tuple[Any, ...]],
    packed: tuple[Any, Any, Any] | None,
    facts: dict[str, Any],
    variables: tuple[str, ...] | None,
) -> Reading:
    flow = None
    if packed is not None:
        body, shown, settings = packed
        shown = body if shown is None else shown
        flow = Flow(key, file, body, shown, Settings(*settings) if settings else _NO_SETTINGS)
    found = tuple(unpacked_problem(*of) for of in problems)
    return Reading(key, file, environments, found, flow, facts, variables)


_NO_SETTINGS = Settings()
