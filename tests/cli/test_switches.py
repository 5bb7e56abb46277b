"""Numbers led by calendars: `plan --at`, `apply --calendar`, `calendar run`."""

import json
import signal
from datetime import datetime
from threading import Event

import pytest
from api.cli import runner
from apply.world import Clock, say

from mbflow.api.connect import open_client
from mbflow.api.errors import Unreadable
from mbflow.apply import numbers
from mbflow.apply.result import NumberResult, Status
from mbflow.cli import switches
from mbflow.cli.switches import LONGEST, RETRIES, Pass, Switches, lead_once
from mbflow.model.errors import UsageError
from mbflow.model.project import Environment
from mbflow.plan.model import CalendarAt, NumberChange, NumberFlow, Plan, Summary
from mbflow.project.calendar_file import read_named
from mbflow.state.lock import read_lock

from .conftest import Project

ONE, TWO = "442079460100", "442079460101"
OFFICE = """\
zone: Europe/London
open:
  monday-friday: ["09:00-17:30"]
holidays: {country: GB, region: ENG}
"""
ROUTE = f'"{ONE}": {{calendar: office, open: day, closed: night, holiday: feast}}'
OPEN, SHUT, FEAST = "2026-11-30T10:00", "2026-11-28T10:00", "2026-12-25T10:00"


class Line:
    """A project in the built-in emulator, whose number a calendar leads."""

    def __init__(self, folder, run):
        self.folder = folder
        self.run = run
        (folder / "calendars").mkdir()
        (folder / "calendars" / "office.yaml").write_text(OFFICE)
        for name in ("day", "night", "feast", "other"):
            self.write(name, say(f"This is {name}", name.title()))
        self.table(ROUTE, f'"{TWO}": other')

    def write(self, name, body):
        (self.folder / "flows").mkdir(exist_ok=True)
        (self.folder / "flows" / f"{name}.yaml").write_text(json.dumps(body))

    def table(self, *lines):
        numbers = "".join(f"      {line}\n" for line in lines)
        self.settings("local: {numbers: {}}" if not lines else f"local:\n    numbers:\n{numbers}")

    def settings(self, environment):
        text = f"project: acme\nenvironments:\n  {environment}\n"
        (self.folder / "mbflow.yaml").write_text(text)

    def client(self):
        return open_client(self.folder, Environment("local"), can_write=True)

    def leads_to(self, number):
        """Titles of the flows that the number leads to."""
        with self.client() as client:
            flows = client.list_call_flows()
            return [
                flow.raw["title"]
                for flow in flows
                if number in {one.number for one in client.list_numbers(flow.id)}
            ]

    def lead(self, number, title, *, new=False):
        """Somebody leads it by hand."""
        with self.client() as client:
            if new:
                client.create_call_flow(say("Hello", title))
            (found,) = [f.id for f in client.list_call_flows() if f.raw["title"] == title]
            client.assign_numbers(found, [number])

    @property
    def lock(self):
        return read_lock(self.folder / ".mbflow/local/mbflow.lock.yaml")


@pytest.fixture
def line(capsys, tmp_path, monkeypatch):
    monkeypatch.delenv("MBFLOW_ENVIRONMENT", raising=False)
    return Line(tmp_path, runner(capsys, tmp_path))


@pytest.fixture
def applied(line):
    ran = line.run("apply", "--auto-approve", "--at", OPEN)
    assert ran.code == 0, ran.err
    return line


def test_a_plan_names_the_moment_the_state_and_the_next_switch(line):
    ran = line.run("plan", "--at", OPEN)
    assert (
        "Calendar office (Europe/London): open at Mon 2026-11-30 10:00 +00:00, and\n"
        "  closed from Mon 2026-11-30 17:30 +00:00\n"
    ) in ran.out
    assert f"@ {ONE} will lead to Day (day), until now to no flow: office is open\n" in ran.out
    document = json.loads(line.run("plan", "--at", FEAST, "--format", "json").out)
    assert document["calendars"] == [
        {
            "name": "office",
            "zone": "Europe/London",
            "at": "2026-12-25T10:00:00+00:00",
            "state": "holiday",
            "why": "Christmas Day",
            "until": "2026-12-27T00:00:00+00:00",
            "next": "closed",
            "file": "calendars/office.yaml",
        }
    ]
    first = document["numbers"][0]
    assert (first["to"], first["calendar"], first["state"]) == ("feast", "office", "holiday")
    markdown = line.run("plan", "--at", SHUT, "--format", "markdown").out
    assert "Calendar office (Europe/London): closed at Sat 2026-11-28 10:00" in markdown


