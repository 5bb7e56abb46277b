"""Flows of the project, chosen by key and ready to walk."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path

from mbflow.errors import Error, ProblemsError, UsageError
from mbflow.files.checkout import Checkout, read_checkout
from mbflow.graph.program import Program, parse_program
from mbflow.problem import Severity
from mbflow.suggestion import did_you_mean


class Programs:
    """The flows of one environment; each is made ready when it is asked for."""

    def __init__(
        self,
        directory: Path,
        environment: str | None,
        *,
        environ: Mapping[str, str] = os.environ,
    ) -> None:
        self._checkout = read_checkout(directory, environment, environ=environ)

    def find(self, key: str) -> Program | None:
        flow = self._checkout.flows.get(key)
        return None if flow is None else parse_program(flow.key, flow.body, flow.shown)

    def chosen(self, keys: Sequence[str] = ()) -> list[Program]:
        """The flows with these keys, in their order, else all flows.

        Raises UsageError for a key that there is not, ProblemsError where its flow has errors.
        """
        found = {key: self.find(key) for key in keys or self._checkout.flows}
        for key, program in found.items():
            if program is None:
                raise _no_flow(key, self._checkout)
        return [program for program in found.values() if program is not None]


def _no_flow(key: str, checkout: Checkout) -> Error:
    if key in checkout.broken:
        file = f"{checkout.project.flows}/{key}.yaml"
        wrong = [problem for problem in checkout.problems if problem.file == file]
        return ProblemsError([one for one in wrong if one.severity is Severity.ERROR])
    guess = did_you_mean(key, checkout.flows)
    return UsageError(f"There is no flow {key} in {checkout.environment.name}.{guess}")
