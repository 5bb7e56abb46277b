"""What of a calendar's hours cannot be: periods that overlap, times that clocks skip or repeat.

Pure.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime, time, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

from mbflow.model.calendar import Calendar, DatedException, Period
from mbflow.model.flow import Path
from mbflow.model.moment import FIRST_YEAR, LAST_YEAR, clock_changes, occurrences
from mbflow.schema.messages import Mistake

Week = Mapping[Path, Sequence[tuple[int, Period]]]
"""By its place in the file: each period, with every day (0 is Monday) that it is of."""
_DAY = timedelta(days=1)
_MINUTES = 24 * 60
AHEAD = timedelta(days=400)
"""How far changes of the clocks are looked for: every zone that has any has one in a year."""


def week_mistakes(week: Week) -> Iterator[Mistake]:
    """Periods that overlap: of one day, over midnight, and of Sunday into Monday."""
    laid = sorted(
        (day * _MINUTES + period.begin, day * _MINUTES + period.end, place, path)
        for place, (path, periods) in enumerate(week.items())
        for day, period in periods
    )
    told: set[Path] = set()
    again = [(begin + 7 * _MINUTES, end, place, path) for begin, end, place, path in laid[:1]]
    # Each against the one that lasts longest of those before it.
    longest = laid[0] if laid else None
    for one in [*laid[1:], *again]:
        assert longest is not None
        if one[0] < longest[1]:
            later, other = (one, longest) if one[2] >= longest[2] else (longest, one)
            if later[3] not in told:
                told.add(later[3])
                yield Mistake(later[3], f"{_named(later)} overlaps {_named(other)}.{_ADVICE}")
        longest = max(longest, one, key=lambda of: of[1])


_ADVICE = " Join them, or change one."
_NAMES = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


def _named(laid: tuple[int, int, int, Path]) -> str:
    day, begin = divmod(laid[0], _MINUTES)
    return f"{_NAMES[day % 7]} {clock(begin)}-{clock(begin + laid[1] - laid[0])}"


def clock(minutes: int) -> str:
    """`09:00`; the end of a day is 24:00."""
    minutes = minutes if minutes == _MINUTES else minutes % _MINUTES
    return f"{minutes // 60:02}:{minutes % 60:02}"


def exception_mistakes(
    exceptions: Mapping[Path, DatedException], week: Sequence[Sequence[Period]], zone: ZoneInfo
) -> Iterator[Mistake]:
    """Exceptions with a date in common, hours that overlap, and times that do not exist once.

    `week` are the hours of each day, which an exception's may run into over midnight.
    """
    ordered = sorted(exceptions.items(), key=lambda item: item[1].first)
    clashes = dict(_clashes(ordered))
    for path, message in clashes.items():
        yield Mistake(path, message)
    if clashes:
        return
    dated = _Hours([of for _, of in ordered], week)
    for path, of in exceptions.items():
        trouble = _overlap(of, dated)
        if trouble:
            yield Mistake((*path, "open"), f"{trouble}{_ADVICE}")
        else:
            for odd in _odd_times_of(of, zone):
                yield Mistake((*path, "open"), f"{odd.text(zone)} Write another time.")
                break


def _clashes(ordered: Sequence[tuple[Path, DatedException]]) -> Iterator[tuple[Path, str]]:
    longest = ordered[0] if ordered else None
    for one in ordered[1:]:
        assert longest is not None
        if one[1].first <= longest[1].last:
            later = max(one, longest, key=lambda item: item[0])
            message = f"Another exception is of {one[1].first} too. State each date once."
            yield later[0], message
        longest = max(longest, one, key=lambda item: item[1].last)


class _Hours:
    """The hours of a date, as far as the file alone knows them: exceptions, else the week's."""

    def __init__(self, ordered: Sequence[DatedException], week: Sequence[Sequence[Period]]) -> None:
        self._ordered = ordered
        self._firsts = [of.first for of in ordered]
        self._week = week

    def dated(self, day: date) -> DatedException | None:
        place = bisect_right(self._firsts, day) - 1
        found = self._ordered[place] if place >= 0 else None
        return found if found is not None and day <= found.last else None

    def of(self, day: date) -> Sequence[Period]:
        dated = self.dated(day)
        return self._week[day.weekday()] if dated is None else dated.periods


