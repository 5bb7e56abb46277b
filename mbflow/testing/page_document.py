"""What the page of `mbflow page` shows, gathered as one JSON value.

Steps count from 0, as in the paths of problems; times are in milliseconds. Secrets are never in
it: everything is made of what may be shown.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from mbflow.flow.steps import Program
from mbflow.model.flow import Json
from mbflow.model.problem import Problem, in_order, problem_json
from mbflow.model.progress import SILENT, Progress
from mbflow.model.project import Environment
from mbflow.model.route import CalendarState, Route
from mbflow.model.text import printable
from mbflow.testing.call_graph import CallGraph, call_graph
from mbflow.testing.coverage import FlowCoverage, passed_by
from mbflow.testing.dial_table import DIAL_RULES
from mbflow.testing.expectations import Result
from mbflow.testing.flows import CalledFlows, called_flows
from mbflow.testing.page_flow import call_json, edges_of, side_json
from mbflow.testing.run import Run
from mbflow.testing.runner import run_calls
from mbflow.testing.selection import Selection
from mbflow.testing.validate import check


class _Project(NamedTuple):
    """What was read and run."""

    flows: CalledFlows
    run: Run
    problems: Sequence[Problem]


def page_document(
    directory: Path,
    environment: str | None,
    names: Sequence[str] = (),
    *,
    environ: Mapping[str, str] = os.environ,
    progress: Progress = SILENT,
    flows: CalledFlows | None = None,
) -> dict[str, Json]:
    """The flows of these names, or all; each with its drawing, findings, coverage and calls.

    `flows` are those of the directory, where they were read already.

    Raises ProblemsError for a project file that is wrong, and where a flow that is named has
    errors; UsageError where there is none of that name. Of all flows, broken ones are in it with
    what is wrong with them.
    """
    flows = flows or called_flows(directory, environment, environ=environ, progress=progress)
    programs = flows.choose(names) if names else list(_callable(flows))
    run = run_calls(directory, environment, Selection(), environ=environ, progress=progress)
    checked = check(directory, (), environment, environ=environ, progress=progress)
    found = in_order(checked.problems)
    project = _Project(flows, run, found)
    broken = () if names else sorted(_broken(flows))
    shown = sorted([program.name for program in programs] + list(broken))
    by_name = {program.name: program for program in programs}
    return {
        "project": printable(flows.checkout(flows.environments[0]).project.name),
        "environments": list(flows.environments),
        "flows": [
            _flow(project, name, by_name.get(name))
            for name in progress.each("Drawing call flows", shown)
        ],
        "numbers": [_number(*one) for one in _numbers(flows)],
        "problems": [problem_json(one) for one in found if not _is_of(one, flows, shown)],
        "rules": DIAL_RULES,
        "totals": _totals(run, shown),
    }


def _callable(flows: CalledFlows) -> Iterator[Program]:
    for name in sorted(flows.names()):
        program = flows.find(name)
        if program is not None:
            yield program


def _broken(flows: CalledFlows) -> set[str]:
    return {name for one in flows.read_checkouts() for name in one.broken}


def _is_of(problem: Problem, flows: CalledFlows, names: Iterable[str]) -> bool:
    """Whether the problem stands in the file of one of these flows."""
    return problem.file in {_file(flows, name) for name in names}


def _file(flows: CalledFlows, name: str) -> str:
    return f"{flows.checkout(flows.environments[0]).project.flows}/{name}.yaml"


def _totals(run: Run, names: Sequence[str]) -> dict[str, Json]:
    calls = [result for result in run.results if result.name in names]
    coverage = [one for one in run.coverage if one.name in names]
    return {
        "calls": len(calls),
        "failed": sum(bool(result.failures) for result in calls),
        "branches": sum(len(one.branches) for one in coverage),
        "covered": sum(one.covered for one in coverage),
    }


def _flow(project: _Project, name: str, program: Program | None) -> dict[str, Json]:
    file = _file(project.flows, name)
    problems: list[Json] = [
        {**problem_json(one), "step": _step_of(one)} for one in project.problems if one.file == file
    ]
    head: dict[str, Json] = {"name": name, "file": file, "problems": problems}
    if program is None:
        return {**head, "title": "", "is_broken": True}
    flow = project.flows.checkout(project.flows.home(name)).flows[name]
    results = project.run.by_flow.get(name, ())
    graph = call_graph(program)
    coverage = next((one for one in project.run.coverage if one.name == name), None)
    return {
        **head,
        "title": printable(flow.title),
        "description": printable(flow.settings.description),
        "environment": project.flows.home(name),
        "numbers": list(_numbers_of(project.flows, name)),
        **side_json(flow.body, program, graph, project.flows.wordings(name)),
        "coverage": _coverage(coverage, graph, results),
        "calls": [_call(result, graph) for result in results],
    }


def _step_of(problem: Problem) -> int | None:
    """The index of the step that the problem is about."""
    path = problem.path
    is_step = len(path) > 1 and path[0] == "steps" and isinstance(path[1], int)
    return int(path[1]) if is_step else None


def _coverage(
    coverage: FlowCoverage | None, graph: CallGraph, results: Sequence[Result]
) -> dict[str, Json] | None:
    """How many calls came to each step and went along each edge; None without any call file."""
    if coverage is None:
        return None
    name = coverage.name
    steps: Counter[int] = Counter()
    edges: Counter[int] = Counter()
    for result in results:
        steps.update(passed_by(name, [result.transcript]).ran)
        edges.update({edge for _, edge in edges_of(result.transcript, graph)})
    return {
        "branches": len(coverage.branches),
        "covered": coverage.covered,
        "steps": {str(step): count for step, count in sorted(steps.items())},
        "edges": {str(edge): count for edge, count in sorted(edges.items())},
    }


def _call(result: Result, graph: CallGraph) -> dict[str, Json]:
    return {
        **call_json(result.call.name, result.transcript, graph, result.failures),
        "file": result.file,
        "line": result.line,
        "answer": "" if result.answer is None else printable(result.answer.text),
    }


def _numbers(flows: CalledFlows) -> Iterator[tuple[str, Route, Environment]]:
    known = flows.checkout(flows.environments[0]).project.environments
    for name in flows.environments:
        for number, route in sorted(known[name].numbers.items()):
            yield number, route, known[name]


def _number(number: str, route: Route, environment: Environment) -> dict[str, Json]:
    """Where it leads, in each state of its calendar where one decides."""
    leads: list[Json] = [{"when": when, "flow": flow} for when, flow in _leads(route)]
    return {
        "number": number,
        "environment": environment.name,
        "calendar": printable(route.calendar),
        "leads": leads,
    }


def _leads(route: Route) -> list[tuple[str, str]]:
    if not route.calendar:
        return [("always", route.open)]
    return [(state.words, route.flow({route.calendar: state})) for state in CalendarState]


def _numbers_of(flows: CalledFlows, name: str) -> Iterator[Json]:
    """`442079460100`, or `442079460100 while office is open`."""
    home = flows.home(name)
    for number, route, environment in _numbers(flows):
        states = [when for when, flow in _leads(route) if flow == name]
        if environment.name == home and states:
            when = f" while {printable(route.calendar)} is {' or '.join(states)}"
            yield number + (when if route.calendar else "")
