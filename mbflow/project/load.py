"""A project's files read: the flows that git wants in one environment, and all that is wrong.

Every file is read and every problem collected before anything stops.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from mbflow.model.errors import ProblemsError
from mbflow.model.flow import Flow
from mbflow.model.problem import Problem, Severity, has_errors, in_order
from mbflow.model.progress import SILENT, Progress
from mbflow.model.project import Environment, Project
from mbflow.model.promise import Promise
from mbflow.model.text import did_you_mean, nearest, shortened
from mbflow.project.discover import (
    PROJECT_FILE,
    CallFile,
    FlowFile,
    find_call_files,
    find_root,
    flow_files,
)
from mbflow.project.flow_file import Reading, Terms, judge
from mbflow.project.local_folder import was_there
from mbflow.project.project_file import (
    ProjectReading,
    check_is_project,
    choose_environment,
    read_project,
    terms_of,
)
from mbflow.project.readings import readings
from mbflow.project.route_document import routes_of_no_calendar, routes_of_no_flow
from mbflow.project.variables import secrets_of
from mbflow.project.yaml.document import read_yaml
from mbflow.rules import RULES

if TYPE_CHECKING:
    from mbflow.model.calendar import Calendar


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


def _common_problems(
    found: Iterable[Reading], environment: str, root: Path, severities: Mapping[str, str]
) -> Iterator[Problem]:
    here = [reading for reading in found if environment in reading.environments]
    for rule in RULES.values():
        if rule.check_all is not None:
            facts = {one.file: one.facts[rule.id] for one in here if rule.id in one.facts}
            for problem in judge(map(rule.problem, rule.check_all(facts)), severities, {}):
                yield placed(problem, root)


def placed(problem: Problem, root: Path) -> Problem:
    """The problem of a flow's file with line and column, which are looked up in the file."""
    source = (root / problem.file).read_bytes()
    return problem.at(problem.file, *read_yaml(source).place(problem.path))


def _naming(problem: Problem, names: Sequence[str], wanted: Sequence[str]) -> Problem:
    if set(names) == set(wanted):
        return problem
    return replace(problem, message=f"{problem.message} (in {', '.join(dict.fromkeys(names))})")


def unknown_overrides(
    stated: ProjectReading, found: Sequence[Reading], environments: Iterable[Environment]
) -> Iterator[Problem]:
    """A problem for each; none where a flow file cannot be read, as it may use any of them.

    `found` are the readings of all flow files of the project.
    """
    used: set[str] = set()
    for reading in found:
        if reading.variables is None:
            return
        used.update(reading.variables)
    shared = stated.project.variables
    for environment in environments:
        for name in sorted(environment.variables.keys() - {*shared, *used}):
            meant = nearest(name, shared)
            if meant is not None and not _is_used_in_calls(stated, name):
                yield _problem(environment, name, meant)


def _problem(environment: Environment, name: str, meant: str) -> Problem:
    return Problem(
        "unknown-override",
        Severity.ERROR,
        f'The project has no variable "{shortened(name, 60)}", and no flow uses it. '
        f'Did you mean "{shortened(meant, 60)}"? If not, remove it until a flow uses it.',
        PROJECT_FILE,
        *environment.variables[name].place,
        path=("environments", environment.name, "variables", name),
    )


def _is_used_in_calls(stated: ProjectReading, name: str) -> bool:
    reference = f"${{{name}}}".encode()
    files = find_call_files(stated.root, stated.project.flows)
    return any(reference in _content(one) for one in files)


def _content(one: CallFile) -> bytes:
    """Empty where it cannot be read; `validate` tells that."""
    try:
        return one.path.read_bytes()
    except OSError:
        return b""


def numbers_of_no_flow(
    stated: ProjectReading, found: Iterable[Reading], environments: Sequence[Environment]
) -> Iterator[Problem]:
    """A problem for each flow that a number is to lead to and that no file is there for.

    `found` are the readings of all flow files of the project.
    """
    if any(environment.numbers for environment in environments):
        where: dict[str, set[str]] = {}
        for reading in found:
            where.setdefault(reading.name, set()).update(reading.environments)
        is_gone = partial(was_there, stated.root, stated.project.flows)
        yield from routes_of_no_flow(stated.project, environments, where, is_gone)


def promises_of_no_flow(stated: ProjectReading, names: Sequence[str]) -> Iterator[Problem]:
    """A problem for each promise, and each exception of one, that fits none of these names."""
    return judge(_of_no_flow(stated, names), stated.project.severities, {})


