"""Calendars as files: what they become, and every kind of mistake with its place."""

from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from mbflow.model.calendar import DatedException, Period
from mbflow.model.problem import Severity
from mbflow.project.calendar_document import find_zone
from mbflow.project.calendar_file import calendar_files, read_calendars
from mbflow.project.load import read_checkout
from mbflow.testing.validate import check

TODAY = date(2026, 11, 27)
OFFICE = """\
zone: Europe/London
open:
  monday-friday: [09:00-12:30, 13:30-17:30]
  saturday: 22:00 – 2:00
holidays: {country: GB, region: ENG}
exceptions:
  - {date: 2026-12-24, open: [09:00-12:00], reason: Christmas Eve}
  - {from: 2026-12-27, to: 2026-12-30, closed: true}
"""


def read(folder, text, name="office", **files):
    """The one reading of a calendar's text, with other files beside it."""
    (folder / "calendars").mkdir(exist_ok=True)
    (folder / f"calendars/{name}.yaml").write_text(text)
    for other, content in files.items():
        content = content.encode() if isinstance(content, str) else content
        (folder / f"calendars/{other}.ics").write_bytes(content)
    (file,) = calendar_files(folder)[0]
    (reading,) = read_calendars(folder, [file], TODAY)
    return reading


def told(reading):
    return [(one.line, one.column, one.message) for one in reading.problems]


def test_a_calendar_is_read(tmp_path):
    reading = read(tmp_path, OFFICE)
    assert reading.problems == ()
    office = reading.calendar
    assert (office.name, office.zone.key) == ("office", "Europe/London")
    day, eve = (Period(540, 750), Period(810, 1050)), date(2026, 12, 24)
    assert office.week == (day, day, day, day, day, (Period(1320, 1560),), ())
    assert office.exceptions == (
        DatedException(eve, eve, (Period(540, 720),), "Christmas Eve"),
        DatedException(date(2026, 12, 27), date(2026, 12, 30)),
    )
    assert office.year(2026).holidays[date(2026, 12, 28)] == "Boxing Day (observed)"
    assert not {day for day in office.year(2026).holidays if day.year != 2026}


def test_the_same_is_read_where_the_machine_has_no_time_zones(tmp_path):
    import zoneinfo

    zoneinfo.reset_tzpath([])
    try:
        zoneinfo.ZoneInfo.clear_cache()
        find_zone.cache_clear()
        assert read(tmp_path, OFFICE).calendar.zone.key == "Europe/London"
    finally:
        zoneinfo.reset_tzpath()


