"""Calls that dial a number are answered by the flow to which it leads at that moment."""

from datetime import UTC, date, datetime, timedelta
from xml.etree import ElementTree
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mbflow.model.calendar import Calendar, DatedException, Period, Year
from mbflow.model.project import Environment
from mbflow.model.route import Route
from mbflow.testing.answer import Answer, NoAnswer, answer_at, find_answer
from mbflow.testing.call import Expectations, ExpectedCall

LINE, SALES, FAX = "442079460100", "442079460101", "442079460102"
PROJECT = """\
project: acme
variables:
  pin: {env: ACME_PIN, secret: true, default: "442079460100"}
  line: "442079460100"
environments:
  staging:
    endpoint: embedded
    numbers: {"442079460155": menu}
  production:
    endpoint: embedded
    numbers:
      "442079460100": {calendar: office, open: menu, closed: night, holiday: holiday}
      "442079460101": {calendar: office, open: menu, closed: night}
      "442079460102": menu
"""
OFFICE = """\
zone: Europe/London
open: {monday-friday: 09:00-17:00}
exceptions: [{date: 2026-12-23, closed: true, reason: outing}]
holidays: {country: GB, region: ENG}
"""
SPEAKS = """\
title: {0}
steps:
  - {{action: say, options: {{payload: "This is {0}.", language: en-GB, voice: female}}}}
  - action: hangup
"""


@pytest.fixture
def office(project):
    project.write("mbflow.yaml", PROJECT)
    project.write("calendars/office.yaml", OFFICE)
    for name in ("menu", "night", "holiday"):
        project.write(f"flows/{name}.yaml", SPEAKS.format(name))
    return project


def call(name, at=None, to=LINE, more="ends: hangup"):
    moment = f", at: {at}" if at else ""
    return f'  - {{name: {name}, to: "{to}"{moment}, {more}}}\n'


CHRISTMAS = call("at Christmas", "2026-12-25T10:00", more="hears: [This is menu]")


def production(project, *arguments):
    return project.run("-e", "production", "test", *arguments)


@pytest.mark.parametrize(
    ("at", "flow"),
    [
        ("2026-11-27T10:00", "menu"),
        ("2026-11-27 9:00", "menu"),
        ("2026-11-27T17:00", "night"),
        ("2026-07-01T08:30Z", "menu"),
        ("2026-07-01T08:30+01:00", "night"),
        ("2026-12-25T10:00", "holiday"),
        ("2026-12-23T10:00", "night"),
        ("${when}", "holiday"),
    ],
)
def test_the_flow_of_the_moment_answers(office, at, flow):
    variables = 'variables:\n  when: "2026-12-25T10:00"\n'
    office.write("mbflow.yaml", PROJECT.replace("variables:\n", variables))
    office.calls(call("c", f'"{at}"', more=f"hears: [This is {flow}.]"))
    ran = production(office)
    assert (ran.code, ran.out) == (0, f"{flow}  1 passed\n\n1 call: 1 passed.\n")


def test_who_answers_and_why_is_told_where_a_call_fails(office):
    office.calls(
        call("by day", "2026-11-27T10:00") + CHRISTMAS + call("by night", "2026-11-28T1:00")
    )
    ran = production(office)
    assert ran.code == 1
    assert (
        ran.out
        == """\
holiday  0 passed, 1 failed
menu     1 passed
night    1 passed

FAILED holiday: at Christmas
flows/menu.calls.yaml:3
442079460100 is answered by holiday: office is on holiday (Christmas Day)
>  0:00.0    1  say     "This is holiday."
E   Expected to hear "This is menu", but no step of the flow says that.
   0:01.1       end     hangup

3 calls: 2 passed, 1 failed.
"""
    )