def _of_no_flow(stated: ProjectReading, names: Sequence[str]) -> Iterator[Problem]:
    for number, promise in enumerate(stated.project.promises):
        among = promise.flows_among(names)
        if not among:
            message = f'No flow has a name like "{shortened(promise.flows, 60)}".'
            message += did_you_mean(promise.flows, names)
            yield _of_promise(promise, message, ("promises", number, "flows"))
        for name in promise.exceptions if among else ():
            if name not in among:
                message = f'The promise is not of "{shortened(name, 60)}".'
                message += did_you_mean(name, among) or " Remove the exception."
                yield _of_promise(promise, message, ("promises", number, "except"))


def _of_promise(promise: Promise, message: str, path: tuple[str | int, ...]) -> Problem:
    message = f'Promise "{promise.name}": {message}'
    found = Problem("promise-of-no-flow", Severity.WARNING, message, path=path)
    return found.at(PROJECT_FILE, *promise.place)


@dataclass(frozen=True, slots=True)
class Checkout:
    """What git wants in one environment."""

    root: Path
    project: Project
    environment: Environment
    flows: Mapping[str, Flow]
    """By name, in the order of the names; without broken files and without flows that exclude the
    environment."""
    problems: tuple[Problem, ...]
    """Of all files, in the order of reading."""
    secrets: Mapping[str, str] = field(repr=False)
    """What `secrets_of` says of the environment."""
    broken: frozenset[str] = frozenset()
    """Names of files that are there but cannot be used: their flows are not gone."""
    has_files: bool = True
    """Whether there is any flow file for it: else this may be the wrong folder, or branch."""
    calendars: Mapping[str, Calendar] = field(default_factory=dict)
    """By name: those that lead numbers of this environment."""
    terms: Terms | None = None
    """On which the files were read; None where the flows are not those of the files."""


def warnings_of(checkout: Checkout, names: Iterable[str]) -> list[Problem]:
    """What the rules that can only warn say of these flows' files. Reads the files again."""
    terms = checkout.terms
    flows = [checkout.flows[name] for name in names if name in checkout.flows]
    if terms is None or not flows:
        return []
    files = [FlowFile(of.name, of.file, str(checkout.root / of.file)) for of in flows]
    terms = replace(terms, errors_only=False)
    found = readings(checkout.root, files, terms, keep_flows=False)
    problems = {problem for one in found for problem in one.problems}
    return in_order(problems - {*checkout.problems})


def read_checkout(
    directory: Path,
    environment: str | None,
    *,
    environ: Mapping[str, str] = os.environ,
    beside: Callable[[Checkout], object] = lambda checkout: None,
    progress: Progress = SILENT,
) -> Checkout:
    """Everything of the project that `directory` is in, for one environment.

    Rules that can only warn are left to `validate`. `beside` is given the checkout without flows
    once all else is known of it, and is done while the files are read by other processes.

    Raises ProblemsError for a project file that is wrong, and UsageError where the environment is
    unknown or must be named. Problems in flow files are in `problems`.
    """
    stated = read_project(find_root(directory), environ)
    if has_errors(stated.problems):
        raise ProblemsError(stated.problems)
    check_is_project(stated)
    chosen = choose_environment(stated.project, environment)
    checkout = Checkout(
        root=stated.root,
        project=stated.project,
        environment=chosen,
        flows={},
        problems=(),
        secrets=secrets_of(chosen),
    )
    return _with_flows(checkout, stated, partial(beside, checkout), progress)


def _with_flows(
    checkout: Checkout,
    stated: ProjectReading,
    beside: Callable[[], object],
    progress: Progress,
) -> Checkout:
    chosen = checkout.environment
    terms = replace(terms_of(stated, (chosen,), unset=Severity.ERROR), errors_only=True)
    files, problems = flow_files(stated.root, stated.project.flows)
    found = readings(stated.root, files, terms, keep_flows=True, beside=beside, progress=progress)
    problems += [*stated.problems, *problems_of_all(found, stated.root, terms)]
    problems += unknown_overrides(stated, found, (chosen,))
    problems += numbers_of_no_flow(stated, found, (chosen,))
    calendars, odd = _calendars(stated.root, chosen)
    problems += odd
    flows = {one.name: one.flow for one in found if one.flow is not None}
    broken = frozenset(one.name for one in found if has_errors(one.problems))
    return replace(
        checkout,
        flows=flows,
        problems=tuple(in_order(problems)),
        broken=broken,
        calendars=calendars,
        has_files=bool(flows or broken),
        terms=terms,
    )


def _calendars(root: Path, environment: Environment) -> tuple[dict[str, Calendar], list[Problem]]:
    """The calendars that lead numbers of an environment, and what is wrong with them."""
    names = {route.calendar for route in environment.numbers.values() if route.calendar}
    if not names:
        return {}, []
    from mbflow.project.calendar_file import read_named

    calendars, known, problems = read_named(root, names)
    return calendars, [*problems, *routes_of_no_calendar((environment,), known)]
