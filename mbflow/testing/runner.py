"""Simulated calls read from disk, run, and compared with what is expected."""

from __future__ import annotations

import os
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from mbflow.flow.steps import Program
from mbflow.model.errors import UsageError
from mbflow.model.problem import Problem, has_errors
from mbflow.model.progress import NOBODY, SILENT, Part, Progress
from mbflow.model.project import Environment
from mbflow.model.promise import Promise
from mbflow.model.text import shortened
from mbflow.project.discover import CALLS_SUFFIX, CallFile, find_call_files, find_root, flow_files
from mbflow.project.load import Checkout, promises_of_no_flow
from mbflow.project.project_file import (
    ProjectReading,
    asked_environments,
    read_project,
)
from mbflow.simulator.transcript import Transcript
from mbflow.testing.answer import Answer, NoAnswer, dials, find_answer
from mbflow.testing.call import ExpectedCall
from mbflow.testing.call_files import (
    CallFileReading,
    read_calls,
    read_snapshot,
    stale_calls,
    write_snapshot,
)
from mbflow.testing.coverage import measure
from mbflow.testing.expectations import Result, run_call
from mbflow.testing.flows import CalledFlows, with_secrets
from mbflow.testing.number_coverage import NumberCoverage, measure_numbers
from mbflow.testing.run import Run
from mbflow.testing.selection import Selection, select_files
from mbflow.testing.transcript_text import blocks_of, difference, snapshot_text

if TYPE_CHECKING:
    from mbflow.testing.promises import PromiseResult


