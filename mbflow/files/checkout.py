"""A project's files read for one environment: what git wants there, and all that is wrong with it.

Every file is read and every problem collected before anything stops.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from mbflow.errors import ProblemsError, UsageError
from mbflow.files.flow_readings import problems_of_all, readings
from mbflow.files.overrides import unknown_overrides
from mbflow.files.project_file import choose_environment, find_root, read_project, terms_of
from mbflow.files.tree import flow_files
from mbflow.model import Flow
from mbflow.problem import Problem, Severity, has_errors, in_order
from mbflow.project import Environment, Project
from mbflow.variables import secret_texts


@dataclass(frozen=True, slots=True)
class Checkout:
    """What git wants in one environment."""

    root: Path
    project: Project
    environment: Environment
    flows: Mapping[str, Flow]
    """By key, in the order of the keys; without broken files and without flows that exclude the
    environment."""
    problems: tuple[Problem, ...]
    """Of all files, in the order of reading."""
    secrets: Mapping[str, str] = field(repr=False)
    """Name of each secret variable that has a value, to that value as text."""
    broken: frozenset[str] = frozenset()
    """Keys of files that are there but cannot be used: their flows are not gone."""


def read_checkout(
    directory: Path, environment: str | None, *, environ: Mapping[str, str] = os.environ
) -> Checkout:
    """Everything of the project that `directory` is in, for one environment.

    Rules that can only warn are left to `validate`.

    Raises ProblemsError for a project file that is wrong, and UsageError where the environment is
    unknown or must be named. Problems in flow files are in `problems`.
    """
    stated = read_project(find_root(directory), environ)
    if has_errors(stated.problems):
        raise ProblemsError(stated.problems)
    if not stated.exists and not (stated.root / stated.project.flows).is_dir():
        raise UsageError(
            f"{stated.root} holds no project: neither mbflow.yaml nor {stated.project.flows}/.",
            "Name its folder with -C, or start one here:",
            "    mbflow init",
        )
    chosen = choose_environment(stated.project, environment)
    terms = replace(terms_of(stated, (chosen,), unset=Severity.ERROR), errors_only=True)
    files, problems = flow_files(stated.root, stated.project.flows)
    found = readings(files, terms, keep_flows=True)
    problems += [*stated.problems, *problems_of_all(found, stated.root, terms)]
    problems += unknown_overrides(stated, found, (chosen,))
    return Checkout(
        root=stated.root,
        project=stated.project,
        environment=chosen,
        flows={one.key: one.flow for one in found if one.flow is not None},
        problems=tuple(in_order(problems)),
        secrets=secret_texts(chosen.variables),
        broken=frozenset(one.key for one in found if has_errors(one.problems)),
    )
