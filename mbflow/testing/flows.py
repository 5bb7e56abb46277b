"""The flows that simulated calls need, in the environments that they need them in."""

from __future__ import annotations

import os
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING

from mbflow.flow.steps import Program, parse_program
from mbflow.model.errors import Error, ProblemsError, UsageError
from mbflow.model.flow import Json
from mbflow.model.problem import Problem, Severity, has_errors
from mbflow.model.progress import SILENT, Progress
from mbflow.model.project import Environment, Variable
from mbflow.model.text import (
    broken_flow_message,
    did_you_mean,
    listed,
    listed_shortly,
    shortened,
    typo_guess,
)
from mbflow.project.discover import CallFile, find_root, flow_file, flow_files
from mbflow.project.load import Checkout, read_checkout
from mbflow.project.project_file import asked_environments, read_project
from mbflow.project.yaml.document import read_yaml

if TYPE_CHECKING:
    from mbflow.model.calendar import Calendar
    from mbflow.testing.call import Fetched


def no_flow_message(name: str, known: Iterable[str]) -> str:
    """There is no file of that name; `known` are the names that there are."""
    guess = typo_guess(name, known) or " Its file is gone; remove the calls as well."
    return f'There is no flow "{_named(name)}".{guess}'


def other_environment_message(name: str, environment: str, other: str) -> str:
    """The flow is for the environment `other`, and not for this one."""
    return (
        f'The flow "{_named(name)}" is not for the environment {environment}. '
        f"Name one that it is for in the call: environment: {other}"
    )


def _named(name: str) -> str:
    return shortened(name, 80)


def wordings(written: Json, shown: Json) -> Mapping[str, str]:
    """Each text of the flow that holds references, as it is shown, to the text of the file.

    `written` is the file's document, `shown` the same with the variables' values. Where two texts
    come to the same, the first counts.
    """
    found: dict[str, str] = {}
    for value, text in _pairs(written, shown):
        found.setdefault(value, text)
    return found


def _pairs(written: Json, shown: Json) -> Iterator[tuple[str, str]]:
    if isinstance(written, str) and isinstance(shown, str):
        return iter([(shown, written)] if "${" in written else [])
    if isinstance(written, dict) and isinstance(shown, dict):
        return chain.from_iterable(
            _pairs(written[name], shown[name]) for name in written if name in shown
        )
    if isinstance(written, list) and isinstance(shown, list):
        return chain.from_iterable(map(_pairs, written, shown))
    return iter(())


def with_stand_ins(root: Path, environment: str, environ: Mapping[str, str]) -> Mapping[str, str]:
    """The process variables, and `${name}` in each that a secret of the environment lacks.

    It is the text that is shown for a secret in any case, and that rules let pass. Variables that
    are no secrets must have a value, as must secrets that are no text.
    """
    found = _variables(root, environment, environ)
    needed = {one.env for one in found if one.value is not None or not one.secret}
    added = {
        one.env: f"${{{one.name}}}"
        for one in found
        if one.env and one.env not in needed and not environ.get(one.env)
    }
    filled = {**environ, **added}
    refused = {one.env for one in _variables(root, environment, filled) if one.value is None}
    return {name: text for name, text in filled.items() if name not in added.keys() & refused}


def with_secrets(root: Path, environment: str, environ: Mapping[str, str]) -> Environment:
    """The environment with a value for every secret."""
    filled = with_stand_ins(root, environment, environ)
    return read_project(root, filled).project.environments[environment]


def _variables(root: Path, environment: str, environ: Mapping[str, str]) -> list[Variable]:
    known = read_project(root, environ).project.environments
    return list(known[environment].variables.values()) if environment in known else []


