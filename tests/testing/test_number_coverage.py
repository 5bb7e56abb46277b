"""Coverage counts the states of a calendar, for every number that leads by one."""

from datetime import date
from zoneinfo import ZoneInfo

import pytest

from mbflow.model.calendar import Calendar, DatedException, Period, Year
from mbflow.model.route import CalendarState, Route
from mbflow.testing.number_coverage import NumberCoverage

OPEN, CLOSED, HOLIDAY = CalendarState
LINE, SALES = "442079460100", "442079460101"
DAY, ALWAYS = (Period(540, 1020),), (Period(0, 1440),)
PROJECT = """\
project: acme
environments:
  production:
    endpoint: embedded
    numbers:
      "442079460100": {calendar: office, open: menu, closed: night, holiday: holiday}
      "442079460101": {calendar: office, open: sales, closed: night}
      "442079460102": menu
"""
OFFICE = """\
zone: Europe/London
open: {monday-friday: 09:00-17:00}
holidays: {country: GB, region: ENG}
"""
CALLS = """\
  - {name: by day, to: "442079460100", at: 2026-11-27T10:00, ends: hangup}
  - {name: at Christmas, to: "442079460100", at: 2026-12-25T10:00, ends: hangup}
  - {name: plain, to: "442079460102", ends: hangup}
"""


@pytest.fixture
def office(project):
    project.write("mbflow.yaml", PROJECT)
    project.write("calendars/office.yaml", OFFICE)
    for name in ("menu", "night", "holiday", "sales"):
        project.write(f"flows/{name}.yaml", "steps: [{action: hangup}]\n")
    project.calls(CALLS)
    return project


def years(year):
    return Year({date(year, 12, 25): "Christmas"}, {}, {})


def covered(calendar, *dialled, route=None):
    """The states that count, and of them those that no call dialled."""
    route = route or Route("menu", "office", "night", "holiday")
    found = NumberCoverage(LINE, route, calendar, frozenset(dialled))
    return [one.name for one in found.branches], [one.name for one in found.missed]


def hours(week, *exceptions, year=years):
    return Calendar("office", ZoneInfo("Europe/London"), week, exceptions, year)


WEEK = (*[DAY] * 5, (), ())
OUTING = DatedException(date(2050, 6, 1), date(2050, 6, 2))


def test_each_state_counts():
    assert covered(hours(WEEK), OPEN) == (["open", "closed", "holiday"], ["closed", "holiday"])
    assert covered(hours(WEEK), *CalendarState) == (["open", "closed", "holiday"], [])


def test_states_with_the_same_flow_are_one():
    night = Route("menu", "office", "night", "night")
    assert covered(hours(WEEK), route=night)[1] == ["open", "closed or holiday"]
    assert covered(hours(WEEK), HOLIDAY, route=night)[1] == ["open"]
    party = Route("menu", "office", "menu", "party")
    assert covered(hours(WEEK), CLOSED, route=party)[1] == ["holiday"]


def test_a_state_that_never_comes_does_not_count():
    without = Calendar("office", ZoneInfo("Europe/London"), WEEK)
    assert covered(without)[0] == ["open", "closed"]
    assert covered(without, OPEN, CLOSED)[1] == []
    always = Calendar("office", ZoneInfo("Europe/London"), (ALWAYS,) * 7)
    assert covered(always)[0] == ["open"]
    assert covered(hours((ALWAYS,) * 7))[0] == ["open", "holiday"]


def test_an_exception_far_ahead_makes_a_state():
    assert covered(hours((ALWAYS,) * 7, OUTING))[0] == ["open", "closed", "holiday"]


def test_a_state_that_a_call_dialled_counts():
    assert covered(hours((ALWAYS,) * 7), CLOSED) == (["open", "closed", "holiday"], [
        "open",
        "holiday",
    ])  # fmt: skip


def test_the_states_in_text(office):
    ran = office.run("test", "--coverage")
    assert (
        ran.out
        == """\
Coverage of branches:
  holiday                   100 %  1 of 1
  menu                      100 %  1 of 1
  night                       0 %  no call comes here
  sales                       0 %  no call comes here
  442079460100 by office   66.6 %  2 of 3
    closed: night answers
  442079460101 by office      0 %  no call comes here
    open: sales answers
    closed or holiday: night answers
  all                      44.4 %  4 of 9

holiday  1 passed
menu     2 passed

3 calls: 3 passed.
"""
    )


def test_the_states_in_json_and_markdown(office):
    found = office.run("test", "--coverage", "--format", "json").json["coverage"]
    assert (found["percent"], found["branches"], found["covered"]) == (44.4, 9, 4)
    line, sales = found["numbers"]
    assert line == {
        "number": LINE,
        "calendar": "office",
        "percent": 66.6,
        "branches": 3,
        "covered": 2,
        "missed": [{"states": ["closed"], "flow": "night"}],
    }
    assert [one["states"] for one in sales["missed"]] == [["open"], ["closed", "holiday"]]
    told = office.run("test", "--coverage", "--format", "markdown").out
    assert "| 442079460100 by office | 66.6 % | 2 of 3 |\n" in told
    assert "| **all** | 44.4 % | 4 of 9 |" in told
    assert "\n- 442079460101 by office: closed or holiday: night answers" in told


def test_states_count_in_what_coverage_must_be(office):
    night = '  - {name: by night, to: "442079460100", at: 2026-11-27T1:00, ends: hangup}\n'
    office.calls(CALLS + night)
    ran = office.run("test", "menu", "--coverage", "--fail-under", "100")
    assert (ran.code, "442079460101" in ran.out) == (0, False)
    ran = office.run("test", "--fail-under", "100")
    assert (ran.code, ran.err) == (1, "Coverage is 66.6 %, below 100 %.\n")


def test_a_selection_counts_the_numbers_that_it_dials(office):
    office.calls('  - {name: x, to: "442079460101", at: 2026-11-27T10:00, ends: hangup}\n', "night")
    told = office.run("test", "night", "--coverage").out
    assert "442079460101 by office     50 %" in told
    assert "442079460100" not in told


def test_a_project_without_numbers_has_none(project):
    project.calls("  - {name: c, hears: [For sales]}\n")
    assert project.test("--coverage", "--format", "json").json["coverage"]["numbers"] == []


def test_a_suggestion_is_for_the_flow_beside_its_file(office):
    office.calls(CALLS, name="night")
    (office.root / "flows/menu.calls.yaml").unlink()
    office.write("flows/night.yaml", "steps: [{action: pause, options: {length: 1}}]\n")
    told = office.run("test", "--suggest", "night")
    assert "- name: " in told.out
    assert "These go to the end of flows/night.calls.yaml." in told.err
    path = office.root / "flows/night.calls.yaml"
    path.write_text(path.read_text() + told.out)
    assert office.run("test", "night").out.endswith("\n4 calls: 4 passed.\n")
