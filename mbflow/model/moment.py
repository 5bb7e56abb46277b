"""Moments and local times of a time zone: each to the other, also where the clocks change.

A local time that comes twice, or never, is decided here, once for all who ask.
"""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from mbflow.model.text import shortened

FIRST_YEAR, LAST_YEAR = 2000, 2099
"""Dates beyond are slips of the pen: no calendar is asked about them."""
_MOMENT = re.compile(
    r"(?P<date>[0-9]{4}-[0-9]{2}-[0-9]{2})"
    r"(?:[T ](?P<time>[0-9]{1,2}:[0-9]{2}(?::[0-9]{2})?)(?P<offset>Z|[+-][0-9]{2}:?[0-9]{2})?)?"
)


def occurrences(wall: datetime, zone: ZoneInfo) -> tuple[datetime, ...]:
    """The moments, in UTC, at which clocks of the zone show `wall` (without a zone): 0, 1 or 2."""
    first, second = (wall.replace(tzinfo=zone, fold=fold).astimezone(UTC) for fold in (0, 1))
    if first == second:
        return (first,)
    return (first, second) if first < second else ()


def begin_moment(wall: datetime, zone: ZoneInfo) -> datetime:
    """When clocks first show `wall`, in UTC; where they skip it, the moment of the skip."""
    found = occurrences(wall, zone)
    return found[0] if found else _skip(wall, zone)


def end_moment(wall: datetime, zone: ZoneInfo) -> datetime:
    """When the time before `wall` is over for the last time, in UTC.

    A period that ends at 01:30 lasts to the second 01:30 where 01:00 to 02:00 comes twice, so that
    none of its minutes is lost; one that ends at 01:00 is over the first time.
    """
    found = occurrences(wall, zone)
    if len(found) == 2 and len(occurrences(wall - timedelta(minutes=1), zone)) == 1:
        return found[0]
    return found[-1] if found else _skip(wall, zone)


def _skip(wall: datetime, zone: ZoneInfo) -> datetime:
    """The moment at which clocks go forward over `wall`."""
    late, early = (wall.replace(tzinfo=zone, fold=fold).astimezone(UTC) for fold in (0, 1))
    before = early.astimezone(zone).utcoffset()
    while late - early > timedelta(seconds=1):
        middle = early + timedelta(seconds=(late - early) // timedelta(seconds=2))
        if middle.astimezone(zone).utcoffset() == before:
            early = middle
        else:
            late = middle
    return late


@lru_cache(maxsize=512)
def clock_changes(zone: ZoneInfo, year: int) -> tuple[date, ...]:
    """The dates of a year on which clocks of the zone change."""
    midnight = datetime(year, 1, 1, tzinfo=zone)
    days = [midnight + timedelta(days=number) for number in range(367)]
    offsets = [day.utcoffset() for day in days]
    found = [day.date() for number, day in enumerate(days[:-1]) if _differ(offsets, number)]
    return tuple(day for day in found if day.year == year)


def _differ(offsets: list[timedelta | None], number: int) -> bool:
    return offsets[number] != offsets[number + 1]


def parse_moment(text: str, zone: ZoneInfo, *, whole_day: bool = False) -> datetime:
    """What people write on a command line: `2026-12-25T10:00`, with an offset or without one.

    Without an offset it is a local time of the zone. A date alone is its first moment, or with
    `whole_day` its end. Returns a moment in the zone; raises ValueError in words for people.
    """
    found = _MOMENT.fullmatch(text.strip())
    if found is None:
        raise ValueError(
            f'"{shortened(text, 40)}" is not a moment. Write one like '
            "2026-12-25T10:00, 2026-12-25 or 2026-12-25T10:00Z."
        )
    try:
        day = date.fromisoformat(found["date"])
        wall = datetime.combine(day, time.fromisoformat((found["time"] or "00:00").zfill(5)))
        offset = found["offset"]
        moment = datetime.fromisoformat(f"{wall.isoformat()}{offset}") if offset else None
    except ValueError:
        raise ValueError(f"{text} does not exist.") from None
    if not FIRST_YEAR <= day.year <= LAST_YEAR:
        raise ValueError(f"The year must be from {FIRST_YEAR} to {LAST_YEAR}.")
    if moment is not None:
        return moment.astimezone(zone)
    if found["time"] is None:
        end = datetime.combine(day + timedelta(days=1), time())
        return begin_moment(end if whole_day else wall, zone).astimezone(zone)
    return _only(wall, zone)


def _only(wall: datetime, zone: ZoneInfo) -> datetime:
    moments = [one.astimezone(zone) for one in occurrences(wall, zone)]
    if len(moments) == 1:
        return moments[0]
    said = f"{wall:%Y-%m-%d %H:%M}"
    if not moments:
        raise ValueError(f"{said} does not exist in {zone.key}: the clocks go forward over it.")
    written = " or ".join(moment.isoformat(timespec="minutes") for moment in moments)
    raise ValueError(f"{said} comes twice in {zone.key}: the clocks go back. Write {written}.")
