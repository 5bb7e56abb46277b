"""References to variables in a call file: `${name}` becomes the value in the call's environment."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from mbflow.mistakes import Mistake
from mbflow.model import Json, Path
from mbflow.printable import shortened
from mbflow.problem import Problem, Severity
from mbflow.project import Environment
from mbflow.suggestion import did_you_mean
from mbflow.variables import fill, names_in


class Filler:
    """Puts the variables of each call's environment into the call."""

    def __init__(
        self, environments: Mapping[str, Environment], default: str, unset: Severity
    ) -> None:
        self.problems: list[Problem] = []
        self.mistakes: list[Mistake] = []
        self._environments = environments
        self._default = default
        self._unset = unset

    def filled(self, document: Json) -> tuple[Json, Json]:
        """The document with the values, and the same safe to show."""
        calls = document.get("calls") if isinstance(document, dict) else None
        if not isinstance(document, dict) or not isinstance(calls, list):
            return document, document
        pairs = [self._call(place, call) for place, call in enumerate(calls)]
        body, shown = [pair[0] for pair in pairs], [pair[1] for pair in pairs]
        return document | {"calls": body}, document | {"calls": shown}

    def _call(self, place: int, call: Json) -> tuple[Json, Json]:
        if not isinstance(call, dict):
            return call, call
        name = call.get("environment", self._default)
        environment = self._environments.get(name) if isinstance(name, str) else None
        if environment is None:
            self._unknown_environment(place, name)
            return call, call
        secrets = {name for name, of in environment.variables.items() if of.secret}
        for spoken in sorted(names_in(call.get("does")) & secrets):
            message = (
                f'"{spoken}" is a secret, and what a caller does stands in the transcript. '
                "Write a value that is no secret."
            )
            self.mistakes.append(Mistake(("calls", place, "does"), message))
        return self._values(call, environment, ("calls", place))

    def _unknown_environment(self, place: int, name: Json) -> None:
        if isinstance(name, str):
            guess = did_you_mean(name, self._environments) or " Declare it in mbflow.yaml."
            message = f'There is no environment "{shortened(name, 60)}".{guess}'
            self.mistakes.append(Mistake(("calls", place, "environment"), message))

    def _values(
        self, call: dict[str, Json], environment: Environment, path: Path
    ) -> tuple[Json, Json]:
        found = fill(_with_pairs(call), environment.variables, unset=self._unset)
        self.problems += [
            replace(problem, path=(*path, *problem.path)) for problem in found.problems
        ]
        return _without_pairs(found.body), _without_pairs(found.shown)


_MAPS = ("transfers", "fetches")
"""The keys of `world` whose own keys may hold references, which `fill` does not look at."""


def _with_pairs(call: dict[str, Json]) -> dict[str, Json]:
    world = call.get("world")
    if not isinstance(world, dict):
        return call
    pairs: dict[str, Json] = {
        name: [[key, value] for key, value in of.items()]
        for name in _MAPS
        if isinstance(of := world.get(name), dict)
    }
    return call | {"world": world | {"pairs": pairs}}


def _without_pairs(call: Json) -> Json:
    assert isinstance(call, dict)
    world: Any = call.get("world")
    if not isinstance(world, dict):
        return call
    pairs = world["pairs"]
    rest = {name: of for name, of in world.items() if name not in ("pairs", *pairs)}
    return call | {"world": rest | {name: dict(of) for name, of in pairs.items()}}