HEAD = "zone: Europe/London\nopen:\n"
MISTAKES = {
    "open: {monday: 09:00-17:00}": (
        1,
        1,
        "The file needs zone: the name of the time zone in which all times of this file are meant.",
    ),
    "zone: Europe/Londn\nopen: {}": (
        *(1, 7, 'There is no time zone "Europe/Londn". Did you mean "Europe/London"? '),
        "Write one like Europe/London, from the list of IANA.",
    ),
    "zone: london\nopen: {}": (
        *(1, 7, 'There is no time zone "london". Did you mean "Europe/London"? '),
        "Write one like Europe/London, from the list of IANA.",
    ),
    "zone: ../../../etc/passwd\nopen: {}": (
        *(1, 7, 'There is no time zone "../../../etc/passwd". '),
        "Write one like Europe/London, from the list of IANA.",
    ),
    f"{HEAD}  mondy: 09:00-17:00": (
        *(3, 3, '"mondy" is not a day or a range of days. Did you mean "monday"? '),
        "Write monday, or monday-friday for several days.",
    ),
    f"{HEAD}  sunday: closed": (3, 11, "Days that are not listed are closed: remove sunday."),
    f"{HEAD}  monday: 9-5": (3, 11, 'monday cannot be "9-5". Write it like 09:00-17:30.'),
    f"{HEAD}  monday: [25:00-26:00]": (
        *(3, 12, "25:00 is not a time of the day: they go from 00:00 to 23:59."),
    ),
    f"{HEAD}  monday: 24:00-25:00": (
        *(3, 11, "24:00 is not a time of the day: they go from 00:00 to 23:59."),
    ),
    f"{HEAD}  monday: 09:00-12:60": (
        *(3, 11, "12:60 is not a time of the day: they go from 00:00 to 24:00."),
    ),
    f"{HEAD}  monday: 09:00-09:00": (
        *(3, 11, "09:00-09:00 begins and ends at the same time. "),
        "For a whole day write 00:00-24:00.",
    ),
    f"{HEAD}  monday: [09:00-13:00, 12:00-17:00]": (
        *(3, 25, "Monday 12:00-17:00 overlaps Monday 09:00-13:00. Join them, or change one."),
    ),
    f"{HEAD}  tuesday: 02:00-17:00\n  monday: 20:00-03:00": (
        *(4, 11, "Monday 20:00-03:00 overlaps Tuesday 02:00-17:00. Join them, or change one."),
    ),
    f"{HEAD}  monday: 02:00-17:00\n  sunday: 20:00-03:00": (
        *(4, 11, "Sunday 20:00-03:00 overlaps Monday 02:00-17:00. Join them, or change one."),
    ),
    f"{HEAD}  monday-friday: [22:00-08:00, 07:00-09:00]": (
        *(3, 32, "Tuesday 07:00-09:00 overlaps Monday 22:00-08:00. Join them, or change one."),
    ),
    f"{HEAD}  saturday-monday: 09:00-17:00\n  sunday: 10:00-11:00": (
        *(4, 3, "sunday has hours under saturday-monday already. State each day once."),
    ),
}
EXCEPTIONS = {
    "{date: 2026-02-30, closed: true}": (11, "The date 2026-02-30 does not exist."),
    "{date: 24.12.2026, closed: true}": (
        *(11, 'date cannot be "24.12.2026". Write it like 2026-12-24.'),
    ),
    "{date: 0206-12-24, closed: true}": (
        *(11, 'date cannot be "0206-12-24". Write it like 2026-12-24.'),
    ),
    "{closed: true}": (4, "An exception needs either date, or from and to."),
    "{date: 2026-12-24, to: 2026-12-26, closed: true}": (
        *(4, "An exception needs either date, or from and to."),
    ),
    "{from: 2026-12-24, closed: true}": (
        *(4, "from and to go together. For one date write date."),
    ),
    "{from: 2026-12-24, to: 2026-12-20, closed: true}": (
        *(27, "2026-12-20 is before 2026-12-24. Write the first date under from."),
    ),
    "{date: 2026-12-24}": (
        *(4, "An exception needs either closed: true, or open with its hours."),
    ),
    "{date: 2026-12-24, closed: false}": (
        *(4, "closed: false says no hours. Write them: open: [09:00-12:00]."),
    ),
    "{date: 2026-12-24, open: [26:00-27:00]}": (
        *(30, "26:00 is not a time of the day: they go from 00:00 to 23:59."),
    ),
    "{date: 2026-12-24, open: [01:00-03:00, 02:00-04:00]}": (
        *(29, "01:00-03:00 and 02:00-04:00 overlap. Join them, or change one."),
    ),
    "{from: 2026-12-24, to: 2026-12-25, open: [10:00-12:00, 20:00-11:00]}": (
        29 + 16,
        "20:00-11:00 of 2026-12-24 and 10:00-12:00 of 2026-12-25 overlap. "
        "Join them, or change one.",
    ),
    "{date: 2026-12-29, open: 01:00-05:00}": (
        29,
        "20:00-02:00 of 2026-12-28 and 01:00-05:00 of 2026-12-29 overlap. "
        "Join them, or change one.",
    ),
    "{date: 2026-12-27, open: 22:00-21:00}": (
        29,
        "22:00-21:00 of 2026-12-27 and 20:00-02:00 of 2026-12-28 overlap. "
        "Join them, or change one.",
    ),
    "{date: 2027-03-28, open: 01:30-05:00}": (
        29,
        "01:30 does not exist on 2027-03-28 in Europe/London: the clocks go forward over it. "
        "Write another time.",
    ),
    "{date: 2026-10-24, open: 20:00-01:30}": (
        29,
        "01:30 comes twice on 2026-10-25 in Europe/London: the clocks go back. Write another time.",
    ),
    "{from: 2001-01-01, to: 2099-01-01, open: 00:00-01:30}": (
        45,
        "01:30 does not exist on 2001-03-25 in Europe/London: the clocks go forward over it. "
        "Write another time.",
    ),
}


