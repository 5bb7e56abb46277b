"""`mbflow calendar`: opening hours shown and exported, and numbers led by them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

import click

from mbflow.cli.options import Verb, directory, environment, output_format
from mbflow.cli.output import show_as
from mbflow.model.errors import ExitCode, ProblemsError, UsageError
from mbflow.model.text import did_you_mean, listed, shortened

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path

    from mbflow.model.calendar import Calendar, Switch

_DAYS_SHOWN, _DAYS_EXPORTED = 7, 365


def _span(days: str) -> Callable[[Verb], Verb]:
    """`--from` and `--to`, given to the verb as `begin: str | None` and `end: str | None`."""

    def decorate(command: Verb) -> Verb:
        last = f"Until then: a date is meant to its end. Else {days}."
        command = click.option("--to", "end", metavar="TIME", help=last)(command)
        first = "From then: 2026-12-25, 2026-12-25T10:00 in the calendar's zone, or with an offset."
        return click.option("--from", "begin", metavar="TIME", help=f"{first} Else now.")(command)

    return decorate


@click.group()
def command() -> None:
    """Show and export the opening hours of calendars, or lead numbers by them."""


@command.command("show")
@directory
@click.argument("name", metavar="NAME")
@_span("a week later, or at the next switch")
@output_format("text", "json")
def show(name: str, begin: str | None, end: str | None, directory: Path, output_format: str) -> int:
    """Show the state of the calendar calendars/NAME.yaml, and when it switches.

    The state is open, closed or holiday. The text also has a line where only the reason changes.
    """
    from mbflow.views.calendar import CalendarReport, calendar_json, calendar_text
    from mbflow.views.text import json_text

    calendar = _read(directory, name)
    first, last = _moments(calendar, begin, end, _DAYS_SHOWN)
    find = calendar.switches if output_format == "json" else calendar.changes
    switches = list(find(first, last)) or list(_next(calendar, first, end))
    report = CalendarReport(calendar, first, switches)
    if output_format == "json":
        click.echo(json_text(calendar_json(report)))
    else:
        click.echo(calendar_text(report, None if end is None else last))
    return ExitCode.DONE


@command.command("export")
@directory
@click.argument("name", metavar="NAME")
@_span("a year later")
@output_format("ical", "json")
def export(
    name: str, begin: str | None, end: str | None, directory: Path, output_format: str
) -> int:
    """Write the hours of the calendar calendars/NAME.yaml as iCal to standard output.

    An event is a time in which it is open, or a holiday; what is left out is closed. Times are in
    UTC. Office programs import the file: mbflow calendar export office > office.ics
    """
    from mbflow.views.calendar import calendar_ical

    calendar = _read(directory, name)
    first, last = _moments(calendar, begin, end, _DAYS_EXPORTED)
    text = calendar_ical(calendar, first, last)
    show_as(output_format, {"calendar": calendar.name, "ical": text}, text.removesuffix("\n"))
    return ExitCode.DONE


@command.command("run")
@directory
@environment
@output_format("text", "json")
def run(directory: Path, environment: str | None, output_format: str) -> int:
    """Lead the numbers of an environment at each switch of their calendars, until it is stopped.

    It reads files and account anew each time, so it catches up after a restart or an outage. One
    line is written a switch. It leads numbers from flow to flow of their calendar, and does nothing
    else: all other changes are for mbflow apply. Ctrl-C and SIGTERM stop it and exit 0; with
    --format json the document comes then, and the lines go to standard error.
    """
    from mbflow.cli.switches import run_switches

    return run_switches(directory, environment, output_format)


def _read(directory: Path, name: str) -> Calendar:
    """The calendar of that name. Raises ProblemsError where its file is wrong."""
    from mbflow.project.calendar_file import read_named
    from mbflow.project.discover import CALENDARS, find_root, name_of

    # A path, as a shell completes it, is the same as the name.
    name = name_of(name).removeprefix(f"{CALENDARS}/")
    calendars, known, problems = read_named(find_root(directory), {name})
    if name in calendars:
        return calendars[name]
    if problems:
        raise ProblemsError(tuple(problems))
    guess = did_you_mean(name, known) or (known and f" There is {listed(known, last='and')}.")
    nothing = f" There is no file {CALENDARS}/{shortened(name, 60)}.yaml."
    raise UsageError(f'There is no calendar "{shortened(name, 60)}".{guess or nothing}')


def _moments(
    calendar: Calendar, begin: str | None, end: str | None, days: int
) -> tuple[datetime, datetime]:
    from datetime import UTC, datetime, timedelta

    now = datetime.now(UTC).astimezone(calendar.zone)
    first = now if begin is None else _moment(calendar, "--from", begin)
    if end is None:
        return first, first.astimezone(UTC) + timedelta(days=days)
    last = _moment(calendar, "--to", end)
    if last.astimezone(UTC) <= first.astimezone(UTC):
        since = "now: say --from, too" if begin is None else "--from"
        raise UsageError(f"--to is not after {since}.")
    return first, last


def _moment(calendar: Calendar, option: str, text: str) -> datetime:
    from mbflow.model.moment import parse_moment

    try:
        return parse_moment(text, calendar.zone, whole_day=option == "--to")
    except ValueError as error:
        raise UsageError(f"{option}: {error}") from None


def _next(calendar: Calendar, begin: datetime, end: str | None) -> Iterator[Switch]:
    """The next switch, for a week without one; nothing where the end was chosen."""
    found = calendar.next_switch(begin) if end is None else None
    if found is not None:
        yield found
