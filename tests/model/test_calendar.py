"""Calendars held against plain zoneinfo arithmetic, and laws of states and switches."""

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mbflow.model.calendar import Calendar, Closure, DatedException, Period, Switch, Year
from mbflow.model.route import CalendarState

OPEN, CLOSED, HOLIDAY = CalendarState.OPEN, CalendarState.CLOSED, CalendarState.HOLIDAY
MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)
LONDON = ZoneInfo("Europe/London")
ZONES = ["Europe/London", "America/New_York", "Australia/Lord_Howe"]
NIGHTS = (Period(0, 75), Period(105, 150), Period(8 * 60, 12 * 60), Period(22 * 60, 25 * 60 + 30))
"""Their ends lie before, in and after the hours that clocks skip and repeat."""
WEEK = (*[NIGHTS[2:]] * 4, (), (Period(9 * 60, 24 * 60),), NIGHTS[:3])
HOLIDAYS = {(1, 1): "New Year", (12, 25): "Christmas"}


def years(*, days=None, closures=None):
    def year(number):
        dates = {date(number, *of): name for of, name in HOLIDAYS.items()}
        return Year(dates, days or {}, closures or {})

    return year


def calendar(zone="Europe/London", week=WEEK, exceptions=(), **more):
    return Calendar("office", ZoneInfo(zone), week, exceptions, years(**more))


EXCEPTIONS = (
    DatedException(date(2026, 3, 29), date(2026, 3, 29), (Period(60, 105), Period(1380, 1500))),
    DatedException(date(2026, 12, 24), date(2027, 1, 2), (), "works"),
)


def hours_of(day):
    """The plain reading of EXCEPTIONS, HOLIDAYS and WEEK: the periods of a date, and the rest."""
    for of in EXCEPTIONS:
        if of.first <= day <= of.last:
            return of.periods, CLOSED
    return ((), HOLIDAY) if (day.month, day.day) in HOLIDAYS else (WEEK[day.weekday()], CLOSED)


def plain_states(zone, begin, end, step):
    """The state of every step: from the first to the last at which clocks show a period."""
    first, last, shown = {}, {}, []
    moment = begin - 2 * DAY
    while moment < end + 2 * DAY:
        wall = moment.astimezone(zone).replace(tzinfo=None)
        shown.append((moment, wall.date()))
        for day, more in ((wall.date(), 0), (wall.date() - DAY, 1440)):
            for period in hours_of(day)[0]:
                if period.begin <= wall.hour * 60 + wall.minute + more < period.end:
                    first.setdefault((day, period), moment)
                    last[day, period] = moment
        moment += step
    opened = set()
    for key, moment in first.items():
        while moment <= last[key]:
            opened.add(moment)
            moment += step
    return {of: OPEN if of in opened else hours_of(day)[1] for of, day in shown if begin <= of}


def hold_against(name, first_year, last_year, step):
    zone, office = ZoneInfo(name), calendar(name, exceptions=EXCEPTIONS)
    begin, end = datetime(first_year, 1, 1, tzinfo=UTC), datetime(last_year, 1, 1, tzinfo=UTC)
    plain = plain_states(zone, begin, end, step)
    moments = [moment for moment in plain if moment < end]
    wanted = [
        (moment, plain[moment])
        for before, moment in pairwise(moments)
        if plain[moment] is not plain[before]
    ]
    found = [
        (switch.moment.astimezone(UTC), switch.state) for switch in office.switches(begin, end)
    ]
    assert found == wanted
    for (_, before), (moment, state) in list(pairwise(wanted))[::5]:
        assert office.state(moment - MINUTE) is before
        assert office.state(moment) is office.state(moment + MINUTE) is state


@pytest.mark.parametrize("zone", ZONES)
def test_two_years_agree_with_plain_arithmetic(zone):
    hold_against(zone, 2024, 2026, timedelta(minutes=15))


@pytest.mark.long
@pytest.mark.parametrize("zone", [*ZONES, "Asia/Kathmandu", "Africa/Cairo", "America/Havana"])
def test_every_minute_agrees_with_plain_arithmetic(zone):
    hold_against(zone, 2024, 2029, MINUTE)