def refused(reading):
    assert reading.calendar is None
    assert {one.rule for one in reading.problems} == {"calendar-file"}
    assert {one.severity for one in reading.problems} == {Severity.ERROR}
    assert {one.file for one in reading.problems} == {"calendars/office.yaml"}
    return told(reading)


@pytest.mark.parametrize("text", MISTAKES)
def test_what_cannot_be_is_told_at_its_place(text, tmp_path):
    line, column, *words = MISTAKES[text]
    assert refused(read(tmp_path, text)) == [(line, column, "".join(words))]


@pytest.mark.parametrize("text", EXCEPTIONS)
def test_exceptions_that_cannot_be_are_told(text, tmp_path):
    column, message = EXCEPTIONS[text]
    whole = f"{HEAD}  monday: 20:00-02:00\nexceptions:\n- {text}\n"
    assert refused(read(tmp_path, whole)) == [(5, column - 1, message)]


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("{date: 2026-12-24, closed: true}", "{date: 2026-12-24, open: 09:00-12:00}"),
        ("{from: 2026-12-01, to: 2026-12-31, closed: true}", "{date: 2026-12-24, closed: true}"),
        ("{date: 2026-12-24, closed: true}", "{from: 2026-12-24, to: 2026-12-31, closed: true}"),
    ],
)
def test_two_exceptions_of_one_date_are_refused(first, second, tmp_path):
    text = f"{HEAD}  monday: 20:00-02:00\nexceptions:\n- {first}\n- {second}\n"
    message = "Another exception is of 2026-12-24 too. State each date once."
    assert refused(read(tmp_path, text)) == [(6, 3, message)]


def test_hours_that_meet_do_not_overlap(tmp_path):
    text = """\
zone: Europe/London
open:
  saturday: [00:00-06:00, 06:00-24:00]
  sunday: [00:00-00:30, 22:00-05:00]
  monday: 05:00-17:00
exceptions:
- {date: 2026-12-28, open: 05:00-06:00}
- {date: 2026-12-29, open: 00:00-24:00}
"""
    assert read(tmp_path, text).problems == ()


HOLIDAYS = {
    "{country: GB}": (
        "Holidays differ between the regions of GB. Add region: one of ENG, NIR, SCT, WLS; or "
        "nationwide, for those of the whole country."
    ),
    "{country: Germany}": (
        'No public holidays are known of a country "Germany". Did you mean "DE"? '
        "Write its code of two letters, such as GB."
    ),
    "{country: GER}": (
        'No public holidays are known of a country "GER". Write its code of two letters, such as '
        "GB."
    ),
    "{country: uk}": (
        'No public holidays are known of a country "uk". Did you mean "GB"? '
        "Write its code of two letters, such as GB."
    ),
    "{country: GB, region: England}": 'GB has no region "England". Did you mean "ENG"?',
    "{country: DE, region: Bayern}": 'DE has no region "Bayern". Did you mean "BY"?',
    "{country: GB, region: '#'}": (
        'GB has no region "#". There are ENG, NIR, SCT, WLS and nationwide.'
    ),
    "{country: DK, region: North}": (
        'DK has no region "North". Remove the line: its holidays are the same everywhere.'
    ),
}


@pytest.mark.parametrize("stated", HOLIDAYS)
def test_holidays_of_nowhere_are_refused(stated, tmp_path):
    reading = read(tmp_path, f"{HEAD}  monday: 09:00-17:00\nholidays: {stated}\n")
    ((line, _, message),) = refused(reading)
    assert (line, message) == (4, HOLIDAYS[stated])


def test_years_that_the_library_knows_little_of_are_quiet(tmp_path, recwarn):
    """It would write a warning of Python on standard error, with a path of this machine."""
    stated = "{country: IN, region: GA}"
    reading = read(tmp_path, f"{HEAD}  monday: 09:00-17:00\nholidays: {stated}\n")
    assert reading.calendar.year(2040).holidays
    assert not recwarn.list


