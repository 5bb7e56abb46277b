"""What the calendars of an environment say at the moment for which a plan decides."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import UTC, datetime

from mbflow.model.calendar import Calendar
from mbflow.model.errors import UsageError
from mbflow.model.moment import parse_moment
from mbflow.model.route import CalendarState
from mbflow.plan.model import CalendarAt
from mbflow.project.discover import calendar_file

NOW = "now"


def calendars_at(calendars: Mapping[str, Calendar], text: str, now: float) -> list[CalendarAt]:
    """Each calendar at a moment: `now`, or what people write; `now` is Unix seconds.

    Raises UsageError for what is no moment, and for a local time where zones differ.
    """
    moment = moment_of(calendars.values(), text, now)
    return [calendar_at(calendar, moment) for calendar in calendars.values()]


def moment_of(calendars: Collection[Calendar], text: str, now: float) -> datetime:
    """The moment that `text` is, for these calendars."""
    zones = {calendar.zone.key: calendar.zone for calendar in calendars}
    if text == NOW or not zones:
        return datetime.fromtimestamp(now, UTC)
    try:
        moments = {parse_moment(text, zone).astimezone(UTC) for zone in zones.values()}
    except ValueError as error:
        raise UsageError(f"--at: {error}") from None
    if len(moments) > 1:
        raise UsageError(
            f"--at: {text} is another moment in each zone ({', '.join(sorted(zones))}). "
            f"Write it with an offset: {text}Z."
        )
    return moments.pop()


def calendar_at(calendar: Calendar, moment: datetime) -> CalendarAt:
    """The state of the calendar, and when it next changes, in its own zone."""
    state, why = calendar.standing(moment)
    switch = calendar.next_switch(moment)
    at = moment.astimezone(calendar.zone).replace(microsecond=0)
    until, following = (switch.moment.isoformat(), switch.state.value) if switch else ("", "")
    return CalendarAt(
        calendar.name,
        calendar.zone.key,
        at.isoformat(),
        state.value,
        why,
        until,
        following,
        calendar_file(calendar.name),
    )


def states(found: Iterable[CalendarAt]) -> dict[str, CalendarState]:
    """Name to state."""
    return {one.name: CalendarState(one.state) for one in found}
