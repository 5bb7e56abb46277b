"""`mbflow calendar`: what people see of opening hours, and what other programs import."""

import icalendar
import pytest
from api.cli import runner

from mbflow.project.calendar_file import read_named

OFFICE = """\
zone: Europe/London
open:
  monday-friday: [09:00-12:30, 13:30-17:30]
  saturday: 22:00-02:00
holidays: {country: GB, region: ENG}
exceptions:
  - {date: 2026-12-24, open: 09:00-12:00, reason: "Christmas Eve; half"}
  - {from: 2026-12-29, to: 2026-12-30, closed: true}
"""
SHOWN = """\
office is closed at Wed 2026-12-23 17:45 +00:00, Europe/London.

AT                           STATE    WHY
Thu 2026-12-24 00:00 +00:00  closed   Christmas Eve; half
Thu 2026-12-24 09:00 +00:00  open     Christmas Eve; half
Thu 2026-12-24 12:00 +00:00  closed   Christmas Eve; half
Fri 2026-12-25 00:00 +00:00  holiday  Christmas Day
Sat 2026-12-26 00:00 +00:00  holiday  Boxing Day
Sun 2026-12-27 00:00 +00:00  closed
Mon 2026-12-28 00:00 +00:00  holiday  Boxing Day (observed)
Tue 2026-12-29 00:00 +00:00  closed   exception
"""


@pytest.fixture
def mbflow(capsys, tmp_path):
    (tmp_path / "calendars").mkdir()
    (tmp_path / "mbflow.yaml").write_text("project: acme\n")
    (tmp_path / "calendars/office.yaml").write_text(OFFICE)
    (tmp_path / "calendars/always.yaml").write_text(
        "zone: Asia/Tokyo\nopen: {monday-sunday: 00:00-24:00}\n"
    )
    return runner(capsys, tmp_path)


def show(mbflow, *words):
    ran = mbflow("calendar", "show", *words)
    assert (ran.code, ran.err) == (0, "")
    return ran.out


def test_a_week_of_switches_is_shown(mbflow):
    assert show(mbflow, "office", "--from", "2026-12-23T17:45") == SHOWN


def test_a_path_and_a_moment_with_an_offset_are_the_same(mbflow):
    path = "calendars/office.yaml"
    assert show(mbflow, path, "--from", "2026-12-23T18:45+01:00") == SHOWN
    assert show(mbflow, path, "--from", "2026-12-23 17:45Z") == SHOWN


def test_a_date_is_meant_to_its_end(mbflow):
    shown = show(mbflow, "office", "--from", "2026-12-25", "--to", "2026-12-27")
    assert shown == (
        "office is on holiday (Christmas Day) at Fri 2026-12-25 00:00 +00:00, Europe/London.\n\n"
        "AT                           STATE    WHY\n"
        "Sat 2026-12-26 00:00 +00:00  holiday  Boxing Day\n"
        "Sun 2026-12-27 00:00 +00:00  closed\n"
    )


def test_a_closed_day_is_shown_with_its_reason(mbflow, tmp_path):
    hours = (
        "zone: Europe/London\nopen: {monday-friday: 09:00-17:00}\n"
        "exceptions: [{date: 2026-11-30, closed: true, reason: burst pipe}]\n"
    )
    (tmp_path / "calendars/shop.yaml").write_text(hours)
    assert show(mbflow, "shop", "--from", "2026-11-29", "--to", "2026-12-01").splitlines()[3:] == [
        "Mon 2026-11-30 00:00 +00:00  closed  burst pipe",
        "Tue 2026-12-01 09:00 +00:00  open",
        "Tue 2026-12-01 17:00 +00:00  closed",
    ]


def test_local_times_that_come_twice_are_told_apart(mbflow, tmp_path):
    hours = "zone: Europe/London\nopen: {sunday: 01:15-01:45}\n"
    (tmp_path / "calendars/night.yaml").write_text(hours)
    assert "Sun 2026-10-25 01:15 +01:00  open\nSun 2026-10-25 01:45 +00:00  closed" in show(
        mbflow, "night", "--from", "2026-10-24"
    )


def test_without_a_switch_the_next_one_is_shown(mbflow, tmp_path):
    hours = "zone: Europe/London\nopen: {}\nexceptions: [{date: 2027-08-02, open: 09:00-10:00}]\n"
    (tmp_path / "calendars/rare.yaml").write_text(hours)
    shown = show(mbflow, "rare", "--from", "2026-12-25")
    assert shown.splitlines()[-1] == "Mon 2027-08-02 09:00 +01:00  open   exception"
    assert show(mbflow, "rare", "--from", "2026-12-25", "--to", "2026-12-31") == (
        "rare is closed at Fri 2026-12-25 00:00 +00:00, Europe/London.\n\n"
        "There is no switch until Fri 2027-01-01 00:00 +00:00.\n"
    )
    assert show(mbflow, "always", "--from", "2026-12-25") == (
        "always is open at Fri 2026-12-25 00:00 +09:00, Asia/Tokyo.\n\n"
        "There is no switch within two years.\n"
    )


