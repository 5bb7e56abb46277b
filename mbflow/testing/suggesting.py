"""Calls proposed for what the calls of a flow do not go through."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from mbflow.calls.suggest import Suggestion, suggest
from mbflow.coverage.branches import Branch
from mbflow.coverage.measure import FlowCoverage, measure
from mbflow.files.call_files import CallFile, find_call_files
from mbflow.files.project_file import find_root, read_project
from mbflow.files.yaml_reader import read_yaml
from mbflow.testing.programs import Programs
from mbflow.testing.run import run_calls
from mbflow.testing.selection import Selection


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
    key: str,
    *,
    environ: Mapping[str, str] = os.environ,
) -> Proposal:
    """Calls for what no call of the flow goes through. Raises as `Programs.chosen` does."""
    programs = Programs(directory, environment, environ=environ)
    (program,) = programs.chosen([key])
    run = run_calls(directory, environment, Selection(), environ=environ)
    (flow,) = measure({key: program}, (result.transcript for result in run.results))
    found, left = suggest(program, flow.missed)
    root = find_root(directory)
    files = find_call_files(root, read_project(root, environ).project.flows)
    there = [(one, indent) for one in files if one.key == key and (indent := _indent(one)) >= 0]
    file, indent = (there[0][0].file, there[0][1]) if there else ("", 2)
    names = frozenset(result.call.name for result in run.results if result.key == key)
    words = programs.wordings(key)
    return Proposal(tuple(found), flow, tuple(left), words, file, indent, names)


def _indent(where: CallFile) -> int:
    """Columns before the first call of the file; -1 where none can be put below the others."""
    try:
        source = where.path.read_bytes()
    except OSError:
        return -1
    document = read_yaml(source)
    line, _ = document.place(("calls", 0))
    lines = source.decode("utf-8", "replace").splitlines()
    dash = re.match(" *(?=- )", lines[line - 1]) if 0 < line <= len(lines) else None
    return len(dash[0]) if dash is not None else -1
