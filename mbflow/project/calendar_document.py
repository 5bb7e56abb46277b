"""What a calendar's file holds, as a `Calendar`: schema first, then what a schema cannot say.

Pure: takes plain data, gives the calendar and the mistakes in it. The iCal file is not read here.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from functools import cache
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from mbflow.model.calendar import NO_YEAR, Calendar, DatedException, Period, Year
from mbflow.model.flow import Json, Path
from mbflow.model.text import did_you_mean, shortened
from mbflow.project.calendar_checks import clock_doubts, exception_mistakes, week_mistakes
from mbflow.schema.messages import Mistake, SourceText, mistakes
from mbflow.schema.validator import is_valid

DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
MIDNIGHT = 24 * 60
_PERIOD = re.compile(r"([0-9]{1,2}):([0-9]{2}) ?[-–] ?([0-9]{1,2}):([0-9]{2})")


class ParsedCalendar(NamedTuple):
    """A calendar, or what is wrong with it."""

    calendar: Calendar | None
    mistakes: Sequence[Mistake] = ()
    doubts: Sequence[tuple[str, Mistake]] = ()
    """What may surprise, with the rule that warns of it."""


def parse_calendar(
    name: str, document: Json, source_text: SourceText, today: date
) -> ParsedCalendar:
    """The calendar of a document. `today` says which changes of the clocks are ahead."""
    found = [] if is_valid("calendar", document) else mistakes("calendar", document, source_text)
    if found:
        return ParsedCalendar(None, [_at_closed_day(mistake, document) for mistake in found])
    assert isinstance(document, dict)
    stated: Mapping[str, Any] = document
    zone = find_zone(stated["zone"])
    if zone is None:
        found.append(Mistake(("zone",), _unknown_zone(stated["zone"])))
    reader = _Reader(found)
    week = reader.week(stated["open"])
    exceptions = reader.exceptions(stated.get("exceptions", ()))
    if "holidays" in stated:
        from mbflow.project.public_holidays import holiday_mistakes

        found += holiday_mistakes(stated["holidays"], today.year)
    if found or zone is None:
        return ParsedCalendar(None, found)
    days = tuple(
        tuple(sorted(period for periods in week.values() for on, period in periods if on == day))
        for day in range(7)
    )
    found += week_mistakes(week)
    found += exception_mistakes(exceptions, days, zone)
    if found:
        return ParsedCalendar(None, found)
    dated = tuple(sorted(exceptions.values()))
    calendar = Calendar(name, zone, days, dated, _years(stated.get("holidays")))
    doubts = [("clock-change", doubt) for doubt in clock_doubts(week, calendar, today)]
    if "holidays" in stated:
        doubts += [("no-holidays", doubt) for doubt in _years_without(calendar, today.year)]
    return ParsedCalendar(calendar, (), doubts)


def _years_without(calendar: Calendar, year: int) -> Iterator[Mistake]:
    """This year, or the next, where the library knows no holiday of the country."""
    for one in (year, year + 1):
        if not calendar.year(one).holidays:
            message = (
                f"No public holidays are known of {one}, so none is a holiday then. A later "
                "version of the package holidays may know them; until then write exceptions."
            )
            yield Mistake(("holidays",), message)
            return


def _at_closed_day(mistake: Mistake, document: Any) -> Mistake:
    """In better words where somebody writes `sunday: closed`."""
    path = mistake.path
    if len(path) == 2 and path[0] == "open" and document["open"][path[1]] == "closed":
        message = f"Days that are not listed are closed: remove {path[1]}."
        return mistake._replace(message=message)
    return mistake


def _years(stated: Mapping[str, str] | None) -> Any:
    if stated is None:
        return lambda year: NO_YEAR
    from mbflow.project.public_holidays import holidays_of

    of = holidays_of(**stated)
    return lambda year: Year(of(year), {}, {})


@cache
def _zone_names() -> frozenset[str]:
    """All names of time zones, from the package: a machine may have none, or files of its own."""
    from importlib.resources import files

    return frozenset(files("tzdata").joinpath("zones").read_text(encoding="utf-8").split())


@cache
def find_zone(name: str) -> ZoneInfo | None:
    """The time zone of that name; None where there is none."""
    return ZoneInfo(name) if name in _zone_names() else None


def _unknown_zone(name: str) -> str:
    places = {zone.rpartition("/")[2]: zone for zone in sorted(_zone_names())}
    guess = did_you_mean(name, _zone_names()) or did_you_mean(name, places)
    for place, zone in places.items():
        guess = guess.replace(f'"{place}"', f'"{zone}"')
    return (
        f'There is no time zone "{shortened(name, 60)}".{guess} Write one like Europe/London, from '
        "the list of IANA."
    )


class _Reader:
    """Makes values of what fits the schema, and notes what does not exist."""

    def __init__(self, found: list[Mistake]) -> None:
        self._found = found

    def week(self, stated: Mapping[str, Any]) -> dict[Path, list[tuple[int, Period]]]:
        """By its place in the file: each period, with every day that it is of."""
        first: dict[int, str] = {}
        found: dict[Path, list[tuple[int, Period]]] = {}
        for key, hours in stated.items():
            days = _days(key)
            twice = [day for day in days if first.setdefault(day, key) != key]
            if twice:
                day = DAYS[twice[0]]
                message = f"{day} has hours under {first[twice[0]]} already. State each day once."
                self._found.append(Mistake(("open", key), message, at_key=True))
                continue
            for path, period in self._periods(hours, ("open", key)).items():
                found[path] = [(day, period) for day in days]
        return found

    def exceptions(self, stated: Sequence[Mapping[str, Any]]) -> dict[Path, DatedException]:
        found: dict[Path, DatedException] = {}
        for number, of in enumerate(stated):
            path: Path = ("exceptions", number)
            trouble = _form_trouble(of)
            if trouble:
                self._found.append(Mistake(path, trouble))
                continue
            first = self._date(of, path, "date" if "date" in of else "from")
            last = first if "date" in of else self._date(of, path, "to")
            periods = self._periods(of.get("open", ()), (*path, "open")) if "open" in of else {}
            if first is None or last is None:
                continue
            if last < first:
                message = f"{last} is before {first}. Write the first date under from."
                self._found.append(Mistake((*path, "to"), message))
                continue
            hours = tuple(sorted(periods.values()))
            found[path] = DatedException(first, last, hours, of.get("reason", ""))
        return found

    def _date(self, of: Mapping[str, Any], path: Path, key: str) -> date | None:
        try:
            return date.fromisoformat(of[key])
        except ValueError:
            message = f"The date {of[key]} does not exist."
            self._found.append(Mistake((*path, key), message))
            return None

    def _periods(self, hours: str | Sequence[str], path: Path) -> dict[Path, Period]:
        several = [(path, hours)] if isinstance(hours, str) else _items(hours, path)
        found: dict[Path, Period] = {}
        for place, text in several:
            period, trouble = _period(text)
            if trouble:
                self._found.append(Mistake(place, trouble))
            else:
                found[place] = period
        return found


def _items(hours: Sequence[str], path: Path) -> list[tuple[Path, str]]:
    return [((*path, number), text) for number, text in enumerate(hours)]


def _days(key: str) -> list[int]:
    """`monday-friday` as numbers; a range may go over the end of the week."""
    first, _, last = key.partition("-")
    begin = DAYS.index(first)
    count = (DAYS.index(last or first) - begin) % 7 + 1
    return [(begin + number) % 7 for number in range(count)]


def _form_trouble(of: Mapping[str, Any]) -> str:
    """Why an exception is of no dates, or says nothing of them."""
    if ("date" in of) == bool({"from", "to"} & of.keys()):
        return "An exception needs either date, or from and to."
    if "date" not in of and not {"from", "to"} <= of.keys():
        return "from and to go together. For one date write date."
    if ("open" in of) == ("closed" in of):
        return "An exception needs either closed: true, or open with its hours."
    if of.get("closed") is False:
        return "closed: false says no hours. Write them: open: [09:00-12:00]."
    return ""


def _period(text: str) -> tuple[Period, str]:
    """The period, or why there is none of that kind."""
    found = _PERIOD.fullmatch(text)
    assert found is not None, "the schema says so"
    hour, minute, last_hour, last_minute = map(int, found.groups())
    begin, end = hour * 60 + minute, last_hour * 60 + last_minute
    for written, of, latest in (
        (f"{found[1]}:{found[2]}", (minute, begin), MIDNIGHT - 1),
        (f"{found[3]}:{found[4]}", (last_minute, end), MIDNIGHT),
    ):
        if of[0] > 59 or of[1] > latest:
            last = "23:59" if latest < MIDNIGHT else "24:00"
            return Period(0, 0), (
                f"{written} is not a time of the day: they go from 00:00 to {last}."
            )
    if begin == end:
        return Period(0, 0), (
            f"{text} begins and ends at the same time. For a whole day write 00:00-24:00."
        )
    return Period(begin, end if end > begin else end + MIDNIGHT), ""