def test_who_answers_is_told_in_every_format(office):
    office.calls(CHRISTMAS + call("outing", "2026-12-23T10:00") + call("own", to="31201234567"))
    line = "442079460100 is answered by holiday: office is on holiday (Christmas Day)\n"
    assert line in production(office, "--format", "markdown").out
    root = ElementTree.fromstring(production(office, "--format", "junit").out)
    assert [suite.get("name") for suite in root] == ["holiday", "menu", "night"]
    assert root[0][0].find("failure").text.startswith(line)
    holiday, night, own = production(office, "--format", "json").json["calls"]
    assert (holiday["flow"], night["flow"], own["flow"]) == ("holiday", "night", "menu")
    assert {each["file"] for each in (holiday, night, own)} == {"flows/menu.calls.yaml"}
    assert holiday["answer"] == {
        "number": LINE,
        "at": "2026-12-25T10:00:00+00:00",
        "calendar": "office",
        "state": "holiday",
        "why": "Christmas Day",
    }
    assert night["answer"]["why"] == "outing"
    assert own["answer"] is None


def test_a_plain_route_needs_no_moment(office):
    office.calls(call("c", to=FAX) + call("d", "2026-12-25T10:00", to=FAX), name="night")
    found = production(office, "--format", "json").json["calls"]
    assert [one["flow"] for one in found] == ["menu", "menu"]
    assert [one["answer"] for one in found] == [{"number": FAX}] * 2


@pytest.mark.parametrize("to", ["+442079460102", "+44 20 7946 0102", "44-20-7946-0102"])
def test_a_number_as_people_write_it(office, to):
    office.calls(call("c", to=to), name="night")
    assert production(office).out.startswith("menu  1 passed")


@pytest.mark.parametrize("to", ["31201234567", "Ada", "442079460155", "${pin}"])
def test_a_number_of_no_table_is_a_call_to_the_flow_beside(office, to):
    office.calls(call("c", to=to), name="night")
    assert production(office).out.startswith("night  1 passed")
    assert office.run("-e", "production", "validate").code == 0


def test_a_number_may_come_from_a_variable(office):
    office.calls(call("c", "2026-12-25T10:00", to="${line}"))
    assert production(office).out.startswith("holiday  1 passed")


def test_the_snapshot_says_who_answers(office):
    office.calls(CHRISTMAS.replace("menu", "holiday") + call("own", to=""))
    assert production(office, "--update").code == 0
    snapshot = office.root / "flows/menu.calls.txt"
    assert (
        snapshot.read_text()
        == """\
# What callers of menu hear. Written by mbflow test --update; review it as text.

== at Christmas
442079460100 is answered by holiday: office is on holiday
 0:00.0    1  say     "This is holiday."
 0:01.1       end     hangup

== own
 0:00.0    1  say     "This is menu."
 0:00.9       end     hangup
"""
    )
    assert production(office).code == 0


def test_a_snapshot_differs_by_who_answers_alone(office):
    office.calls(call("c", "2026-12-25T10:00"))
    assert production(office, "--update").code == 0
    office.write("flows/menu.yaml", SPEAKS.format("holiday"))
    office.write("calendars/office.yaml", OFFICE.replace("holidays:", "# holidays:"))
    ran = production(office)
    assert ran.code == 1
    told = " ".join(ran.out.replace("E   ", "").split())
    assert "menu.calls.txt says: 442079460100 is answered by holiday: office is on holiday" in told


def test_a_call_file_needs_no_flow_if_all_its_calls_dial(office):
    office.calls(call("c", "2026-12-25T10:00"), name="hours")
    ran = production(office, "--coverage")
    assert (ran.code, "hours" in ran.out) == (0, False)
    assert office.run("-e", "production", "validate").code == 0
    office.calls(call("c", to="31201234567"), name="hours")
    assert 'There is no flow "hours"' in production(office).err
    assert 'There is no flow "hours"' in office.run("-e", "production", "validate").out


