"""A calendar's state and switches as text and JSON, and its hours as iCal."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple
from urllib.parse import quote

from mbflow import __version__
from mbflow.model.calendar import Calendar, Span, Standing, Switch
from mbflow.model.flow import Json
from mbflow.model.route import CalendarState
from mbflow.model.text import printable, shortened
from mbflow.views.text import table

_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")


class CalendarReport(NamedTuple):
    """What a calendar says of a moment, and when that changes."""

    calendar: Calendar
    moment: datetime
    switches: Sequence[Switch]

    @property
    def standing(self) -> Standing:
        return self.calendar.standing(self.moment)


def calendar_text(report: CalendarReport, end: datetime | None = None) -> str:
    """The state at the moment, and a line for each of the report's switches.

    Without one: that there is none until `end`, or for as long as one is looked for.
    """
    standing, zone = report.standing, report.calendar.zone
    why = f" ({shortened(standing.why, 80)})" if standing.why else ""
    at = minute_text(report.moment.astimezone(zone))
    head = f"{printable(report.calendar.name)} is {standing.state.words}{why} at {at}, {zone.key}."
    if not report.switches:
        until = f"until {minute_text(end.astimezone(zone))}" if end else "within two years"
        return f"{head}\n\nThere is no switch {until}."
    columns = [
        ["AT", *(minute_text(of.moment) for of in report.switches)],
        ["STATE", *(of.state for of in report.switches)],
        ["WHY", *(shortened(of.why, 60) for of in report.switches)],
    ]
    return f"{head}\n\n{table(columns)}"


def minute_text(moment: datetime) -> str:
    """`Fri 2026-12-25 10:00 +00:00`: with the offset, for a local time may come twice."""
    said = moment.isoformat(sep=" ", timespec="minutes")
    return f"{_DAYS[moment.weekday()]} {said[:16]} {said[16:]}"


def calendar_json(report: CalendarReport) -> dict[str, Json]:
    standing, zone = report.standing, report.calendar.zone
    return {
        "calendar": report.calendar.name,
        "zone": zone.key,
        **_entry(report.moment.astimezone(zone), standing.state, standing.why),
        "switches": [_entry(*switch) for switch in report.switches],
    }


def _entry(moment: datetime, state: CalendarState, why: str) -> dict[str, Json]:
    return {"at": moment.isoformat(), "state": state.value, "why": why}


def calendar_ical(calendar: Calendar, begin: datetime, end: datetime) -> str:
    """The hours as iCal: an event for each time that is open, and for each holiday.

    Times are in UTC, which every program shows in its own zone. The same hours give the same text.
    """
    import icalendar  # only needed where hours are exported

    whole = icalendar.Calendar()
    whole.add("VERSION", "2.0")
    whole.add("PRODID", f"-//mbflow//mbflow {__version__}//EN")
    whole.add("X-WR-CALNAME", printable(calendar.name))
    for span in calendar.spans(begin, end):
        if span.standing.state is not CalendarState.CLOSED:
            event = icalendar.Event()
            for key, value in _properties(calendar.name, span).items():
                event.add(key, value)
            whole.add_component(event)
    written: bytes = whole.to_ical()
    return written.decode()


def _properties(name: str, span: Span) -> dict[str, str | datetime]:
    first = span.begin
    why = f", {span.standing.why}" if span.standing.why else ""
    return {
        "UID": f"{first:%Y%m%dT%H%M%SZ}-{quote(name)}@mbflow",
        "DTSTAMP": first,
        "DTSTART": first,
        "DTEND": span.end,
        "SUMMARY": printable(f"{name}: {span.standing.state}{why}"),
        "TRANSP": "TRANSPARENT",  # nobody is busy because the line is open
    }
