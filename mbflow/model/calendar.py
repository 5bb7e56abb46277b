"""Calendars: opening hours as values, and what they say of a moment.

Values only, over zoneinfo; `project.calendar_document` makes them from files. What comes first:
exceptions, then closures of an iCal file, then public holidays, then the hours of the week. A
period belongs to the day it begins on: after midnight it runs to its end, whatever the next day is.
Only a closure with times cuts it.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import cached_property
from typing import NamedTuple
from zoneinfo import ZoneInfo

from mbflow.model.moment import begin_moment, end_moment
from mbflow.model.route import CalendarState

OPEN, CLOSED, HOLIDAY = CalendarState.OPEN, CalendarState.CLOSED, CalendarState.HOLIDAY
HORIZON = timedelta(days=731)
"""How far a next switch is looked for: what does not switch in two years does not switch."""
_DAY = timedelta(days=1)


class Period(NamedTuple):
    """Hours of a day, in minutes from its midnight; over midnight `end` is more than 1,440."""

    begin: int
    end: int


class DatedException(NamedTuple):
    """Dates, both included, with hours of their own; without any they are closed."""

    first: date
    last: date
    periods: tuple[Period, ...] = ()
    why: str = ""


class Closure(NamedTuple):
    """A time, in UTC, in which an iCal file says that nobody is there."""

    begin: datetime
    end: datetime
    why: str = ""


class Year(NamedTuple):
    """What is known of the dates of one year beside the hours of the week."""

    holidays: Mapping[date, str]
    """To their names."""
    closed_days: Mapping[date, str]
    """Whole days of an iCal file, to what it calls them."""
    closures: Mapping[date, Sequence[Closure]]
    """Times of an iCal file, by each date that they touch."""


NO_YEAR = Year({}, {}, {})


class Standing(NamedTuple):
    """What a calendar says of a moment."""

    state: CalendarState
    why: str = ""
    """The name of a holiday, of an exception or of a closure; empty for the hours of the week."""


class Switch(NamedTuple):
    """A moment, in the calendar's zone, at which its state changes."""

    moment: datetime
    state: CalendarState
    why: str = ""


class Span(NamedTuple):
    """A time, in UTC, in which one thing holds."""

    begin: datetime
    end: datetime
    standing: Standing


class _Day(NamedTuple):
    """One date: from when to when, what holds outside of all spans, and the spans."""

    begin: datetime
    end: datetime
    standing: Standing
    opens: Sequence[Span] = ()
    closures: Sequence[Closure] = ()
    is_exception: bool = False