PROBLEMS = [
    (
        call("c"),
        "2:19: error: 442079460100 leads by the calendar office. Write when it is dialled, as in "
        "at: 2026-12-25T10:00.",
    ),
    (
        "  - {name: c, at: 2026-12-25T10:00, ends: hangup}\n",
        "2:19: error: at is the moment at which a number is dialled. Write that number, too: to.",
    ),
    (
        call("c", "2026-12-25T10:00", to="442079460155"),
        "2:19: error: 442079460155 leads nowhere in production. Name an environment where it does "
        "in the call: environment: staging",
    ),
    (
        call("c", "2026-12-25T10:00", to="442079460199"),
        "2:19: error: No environment leads 442079460199 to a flow, so at says nothing. "
        'Did you mean "442079460102"?',
    ),
    (
        call("c", "2026-12-25T10:00", to="1"),
        "2:19: error: No environment leads 1 to a flow, so at says nothing. Remove at, or "
        "lead the number in mbflow.yaml, under numbers.",
    ),
    (
        call("c", "2026-03-29T01:30"),
        "2:39: error: 2026-03-29 01:30 does not exist in Europe/London: the clocks go forward "
        "over it.",
    ),
    (
        call("c", "2026-10-25T01:30"),
        "2:39: error: 2026-10-25 01:30 comes twice in Europe/London: the clocks go back. "
        "Write 2026-10-25T01:30+01:00 or 2026-10-25T01:30+00:00.",
    ),
    (call("c", "2026-02-29T01:30"), "2:39: error: 2026-02-29T01:30 does not exist."),
    (call("c", "2026-02-29T01:30", to=FAX), "2:39: error: 2026-02-29T01:30 does not exist."),
    (call("c", "1999-02-28T01:30"), "2:39: error: The year must be from 2000 to 2099."),
    *(
        (
            call("c", moment),
            f'2:39: error: at cannot be "{moment}". Write it like 2026-12-25T10:00 or '
            "2026-12-25T10:00Z.",
        )
        for moment in ("2026-12-25", "2s", "2026-12-25T10", "2026-12-25T10:00+24:00", "Friday")
    ),
    (call("c", "10"), '2:39: error: at must be text. Put it in quotes: at: "10".'),
    (
        "  - {name: c, att: x, ends: hangup}\n",
        '2:15: error: There is no key "att" here. Did you mean "at"?',
    ),
]


@pytest.mark.parametrize(("calls", "told"), PROBLEMS)
def test_what_nobody_can_answer_is_told_with_its_place(office, calls, told):
    office.calls(calls)
    ran, checked = production(office), office.run("-e", "production", "validate")
    assert (ran.code, checked.code) == (1, 1)
    for text in (ran.err, checked.out):
        assert text.startswith(f"flows/menu.calls.yaml:{told} [call-file]\n")


def test_a_call_is_made_where_its_number_leads_to_a_flow(office):
    office.calls(CHRISTMAS.replace("menu", "holiday") + call("own", to="") + call("x", to=FAX))
    assert office.run("validate").code == 0
    ran = office.run("test", "--format", "json")
    assert [one["flow"] for one in ran.json["calls"]] == ["holiday", "menu", "menu"]
    assert [one["answer"] is None for one in ran.json["calls"]] == [False, True, False]
    assert ran.code == 0


def test_the_flow_beside_need_not_be_where_the_number_leads(office):
    only = "mbflow: {environments: [staging]}\n"
    office.write("flows/only.yaml", SPEAKS.format("only") + only)
    calls = call("c", "2026-12-25T10:00", more="hears: [This is holiday]") + call("own", to="")
    office.calls(calls, name="only")
    assert office.run("validate").out.endswith("1 call file checked: no problems.\n")
    ran = office.run("test", "only")
    assert (ran.code, ran.out) == (
        0,
        "holiday  1 passed\nonly     1 passed\n\n2 calls: 2 passed.\n",
    )
    office.calls(calls.replace("10:00", "30:00"), name="only")
    assert "does not exist. (in production) [call-file]" in office.run("validate").out


def test_its_variables_are_those_of_where_it_is_made(office):
    numbers = '    variables: {line: "442079460155"}\n    numbers: {"4420'
    office.write("mbflow.yaml", PROJECT.replace('    numbers: {"4420', numbers))
    office.calls(call("c", "2026-12-25T10:00", to="${line}"))
    assert office.run("validate").code == 0
    assert office.run("test").out.startswith("menu  1 passed")
    assert production(office).out.startswith("holiday  1 passed")


