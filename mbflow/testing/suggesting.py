"""Calls proposed for what the calls of a flow do not go through."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

from mbflow.calls.suggest import Suggestion, suggest
from mbflow.coverage.branches import Branch
from mbflow.coverage.measure import FlowCoverage, measure
from mbflow.testing.programs import Programs
from mbflow.testing.run import run_calls
from mbflow.testing.selection import Selection


def suggest_calls(
    directory: Path,
    environment: str | None,
    key: str,
    *,
    environ: Mapping[str, str] = os.environ,
) -> tuple[list[Suggestion], FlowCoverage, list[Branch]]:
    """The calls, the coverage that is there already, and the branches for which none was found.

    Raises as `Programs.chosen` does.
    """
    (program,) = Programs(directory, environment, environ=environ).chosen([key])
    run = run_calls(directory, environment, Selection(), environ=environ)
    (flow,) = measure({key: program}, (result.transcript for result in run.results))
    found, left = suggest(program, flow.missed)
    return found, flow, left
