"""`mbflow.yaml`: where it is, what it says, and which environment a run is for."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

from mbflow.model.errors import UsageError
from mbflow.model.problem import Problem, Severity, has_errors
from mbflow.model.project import LOCAL, Environment, Project
from mbflow.model.text import Command, did_you_mean, listed
from mbflow.project.discover import MISNAMED, PROJECT_FILE, find_root
from mbflow.project.flow_file import Terms, exception_trouble
from mbflow.project.project_document import parse_project
from mbflow.project.yaml.document import read_yaml
from mbflow.project.yaml.parser import LARGEST_FILE
from mbflow.schema.messages import Mistake


class ProjectReading(NamedTuple):
    """A project file, or the defaults where there is none."""

    root: Path
    project: Project
    problems: tuple[Problem, ...] = ()
    exists: bool = False


def read_project(root: Path, environ: Mapping[str, str]) -> ProjectReading:
    """What the project file in `root` says. With errors in it the project is only the default."""
    nothing = Project(environments={LOCAL: Environment(LOCAL)})
    path = root / PROJECT_FILE
    if not os.path.lexists(path):
        return ProjectReading(root, nothing, tuple(_misnamed(root)))
    try:
        with path.open("rb") as stream:
            source = stream.read(LARGEST_FILE + 1)
    except OSError as error:
        message = f"The file cannot be read: {error.strerror}."
        problem = Problem("file-unreadable", Severity.ERROR, message, file=PROJECT_FILE)
        return ProjectReading(root, nothing, (problem,), exists=True)
    return parse_project_file(root, source, environ)


def parse_project_file(root: Path, source: bytes, environ: Mapping[str, str]) -> ProjectReading:
    """What a project file with this content says, were it in `root`."""
    nothing = Project(environments={LOCAL: Environment(LOCAL)})
    document = read_yaml(source)
    problems = [
        problem.at(PROJECT_FILE, problem.line, problem.column) for problem in document.problems
    ]
    empty = any(problem.rule == "yaml-empty" for problem in problems)
    if has_errors(problems):
        return ProjectReading(root, nothing, () if empty else tuple(problems), exists=True)
    project, mistakes = parse_project(
        document.data, environ, document.source_text, place=document.place
    )
    found = [("project-file", mistake) for mistake in mistakes]
    found += [("unknown-rule", mistake) for mistake in _rule_mistakes(project)]
    for rule, mistake in found:
        place = document.place(mistake.path, key=mistake.at_key)
        problem = Problem(rule, Severity.ERROR, mistake.message, path=mistake.path)
        problems.append(problem.at(PROJECT_FILE, *place))
    return ProjectReading(root, project, tuple(problems), exists=True)


def check_is_project(stated: ProjectReading) -> None:
    """Raise UsageError for a folder in which nothing is a project's: nothing is written there."""
    if not stated.exists and not (stated.root / stated.project.flows).is_dir():
        raise UsageError(
            f"{stated.root} holds no project: neither {PROJECT_FILE} nor {stated.project.flows}/.",
            "Name its folder with -C, or start one here:",
            Command("mbflow", "init"),
        )


def stated_names(directory: Path) -> tuple[str, str]:
    """The project's name, and the environment where none is named: "" where one has to be.

    The name is also found in a file that is wrong otherwise; it is empty where it is not.
    """
    read = read_project(find_root(directory), {})
    environment = "" if {*read.project.declared} - {LOCAL} else LOCAL
    if not has_errors(read.problems):
        return read.project.name, environment
    with suppress(OSError, UnicodeError):
        text = (read.root / PROJECT_FILE).read_bytes()[:LARGEST_FILE].decode()
        found = re.search(r"""(?m)^["']?project["']?[ \t]*:[ \t]*["']?([\w.-]+)""", text)
        return found[1] if found else "", environment
    return "", environment


def terms_of(
    stated: ProjectReading,
    environments: tuple[Environment, ...],
    *,
    unset: Severity = Severity.WARNING,
) -> Terms:
    """The terms on which this project's flow files are read for these environments."""
    return Terms(
        environments=environments,
        known_environments=frozenset(stated.project.environments) if stated.exists else None,
        severities=stated.project.severities,
        unset=unset,
        variables_known=not has_errors(stated.problems),
    )


def choose_environment(project: Project, name: str | None) -> Environment:
    """The environment of that name; without one `local`, where no other is declared.

    Raises UsageError for an unknown name, and where a name is needed.
    """
    others = [declared for declared in project.declared if declared != LOCAL]
    if name is None:
        if not others:
            return project.environments[LOCAL]
        raise UsageError(
            f"Which environment? This project has {listed([*others, LOCAL], last='and')}.",
            f"Name one: -e {others[0]}, or MBFLOW_ENVIRONMENT={others[0]}.",
        )
    if name not in project.environments:
        known = list(project.environments)
        guess = did_you_mean(name, known)
        raise UsageError(
            f'There is no environment "{name}".{guess}',
            f"This project has {listed(known, last='and')}."
            if project.declared
            else f"None is declared in {PROJECT_FILE}: there is only {LOCAL}.",
        )
    return project.environments[name]


def asked_environments(project: Project, name: str | None) -> tuple[Environment, ...]:
    """What an offline verb looks at: the environment of that name, else all that are declared.

    `local` where none is. Raises UsageError for an unknown name.
    """
    if name is not None:
        return (choose_environment(project, name),)
    return tuple(project.environments[known] for known in project.declared or (LOCAL,))


def _rule_mistakes(project: Project) -> list[Mistake]:
    troubles = {rule: exception_trouble(rule) for rule in project.severities}
    return [
        Mistake(("rules", rule), trouble, at_key=True)
        for rule, trouble in troubles.items()
        if trouble
    ]


def _misnamed(root: Path) -> list[Problem]:
    return [
        Problem(
            "project-file",
            Severity.ERROR,
            f"The project file is called {PROJECT_FILE}; this one would be ignored. Rename it.",
            file=name,
        )
        for name in MISNAMED
        if (root / name).exists()
    ]