@dataclass(frozen=True, eq=False)
class Calendar:
    """The opening hours of one place."""

    name: str
    zone: ZoneInfo
    week: tuple[tuple[Period, ...], ...]
    """Of each day from Monday to Sunday."""
    exceptions: tuple[DatedException, ...] = ()
    """By date; no two have one in common."""
    year: Callable[[int], Year] = lambda year: NO_YEAR
    """Asked for the years that a moment needs, again and again: it remembers its answers."""

    def state(self, moment: datetime) -> CalendarState:
        """The state at an aware moment."""
        return self.standing(moment).state

    def standing(self, moment: datetime) -> Standing:
        """The state at an aware moment, and why."""
        moment = moment.astimezone(UTC)
        before, today = self._days_at(moment)
        return _standing(before, today, moment)

    def next_switch(self, moment: datetime) -> Switch | None:
        """The first switch after an aware moment; None where none comes within two years."""
        moment = moment.astimezone(UTC)
        return next(self._switches(moment, moment + HORIZON), None)

    def switches(self, begin: datetime, end: datetime) -> Iterator[Switch]:
        """The switches after `begin` and before `end`, both aware, one after the other."""
        return self._switches(begin.astimezone(UTC), end.astimezone(UTC))

    def changes(self, begin: datetime, end: datetime) -> Iterator[Switch]:
        """The switches, and the moments at which the state stays and has a reason of its own.

        So a day that an exception closes is seen, also where it would have been closed anyhow.
        """
        return self._switches(begin.astimezone(UTC), end.astimezone(UTC), with_reasons=True)

    def spans(self, begin: datetime, end: datetime) -> Iterator[Span]:
        """The time from `begin` to `end`, both aware, cut where the state or its reason changes."""
        begin, end = begin.astimezone(UTC), end.astimezone(UTC)
        since, standing = begin, self.standing(begin)
        for moment, following in self._changes(begin, end):
            yield Span(since, moment, standing)
            since, standing = moment, following
        if since < end:
            yield Span(since, end, standing)

    def _switches(
        self, begin: datetime, end: datetime, *, with_reasons: bool = False
    ) -> Iterator[Switch]:
        state = self.state(begin)
        for moment, standing in self._changes(begin, end):
            if standing.state is not state or (with_reasons and standing.why):
                state = standing.state
                yield Switch(moment.astimezone(self.zone), *standing)

    def _changes(self, begin: datetime, end: datetime) -> Iterator[tuple[datetime, Standing]]:
        """The moments after `begin` and before `end` at which the standing changes."""
        before, today = self._days_at(begin)
        standing = _standing(before, today, begin)
        while today.begin < end:
            for moment in _moments(before, today):
                found = _standing(before, today, moment)
                if begin < moment < end and found != standing:
                    standing = found
                    yield moment, standing
            # From its end and not from its date: a zone may have left a date out.
            before, today = today, self._day(_date_from(today.end, self.zone))

    def _days_at(self, moment: datetime) -> tuple[_Day, _Day]:
        """The date of a moment, after the one before it."""
        day = moment.astimezone(self.zone).date()
        today = self._day(day)
        if moment >= today.end:  # clocks went back over midnight: the date is over, and comes again
            return today, self._day(day + _DAY)
        return self._day(day - _DAY), today

    def _day(self, day: date) -> _Day:
        begin, end = (begin_moment(_wall(day, minutes), self.zone) for minutes in (0, 24 * 60))
        exception = self._exception(day)
        if exception is not None:
            why = exception.why or "exception"
            opens = self._spans(day, exception.periods, why)
            return _Day(begin, end, Standing(CLOSED, why), opens, is_exception=True)
        of = self.year(day.year)
        closures = of.closures.get(day, ())
        if day in of.closed_days:
            return _Day(begin, end, Standing(CLOSED, of.closed_days[day]), (), closures)
        if day in of.holidays:
            return _Day(begin, end, Standing(HOLIDAY, of.holidays[day]), (), closures)
        opens = self._spans(day, self.week[day.weekday()], "")
        return _Day(begin, end, Standing(CLOSED), opens, closures)

    def _spans(self, day: date, periods: Sequence[Period], why: str) -> list[Span]:
        found = []
        for period in periods:
            begin = begin_moment(_wall(day, period.begin), self.zone)
            end = end_moment(_wall(day, period.end), self.zone)
            found.append(Span(begin, end, Standing(OPEN, why)))
        return found

    @cached_property
    def _firsts(self) -> list[date]:
        return [exception.first for exception in self.exceptions]

    def _exception(self, day: date) -> DatedException | None:
        place = bisect_right(self._firsts, day) - 1
        found = self.exceptions[place] if place >= 0 else None
        return found if found is not None and day <= found.last else None


def _wall(day: date, minutes: int) -> datetime:
    return datetime.combine(day, time()) + timedelta(minutes=minutes)


def _date_from(moment: datetime, zone: ZoneInfo) -> date:
    return moment.astimezone(zone).date()


def _moments(before: _Day, today: _Day) -> list[datetime]:
    """The moments of today at which anything may change, in order."""
    found = {today.begin}
    for day in (before, today):
        for begin, end, _ in (*day.opens, *day.closures):
            found.update((begin, end))
    return sorted(moment for moment in found if today.begin <= moment < today.end)


def _standing(before: _Day, today: _Day, moment: datetime) -> Standing:
    closure = next((one for one in today.closures if one.begin <= moment < one.end), None)
    for day in (today, before):
        if closure is None or day.is_exception:
            for span in day.opens:
                if span.begin <= moment < span.end:
                    return span.standing
    if closure is not None:
        return Standing(CLOSED, closure.why)
    return today.standing
