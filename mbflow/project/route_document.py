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
from mbflow.model.text import shortened, typo_guess
from mbflow.project.discover import name_of
from mbflow.schema.messages import Mistake

_FIELDS = ("open", "closed", "holiday")


def parse_routes(
    stated: Mapping[str, Any], above: Path, place: Callable[[Path], tuple[int, int]]
) -> dict[str, Route]:
    """The routes of an environment that fits the schema; `above` is the path of its `numbers`."""
    routes = {}
    for number, of in stated.items():
        path = (*above, number)
        places = {} if isinstance(of, str) else {field: place((*path, field)) for field in of}
        routes[number] = _route(of)._replace(place=place(path), places=places)
    return routes


def _route(of: str | Mapping[str, str]) -> Route:
    if isinstance(of, str):
        return Route(_normal(of))
    open_, closed, holiday = (_normal(of[name]) if name in of else "" for name in _FIELDS)
    return Route(open_, _normal(of["calendar"]), closed, holiday or closed)


def _at(
    number: str, route: Route, environment: str, rule: str, message: str, field: str
) -> Problem:
    """A problem of the value of a field, where there are fields."""
    path: Path = ("environments", environment, "numbers", number)
    if field in route.places:
        path = (*path, field)
    problem = Problem(rule, Severity.ERROR, message, path=path)
    return problem.at("mbflow.yaml", *route.places.get(field, route.place))


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
    is_gone: Callable[[str], bool] = lambda name: False,
) -> Iterator[Problem]:
    """A problem for each flow that a number is to lead to and that is not there to answer.

    `environments_of` are the names of all flows with a file, each with those of these environments
    that it is for; `is_gone` tells whether a name had one.
    """
    for environment in environments:
        for number, route in environment.numbers.items():
            for name in route.flows:
                trouble = _trouble(project, environment.name, name, environments_of, is_gone)
                if trouble:
                    field = next(one for one in _FIELDS if getattr(route, one) == name)
                    told = f"The number {number} is to lead to {shortened(name, 60)}, {trouble}"
                    yield _at(number, route, environment.name, "number-of-no-flow", told, field)


def routes_of_no_calendar(
    environments: Sequence[Environment], names: Collection[str]
) -> Iterator[Problem]:
    """A problem for each number that is led by a calendar that is none of these."""
    for environment in environments:
        for number, route in environment.numbers.items():
            if route.calendar and route.calendar not in names:
                told = (
                    f"The number {number} is led by the calendar {shortened(route.calendar, 60)}, "
                    f"and there is no calendar file of that name.{_meant(route.calendar, names)}"
                )
                rule = "number-of-no-calendar"
                yield _at(number, route, environment.name, rule, told, "calendar")


def _trouble(
    project: Project,
    environment: str,
    name: str,
    environments_of: Mapping[str, Collection[str]],
    is_gone: Callable[[str], bool],
) -> str:
    if environment in environments_of.get(name, ()):
        return ""
    if name in environments_of:
        return f"whose file is not for {environment}, but for other environments."
    if name in project.removed:
        return f"which stands under removed: its live flow is to be deleted.{_WAY_ON}"
    if is_gone(name):
        return f"whose file is gone.{_WAY_ON}"
    guess = _meant(name, environments_of) or _WAY_ON
    return f"and there is no flow file of that name.{guess}"


_WAY_ON = " Lead the number to another flow, or take its line out."


def _meant(name: str, known: Collection[str]) -> str:
    """` Did you mean "x"?`, also where the path of a file stands for its name; or nothing."""
    path = name_of(name)
    inside = [one for one in known if path.endswith(f"/{one}")]
    return typo_guess(max(inside, key=len, default=path), known)