def switches(of, begin, end):
    zone = of.zone
    found = of.switches(
        datetime.fromisoformat(begin).replace(tzinfo=zone),
        datetime.fromisoformat(end).replace(tzinfo=zone),
    )
    return [f"{one.moment:%d %H:%M %Z} {one.state} {one.why}".strip() for one in found]


SUNDAY = ((),) * 6 + ((Period(75, 105),),)
"""01:15 to 01:45."""


def test_hours_in_the_hour_that_comes_twice_are_not_lost():
    assert switches(calendar(week=SUNDAY), "2026-10-24", "2026-10-27") == [
        "25 01:15 BST open",
        "25 01:45 GMT closed",
    ]


def test_hours_in_the_hour_that_is_skipped_are_none():
    assert switches(calendar(week=SUNDAY), "2026-03-28", "2026-03-31") == []


@pytest.mark.parametrize(
    ("period", "told"),
    [
        (Period(75, 180), ["29 02:00 BST open", "29 03:00 BST closed"]),
        (Period(0, 75), ["29 00:00 GMT open", "29 02:00 BST closed"]),
        (Period(0, 60), ["29 00:00 GMT open", "29 02:00 BST closed"]),
    ],
)
def test_a_time_that_is_skipped_is_the_skip(period, told):
    assert switches(calendar(week=((),) * 6 + ((period,),)), "2026-03-28", "2026-03-31") == told


def test_hours_that_end_when_clocks_go_back_end_the_first_time():
    assert switches(calendar(week=((),) * 6 + ((Period(0, 60),),)), "2026-10-24", "2026-10-27") == [
        "25 00:00 BST open",
        "25 01:00 BST closed",
    ]


NIGHTLY = ((Period(22 * 60, 26 * 60),),) * 7
"""22:00 to 02:00."""


def test_a_period_runs_to_its_end_on_a_holiday():
    assert switches(calendar(week=NIGHTLY), "2026-12-24T12:00", "2026-12-26T12:00") == [
        "24 22:00 GMT open",
        "25 02:00 GMT holiday Christmas",
        "26 00:00 GMT closed",
    ]


def test_a_period_runs_to_its_end_on_a_closed_date():
    closed = (DatedException(date(2026, 7, 2), date(2026, 7, 3), (), "works"),)
    assert switches(
        calendar(week=NIGHTLY, exceptions=closed), "2026-07-01T12:00", "2026-07-05"
    ) == [
        "01 22:00 BST open",
        "02 02:00 BST closed works",
        "04 22:00 BST open",
    ]


def at(text):
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def test_exceptions_win_over_ical_over_holidays_over_hours():
    christmas, eve = date(2026, 12, 25), date(2026, 12, 24)
    closure = Closure(at("2026-12-24T09:00"), at("2026-12-25T11:00"), "move")
    closures = {eve: (closure,), christmas: (closure,)}
    always = ((Period(0, 1440),),) * 7
    office = calendar(week=always, closures=closures, days={date(2026, 12, 23): "fair"})
    assert switches(office, "2026-12-22T12:00", "2026-12-27") == [
        "23 00:00 GMT closed fair",
        "24 00:00 GMT open",
        "24 09:00 GMT closed move",
        "25 11:00 GMT holiday Christmas",
        "26 00:00 GMT open",
    ]
    hours = (DatedException(eve, christmas, (Period(600, 720),), "short"),)
    office = calendar(week=always, closures=closures, exceptions=hours)
    assert switches(office, "2026-12-23T12:00", "2026-12-27") == [
        "24 00:00 GMT closed short",
        "24 10:00 GMT open short",
        "24 12:00 GMT closed short",
        "25 10:00 GMT open short",
        "25 12:00 GMT closed short",
        "26 00:00 GMT open",
    ]


def test_a_closure_with_times_cuts_what_runs_over_midnight():
    second = date(2026, 7, 2)
    closure = Closure(at("2026-07-02T00:30"), at("2026-07-02T00:45"), "drill")  # an hour later here
    office = calendar(week=((),) * 2 + (NIGHTLY[0],) + ((),) * 4, closures={second: (closure,)})
    assert switches(office, "2026-07-01", "2026-07-04") == [
        "01 22:00 BST open",
        "02 01:30 BST closed drill",
        "02 01:45 BST open",
        "02 02:00 BST closed",
    ]


