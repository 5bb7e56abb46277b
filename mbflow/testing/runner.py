"""Simulated calls read from disk, run, and compared with what is expected."""

from __future__ import annotations

import os
import re
from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING

from mbflow.flow.steps import Program
from mbflow.model.errors import UsageError
from mbflow.model.flow import Path as Place
from mbflow.model.problem import Problem, Severity, has_errors
from mbflow.model.project import Environment
from mbflow.model.text import Command, did_you_mean, shortened
from mbflow.project.discover import CALLS_SUFFIX, CallFile, find_call_files, flow_files
from mbflow.project.load import promises_of_no_flow
from mbflow.project.project_file import (
    ProjectReading,
    asked_environments,
    find_root,
    read_project,
)
from mbflow.project.source import lines_of
from mbflow.project.yaml.document import read_yaml
from mbflow.testing.call import ExpectedCall
from mbflow.testing.call_files import (
    CallFileReading,
    read_calls,
    read_snapshot,
    stale_calls,
    write_snapshot,
)
from mbflow.testing.coverage import Branch, FlowCoverage, measure
from mbflow.testing.expectations import Result, run_call
from mbflow.testing.flows import CalledFlows, called_flows, with_secrets
from mbflow.testing.transcript_text import blocks_of, difference, snapshot_text

if TYPE_CHECKING:
    from mbflow.testing.promises import PromiseResult
    from mbflow.testing.suggestions import Suggestion


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
        return UsageError(
            f"{text} has no simulated calls.",
            "They stand in NAME.calls.yaml beside the flow NAME.yaml. To get suggestions:",
            Command("mbflow", "test", "--suggest", "FLOW"),
        )
    known = [(where.name, os.path.relpath(where.flow_path, directory)) for where in files]
    guess = did_you_mean(text, chain.from_iterable(known))
    return UsageError(
        f"There are no simulated calls for {text}, and no file or folder of that name.{guess}"
    )


@dataclass(frozen=True, slots=True)
class Run:
    """What came of a run."""

    results: tuple[Result, ...] = ()
    problems: tuple[Problem, ...] = ()
    coverage: tuple[FlowCoverage, ...] = ()
    """Of the flows that were selected; of all flows where nothing was."""
    uncallable: tuple[str, ...] = ()
    """Names of flows that coverage would be of, had they no errors."""
    written: tuple[str, ...] = ()
    """Snapshots that were written."""
    environments: tuple[str, ...] = ()
    """Where calls were made that name none: in the first that has the flow."""
    promises: tuple[PromiseResult, ...] = ()
    """What was found of the promises that are selected, by flow."""

    @property
    def failed(self) -> int:
        return sum(bool(result.failures) for result in self.results)

    @property
    def has_failed(self) -> bool:
        """Whether anything is not as it is to be."""
        return bool(self.failed or self.errors) or any(one.has_failed for one in self.promises)

    @property
    def errors(self) -> tuple[Problem, ...]:
        """Why calls could not be run."""
        return tuple(one for one in self.problems if one.severity is Severity.ERROR)


def run_calls(
    directory: Path,
    environment: str | None,
    selection: Selection,
    *,
    update: bool = False,
    environ: Mapping[str, str] = os.environ,
) -> Run:
    """Run the calls that are selected. `update` writes snapshots in place of comparing with them.

    Without an environment each flow is called in the first one that has it. Raises UsageError where
    the environment is unknown or the selection finds nothing. All else that is wrong is in the
    problems.
    """
    stated = read_project(find_root(directory), environ)
    if has_errors(stated.problems):
        return Run(problems=stated.problems)
    names = [one.name for one in asked_environments(stated.project, environment)]
    files = find_call_files(stated.root, stated.project.flows)
    promises = [one for one in stated.project.promises if selection.names(one.name)]
    known = [flow.name for flow in flow_files(stated.root, stated.project.flows)[0]]
    without = _without_calls(stated, {*known} - {where.name for where in files})
    chosen = select_files([*files, *without], selection, directory)
    names_chosen = {where.name for where in chosen}
    chosen = [where for where in chosen if where in files]
    flows = CalledFlows(stated.root, names, environ)
    environments = {
        name: with_secrets(stated.root, name, environ) for name in stated.project.environments
    }
    runner = _Runner(flows, environments, selection, update=update)
    for where in chosen:
        runner.run_file(where)
    everything = not selection.paths
    decided: tuple[PromiseResult, ...] = ()
    unsettled: tuple[Problem, ...] = ()
    if promises:  # most of the core is loaded for them
        from mbflow.testing.promises import decide_all

        decided, unsettled = decide_all(flows, promises, None if everything else names_chosen)
    if selection.name and not (runner.results or runner.problems or promises):
        raise UsageError(f'No call has "{shortened(selection.name, 60)}" in its name.')
    chosen_names = {where.name for where in chosen}
    programs = _programs(flows, chosen_names, everything=everything)
    called = {name: program for name, program in programs.items() if program is not None}
    return Run(
        tuple(runner.results),
        (
            *runner.problems,
            *_broken_flows(flows, names_chosen, everything=everything),
            *unsettled,
            *(promises_of_no_flow(stated, known) if everything else ()),
        ),
        tuple(measure(called, (result.transcript for result in runner.results))),
        tuple(name for name in programs if name not in called),
        tuple(runner.written),
        tuple(names),
        decided,
    )


def _without_calls(stated: ProjectReading, names: Collection[str]) -> list[CallFile]:
    """Where the calls would be of those flows of which something is promised."""
    promised = {name for one in stated.project.promises for name in one.covers(names)}
    at = {name: f"{stated.project.flows}/{name}{CALLS_SUFFIX}" for name in sorted(promised)}
    return [CallFile(name, file, stated.root / file) for name, file in at.items()]


