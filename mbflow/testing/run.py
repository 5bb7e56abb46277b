"""Simulated calls read from disk, run, and compared with what is expected."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from mbflow.calls.call import Call
from mbflow.calls.result import Result, run_call
from mbflow.calls.snapshot import blocks_of, difference, snapshot_text
from mbflow.coverage.measure import FlowCoverage, measure
from mbflow.errors import UsageError
from mbflow.files.call_files import (
    CallFile,
    ReadCalls,
    find_call_files,
    read_calls,
    read_snapshot,
    stale_calls,
    write_snapshot,
)
from mbflow.files.project_file import asked_environments, find_root, read_project
from mbflow.graph.program import Program
from mbflow.model import Path as Place
from mbflow.printable import shortened
from mbflow.problem import Problem, Severity, has_errors
from mbflow.project import Environment
from mbflow.testing.called_flows import CalledFlows
from mbflow.testing.secrets import with_secrets
from mbflow.testing.selection import Selection, selected


@dataclass(frozen=True, slots=True)
class Run:
    """What came of a run."""

    results: tuple[Result, ...] = ()
    problems: tuple[Problem, ...] = ()
    coverage: tuple[FlowCoverage, ...] = ()
    """Of the flows that were selected; of all flows where nothing was."""
    uncallable: tuple[str, ...] = ()
    """Keys of flows that coverage would be of, had they no errors."""
    written: tuple[str, ...] = ()
    """Snapshots that were written."""
    environments: tuple[str, ...] = ()
    """Where calls were made that name none: in the first that has the flow."""

    @property
    def failed(self) -> int:
        return sum(bool(result.failures) for result in self.results)

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
    asked = [one.name for one in asked_environments(stated.project, environment)]
    files = find_call_files(stated.root, stated.project.flows)
    chosen = selected(files, selection, directory)
    flows = CalledFlows(stated.root, asked, environ)
    environments = {
        name: with_secrets(stated.root, name, environ) for name in stated.project.environments
    }
    runner = _Runner(flows, environments, selection, update=update)
    for where in chosen:
        runner.run_file(where)
    if selection.name and not runner.results and not runner.problems:
        raise UsageError(f'No call has "{shortened(selection.name, 60)}" in its name.')
    keys = {where.key for where in chosen}
    everything = not selection.paths
    programs = _programs(flows, keys, everything=everything)
    known = {key: program for key, program in programs.items() if program is not None}
    return Run(
        tuple(runner.results),
        tuple([*runner.problems, *_broken_flows(flows, keys, everything=everything)]),
        tuple(measure(known, (result.transcript for result in runner.results))),
        tuple(key for key in programs if key not in known),
        tuple(runner.written),
        tuple(asked),
    )


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
        home = self._flows.home(where.key)
        (read,) = read_calls(where, self._environments, [home])
        self.problems |= dict.fromkeys(read.problems)
        wanted = [call for call in read.calls if self._selection.wants(call)]
        found = [result for call in wanted if (result := self._run(read, call, home)) is not None]
        if not self._update:
            found = self._compared(read, found)
        elif len(found) == len(read.calls) > 0:
            self._write(where, found)
        self.results += found

    def _run(self, read: ReadCalls, call: Call, home: str) -> Result | None:
        environment = call.environment or home
        program = self._flows.program(read.where.key, environment)
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
        return Result(where.key, where.file, read.line_of(call), call, transcript, failures)

    def _compared(self, read: ReadCalls, results: list[Result]) -> list[Result]:
        """The results, held against the snapshot of the file where there is one."""
        text = read_snapshot(read.where)
        if text is None:
            return results
        blocks = blocks_of(text)
        self.problems |= dict.fromkeys(stale_calls(read, text))
        return [_with_snapshot(result, blocks, read.where.snapshot_file) for result in results]

    def _write(self, where: CallFile, results: list[Result]) -> None:
        text = snapshot_text(where.key, [(one.call.name, one.transcript) for one in results])
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


def _broken_flows(flows: CalledFlows, keys: set[str], *, everything: bool) -> list[Problem]:
    """Errors in flow files: of the flows that were to be called, or of all."""
    found: dict[Problem, None] = {}
    for checkout in flows.read_checkouts():
        files = {f"{checkout.project.flows}/{key}.yaml" for key in keys}
        found |= {
            problem: None
            for problem in checkout.problems
            if problem.severity is Severity.ERROR and (everything or problem.file in files)
        }
    return list(found)


def _programs(flows: CalledFlows, keys: set[str], *, everything: bool) -> dict[str, Program | None]:
    """What coverage is of: the flows that were to be called, or all; None for a broken one."""
    if everything:
        broken = {key for checkout in flows.read_checkouts() for key in checkout.broken}
        keys = keys | set(flows.keys()) | broken
    return {key: flows.any_program(key) for key in sorted(keys)}