@pytest.mark.parametrize(
    ("at", "told"),
    [
        ("2026-13-01T10:00", "--at: 2026-13-01T10:00 does not exist."),
        (
            "soon",
            '--at: "soon" is not a moment. Write one like 2026-12-25T10:00, 2026-12-25 or '
            "2026-12-25T10:00Z.",
        ),
        ("2026-03-29T01:30", "--at: 2026-03-29 01:30 does not exist in Europe/London"),
        ("2026-10-25T01:30", "--at: 2026-10-25 01:30 comes twice in Europe/London"),
    ],
)
def test_what_is_no_moment(line, at, told):
    ran = line.run("plan", "--at", at)
    assert (ran.code, ran.out) == (64, "")
    assert told in ran.err


def test_a_local_time_is_none_where_zones_differ(line):
    (line.folder / "calendars" / "york.yaml").write_text(
        'zone: America/New_York\nopen: {monday: ["09:00-17:00"]}\n'
    )
    line.table(ROUTE, f'"{TWO}": {{calendar: york, open: day, closed: night}}')
    ran = line.run("plan", "--at", OPEN)
    assert ran.code == 64
    assert "another moment in each zone (America/New_York, Europe/London)" in ran.err
    assert f"Write it with an offset: {OPEN}Z." in ran.err
    ran = line.run("plan", "--at", f"{OPEN}Z")
    assert "york (America/New_York): closed at Mon 2026-11-30 05:00 -05:00" in ran.out


def test_a_moment_without_a_calendar_is_pointless(line):
    line.table(f'"{TWO}": other')
    ran = line.run("plan", "--at", OPEN)
    assert (ran.code, ran.err) == (64, "Error: --at: no calendar leads a number of local.\n")
    ran = line.run("apply", "--calendar")
    assert (ran.code, ran.err) == (64, "Error: No calendar leads a number of local.\n")


def test_a_timer_leads_only_the_numbers_of_calendars(applied):
    lock = applied.lock
    applied.write("day", say("This is another day", "Day"))
    applied.table(ROUTE, f'"{TWO}": day')
    for at, title in [(SHUT, "Night"), (SHUT, "Night"), (FEAST, "Feast"), (OPEN, "Day")]:
        ran = applied.run("apply", "--calendar", "--at", at)
        assert ran.code == 0, ran.err
        assert applied.leads_to(ONE) == [title]
        assert applied.leads_to(TWO) == ["Other"]
    assert applied.lock == lock
    with applied.client() as client:
        texts = [flow.raw["steps"][0]["options"]["payload"] for flow in client.list_call_flows()]
    assert "This is another day" not in texts


def test_a_timer_writes_once_a_switch(applied):
    told = "Sat 2026-11-28 10:00 +00:00  office is closed until Mon 2026-11-30 09:00 +00:00."
    ran = applied.run("apply", "--calendar", "--at", SHUT)
    assert (ran.code, ran.out, ran.err) == (0, f"{told} {ONE} leads to night\n", "")
    again = applied.run("apply", "--calendar", "--at", SHUT)
    assert (again.code, again.out, again.err) == (0, f"{told}\n", "")


def test_a_rollback_takes_back_an_apply_and_no_switch(applied):
    applied.write("day", say("This is another day", "Day"))
    assert applied.run("apply", "--auto-approve", "--at", OPEN).code == 0
    assert applied.run("apply", "--calendar", "--at", SHUT).code == 0
    ran = applied.run("rollback", "--auto-approve")
    assert ran.code == 0, ran.err
    assert "~ update  day" in ran.out
    assert applied.leads_to(ONE) == ["Night"]


