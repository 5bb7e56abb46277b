"""Calls proposed for a flow, and how they fit into its call file."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from mbflow.model.problem import Problem
from mbflow.model.progress import SILENT, Progress
from mbflow.project.discover import CallFile, find_call_files, find_root
from mbflow.project.project_file import read_project
from mbflow.project.source import lines_of
from mbflow.project.yaml.document import read_yaml
from mbflow.testing.coverage import FlowCoverage, measure
from mbflow.testing.flows import called_flows
from mbflow.testing.runner import run_calls
from mbflow.testing.selection import Selection
from mbflow.testing.suggestions import Suggestions, suggest


@dataclass(frozen=True, slots=True)
class Proposal:
    """Calls, and how they fit into the call file."""

    found: Suggestions
    flow: FlowCoverage
    """The coverage that is there already."""
    wordings: Mapping[str, str]
    """What a transcript shows, to how the flow's file words it."""
    file: str = ""
    """The call file that has calls already, to whose end they go; "" where there is none."""
    indent: int = 2
    """Columns before the dash of a call in that file."""
    names: frozenset[str] = frozenset()
    """Of the calls in that file: no two may have one."""
    unread: tuple[Problem, ...] = ()
    """Why calls of the flow's call files count for nothing here."""


def suggest_calls(
    directory: Path,
    environment: str | None,
    name: str,
    *,
    environ: Mapping[str, str] = os.environ,
    progress: Progress = SILENT,
) -> Proposal:
    """Calls for branches that no call covers. Raises as `called_flows` and its `choose` do."""
    flows = called_flows(directory, environment, environ=environ, progress=progress)
    (program,) = flows.choose([name])
    run = run_calls(directory, environment, Selection(), environ=environ, progress=progress)
    (flow,) = measure({name: program}, (result.transcript for result in run.results))
    with progress.begin("Looking for calls"):
        found = suggest(program, flow.missed)
    root = find_root(directory)
    files = find_call_files(root, read_project(root, environ).project.flows)
    there = [(one, indent) for one in files if one.name == name and (indent := _indent(one)) >= 0]
    file, indent = (there[0][0].file, there[0][1]) if there else ("", 2)
    names = frozenset(result.call.name for result in run.results if result.file == file)
    words = flows.wordings(name)
    own = {one.file for one in files if one.name == name}
    unread = tuple(problem for problem in run.errors if problem.file in own)
    return Proposal(found, flow, words, file, indent, names, unread)


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
