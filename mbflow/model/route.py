"""Routes: where a telephone number leads, to one call flow or to one for each state of a calendar.

Values only; `project.route_document` makes them from what `mbflow.yaml` holds.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from enum import StrEnum
from typing import NamedTuple


class CalendarState(StrEnum):
    """What a calendar says of a moment."""

    OPEN = "open"
    CLOSED = "closed"
    HOLIDAY = "holiday"

    @property
    def words(self) -> str:
        """What a calendar is then: `open`, `closed`, `on holiday`."""
        return "on holiday" if self is CalendarState.HOLIDAY else self.value


class Route(NamedTuple):
    """Where one number leads."""

    open: str
    """Name of a flow: the only one, where there is no calendar."""
    calendar: str = ""
    """Name of the calendar that decides; empty where one flow answers at all times."""
    closed: str = ""
    holiday: str = ""
    """Name of the flow for public holidays; that of `closed` where none is stated."""
    place: tuple[int, int] = (0, 0)
    """Line and column in `mbflow.yaml`; zeros where it is not known."""
    places: Mapping[str, tuple[int, int]] = {}
    """The same of each of its values: of `open`, `calendar` and so on."""

    @property
    def flows(self) -> tuple[str, ...]:
        """The names of the flows that the number may lead to, each once."""
        return tuple(dict.fromkeys(filter(None, (self.open, self.closed, self.holiday))))

    def flow(self, states: Mapping[str, CalendarState]) -> str:
        """The name of the flow that answers when the calendars, by name, have these states.

        Empty where nothing is known of its calendar.
        """
        if not self.calendar:
            return self.open
        state = states.get(self.calendar)
        return "" if state is None else str(getattr(self, state.value))


def is_number(text: str) -> bool:
    """Whether it is written as E.164 has it, without the plus: the country code first."""
    return re.fullmatch("[1-9][0-9]{6,14}", text) is not None


def can_be_dialled(number: str) -> bool:
    """Whether it is such a number, of a country code that exists and of a length that it has."""
    import phonenumbers  # only needed where a project has numbers

    try:
        parsed = phonenumbers.parse(f"+{number}")
    except phonenumbers.NumberParseException:
        return False
    return is_number(number) and phonenumbers.is_possible_number(parsed)