def test_what_was_led_by_hand_is_left_by_a_timer(applied):
    """Somebody had a reason, and nobody is there to be asked."""
    applied.lead(ONE, "Emergency", new=True)
    ran = applied.run("apply", "--calendar", "--at", SHUT)
    assert ran.code == 3
    assert f"{ONE} is left where it leads: takeover: it leads to " in ran.err
    assert f". To have its calendar lead it again:\n    mbflow apply --target {ONE}\n" in ran.err
    assert applied.leads_to(ONE) == ["Emergency"]
    document = json.loads(applied.run("apply", "--calendar", "--at", SHUT, "--format", "json").out)
    assert (document["exit_code"], document["results"]) == (3, [])
    assert document["refused"][0].startswith(f"{ONE} is left where it leads: takeover: ")
    applied.settings(f"local:\n    require_plan: true\n    numbers:\n      {ROUTE}\n")
    ran = applied.run("apply", "--calendar", "--at", SHUT)
    assert (
        f"    mbflow plan --target {ONE} --out plan.json\n    mbflow apply plan.json\n" in ran.err
    )


def test_a_number_at_two_flows_is_for_the_dashboard(make_service, tmp_path, monkeypatch):
    monkeypatch.setattr(numbers, "READ_BACK_PAUSES", (0.0,))
    service = make_service(quirks=["linked-number-added"])
    route = {"calendar": "office", "open": "day", "closed": "night"}
    project = Project(tmp_path / "checkout", service.url, numbers={ONE: route})
    (project.folder / "calendars").mkdir()
    calendar = project.folder / "calendars" / "office.yaml"
    always, never = ("zone: UTC\nopen: {monday-sunday: 00:00-24:00}\n", "zone: UTC\nopen: {}\n")
    for name in ("day", "night"):
        project.write(name, say(f"This is {name}", name.title()))
    calendar.write_text(always)
    assert project.run("apply", "--auto-approve")[0] == 0
    calendar.write_text(never)
    assert project.run("apply", "--calendar")[0] == 4
    calendar.write_text(always)
    code, _, err = project.run("apply", "--calendar")
    assert (code, "two-flows: the service shows it at" in err) == (3, True)
    assert "mbflow apply" not in err


def test_one_refused_number_does_not_keep_the_others_open(applied):
    applied.table(ROUTE, f'"{TWO}": {{calendar: office, open: day, closed: night}}')
    ran = applied.run("apply", "--calendar", "--at", SHUT)
    assert ran.code == 3
    assert f"{TWO} is left where it leads: its calendar does not name other." in ran.err
    assert (applied.leads_to(ONE), applied.leads_to(TWO)) == (["Night"], ["Other"])
    assert applied.run("apply", "--auto-approve", "--target", TWO, "--at", SHUT).code == 0
    assert applied.run("apply", "--calendar", "--at", OPEN).code == 0
    assert (applied.leads_to(ONE), applied.leads_to(TWO)) == (["Day"], ["Day"])


def test_a_timer_does_not_apply_for_the_first_time(line):
    ran = line.run("apply", "--calendar", "--at", SHUT)
    assert ran.code == 3
    assert (
        f"{ONE} is left where it leads: it is to lead to night, which is not live yet." in ran.err
    )
    assert f"    mbflow apply --target {ONE} --target night\n" in ran.err


def test_a_flow_not_live_yet_keeps_no_other_number_open(applied):
    applied.write("later", say("This is later", "Later"))
    applied.table(ROUTE, f'"{TWO}": {{calendar: office, open: other, closed: later}}')
    ran = applied.run("apply", "--calendar", "--at", SHUT)
    assert ran.code == 3
    assert (
        f"{TWO} is left where it leads: it is to lead to later, which is not live yet." in ran.err
    )
    assert (applied.leads_to(ONE), applied.leads_to(TWO)) == (["Night"], ["Other"])


def test_a_timer_writes_no_lock_that_a_pull_would_trip_over(applied):
    """The commit that was applied is there before the commit of its lock is."""
    path = applied.folder / ".mbflow/local/mbflow.lock.yaml"
    before = path.read_bytes()
    applied.write("later", say("This is later", "Later"))
    applied.write("other", say("This is another", "Other"))
    assert applied.run("apply", "--auto-approve", "--at", OPEN).code == 0
    path.write_bytes(before)
    for at, title in [(OPEN, "Day"), (SHUT, "Night")]:
        assert applied.run("apply", "--calendar", "--at", at).code == 0
        assert applied.leads_to(ONE) == [title]
    assert path.read_bytes() == before


def test_a_number_that_is_given_a_calendar_is_led_there_and_back(applied):
    path = applied.folder / ".mbflow/local/mbflow.lock.yaml"
    before = path.read_bytes()
    applied.table(ROUTE, f'"{TWO}": {{calendar: office, open: other, closed: night}}')
    for at, title in [(SHUT, "Night"), (OPEN, "Other"), (SHUT, "Night")]:
        ran = applied.run("apply", "--calendar", "--at", at)
        assert (ran.code, ran.err) == (0, "")
        assert applied.leads_to(TWO) == [title]
    assert path.read_bytes() == before
    assert "outside-edit" not in applied.run("plan", "--at", OPEN).out