class _Runner:
    """Runs call files one after the other, and collects what comes of them."""

    def __init__(
        self,
        flows: CalledFlows,
        environments: Mapping[str, Environment],
        selection: Selection,
        *,
        update: bool,
    ) -> None:
        self.results: list[Result] = []
        self.problems: dict[Problem, None] = {}
        self.written: list[str] = []
        self._flows = flows
        self._environments = environments
        self._selection = selection
        self._update = update

    def run_file(self, where: CallFile) -> None:
        home = self._flows.home(where.name)
        (read,) = read_calls(where, self._environments, [home])
        self.problems |= dict.fromkeys(read.problems)
        calls = [call for call in read.calls if self._selection.names(call.name)]
        found = [result for call in calls if (result := self._run(read, call, home)) is not None]
        if not self._update:
            found = self._compare(read, found)
        elif len(found) == len(read.calls) > 0:
            self._write(where, found)
        self.results += found

    def _run(self, read: CallFileReading, call: ExpectedCall, home: str) -> Result | None:
        environment = call.environment or home
        program = self._flows.program(read.where.name, environment)
        if isinstance(program, str):
            place: Place = ("calls", call.place, "environment") if call.environment else ()
            self._add(read.problem(program, place))
            return None
        fetched: dict[str, Program | None] = {}
        for url, given in call.fetches.items():
            reply = self._flows.fetched(url, given, read.where, environment)
            if isinstance(reply, str):
                path = ("calls", call.place, "world", "fetches", url)
                self._add(read.problem(reply, path))
                return None
            fetched[url] = reply
        transcript, failures = run_call(call, program, fetched)
        where = read.where
        return Result(where.name, where.file, read.line_of(call), call, transcript, failures)

    def _compare(self, read: CallFileReading, results: list[Result]) -> list[Result]:
        """The results, held against the snapshot of the file where there is one."""
        text = read_snapshot(read.where)
        if text is None:
            return results
        blocks = blocks_of(text)
        self.problems |= dict.fromkeys(stale_calls(read, text))
        return [_with_snapshot(result, blocks, read.where.snapshot_file) for result in results]

    def _write(self, where: CallFile, results: list[Result]) -> None:
        text = snapshot_text(where.name, [(one.call.name, one.transcript) for one in results])
        if text != read_snapshot(where):
            write_snapshot(where, text)
            self.written.append(where.snapshot_file)

    def _add(self, problem: Problem) -> None:
        self.problems.setdefault(problem)


def _with_snapshot(result: Result, blocks: Mapping[str, list[str]], file: str) -> Result:
    found = difference(result.call.name, result.transcript, blocks, file)
    if found is None:
        return result
    failures = sorted([*result.failures, found], key=lambda failure: failure.event)
    return replace(result, failures=tuple(failures))


def _broken_flows(flows: CalledFlows, names: set[str], *, everything: bool) -> list[Problem]:
    """Errors in flow files: of the flows that were to be called, or of all."""
    found: dict[Problem, None] = {}
    for checkout in flows.read_checkouts():
        files = {f"{checkout.project.flows}/{name}.yaml" for name in names}
        found |= {
            problem: None
            for problem in checkout.problems
            if problem.severity is Severity.ERROR and (everything or problem.file in files)
        }
    return list(found)


def _programs(
    flows: CalledFlows, names: set[str], *, everything: bool
) -> dict[str, Program | None]:
    """What coverage is of: the flows that were to be called, or all; None for a broken one."""
    if everything:
        broken = {name for checkout in flows.read_checkouts() for name in checkout.broken}
        names = names | set(flows.names()) | broken
    return {name: flows.any_program(name) for name in sorted(names)}


@dataclass(frozen=True, slots=True)
class Proposal:
    """Calls, and how they fit into the call file."""

    calls: tuple[Suggestion, ...]
    flow: FlowCoverage
    """The coverage that is there already."""
    left: tuple[Branch, ...]
    """The branches for which no call was found."""
    wordings: Mapping[str, str]
    """What a transcript shows, to how the flow's file words it."""
    file: str = ""
    """The call file that has calls already, to whose end they go; "" where there is none."""
    indent: int = 2
    """Columns before the dash of a call in that file."""
    names: frozenset[str] = frozenset()
    """Of the calls in that file: no two may have one."""


def suggest_calls(
    directory: Path,
    environment: str | None,
    name: str,
    *,
    environ: Mapping[str, str] = os.environ,
) -> Proposal:
    """Calls for branches that no call covers. Raises as `called_flows` and its `choose` do."""
    from mbflow.testing.suggestions import suggest

    flows = called_flows(directory, environment, environ=environ)
    (program,) = flows.choose([name])
    run = run_calls(directory, environment, Selection(), environ=environ)
    (flow,) = measure({name: program}, (result.transcript for result in run.results))
    found, left = suggest(program, flow.missed)
    root = find_root(directory)
    files = find_call_files(root, read_project(root, environ).project.flows)
    there = [(one, indent) for one in files if one.name == name and (indent := _indent(one)) >= 0]
    file, indent = (there[0][0].file, there[0][1]) if there else ("", 2)
    names = frozenset(result.call.name for result in run.results if result.name == name)
    words = flows.wordings(name)
    return Proposal(tuple(found), flow, tuple(left), words, file, indent, names)


def _indent(where: CallFile) -> int:
    """Columns before the first call of the file; -1 where none can be put below the others."""
    try:
        source = where.path.read_bytes()
    except OSError:
        return -1
    document = read_yaml(source)
    line, _ = document.place(("calls", 0))
    lines = lines_of(source)
    dash = re.match(" *(?=- )", lines[line - 1]) if 0 < line <= len(lines) else None
    return len(dash[0]) if dash is not None else -1