@pytest.mark.parametrize("stated", ["{country: DK}", "{country: GB, region: nationwide}"])
def test_holidays_without_regions_are_taken(stated, tmp_path):
    reading = read(tmp_path, f"{HEAD}  monday: 09:00-17:00\nholidays: {stated}\n")
    assert reading.problems == ()
    assert date(2026, 12, 25) in reading.calendar.year(2026).holidays


def test_years_of_which_no_holiday_is_known_are_told(tmp_path):
    reading = read(tmp_path, f"{HEAD}  monday: 09:00-17:00\nholidays: {{country: UA}}\n")
    (problem,) = reading.problems
    assert (problem.rule, problem.severity, problem.line) == ("no-holidays", Severity.WARNING, 4)
    assert problem.message.startswith("No public holidays are known of 2026, so none is a holiday")


def test_weekly_hours_that_clocks_skip_or_repeat_are_told(tmp_path):
    text = "zone: Europe/London\nopen:\n  saturday: 20:00-01:30\n  friday: 20:00-01:30\n"
    reading = read(tmp_path, text)
    (problem,) = reading.problems
    assert (problem.rule, problem.severity) == ("clock-change", Severity.WARNING)
    forward = (
        "01:30 does not exist on 2027-03-28 in Europe/London: the clocks go forward over it. "
        "Hours begin or end when the clocks go forward instead. "
        "If you want it otherwise, add an exception."
    )
    assert told(reading) == [(3, 13, forward)]
    text += "exceptions: [{date: 2027-03-27, open: 20:00-00:30}]\n"
    back = (
        "01:30 comes twice on 2027-10-31 in Europe/London: the clocks go back. "
        "Hours begin the first time and end the last time. "
        "If you want it otherwise, add an exception."
    )
    assert told(read(tmp_path, text)) == [(3, 13, back)]
    text = text.replace("]", ", {date: 2027-10-30, closed: true}]")
    assert told(read(tmp_path, text)) == []


def event(*lines):
    return "\r\n".join(["BEGIN:VEVENT", *lines, "END:VEVENT"])


def ical(*events):
    head = "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//x//y//EN\r\n"
    return "\r\n".join([head.strip(), *events, "END:VCALENDAR", ""])


WITH_ICAL = f"{HEAD}  monday-sunday: 09:00-17:00\nical: shut.ics\n"


def test_events_of_an_ical_file_close(tmp_path):
    shut = ical(
        event("SUMMARY:Move", "DTSTART;VALUE=DATE:20270104", "DTEND;VALUE=DATE:20270106"),
        event("SUMMARY:Floating", "DTSTART:20270701T100000", "DTEND:20270701T110000"),
        event("SUMMARY:Zone", "DTSTART:20270702T100000Z", "DURATION:PT30M"),
        event(
            *("SUMMARY:Outlook", "DTSTART;TZID=W. Europe Standard Time:20270703T110000"),
            "DTEND;TZID=W. Europe Standard Time:20270703T113000",
        ),
        event("SUMMARY:No", "STATUS:CANCELLED", "DTSTART;VALUE=DATE:20270801"),
        event("SUMMARY:Fair", "DTSTART;VALUE=DATE:20200901", "RRULE:FREQ=YEARLY"),
        event(
            *("SUMMARY:Team", "DTSTART;TZID=Europe/London:20270301T090000"),
            *("DTEND;TZID=Europe/London:20270301T100000", "RRULE:FREQ=MONTHLY;BYDAY=1MO;COUNT=2"),
        ),
    )
    reading = read(tmp_path, WITH_ICAL, shut=shut)
    assert reading.problems == ()
    begin, end = datetime(2027, 1, 1, tzinfo=UTC), datetime(2028, 1, 1, tzinfo=UTC)
    spans = [span for span in reading.calendar.spans(begin, end) if span.standing.why]
    said = [(f"{one.begin:%m-%d %H:%M}", f"{one.end:%d %H:%M}") for one in spans]
    assert [(*times, one.standing.why) for times, one in zip(said, spans, strict=True)] == [
        ("01-04 00:00", "06 00:00", "Move"),
        ("03-01 09:00", "01 10:00", "Team"),
        ("04-05 08:00", "05 09:00", "Team"),
        ("07-01 09:00", "01 10:00", "Floating"),
        ("07-02 10:00", "02 10:30", "Zone"),
        ("07-03 09:00", "03 09:30", "Outlook"),
        ("08-31 23:00", "01 23:00", "Fair"),
    ]