def _overlap(of: DatedException, hours: _Hours) -> str:
    """The first overlap among the exception's periods, and with those of the days around it."""
    if not of.periods:
        return ""
    for one, other in zip(of.periods, of.periods[1:], strict=False):
        if other.begin < one.end:
            return f"{_text(one)} and {_text(other)} overlap."
    pairs = {of.first - _DAY: of.first}
    if of.first < of.last:
        pairs[of.first] = of.first + _DAY
    if hours.dated(of.last + _DAY) is None:  # else it is told of that one
        pairs[of.last] = of.last + _DAY
    for day, following in pairs.items():
        last, first = hours.of(day)[-1:], hours.of(following)[:1]
        if last and first and last[0].end - _MINUTES > first[0].begin:
            return f"{_text(last[0])} of {day} and {_text(first[0])} of {following} overlap."
    return ""


def _text(period: Period) -> str:
    return f"{clock(period.begin)}-{clock(period.end)}"


class _OddTime(NamedTuple):
    """A local time that clocks do not show once on its date."""

    wall: datetime
    comes_twice: bool

    def text(self, zone: ZoneInfo) -> str:
        said, day = f"{self.wall:%H:%M}", f"{self.wall:%Y-%m-%d} in {zone.key}"
        if self.comes_twice:
            return f"{said} comes twice on {day}: the clocks go back."
        return f"{said} does not exist on {day}: the clocks go forward over it."


def _odd_times(
    periods: Sequence[Period], day: date, change: date, zone: ZoneInfo
) -> Iterator[_OddTime]:
    """Those of the periods that begin on a day, as far as they are of the date of a change."""
    for minutes in (of for period in periods for of in period):
        wall = datetime.combine(day, time()) + timedelta(minutes=minutes)
        count = len(occurrences(wall, zone)) if wall.date() == change else 1
        if count != 1:
            yield _OddTime(wall, count == 2)


def _odd_times_of(of: DatedException, zone: ZoneInfo) -> Iterator[_OddTime]:
    for change in _changes(zone, of.first, of.last + _DAY):
        for day in (change - _DAY, change):
            if of.first <= day <= of.last:
                yield from _odd_times(of.periods, day, change, zone)


def _changes(zone: ZoneInfo, first: date, last: date) -> Iterator[date]:
    for year in range(max(first.year, FIRST_YEAR), min(last.year, LAST_YEAR) + 1):
        yield from (day for day in clock_changes(zone, year) if first <= day <= last)


def clock_doubts(week: Week, calendar: Calendar, today: date) -> Iterator[Mistake]:
    """For each period of the week: the next date on which clocks skip or repeat its times."""
    zone = calendar.zone
    changes = list(_changes(zone, today, today + AHEAD))
    for path, periods in week.items():
        of = dict(periods)
        found = (
            odd
            for change in changes
            for day in (change - _DAY, change)
            if day.weekday() in of and not _is_excepted(day, calendar)
            for odd in _odd_times([of[day.weekday()]], day, change, zone)
        )
        first = next(found, None)
        if first is not None:
            advice = _TWICE if first.comes_twice else _NEVER
            yield Mistake(path, f"{first.text(zone)} {advice} {_OTHERWISE}")


_TWICE = "Hours begin the first time and end the last time."
_NEVER = "Hours begin or end when the clocks go forward instead."
_OTHERWISE = "If you want it otherwise, add an exception."


def _is_excepted(day: date, calendar: Calendar) -> bool:
    return any(of.first <= day <= of.last for of in calendar.exceptions)
