"""Variables that only an environment declares and no file uses: misspelt names of others.

The project's value would stay in force without a word.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from mbflow.files.call_files import CallFile, find_call_files
from mbflow.files.flow_file import Reading
from mbflow.files.project_file import PROJECT_FILE, ProjectReading
from mbflow.printable import shortened
from mbflow.problem import Problem, Severity
from mbflow.project import Environment
from mbflow.suggestion import nearest


def unknown_overrides(
    stated: ProjectReading, found: Sequence[Reading], environments: Iterable[Environment]
) -> Iterator[Problem]:
    """A problem for each; none where a flow file cannot be read, as it may use any of them.

    `found` are the readings of all flow files of the project.
    """
    used: set[str] = set()
    for reading in found:
        if reading.variables is None:
            return
        used.update(reading.variables)
    shared = stated.project.variables
    for environment in environments:
        for name in sorted(environment.variables.keys() - {*shared, *used}):
            meant = nearest(name, shared)
            if meant is not None and not _is_used_in_calls(stated, name):
                yield _problem(environment, name, meant)


def _problem(environment: Environment, name: str, meant: str) -> Problem:
    return Problem(
        "unknown-override",
        Severity.ERROR,
        f'The project has no variable "{shortened(name, 60)}", and no flow uses it. '
        f'Did you mean "{shortened(meant, 60)}"? If not, remove it until a flow uses it.',
        PROJECT_FILE,
        *environment.variables[name].place,
        path=("environments", environment.name, "variables", name),
    )


def _is_used_in_calls(stated: ProjectReading, name: str) -> bool:
    reference = f"${{{name}}}".encode()
    files = find_call_files(stated.root, stated.project.flows)
    return any(reference in _content(one) for one in files)


def _content(one: CallFile) -> bytes:
    """Empty where it cannot be read; `validate` tells that."""
    try:
        return one.path.read_bytes()
    except OSError:
        return b""
