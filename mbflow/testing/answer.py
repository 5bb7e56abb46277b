"""Which flow answers a number at a moment, by the numbers of an environment. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import NamedTuple
from zoneinfo import ZoneInfo

from mbflow.model.calendar import HORIZON, Calendar, Standing, Switch
from mbflow.model.moment import parse_moment
from mbflow.model.project import Environment
from mbflow.model.route import CalendarState, Route
from mbflow.model.text import did_you_mean, shortened
from mbflow.testing.call import ExpectedCall

FindCalendar = Callable[[str], Calendar | str]
"""Gives the calendar of a name, or why there is none."""


@dataclass(frozen=True)
class Answer:
    """A number that was dialled, and where it leads then."""

    number: str
    route: Route
    calendar: Calendar | None = None
    """None where one flow answers at all times."""
    moment: datetime | None = None
    """In the zone of the calendar."""

    @cached_property
    def standing(self) -> Standing | None:
        """What the calendar says of the moment."""
        if self.calendar is None or self.moment is None:
            return None
        return self.calendar.standing(self.moment)

    @property
    def flow(self) -> str:
        """The name of the flow that answers."""
        return self.route.open if self.standing is None else self._flow(self.standing.state)

    @property
    def line(self) -> str:
        """`442079460100 is answered by support/after-hours: office is closed`."""
        said = f"{self.number} is answered by {shortened(self.flow, 80)}"
        if self.standing is None:
            return said
        return f"{said}: {shortened(self.route.calendar, 60)} is {self.standing.state.words}"

    @property
    def text(self) -> str:
        """The line, with what the calendar calls the holiday or the exception."""
        why = self.standing.why if self.standing is not None else ""
        return f"{self.line} ({shortened(why, 80)})" if why else self.line

    def next_change(self) -> Switch | None:
        """The next switch from which another flow answers; None where none comes in two years."""
        if self.calendar is None or self.moment is None:
            return None
        switches = self.calendar.switches(self.moment, self.moment + HORIZON)
        return next((one for one in switches if self._flow(one.state) != self.flow), None)

    def _flow(self, state: CalendarState) -> str:
        return self.route.flow({self.route.calendar: state})


class NoAnswer(NamedTuple):
    """Why nobody can say which flow answers."""

    message: str
    key: str
    """Of the call: `to` or `at`."""
    is_of_calendar: bool = False
    """Whether the calendar is at fault, and not the call."""


def plain_number(text: str) -> str:
    """As `numbers` has it: people write a plus, and signs between the digits."""
    return re.sub(r"[\s+().-]", "", text)


def dials(call: ExpectedCall, environment: Environment) -> bool:
    """Whether it dials a number that the environment leads to a flow."""
    return bool(call.destination) and plain_number(call.destination) in environment.numbers


def find_answer(
    call: ExpectedCall,
    environment: Environment,
    environments: Iterable[Environment],
    find_calendar: FindCalendar,
) -> Answer | NoAnswer | None:
    """Who answers a call in an environment of these.

    None where its number leads nowhere: it is a call to the flow that it stands beside.
    """
    number, at = plain_number(call.destination), call.at
    if not number:
        return NoAnswer(f"{_AT} Write that number, too: to.", "at") if at else None
    route = environment.numbers.get(number)
    if route is None:
        return NoAnswer(_not_led(number, environment, environments), "to") if at else None
    if not at and route.calendar:
        message = (
            f"{number} leads by the calendar {shortened(route.calendar, 60)}. "
            "Write when it is dialled, as in at: 2026-12-25T10:00."
        )
        return NoAnswer(message, "to")
    return answer_at(
        number, route, lambda zone: parse_moment(at, zone) if at else None, find_calendar
    )


_AT = "at is the moment at which a number is dialled."


def answer_at(
    number: str,
    route: Route,
    moment: Callable[[ZoneInfo], datetime | None],
    find_calendar: FindCalendar,
) -> Answer | NoAnswer:
    """Who answers a number with a route. `moment` raises ValueError for one that there is not.

    The moment is asked for in the calendar's zone, and also where no calendar needs it.
    """
    calendar = find_calendar(route.calendar) if route.calendar else None
    if isinstance(calendar, str):
        return NoAnswer(calendar, "to", is_of_calendar=True)
    try:
        found = moment(ZoneInfo("UTC") if calendar is None else calendar.zone)
    except ValueError as error:
        return NoAnswer(str(error), "at")
    return Answer(number, route, calendar, found)


def _not_led(number: str, environment: Environment, environments: Iterable[Environment]) -> str:
    shown = shortened(number, 60)
    others = [one for one in environments if number in one.numbers]
    if others:
        return (
            f"{shown} leads nowhere in {environment.name}. "
            f"Name an environment where it does in the call: environment: {others[0].name}"
        )
    known = {led for one in environments for led in one.numbers}
    guess = did_you_mean(number, environment.numbers) or did_you_mean(number, known)
    guess = guess or " Remove at, or lead the number in mbflow.yaml, under numbers."
    return f"No environment leads {shown} to a flow, so at says nothing.{guess}"