OFTEN = 'The event "Tick" recurs more than once a day, which is not taken.'
ODD = {
    "This is not an iCal file: ": "hello",
    "The iCal file is empty.": "\n",
    "This iCal file holds no event: there is nothing that would close.": ical(),
    "The iCal file is larger than 1 MB. Take out what is long over.": " " * (1024 * 1024 + 1),
    OFTEN: ical(event("SUMMARY:Tick", "DTSTART:20270101T000000Z", "RRULE:FREQ=SECONDLY")),
    OFTEN + " ": ical(
        event("SUMMARY:Tick", "DTSTART:20270101T000000Z", "RRULE:FREQ=DAILY;BYHOUR=1,2")
    ),
    OFTEN + "  ": ical(
        event("SUMMARY:Tick", "DTSTART:20270101T000000Z", "RRULE:FREQ=DAILY;INTERVAL=0")
    ),
    "An event of this iCal file cannot be read: ": ical(
        event("DTSTART:20270101T000000Z", "RRULE:FREQ=DAILY;UNTIL=garbage")
    ),
    'The event "Tick" ends before it begins.': ical(
        event("SUMMARY:Tick", "DTSTART;VALUE=DATE:20270102", "DTEND;VALUE=DATE:20270101")
    ),
    'The event "Tick" is in the time zone Nowhere/Land, which is not known.': ical(
        event("SUMMARY:Tick", "DTSTART;TZID=Nowhere/Land:20270102T100000")
    ),
    'The event "Tick" has no begin (DTSTART).': ical(event("SUMMARY:Tick")),
    'The event "Tick" recurs since 1601. Let it begin later.': ical(
        event("SUMMARY:Tick", "DTSTART:16010101T000000", "RRULE:FREQ=DAILY")
    ),
    "Two events have the UID abc, so one of them would not count. Give each its own.": ical(
        event("UID:abc", "DTSTART;VALUE=DATE:20270101"),
        event("UID:abc", "DTSTART;VALUE=DATE:20270501"),
    ),
    "The iCal file has more than 100 events that recur.": ical(
        *[event("SUMMARY:T", "DTSTART;VALUE=DATE:20270101", "RRULE:FREQ=YEARLY")] * 101
    ),
}


@pytest.mark.parametrize("message", ODD)
def test_an_ical_file_that_cannot_be_used_is_told(message, tmp_path):
    ((line, column, found),) = refused(read(tmp_path, WITH_ICAL, shut=ODD[message]))
    assert (line, column) == (4, 7)
    assert found.startswith(message.strip())


def test_an_ical_file_that_is_not_there_or_elsewhere_is_told(tmp_path):
    root = tmp_path / "project"
    root.mkdir()
    (tmp_path / "out.ics").write_text(ical(event("DTSTART;VALUE=DATE:20270101")))
    outside = "The iCal file lies outside the project. Put it beside this file."
    for name, message in {
        "shut.ics": "There is no file shut.ics beside this one.",
        "../../out.ics": outside,
        str(tmp_path / "out.ics"): outside,
        ".": "This is not a regular file.",
    }.items():
        text = WITH_ICAL.replace("shut.ics", name)
        assert refused(read(root, text)) == [(4, 7, message)]
    (root / "calendars/link.ics").symlink_to("../../out.ics")
    assert refused(read(root, WITH_ICAL.replace("shut", "link"))) == [(4, 7, outside)]