def test_a_calendar_that_never_switches_says_so():
    always = Calendar("always", LONDON, ((Period(0, 1440),),) * 7)
    assert always.next_switch(at("2026-01-01T00:00")) is None
    assert Calendar("never", LONDON, ((),) * 7).next_switch(at("2026-01-01T00:00")) is None


def test_a_date_that_a_zone_left_out_is_no_obstacle():
    samoa = Calendar("samoa", ZoneInfo("Pacific/Apia"), ((Period(540, 1020),),) * 7)
    found = samoa.switches(at("2011-12-29T18:00"), at("2011-12-31T00:00"))
    assert [one.moment.isoformat() for one in found] == [
        "2011-12-29T09:00:00-10:00",
        "2011-12-29T17:00:00-10:00",
        "2011-12-31T09:00:00+14:00",
    ]


def test_a_switch_tells_its_moment_in_the_zone():
    found = calendar(week=NIGHTLY).next_switch(at("2026-12-25T01:00"))
    moment = datetime(2026, 12, 25, 2, tzinfo=LONDON)
    assert found == Switch(moment, HOLIDAY, "Christmas")
    assert found.moment.tzinfo.key == "Europe/London"


def test_only_the_years_of_the_moment_are_asked_for():
    asked = []

    def year(number):
        asked.append(number)
        return Year({}, {}, {})

    Calendar("office", LONDON, NIGHTLY, (), year).next_switch(at("2026-06-01T12:00"))
    assert {*asked} == {2026}


times = st.integers(0, 1439)
lengths = st.integers(1, 1439)


@st.composite
def drawn_calendars(draw):
    """Periods that overlap, too: files cannot state them, and the laws hold all the same."""
    periods = st.builds(lambda begin, length: Period(begin, begin + length), times, lengths)
    weeks = st.tuples(*[st.lists(periods, max_size=2).map(tuple)] * 7)
    first = draw(st.dates(date(2026, 1, 1), date(2026, 12, 20)))
    dated = DatedException(first, first + draw(st.integers(0, 5)) * DAY, tuple(draw(weeks)[0]))
    begin = at("2026-06-01T00:00") + draw(st.integers(0, 300_000)) * MINUTE
    one = Closure(begin, begin + draw(lengths) * MINUTE, "drawn")
    days = [one.begin.date() + number * DAY for number in (-1, 0, 1, 2)]
    zones = st.sampled_from([*ZONES, "Asia/Kathmandu", "America/Havana", "Pacific/Apia"])
    closures = dict.fromkeys(days, (one,))
    return calendar(draw(zones), draw(weeks), (dated,), closures=closures)


moments = st.integers(0, 525_600).map(lambda minutes: at("2026-01-01T00:00") + minutes * MINUTE)


@given(drawn_calendars(), moments)
def test_states_change_at_switches_and_nowhere_else(of, moment):
    found = of.next_switch(moment)
    if found is None:
        return
    assert found.moment.astimezone(UTC) > moment
    assert of.state(found.moment) is found.state is not of.state(moment)
    assert of.state(found.moment.astimezone(UTC) - timedelta(seconds=1)) is of.state(moment)
    length = found.moment.astimezone(UTC) - moment
    for number in range(7):
        assert of.state(moment + length * number / 7) is of.state(moment)


@given(drawn_calendars(), moments, st.integers(0, 30))
def test_switches_are_next_switches_one_after_the_other(of, moment, days):
    end = moment + days * DAY
    wanted, found = [], of.next_switch(moment)
    while found is not None and found.moment.astimezone(UTC) < end:
        wanted.append(found)
        found = of.next_switch(found.moment)
    assert list(of.switches(moment, end)) == wanted


@given(drawn_calendars(), moments, st.integers(1, 30))
def test_spans_lie_end_to_end(of, moment, days):
    spans = list(of.spans(moment, moment + days * DAY))
    assert (spans[0].begin, spans[-1].end) == (moment, moment + days * DAY)
    for one, other in pairwise(spans):
        assert one.end == other.begin
        assert one.standing != other.standing
    assert all(of.standing(one.begin) == one.standing for one in spans)
