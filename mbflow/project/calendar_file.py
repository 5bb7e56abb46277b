"""The calendars of a project: files below `calendars/`, found, read, and all that is wrong."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime
from functools import cache
from pathlib import Path
from typing import NamedTuple

from mbflow.model.calendar import Calendar, Year
from mbflow.model.problem import Problem, Severity, has_errors
from mbflow.project.calendar_document import ParsedCalendar, parse_calendar
from mbflow.project.discover import FlowFile, calendar_files
from mbflow.project.ical_file import Closures, read_ical
from mbflow.project.yaml.document import Document, read_yaml
from mbflow.project.yaml.parser import LARGEST_FILE
from mbflow.schema.messages import Mistake


class CalendarReading(NamedTuple):
    """A calendar, or why there is none."""

    name: str
    calendar: Calendar | None
    problems: tuple[Problem, ...] = ()


def read_calendars(
    root: Path, files: Iterable[FlowFile], today: date | None = None
) -> list[CalendarReading]:
    """One reading of each file. `today` is the date that changes of the clocks are told from."""
    today = today or datetime.now(UTC).date()
    return [_read(root, file, today) for file in files]


def read_named(
    root: Path, names: Collection[str]
) -> tuple[dict[str, Calendar], list[str], list[Problem]]:
    """The calendars of these names, the names of all files, and every error in what was read."""
    files, problems = calendar_files(root)
    found = read_calendars(root, [file for file in files if file.name in names])
    problems += [problem for reading in found for problem in reading.problems if _is_error(problem)]
    calendars = {one.name: one.calendar for one in found if one.calendar is not None}
    return calendars, [file.name for file in files], problems


def _is_error(problem: Problem) -> bool:
    return problem.severity is Severity.ERROR


def _read(root: Path, file: FlowFile, today: date) -> CalendarReading:
    try:
        with Path(file.path).open("rb") as stream:
            source = stream.read(LARGEST_FILE + 1)
    except OSError as error:
        message = f"The file cannot be read: {error.strerror}."
        problem = Problem("file-unreadable", Severity.ERROR, message, file.file)
        return CalendarReading(file.name, None, (problem,))
    document = read_yaml(source)
    odd = tuple(replace(problem, file=file.file) for problem in document.problems)
    if has_errors(odd):
        return CalendarReading(file.name, None, odd)
    parsed = _with_ical(
        parse_calendar(file.name, document.data, document.source_text, today),
        document,
        root,
        Path(file.path).parent,
        today,
    )
    problems = (
        *odd,
        *_placed("calendar-file", Severity.ERROR, parsed.mistakes, document, file.file),
        *_warnings(parsed.doubts, document, file.file),
    )
    return CalendarReading(file.name, parsed.calendar, problems)


def _with_ical(
    parsed: ParsedCalendar, document: Document, root: Path, folder: Path, today: date
) -> ParsedCalendar:
    data = document.data
    stated = data.get("ical") if isinstance(data, dict) else None
    if parsed.calendar is None or not isinstance(stated, str):
        return parsed
    if "\0" in stated:
        return ParsedCalendar(None, [Mistake(("ical",), "This cannot be the name of a file.")])
    found = read_ical(folder / stated, root, parsed.calendar.zone, today.year)
    if isinstance(found, str):
        return ParsedCalendar(None, [Mistake(("ical",), found)], parsed.doubts)
    year = _joined(parsed.calendar, found)
    return parsed._replace(calendar=replace(parsed.calendar, year=year))


def _joined(calendar: Calendar, closures: Closures) -> Closures:
    holidays = calendar.year

    @cache
    def year(number: int) -> Year:
        of = closures(number)
        return of._replace(holidays=holidays(number).holidays)

    return year


def _warnings(
    doubts: Iterable[tuple[str, Mistake]], document: Document, file: str
) -> Iterator[Problem]:
    for rule, doubt in doubts:
        yield from _placed(rule, Severity.WARNING, [doubt], document, file)


def _placed(
    rule: str, severity: Severity, found: Sequence[Mistake], document: Document, file: str
) -> Iterator[Problem]:
    for mistake in found:
        place = document.place(mistake.path, key=mistake.at_key)
        yield Problem(rule, severity, mistake.message, path=mistake.path).at(file, *place)