def test_the_document_holds_the_same(mbflow):
    ran = mbflow(
        *("calendar", "show", "office", "--format", "json"),
        *("--from", "2026-12-25T10:00", "--to", "2026-12-27"),
    )
    assert ran.json == {
        "calendar": "office",
        "zone": "Europe/London",
        "at": "2026-12-25T10:00:00+00:00",
        "state": "holiday",
        "why": "Christmas Day",
        "switches": [{"at": "2026-12-27T00:00:00+00:00", "state": "closed", "why": ""}],
    }


def test_now_is_the_default(mbflow):
    assert show(mbflow, "office").startswith("office is ")


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["offic"], 'There is no calendar "offic". Did you mean "office"?'),
        (["xyz"], 'There is no calendar "xyz". There is always and office.'),
        (
            ["office", "--from", "2026-10-25T01:30"],
            "--from: 2026-10-25 01:30 comes twice in Europe/London: the clocks go back. "
            "Write 2026-10-25T01:30+01:00 or 2026-10-25T01:30+00:00.",
        ),
        (
            ["office", "--from", "2027-03-28T01:30"],
            "--from: 2027-03-28 01:30 does not exist in Europe/London: "
            "the clocks go forward over it.",
        ),
        (["office", "--from", "2026-02-30"], "--from: 2026-02-30 does not exist."),
        (["office", "--from", "2026-02-03T25:00"], "--from: 2026-02-03T25:00 does not exist."),
        (
            ["office", "--from", "2026-02-03T12:00+99:00"],
            "--from: 2026-02-03T12:00+99:00 does not exist.",
        ),
        (["office", "--from", "9999-12-31"], "--from: The year must be from 2000 to 2099."),
        (
            ["office", "--from", "tomorrow"],
            '--from: "tomorrow" is not a moment. Write one like '
            "2026-12-25T10:00, 2026-12-25 or 2026-12-25T10:00Z.",
        ),
        (
            ["office", "--from", "2026-12-25", "--to", "2026-12-24"],
            "--to is not after --from.",
        ),
        (["office", "--to", "2020-12-24"], "--to is not after now: say --from, too."),
    ],
)
def test_what_cannot_be_asked_is_told(mbflow, words, message):
    ran = mbflow("calendar", "show", *words)
    assert (ran.code, ran.out) == (64, "")
    assert ran.err == f"Error: {message}\n"


def test_no_calendar_at_all_is_told(mbflow, tmp_path):
    for path in (tmp_path / "calendars").iterdir():
        path.unlink()
    ran = mbflow("calendar", "show", "office")
    message = 'There is no calendar "office". There is no file calendars/office.yaml.'
    assert (ran.code, ran.err) == (64, f"Error: {message}\n")


def test_a_calendar_that_is_wrong_is_not_shown(mbflow, tmp_path):
    (tmp_path / "calendars/office.yaml").write_text("zone: nowhere\nopen: {}\n")
    ran = mbflow("calendar", "show", "office")
    assert (ran.code, ran.out) == (1, "")
    assert ran.err.startswith("calendars/office.yaml:1:7: error: There is no time zone")
    assert show(mbflow, "always").startswith("always is open")


def test_the_export_is_read_by_other_programs(mbflow, tmp_path):
    words = ("--from", "2026-12-01", "--to", "2027-04-30")
    ran = mbflow("calendar", "export", "office", *words)
    assert (ran.code, ran.err) == (0, "")
    assert ran.out == mbflow("calendar", "export", "office", *words).out
    read = icalendar.Calendar.from_ical(ran.out)
    found = [
        (event["DTSTART"].dt, event["DTEND"].dt, str(event["SUMMARY"]))
        for event in read.walk("VEVENT")
    ]
    office = read_named(tmp_path, {"office"})[0]["office"]
    begin, end = found[0][0], found[-1][1]
    assert found == [
        (span.begin, span.end, ", ".join(filter(None, (f"office: {state}", why))))
        for span in office.spans(begin, end)
        for state, why in [span.standing]
        if state != "closed"
    ]
    uids = [str(event["UID"]) for event in read.walk("VEVENT")]
    assert len({*uids}) == len(uids) > 100
    assert {summary for _, _, summary in found} >= {
        *("office: open", "office: open, Christmas Eve; half"),
        *("office: holiday, Christmas Day", "office: holiday, Boxing Day"),
    }


def test_an_export_of_nothing_is_an_empty_calendar(mbflow):
    ran = mbflow("calendar", "export", "office", "--from", "2026-12-29", "--to", "2026-12-29")
    assert ran.code == 0
    assert ran.out.split() == [
        *("BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//mbflow//mbflow", "0.1.0//EN"),
        *("X-WR-CALNAME:office", "END:VCALENDAR"),
    ]