def run_calls(
    directory: Path,
    environment: str | None,
    selection: Selection,
    *,
    update: bool = False,
    environ: Mapping[str, str] = os.environ,
    progress: Progress = SILENT,
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
    flows = CalledFlows(stated.root, names, environ, progress)
    environments = {
        name: with_secrets(stated.root, name, environ) for name in stated.project.environments
    }
    runner = _Runner(flows, environments, selection, update=update)
    flows.read_checkouts()  # here: within a part of the progress it would be slower
    with progress.begin("Running calls") as part:
        for where in chosen:
            runner.run_file(where, part)
    everything = not selection.paths
    with progress.begin("Deciding promises"):
        decided, unsettled = _decide(flows, promises, None if everything else names_chosen)
    if selection.name and not (runner.results or runner.problems or promises):
        raise UsageError(f'No call has "{shortened(selection.name, 60)}" in its name.')
    chosen_names = _names_called(chosen, known, runner.results)
    programs = _programs(flows, chosen_names, everything=everything)
    called = {name: program for name, program in programs.items() if program is not None}
    return Run(
        tuple(runner.results),
        (
            *runner.problems,
            *flows.errors(None if everything else names_chosen),
            *unsettled,
            *(promises_of_no_flow(stated, known) if everything else ()),
        ),
        tuple(measure(called, (result.transcript for result in runner.results))),
        tuple(one for one in _numbers(stated, names, flows, runner) if everything or one.dialled),
        tuple(name for name in programs if name not in called),
        tuple(runner.written),
        tuple(names),
        decided,
    )


def calls_of(
    checkout: Checkout, files: Iterable[CallFile], environ: Mapping[str, str] = os.environ
) -> Mapping[str, Sequence[Transcript]]:
    """The calls of these files by the flow that answers, called as the checkout was read.

    Calls that cannot be made are left out.
    """
    flows = CalledFlows(checkout.root, [checkout.environment.name], environ, known=checkout)
    environments = {
        name: with_secrets(checkout.root, name, environ) for name in checkout.project.environments
    }
    runner = _Runner(flows, environments, Selection(), update=False)
    for where in files:
        runner.run_file(where)
    found: defaultdict[str, list[Transcript]] = defaultdict(list)
    for result in runner.results:
        found[result.name].append(result.transcript)
    return found


def _numbers(
    stated: ProjectReading, names: Sequence[str], flows: CalledFlows, runner: _Runner
) -> Iterator[NumberCoverage]:
    environments = [stated.project.environments[name] for name in names]
    answers = [result.answer for result in runner.results if result.answer is not None]
    return measure_numbers(environments, flows.calendars.find, answers)


def _names_called(
    files: Sequence[CallFile], known: Collection[str], results: Sequence[Result]
) -> set[str]:
    """Of the flows beside the files. One that is none is needed only by calls that dial nothing."""
    dials = {result.file for result in results}
    return {where.name for where in files if where.name in known or where.file not in dials}


def _decide(
    flows: CalledFlows, promises: Sequence[Promise], names: Collection[str] | None
) -> tuple[tuple[PromiseResult, ...], tuple[Problem, ...]]:
    if not promises:
        return (), ()
    from mbflow.testing.promises import decide_all  # it loads most of the core

    return decide_all(flows, promises, names)


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

    def run_file(self, where: CallFile, part: Part = NOBODY) -> None:
        home = self._flows.home(where.name)
        (read,) = read_calls(where, self._environments, [home])
        self.problems |= dict.fromkeys(read.problems)
        calls = [call for call in read.calls if self._selection.names(call.name)]
        elsewhere = self._elsewhere(where, calls, home)
        made = (elsewhere.get(call.place, (call, call.environment or home)) for call in calls)

        def run(one: tuple[ExpectedCall, str]) -> Result | None:
            return self._run(read, *one)

        found = [result for result in map(part.counts(run), made) if result is not None]
        if not self._update:
            found = self._compare(read, found)
        elif len(found) == len(read.calls) > 0:
            self._write(where, found)
        self.results += found

    def _elsewhere(
        self, where: CallFile, calls: Sequence[ExpectedCall], home: str
    ) -> Mapping[int, tuple[ExpectedCall, str]]:
        """The calls that name no environment, and whose number leads to a flow but in another.

        By their places: as they read in the first that leads it, and that environment.
        """
        known = self._environments
        free = (call for call in calls if call.destination and not call.environment)
        places = {call.place for call in free if not dials(call, known[home])}
        others = [name for name in self._flows.environments if name != home and known[name].numbers]
        found: dict[int, tuple[ExpectedCall, str]] = {}
        if places:
            for name, read in zip(others, read_calls(where, known, others), strict=True):
                for call in read.calls:
                    if call.place in places and dials(call, known[name]):
                        found.setdefault(call.place, (call, name))
        return found

    def _run(self, read: CallFileReading, call: ExpectedCall, environment: str) -> Result | None:
        answer = self._answer(call, environment)
        if isinstance(answer, NoAnswer):
            self._add(read.problem(answer.message, ("calls", call.place, answer.key)))
            return None
        name = read.where.name if answer is None else answer.flow
        program = self._flows.program(name, environment)
        if isinstance(program, str):
            key = "to" if answer is not None else "environment" if call.environment else ""
            self._add(read.problem(program, ("calls", call.place, key) if key else ()))
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
        file, line = read.where.file, read.line_of(call)
        return Result(name, file, line, call, transcript, failures, answer)

    def _answer(self, call: ExpectedCall, environment: str) -> Answer | NoAnswer | None:
        known = self._environments
        return find_answer(call, known[environment], known.values(), self._flows.calendars.find)

    def _compare(self, read: CallFileReading, results: list[Result]) -> list[Result]:
        """The results, held against the snapshot of the file where there is one."""
        text = read_snapshot(read.where)
        if text is None:
            return results
        blocks = blocks_of(text)
        self.problems |= dict.fromkeys(stale_calls(read, text))
        return [_with_snapshot(result, blocks, read.where.snapshot_file) for result in results]

    def _write(self, where: CallFile, results: list[Result]) -> None:
        text = snapshot_text(where.name, results)
        if text != read_snapshot(where):
            write_snapshot(where, text)
            self.written.append(where.snapshot_file)

    def _add(self, problem: Problem) -> None:
        self.problems.setdefault(problem)


def _with_snapshot(result: Result, blocks: Mapping[str, list[str]], file: str) -> Result:
    found = difference(result, blocks, file)
    if found is None:
        return result
    failures = sorted([*result.failures, found], key=lambda failure: failure.event)
    return replace(result, failures=tuple(failures))


def _programs(
    flows: CalledFlows, names: set[str], *, everything: bool
) -> dict[str, Program | None]:
    """What coverage is of: the flows that were to be called, or all; None for a broken one."""
    if everything:
        broken = {name for checkout in flows.read_checkouts() for name in checkout.broken}
        names = names | set(flows.names()) | broken
    return {name: flows.any_program(name) for name in sorted(names)}
