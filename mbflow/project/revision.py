"""The project as a commit has it: its file, flows and calendars. Nothing is checked out."""

from __future__ import annotations

import os
from collections.abc import Collection, Mapping
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

from mbflow.model.flow import Flow
from mbflow.model.problem import Severity, has_errors
from mbflow.model.project import Environment
from mbflow.project.discover import CALENDARS, flow_file
from mbflow.project.flow_file import read_flow
from mbflow.project.git import contents_at, files_at
from mbflow.project.project_file import (
    PROJECT_FILE,
    ProjectReading,
    parse_project_file,
    terms_of,
)


class Revision(NamedTuple):
    """What the files want in one environment at one commit."""

    stated: ProjectReading
    environment: Environment | None
    """None where the commit does not know it."""
    flows: Mapping[str, Flow]
    """Of the names that were asked for."""
    unreadable: frozenset[str] = frozenset()
    """Those of the names whose file, or `mbflow.yaml` itself, has errors."""
    calendars: Mapping[str, bytes] = {}
    """What lies below the folder of the calendars."""

    @property
    def is_readable(self) -> bool:
        """Whether `mbflow.yaml` has no errors."""
        return not has_errors(self.stated.problems)


def read_revision(
    root: Path,
    commit: str,
    environment: str,
    names: Collection[str],
    environ: Mapping[str, str] = os.environ,
) -> Revision:
    """The project as a commit has it, with the flows of these names and no other.

    Raises Error where git does not have the commit. An empty `commit` has no files.
    """
    below = files_at(root, commit, CALENDARS) if commit else []
    held = contents_at(root, commit, [PROJECT_FILE, *below]) if commit else {}
    source = held.pop(PROJECT_FILE, None)
    stated = parse_project_file(root, source or b"", environ)
    chosen = stated.project.environments.get(environment)
    revision = Revision(stated, chosen, {}, calendars=held)
    if not revision.is_readable:
        return revision._replace(unreadable=frozenset(names))
    return _with_flows(revision, root, commit, names) if chosen and commit else revision


def _with_flows(revision: Revision, root: Path, commit: str, names: Collection[str]) -> Revision:
    assert revision.environment is not None
    folder = revision.stated.project.flows
    files = {flow_file(folder, name): name for name in names}
    terms = terms_of(revision.stated, (revision.environment,), unset=Severity.ERROR)
    terms = replace(terms, errors_only=True)
    flows, unreadable = {}, set()
    for file, source in contents_at(root, commit, [*files]).items():
        for reading in read_flow(source, files[file], file, terms):
            if has_errors(reading.problems):
                unreadable.add(reading.name)
            elif reading.flow is not None:
                flows[reading.name] = reading.flow
    return revision._replace(flows=flows, unreadable=frozenset(unreadable))