def test_a_timer_leaves_what_a_killed_run_began(applied):
    journal = applied.folder / ".mbflow/local/journal.jsonl"
    begun = (
        '{"journal": 1, "known": []}\n'
        '{"intend": "gone", "digest": "0", "title": "Gone", "time": 0}\n'
    )
    journal.write_text(begun)
    assert applied.run("apply", "--calendar", "--at", OPEN).code == 0
    assert journal.read_text() == begun
    assert applied.run("apply", "--calendar", "--at", SHUT).code == 0
    assert journal.read_text() == begun


@pytest.mark.parametrize(
    "words",
    [
        ["plan.json"],
        ["--target", "day"],
        ["--allow", "day"],
        ["--allow-deletes", "0"],
        ["--auto-approve"],
    ],
)
def test_what_does_not_go_with_a_timer(line, words):
    ran = line.run("apply", "--calendar", *words)
    assert ran.code == 64
    assert "--calendar does not go with" in ran.err


def test_broken_files_lead_no_number(applied):
    applied.write("night", {"steps": []})
    ran = applied.run("apply", "--calendar", "--at", SHUT)
    assert ran.code == 1
    assert applied.leads_to(ONE) == ["Day"]


def test_a_saved_plan_of_another_state_is_refused(applied):
    assert applied.run("plan", "--at", SHUT, "--out", "plan.json").code == 0
    ran = applied.run("apply", "plan.json", "--at", FEAST)
    assert ran.code == 3
    assert f"lead {ONE}: by the calendar office it is to lead to feast now" in ran.err
    assert applied.run("apply", "plan.json", "--at", SHUT).code == 0
    assert applied.leads_to(ONE) == ["Night"]


def test_a_saved_plan_shows_what_its_calendar_says(applied):
    assert applied.run("plan", "--at", SHUT, "--out", "plan.json").code == 0
    (applied.folder / "calendars" / "office.yaml").write_text(OFFICE.replace("17:30", "18:00"))
    assert applied.run("apply", "plan.json", "--at", SHUT).code == 0
    assert applied.run("plan", "--at", OPEN, "--out", "plan.json").code == 0
    (applied.folder / "calendars" / "office.yaml").write_text(OFFICE)
    ran = applied.run("apply", "plan.json", "--at", OPEN)
    assert ran.code == 3
    assert "The calendar office says something else than when the plan was made." in ran.err


def test_another_moment_is_never_led_on_a_service(project):
    project.write("a", say("I am a", "A"))
    code, _, err = project.run("apply", "--auto-approve", "--at", OPEN)
    assert code == 64
    assert "--at: numbers are led as they are to lead now. To look at another moment:" in err
    assert f"    mbflow plan --at {OPEN}" in err


# The loop.


def calendar_at(until):
    moment = datetime.fromtimestamp(until).astimezone().isoformat() if until else ""
    return CalendarAt("office", "Europe/London", f"{OPEN}Z", "open", "", moment, "closed")


def made(until, status=None):
    plan = Plan("1", "acme", "local", "embedded", "", Summary(), calendars=(calendar_at(until),))
    night = NumberFlow("night", "1", "Night")
    outcome = NumberResult(NumberChange(ONE, night), status, "no answer") if status else None
    return Pass(plan, [outcome] if outcome else [])


def lost():
    return Unreadable("No answer.")


class Loop:
    """The loop over scripted passes, with a clock that only runs while it waits."""

    def __init__(self, *passes):
        self.clock, self.stop = Clock(), Event()
        self.begun = self.clock()
        self.passes = list(passes)
        self.moments, self.lines = [], []

    def one_pass(self):
        self.moments.append(self.clock() - self.begun)
        found = self.passes.pop(0)
        if not self.passes:
            self.stop.set()
        if isinstance(found, Exception):
            raise found
        return found(self.clock()) if callable(found) else found

    def run(self, wait=None):
        loop = Switches(
            self.one_pass,
            stop=self.stop,
            clock=self.clock,
            wait=wait or self.clock.sleep,
            log=lambda line: self.lines.append(line.partition("  ")[2]),
        )
        loop.run()
        return self