def test_a_number_that_leads_nowhere_in_the_environment(office):
    office.calls(call("c", "2026-12-25T10:00"))
    told = (
        "flows/menu.calls.yaml:2:19: error: 442079460100 leads nowhere in staging. Name an "
        "environment where it does in the call: environment: production [call-file]\n"
    )
    assert office.run("-e", "staging", "validate").out.startswith(told)
    assert office.run("-e", "staging", "test").err.startswith(told)
    office.calls(call("c", "2026-12-25T10:00", more="environment: production, ends: hangup"))
    assert office.run("-e", "staging", "validate").code == 0
    assert office.run("-e", "staging", "test").out.startswith("holiday  1 passed")


def test_a_problem_names_the_environments_that_it_is_in(office):
    office.calls(call("c"))
    told = office.run("validate").out
    assert "2026-12-25T10:00. (in production) [call-file]" in told
    assert told.endswith(": 1 error.\n")


def test_a_broken_calendar_is_told_at_its_file(office):
    office.calls(CHRISTMAS)
    office.write("calendars/office.yaml", OFFICE.replace("17:00", "25:00"))
    ran, checked = production(office), office.run("-e", "production", "validate")
    assert 'The calendar "office" has errors, so nobody knows who answers.' in ran.err
    assert "calendars/office.yaml:2:" in ran.err
    assert "calendars/office.yaml:2:" in checked.out
    assert "menu.calls.yaml" not in checked.out
    (office.root / "calendars/office.yaml").rename(office.root / "calendars/ofice.yaml")
    ran = production(office, "menu")
    assert 'There is no calendar "office". Did you mean "ofice"?' in ran.err


def test_a_flow_that_cannot_answer_is_told_at_the_number(office):
    office.calls(CHRISTMAS)
    (office.root / "flows/holiday.yaml").unlink()
    ran = production(office, "menu")
    assert ran.err.startswith('flows/menu.calls.yaml:2:30: error: There is no flow "holiday".')


EXCEPTIONS = (DatedException(date(2026, 6, 1), date(2026, 6, 9), (Period(600, 660),), "works"),)
HOURS = Calendar(
    "office",
    ZoneInfo("Europe/London"),
    ((Period(540, 1020), Period(1320, 1560)),) * 5 + ((), ()),
    EXCEPTIONS,
    lambda year: Year({date(year, 12, 25): "Christmas"}, {}, {}),
)


def called(to, at=""):
    return ExpectedCall("c", 0, Expectations(), destination=to, at=at)


ROUTES = st.builds(
    lambda names: Route(names[0], "office", names[1], names[2]),
    st.lists(st.sampled_from(["menu", "night", "holiday"]), min_size=3, max_size=3),
)
MOMENTS = st.datetimes(datetime(2026, 1, 1), datetime(2027, 1, 10), timezones=st.just(UTC))


@given(ROUTES, MOMENTS)
def test_the_answer_is_that_of_route_and_calendar(route, moment):
    here = Environment("here", numbers={LINE: route})
    moment = moment.replace(second=0, microsecond=0)
    dialled = called(f"+{LINE}", moment.isoformat())
    found = find_answer(dialled, here, [here], lambda name: HOURS)
    assert isinstance(found, Answer)
    assert found.flow == route.flow({"office": HOURS.state(moment)})
    change = found.next_change()
    if change is not None:
        answers = [
            answer_at(LINE, route, lambda zone, at=at: at, lambda name: HOURS).flow
            for at in (change.moment - timedelta(minutes=1), change.moment)
        ]
        assert answers[0] == found.flow != answers[1]


def test_a_call_without_a_number_asks_for_no_calendar():
    here = Environment("here", numbers={LINE: Route("a", "office", "b", "b")})

    def find(name):
        raise AssertionError

    assert find_answer(called(""), here, [here], find) is None
    assert find_answer(called("31201234567"), here, [here], find) is None
    assert isinstance(find_answer(called(LINE), here, [here], find), NoAnswer)
