"""Coverage of numbers that calendars lead: the states in which some call has dialled them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from functools import cached_property
from typing import NamedTuple

from mbflow.model.calendar import Calendar
from mbflow.model.project import Environment
from mbflow.model.route import CalendarState, Route
from mbflow.model.text import listed
from mbflow.testing.answer import Answer, FindCalendar

_BEGIN, _END = datetime(2026, 1, 1, tzinfo=UTC), datetime(2028, 1, 1, tzinfo=UTC)
"""Two years that show what a calendar's week and holidays come to: not today's, so that coverage
is the same tomorrow."""
_DAY = timedelta(days=1)


class StateBranch(NamedTuple):
    """A flow that a number leads to, and the states in which it does."""

    flow: str
    states: tuple[CalendarState, ...]

    @property
    def name(self) -> str:
        """`closed or holiday`."""
        return listed(self.states)


@dataclass(frozen=True)
class NumberCoverage:
    """The states of one number, and those in which no call dialled it."""

    number: str
    route: Route
    calendar: Calendar
    dialled: frozenset[CalendarState]

    @property
    def name(self) -> str:
        """`442079460100 by office`."""
        return f"{self.number} by {self.route.calendar}"

    @cached_property
    def branches(self) -> tuple[StateBranch, ...]:
        """States that lead to the same flow are one; a state that never comes is none."""
        states: defaultdict[str, list[CalendarState]] = defaultdict(list)
        for state in CalendarState:
            states[self.route.flow({self.route.calendar: state})].append(state)
        every = [StateBranch(flow, tuple(of)) for flow, of in states.items()]
        if all(self._is_covered(branch) for branch in every):
            return tuple(every)
        can = self.dialled.union(_states(self.calendar))
        return tuple(branch for branch in every if not can.isdisjoint(branch.states))

    @cached_property
    def missed(self) -> tuple[StateBranch, ...]:
        return tuple(branch for branch in self.branches if not self._is_covered(branch))

    @property
    def covered(self) -> int:
        return len(self.branches) - len(self.missed)

    def _is_covered(self, branch: StateBranch) -> bool:
        return not self.dialled.isdisjoint(branch.states)


def measure_numbers(
    environments: Iterable[Environment], find_calendar: FindCalendar, answers: Iterable[Answer]
) -> Iterator[NumberCoverage]:
    """The coverage of every number that a calendar leads in one of these environments, each once.

    One whose calendar cannot be read is left out: that is told as a problem.
    """
    dialled: defaultdict[str, set[CalendarState]] = defaultdict(set)
    for answer in answers:
        if answer.standing is not None:
            dialled[answer.number].add(answer.standing.state)
    routes: dict[str, Route] = {}
    for environment in environments:
        routes = {**environment.numbers, **routes}
    for number, route in sorted(routes.items()):
        calendar = find_calendar(route.calendar) if route.calendar else ""
        if isinstance(calendar, Calendar):
            yield NumberCoverage(number, route, calendar, frozenset(dialled[number]))


def _states(calendar: Calendar) -> set[CalendarState]:
    """The states that the calendar comes to, in two years and around its exceptions."""
    times = [(_BEGIN, _END)]
    for exception in calendar.exceptions:
        first, last = (datetime.combine(day, time(), UTC) for day in exception[:2])
        times.append((first - _DAY, last + 2 * _DAY))
    found: set[CalendarState] = set()
    for begin, end in times:
        for span in calendar.spans(begin, end):
            found.add(span.standing.state)
            if len(found) == len(CalendarState):
                return found
    return found
