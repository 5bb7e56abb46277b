"""iCal files: the times at which, by its events, nobody is there.

Read by the libraries `icalendar` and `recurring-ical-events`, which are imported where a calendar
has such a file.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from mbflow.model.calendar import Closure, Year
from mbflow.model.moment import FIRST_YEAR, begin_moment
from mbflow.model.text import printable, shortened
from mbflow.project.discover import leads_within

LARGEST_ICAL = 1024 * 1024
MOST_RECURRING = 100
"""Series of events. Each is walked through from its begin for each year."""
_TOO_OFTEN = ("SECONDLY", "MINUTELY", "HOURLY")
_TOO_FINE = ("BYHOUR", "BYMINUTE", "BYSECOND")
_DAY = timedelta(days=1)
Closures = Callable[[int], Year]
"""Gives the closures of a year; its `holidays` are empty."""


def read_ical(path: Path, root: Path, zone: ZoneInfo, year: int) -> Closures | str:
    """The closures of a file; or, in words, why there are none.

    Events without a zone of their own are in `zone`. `year` is read at once, to see whether it can
    be. A cancelled event is none.
    """
    source = _source(path, root)
    if isinstance(source, str):
        return source
    import icalendar

    try:
        read = icalendar.Calendar.from_ical(source)
        events = list(read.walk("VEVENT"))
    except Exception as error:  # whatever the library makes of a file that is none
        return f"This is not an iCal file: {_reason(error)}"
    if not events:
        return "This iCal file holds no event: there is nothing that would close."
    closures = _closures(read, zone)
    try:
        trouble = _trouble(events)
        if not trouble:
            closures(year)
    except Exception as error:
        trouble = f"An event of this iCal file cannot be read: {_reason(error)}"
    return trouble or closures


def _source(path: Path, root: Path) -> bytes | str:
    if not leads_within(path, root):
        return "The iCal file lies outside the project. Put it beside this file."
    if path.exists() and not path.is_file():
        return "This is not a regular file."
    try:
        with path.open("rb") as stream:
            source = stream.read(LARGEST_ICAL + 1)
    except FileNotFoundError:
        return f"There is no file {printable(path.name)} beside this one."
    except OSError as error:
        return f"The iCal file cannot be read: {error.strerror}."
    if len(source) > LARGEST_ICAL:
        return "The iCal file is larger than 1 MB. Take out what is long over."
    if not source.strip():
        return "The iCal file is empty."
    return source


def _reason(error: Exception) -> str:
    return shortened(" ".join(str(error).split()) or type(error).__name__, 120)


def _trouble(events: list[Any]) -> str:
    """What of the events is not taken: what would keep a machine busy, or close nothing."""
    uids = set()
    for event in events:
        uid = str(event.get("UID", ""))
        if uid in uids and "RECURRENCE-ID" not in event:
            said = f"Two events have the UID {shortened(uid, 60)}, so one of them would not count."
            return f"{said} Give each its own."
        uids |= {uid} - {""}
        trouble = _trouble_of(event)
        if trouble:
            name = shortened(str(event.get("SUMMARY", "without a name")), 60)
            return f'The event "{name}" {trouble}'
    if sum(bool(_rules(event)) for event in events) > MOST_RECURRING:
        return f"The iCal file has more than {MOST_RECURRING} events that recur."
    return ""


def _trouble_of(event: Any) -> str:
    begin, end = (getattr(event.get(key), "dt", None) for key in ("DTSTART", "DTEND"))
    if begin is None:
        return "has no begin (DTSTART)."
    if end is not None and end < begin:
        return "ends before it begins."
    zone = event["DTSTART"].params.get("TZID")
    if zone is not None and isinstance(begin, datetime) and begin.tzinfo is None:
        return f"is in the time zone {shortened(str(zone), 60)}, which is not known."
    rules = _rules(event)
    if any(map(_is_too_often, rules)):
        return "recurs more than once a day, which is not taken."
    if rules and begin.year < FIRST_YEAR - 50:
        return f"recurs since {begin.year}. Let it begin later."
    return ""


def _rules(event: Any) -> list[Any]:
    found = [event.get(key, []) for key in ("RRULE", "EXRULE")]
    return [rule for of in found for rule in (of if isinstance(of, list) else [of])]


def _is_too_often(rule: Any) -> bool:
    """An interval of 0 has no end: the library would look for the next time for ever."""
    often = {str(one).upper() for one in rule.get("FREQ", ())}
    too_close = any(interval < 1 for interval in rule.get("INTERVAL", ()))
    return bool(often & {*_TOO_OFTEN}) or too_close or any(key in rule for key in _TOO_FINE)


def _closures(read: Any, zone: ZoneInfo) -> Closures:
    from recurring_ical_events import of  # type: ignore[import-untyped]

    @cache
    def closures(year: int) -> Year:
        # A day more on each side: the library compares local times of different zones.
        first, last = date(year, 1, 1), date(year, 12, 31)
        days: dict[date, str] = {}
        times: dict[date, list[Closure]] = {}
        for event in of(read).between(first - _DAY, last + 2 * _DAY):
            if str(event.get("STATUS", "")).upper() == "CANCELLED":
                continue
            why = printable(str(event.get("SUMMARY", "") or "iCal file"))
            begin, end = event["DTSTART"].dt, event["DTEND"].dt
            if not isinstance(begin, datetime):
                end = max(end, begin + _DAY)
                for day in _dates(max(begin, first), min(end - _DAY, last)):
                    days.setdefault(day, why)
                continue
            one = Closure(_moment(begin, zone), _moment(end, zone), why)
            if one.begin < one.end:
                touched = _touched(one, zone)
                for day in _dates(max(touched[0], first), min(touched[1], last)):
                    times.setdefault(day, []).append(one)
        return Year({}, days, times)

    return closures


def _touched(one: Closure, zone: ZoneInfo) -> tuple[date, date]:
    last = one.end - timedelta(microseconds=1)
    return one.begin.astimezone(zone).date(), last.astimezone(zone).date()


def _dates(first: date, last: date) -> Iterator[date]:
    return (first + number * _DAY for number in range((last - first).days + 1))


def _moment(stated: date, zone: ZoneInfo) -> datetime:
    """In UTC; a time without a zone is in that of the calendar."""
    if not isinstance(stated, datetime):
        return begin_moment(datetime.combine(stated, time()), zone)
    if stated.tzinfo is None:
        return begin_moment(stated, zone)
    return stated.astimezone(UTC)