class Calendars:
    """The calendars of a project, each read when a call first needs it."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._found: dict[str, Calendar | str] = {}

    def find(self, name: str) -> Calendar | str:
        """The calendar of a name, or why there is none."""
        if name not in self._found:
            from mbflow.project.calendar_file import read_named  # only needed where numbers are

            calendars, known, _ = read_named(self._root, {name})
            broken = f'The calendar "{_named(name)}" has errors, so nobody knows who answers.'
            missing = f'There is no calendar "{_named(name)}".{did_you_mean(name, known)}'
            self._found[name] = calendars.get(name) or (broken if name in known else missing)
        return self._found[name]


class CalledFlows:
    """Flows to call; the files of an environment are read once. What is missing is a message."""

    def __init__(
        self,
        root: Path,
        environments: Sequence[str],
        environ: Mapping[str, str],
        progress: Progress = SILENT,
        known: Checkout | None = None,
    ) -> None:
        """`environments`: where calls are made that do not name one, the first choice first.

        `known` is the checkout of one of them, where that was read already.
        """
        self.environments = environments
        self.calendars = Calendars(root)
        self._root = root
        self._environ = environ
        self._progress = progress
        self._checkouts = {known.environment.name: known} if known is not None else {}
        self._programs: dict[tuple[str, str], Program] = {}

    def home(self, name: str) -> str:
        """The environment in which a flow is called: the first that has it."""
        return next(
            (each for each in self.environments if self._has(name, each)), self.environments[0]
        )

    def leads(self, number: str) -> Environment:
        """The first of the environments in which a number leads to a flow. Raises UsageError."""
        known = self.checkout(self.environments[0]).project.environments
        home = next((one for one in self.environments if number in known[one].numbers), None)
        if home is not None:
            return known[home]
        others = [one.name for one in known.values() if number in one.numbers]
        guess = did_you_mean(number, {led for one in known.values() for led in one.numbers})
        where = f" It does in {listed(others, last='and')}: name one with -e." if others else guess
        where = where or " Lead it in mbflow.yaml, under numbers of an environment."
        places = listed(self.environments)
        raise UsageError(f"The number {_named(number)} leads nowhere in {places}.{where}")

    def read_checkouts(self) -> list[Checkout]:
        """Those that calls were made in, and always that of the first environment."""
        self.checkout(self.environments[0])
        return list(self._checkouts.values())

    def names(self) -> Iterator[str]:
        """Of all flows that can be called in one of the environments."""
        first = self.checkout(self.environments[0])
        yield from first.flows
        files = flow_files(self._root, first.project.flows)[0]
        left = {flow.name for flow in files} - first.flows.keys() - first.broken
        for name in self.environments[1:] if left else ():
            yield from left & self.checkout(name).flows.keys()

    def checkout(self, environment: str) -> Checkout:
        if environment not in self._checkouts:
            environ = with_stand_ins(self._root, environment, self._environ)
            read = read_checkout(self._root, environment, environ=environ, progress=self._progress)
            self._checkouts[environment] = read
        return self._checkouts[environment]

    def program(self, name: str, environment: str) -> Program | str:
        """The flow of a name in an environment, or why there is none."""
        program = self._programs.get((environment, name))
        if program is None:
            flow = self.checkout(environment).flows.get(name)
            if flow is None:
                return self._no_flow(name, environment)
            program = parse_program(name, flow.body, flow.raw)
            self._programs[environment, name] = program
        return program

    def any_program(self, name: str) -> Program | None:
        """The flow of a name where it is at home, else in another that calls were made in."""
        for environment in (self.home(name), *self._checkouts):
            program = self.program(name, environment)
            if isinstance(program, Program):
                return program
        return None

    def wordings(self, name: str) -> Mapping[str, str]:
        """What the flow shows where it is at home, to how its file words it."""
        flow = self.checkout(self.home(name)).flows[name]
        document = read_yaml((self._root / flow.file).read_bytes())
        return wordings(document.data, flow.body)

    def fetched(
        self, url: str, given: Fetched, beside: CallFile, environment: str
    ) -> Program | str | None:
        """What a URL gives: a flow, None for a failure, or why it cannot be had."""
        from mbflow.testing.call import FAILED, Inline
        from mbflow.testing.call_files import is_file_name, read_reply

        if isinstance(given, Inline):
            return parse_program(shortened(url, 80), given.body, given.raw)
        if is_file_name(given):
            body = read_reply(given, beside, self._root)
            return body if isinstance(body, str) else parse_program(given, body)
        if given == FAILED and FAILED not in self.checkout(environment).flows:
            return None
        return self.program(given, environment)

    def find(self, name: str) -> Program | None:
        """The flow of a name where it is at home; None where there is none that can be called."""
        program = self.program(name, self.home(name))
        return program if isinstance(program, Program) else None

    def choose(self, names: Sequence[str] = ()) -> list[Program]:
        """The flows with these names, in their order, else all flows.

        Raises UsageError for a name that there is not, ProblemsError where its flow has errors.
        """
        found = {name: self.find(name) for name in names or sorted(self.names())}
        for name, program in found.items():
            if program is None:
                raise self._no_flow_error(name)
        return [program for program in found.values() if program is not None]

    def errors(self, names: Collection[str] | None = None) -> list[Problem]:
        """What is wrong with the files of these flows, else with all files: in what was read."""
        found: dict[Problem, None] = {}
        for checkout in self.read_checkouts():
            files = {flow_file(checkout.project.flows, name) for name in names or ()}
            found |= {
                problem: None
                for problem in checkout.problems
                if problem.severity is Severity.ERROR and (names is None or problem.file in files)
            }
        return list(found)

    def _no_flow_error(self, name: str) -> Error:
        if any(name in checkout.broken for checkout in self.read_checkouts()):
            return ProblemsError(self.errors([name]))
        names = sorted(self.names())
        guess = did_you_mean(name, names)
        there = f"There is {listed_shortly(names, 10)}." if names else "There is no flow at all."
        places = " or ".join(self.environments)
        missing = f"There is no flow {shortened(name, 80)} in {places}.{guess}"
        return UsageError(missing, *([] if guess else [there]))

    def _no_flow(self, name: str, environment: str) -> str:
        checkout = self.checkout(environment)
        if name in checkout.broken:
            return broken_flow_message(name)
        others = [other for other in self._others(environment) if self._has(name, other)]
        if others:
            return other_environment_message(name, environment, others[0])
        return no_flow_message(name, checkout.flows)

    def _others(self, environment: str) -> list[str]:
        names = self.checkout(environment).project.environments
        return [name for name in names if name != environment]

    def _has(self, name: str, environment: str) -> bool:
        return name in self.checkout(environment).flows


def called_flows(
    directory: Path,
    environment: str | None,
    *,
    environ: Mapping[str, str] = os.environ,
    progress: Progress = SILENT,
) -> CalledFlows:
    """The flows of one environment; without a name each of the first environment that has it.

    Raises ProblemsError for a project file that is wrong, UsageError where there is none.
    """
    stated = read_project(find_root(directory), environ)
    if has_errors(stated.problems):
        raise ProblemsError(stated.problems)
    names = [one.name for one in asked_environments(stated.project, environment)]
    flows = CalledFlows(stated.root, names, environ, progress)
    flows.read_checkouts()
    return flows