def test_the_loop_wakes_at_each_switch_and_at_least_hourly():
    in_ten_minutes = lambda now: made(now + 600)  # noqa: E731
    loop = Loop(in_ten_minutes, in_ten_minutes, lambda now: made(None), made(None)).run()
    assert loop.moments == [0, 600, 1200, 1200 + LONGEST]


def test_a_clock_that_is_set_leads_at_once():
    loop = Loop(lambda now: made(now + 3000), made(None), made(None))
    jumps = {90: -3 * 3600, 90 - 3 * 3600 + 120: 5 * 3600}

    def wait(seconds):
        loop.clock.sleep(seconds)
        loop.clock.now += jumps.pop(loop.clock() - loop.begun, 0)

    loop.run(wait)
    assert loop.moments == [0, 90 - 3 * 3600, 90 + 120 + 2 * 3600]


def test_the_loop_tries_again_ever_later_and_then_as_before():
    failed = made(None, Status.FAILED)
    loop = Loop(lost(), lost(), failed, lambda now: made(now + 60), made(None)).run()
    pauses = [b - a for a, b in zip(loop.moments, loop.moments[1:], strict=False)]
    assert pauses == [*RETRIES[:3], 60]
    assert loop.lines[0] == "failed: No answer. Trying again in 5 s."


def test_the_loop_tells_one_line_a_switch_and_nothing_twice():
    done = lambda now: made(9e9, Status.DONE)  # noqa: E731
    loop = Loop(made(9e9), made(9e9), done, made(9e9), made(9e9)).run()
    assert len(loop.lines) == 2
    assert loop.lines[1] == f"{loop.lines[0]} {ONE} leads to night"


def test_the_loop_ends_where_it_could_never_begin():
    with pytest.raises(UsageError):
        Loop(UsageError("No calendar leads a number of local.")).run()


def test_a_mistake_that_comes_later_is_waited_out():
    loop = Loop(lambda now: made(now + 60), UsageError("Gone."), made(None)).run()
    assert loop.moments == [0, 60, 65]
    assert loop.lines[1] == "failed: Gone. Trying again in 5 s."


def test_a_weekend_of_the_loop_leads_every_minute_right(applied, monkeypatch):
    """From Friday noon to Monday evening, with an outage over Friday's closing."""
    monkeypatch.setattr(switches, "LONGEST", 8 * 3600)
    calendars, _, _ = read_named(applied.folder, {"office"})
    office = calendars["office"]
    clock, stop = Clock(datetime.fromisoformat("2026-11-27T12:00+00:00").timestamp()), Event()
    end = datetime.fromisoformat("2026-11-30T18:00+00:00").timestamp()
    outage = (end - 3 * 86400 - 35 * 60, end - 3 * 86400 - 5 * 60)
    titles = {"open": "Day", "closed": "Night", "holiday": "Feast"}
    seen = {"title": "Day"}

    def one_pass():
        if outage[0] <= clock() < outage[1]:
            raise lost()
        found = lead_once(applied.folder, "local", stop, [], clock)
        (seen["title"],) = applied.leads_to(ONE)
        return found

    def wait(seconds):
        state = office.state(datetime.fromtimestamp(clock()).astimezone())
        if not outage[0] <= clock() < outage[1] + RETRIES[-1]:
            assert seen["title"] == titles[state.value], datetime.fromtimestamp(clock())
        clock.sleep(seconds)
        if clock() >= end:
            stop.set()

    lines = []
    Switches(one_pass, stop=stop, clock=clock, wait=wait, log=lines.append).run()
    led = [line.partition(". ")[2] for line in lines if "leads to" in line]
    assert led == [f"{ONE} leads to night", f"{ONE} leads to day", f"{ONE} leads to night"]


def test_the_process_leads_numbers_and_ends_on_sigterm(applied):
    project = Project(applied.folder / "elsewhere", "http://127.0.0.1:9")
    project.folder = applied.folder
    environ = {"MBFLOW_ENVIRONMENT": "local", "PYTHONUNBUFFERED": "1"}
    running = project.start("calendar", "run", environ=environ)
    first = running.stdout.readline()
    assert "  office is " in first
    running.send_signal(signal.SIGTERM)
    out, err = running.communicate(timeout=60)
    assert (running.returncode, out, err) == (0, "", "")
