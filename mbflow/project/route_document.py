"""The numbers of `mbflow.yaml`: made from plain data, and what no schema can say of them.

Pure.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from typing import Any

from mbflow.model.flow import Path
from mbflow.model.problem import Problem, Severity
from mbflow.model.project import Environment, Project
from mbflow.model.route import Route, can_be_dialled
from mbflow.model.text import did_you_mean, shortened
from mbflow.schema.messages import Mistake

_FIELDS = ("open", "closed", "holiday")


def parse_routes(
    stated: Mapping[str, Any], above: Path, place: Callable[[Path], tuple[int, int]]
) -> dict[str, Route]:
    """The routes of an environment that fits the schema; `above` is the path of its `numbers`."""
    return {
        number: _route(of)._replace(place=place((*above, number))) for number, of in stated.items()
    }


def _route(of: str | Mapping[str, str]) -> Route:
    if isinstance(of, str):
        return Route(_normal(of))
    open_, closed, holiday = (_normal(of[name]) if name in of else "" for name in _FIELDS)
    return Route(open_, _normal(of["calendar"]), closed, holiday or closed)


def _normal(name: str) -> str:
    """As names of files are written: one sign for a letter with its accent."""
    return unicodedata.normalize("NFC", name)


def number_mistakes(stated: Mapping[str, Any], above: Path) -> Iterator[Mistake]:
    """Numbers that nobody can dial: no such country code, or too long or short for it."""
    for number in stated:
        if not can_be_dialled(number):
            message = (
                f"{number} cannot be a complete telephone number. Write its country code first, "
                'as in "442079460100".'
            )
            yield Mistake((*above, number), message, at_key=True)


def routes_of_no_flow(
    project: Project,
    environments: Sequence[Environment],
    environments_of: Mapping[str, Collection[str]],
) -> Iterator[Problem]:
    """A problem for each flow that a number is to lead to and that is not there to answer.

    `environments_of` are the names of all flows with a file, each with those of these environments
    that it is for.
    """
    for environment in environments:
        for number, route in environment.numbers.items():
            for name in route.flows:
                trouble = _trouble(project, environment.name, name, environments_of)
                if trouble:
                    yield Problem(
                        "number-of-no-flow",
                        Severity.ERROR,
                        f"The number {number} is to lead to {shortened(name, 60)}, {trouble}",
                        path=("environments", environment.name, "numbers", number),
                    ).at("mbflow.yaml", *route.place)


def routes_of_no_calendar(
    environments: Sequence[Environment], names: Collection[str]
) -> Iterator[Problem]:
    """A problem for each number that is led by a calendar that is none of these."""
    for environment in environments:
        for number, route in environment.numbers.items():
            if route.calendar and route.calendar not in names:
                yield Problem(
                    "number-of-no-calendar",
                    Severity.ERROR,
                    f"The number {number} is led by the calendar {shortened(route.calendar, 60)}, "
                    f"and there is no such file below calendars."
                    f"{did_you_mean(route.calendar, names)}",
                    path=("environments", environment.name, "numbers", number),
                ).at("mbflow.yaml", *route.place)


def _trouble(
    project: Project,
    environment: str,
    name: str,
    environments_of: Mapping[str, Collection[str]],
) -> str:
    if environment in environments_of.get(name, ()):
        return ""
    if name in environments_of:
        return f"whose file is not for {environment}, but for other environments."
    if name in project.removed:
        return "which stands under removed: its live flow is to be deleted."
    return f"and there is no flow file of that name.{did_you_mean(name, list(environments_of))}"