def test_names_of_calendars_are_judged_as_those_of_flows(tmp_path):
    for name in ("office.yml", "Bar.yaml", "bar.yaml", "-x.yaml", "sub/bar.yaml", "shut.ics"):
        path = tmp_path / "calendars" / name
        path.parent.mkdir(exist_ok=True, parents=True)
        path.write_text("zone: Europe/London\nopen: {}\n")
    (tmp_path / "calendars/out.yaml").symlink_to("/etc/hostname")
    files, problems = calendar_files(tmp_path)
    assert [file.name for file in files] == ["Bar", "bar", "sub/bar"]
    assert sorted((one.rule, one.file, one.message) for one in problems) == [
        (
            *("file-name", "calendars/-x.yaml"),
            "No part of a name may be empty, begin with a dash, or begin or end with a space.",
        ),
        (
            *("file-name", "calendars/bar.yaml"),
            "This file's name differs from calendars/Bar.yaml only in upper and lower case, or in "
            "how accents are written. Rename one of them.",
        ),
        (
            *("file-name", "calendars/office.yml"),
            "Calendars end in .yaml, so this one would be ignored. Rename it to office.yaml.",
        ),
        (
            *("file-unreadable", "calendars/out.yaml"),
            "This link points outside the project. Put the file itself here.",
        ),
    ]


PROJECT = """\
project: acme
environments:
  local:
    numbers:
      "442079460100": {calendar: office, open: menu, closed: menu}
      "442079460101": menu
"""


@pytest.fixture
def project(tmp_path):
    for name, text in {
        "mbflow.yaml": PROJECT,
        "flows/menu.yaml": "title: Menu\nsteps: [{action: hangup}]\n",
        "calendars/office.yaml": OFFICE,
        "calendars/other.yaml": "zone: nowhere\nopen: {}\n",
    }.items():
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text)
    return tmp_path


def all_told(problems):
    return [(one.rule, one.file, one.line, one.column) for one in problems]


def test_a_checkout_holds_the_calendars_of_its_numbers(project):
    checkout = read_checkout(project, None, environ={})
    assert [*checkout.calendars] == ["office"]
    assert checkout.problems == ()
    (project / "calendars/office.yaml").write_text("zone: nowhere\nopen: {}\n")
    checkout = read_checkout(project, None, environ={})
    assert [*checkout.calendars] == []
    assert all_told(checkout.problems) == [("calendar-file", "calendars/office.yaml", 1, 7)]


def test_without_a_calendar_in_numbers_none_is_read(project):
    text = PROJECT.replace("{calendar: office, open: menu, closed: menu}", "menu")
    (project / "mbflow.yaml").write_text(text)
    (project / "calendars/office.yaml").write_text("{")
    checkout = read_checkout(project, None, environ={})
    assert (checkout.problems, checkout.calendars) == ((), {})


def test_validate_reads_all_calendars(project):
    checked = check(project, environ={})
    assert (checked.flows, checked.calendars) == (1, 2)
    assert all_told(checked.problems) == [("calendar-file", "calendars/other.yaml", 1, 7)]
    checked = check(project, [Path("calendars/office.yaml")], environ={})
    assert (checked.flows, checked.calendars, checked.problems) == (0, 1, ())
    checked = check(project, [Path("calendars")], environ={})
    assert (checked.flows, checked.calendars, len(checked.problems)) == (0, 2, 1)
    checked = check(project, [Path("flows")], environ={})
    assert (checked.flows, checked.calendars, checked.problems) == (1, 0, ())


def test_a_number_of_no_calendar_is_told_at_its_name(project):
    (project / "mbflow.yaml").write_text(PROJECT.replace("office", "ofice"))
    (project / "calendars/other.yaml").unlink()
    wanted = [("number-of-no-calendar", "mbflow.yaml", 5, 34)]
    for problems in (check(project, environ={}).problems, read_checkout(project, None).problems):
        assert all_told(problems) == wanted
        assert problems[0].message == (
            "The number 442079460100 is led by the calendar ofice, and there is no calendar "
            'file of that name. Did you mean "office"?'
        )


def test_flows_do_not_lie_among_calendars(project):
    (project / "mbflow.yaml").write_text("project: acme\nflows: calendars\n")
    found = [one for one in check(project, environ={}).problems if one.file == "mbflow.yaml"]
    assert [(one.line, one.message) for one in found] == [
        (2, "calendars holds the opening hours. Give the flows a folder of their own.")
    ]
