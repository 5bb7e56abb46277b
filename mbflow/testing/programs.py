"""Flows of the project, chosen by key and ready to walk."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path

from mbflow.errors import Error, ProblemsError, UsageError
from mbflow.files.project_file import asked_environments, find_root, read_project
from mbflow.graph.program import Program
from mbflow.problem import Severity, has_errors
from mbflow.suggestion import did_you_mean
from mbflow.testing.called_flows import CalledFlows


class Programs:
    """The flows of one environment; without a name each of the first environment that has it."""

    def __init__(
        self,
        directory: Path,
        environment: str | None,
        *,
        environ: Mapping[str, str] = os.environ,
    ) -> None:
        """Raises ProblemsError for a project file that is wrong, UsageError where there is none."""
        stated = read_project(find_root(directory), environ)
        if has_errors(stated.problems):
            raise ProblemsError(stated.problems)
        self.environments = [one.name for one in asked_environments(stated.project, environment)]
        self._flows = CalledFlows(stated.root, self.environments, environ)
        self._flows.read_checkouts()

    def find(self, key: str) -> Program | None:
        program = self._flows.program(key, self._flows.home(key))
        return program if isinstance(program, Program) else None

    def wordings(self, key: str) -> Mapping[str, str]:
        """What the flow of a key that there is shows, to how its file words it."""
        return self._flows.wordings(key)

    def chosen(self, keys: Sequence[str] = ()) -> list[Program]:
        """The flows with these keys, in their order, else all flows.

        Raises UsageError for a key that there is not, ProblemsError where its flow has errors.
        """
        found = {key: self.find(key) for key in keys or sorted(self._flows.keys())}
        for key, program in found.items():
            if program is None:
                raise self._no_flow(key)
        return [program for program in found.values() if program is not None]

    def _no_flow(self, key: str) -> Error:
        for checkout in self._flows.read_checkouts():
            if key in checkout.broken:
                file = f"{checkout.project.flows}/{key}.yaml"
                wrong = [problem for problem in checkout.problems if problem.file == file]
                return ProblemsError([one for one in wrong if one.severity is Severity.ERROR])
        guess = did_you_mean(key, self._flows.keys())
        return UsageError(f"There is no flow {key} in {' or '.join(self.environments)}.{guess}")
