"""What stands for a secret in simulated calls where its value is not there."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from mbflow.files.project_file import read_project
from mbflow.project import Environment, Variable


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
