"""`mbflow simulate`: a call walked by hand, at a terminal and from a pipe."""

import io
import os
import pty

import processes
import pytest

STEPS = """\
steps:
  - action: say
    options: {payload: "Sales is 1.", language: en-GB, voice: male}
    onKeypressGoto: x
  - {action: record, options: {timeout: 5, finishOnKey: "#"}}
  - {action: transfer, options: {destination: "442079460111"}}
  - {action: fetchCallFlow, options: {url: "https://x.example/next"}}
  - {id: x, action: hangup}
"""


def simulate(project, answers, *arguments):
    """In a process of its own, with the answers in a pipe."""
    words = ["-m", "mbflow", "-e", "local", "simulate", *arguments]
    return processes.run(words, cwd=project.root, given=answers)


def test_from_a_pipe(project):
    project.write("flows/f.yaml", STEPS)
    ran = simulate(project, "\nMy name is Ada.\n#\nbusy\nmenu\n1\n\n", "f")
    assert (ran.returncode, ran.stderr) == (0, "")
    assert (
        ran.stdout
        == """\
 0:00.0    1  say     "Sales is 1."
 0:00.8    2  record  ivr
 0:00.8    2  caller  "My name is Ada."
 0:01.8    2  press   # (ends the recording)
 0:01.8    2  recorded ivr, 1 s, key: "My name is Ada."
 0:01.8    3  dial    442079460111
 0:02.8    3  callee  442079460111: busy
 0:02.8    4  fetch   GET https://x.example/next
 0:02.8    4  reply   menu
 0:02.8 menu 1  say     "For sales, press 1."
 0:04.1 menu 1  press   1
 0:04.1 menu 1  input   choice = "1"
 0:04.1 menu 3  dial    442079460111
 0:05.1 menu 3  callee  442079460111: answered
 1:05.1 menu 3  parted  the called party hangs up
 1:05.1       end     transferred 442079460111
"""
    )


def test_when_the_answers_run_out_the_caller_waits(project):
    project.write("flows/f.yaml", STEPS)
    ran = simulate(project, "", "f")
    assert (ran.returncode, ran.stderr) == (0, "")
    assert ran.stdout.splitlines()[-1] == " 1:06.8       end     transferred 442079460111"


def test_hanging_up(project):
    project.write("flows/f.yaml", STEPS)
    assert "end     caller" in simulate(project, "\nh\n", "f").stdout


def test_a_call_that_is_left_to_a_web_server(project):
    project.write("flows/f.yaml", STEPS)
    ran = simulate(project, "\n\nno_answer\n\n", "f")
    assert ran.stdout.endswith(
        "https://x.example/next\nThe call goes on with the flow of that URL.\n"
    )
    failed = simulate(project, "\n\nno_answer\nfailed\n", "f")
    assert "reply   none: the fetch failed" in failed.stdout


def test_answers_that_are_not_understood(project):
    project.write("flows/f.yaml", STEPS)
    ran = simulate(project, "sales\n\n\nperhaps\nbusy\nmenus\nfailed\n", "f")
    assert ran.returncode == 0
    assert ran.stderr == (
        "Keys are 0 to 9, * and #. Press Enter alone to wait, h and Enter to hang up.\n"
        "Write answered, busy, no_answer, failed or machine.\n"
        'There is no flow "menus".\n'
    )


def test_a_machine(project):
    say = "{payload: Hello., language: en-GB, voice: male, ifMachine: hangup}"
    project.write("flows/m.yaml", f"steps: [{{action: say, options: {say}}}]\n")
    assert "recognised, hung up on" in simulate(project, "", "m", "--machine").stdout
    assert "Hello." in simulate(project, "", "m").stdout


def test_an_endless_flow_is_cut(project):
    say = "{payload: Hold., language: en-GB, voice: male, loop: true}"
    step = f"{{action: say, options: {say}, onKeypressVar: x}}"
    project.write("flows/e.yaml", f"steps: [{step}]\n")
    ran = simulate(project, "\n\n", "e")
    assert ran.stdout.endswith("endless cut after 1000 readings of a looped text\n")


def test_no_such_flow(project):
    ran = simulate(project, "", "menus")
    assert (ran.returncode, ran.stdout) == (64, "")
    assert 'There is no flow menus in local. Did you mean "menu"?' in ran.stderr


def test_at_a_terminal(project):
    """Questions are asked there, and the answers are typed."""
    master, slave = pty.openpty()
    words = ["-m", "mbflow", "-e", "local", "simulate", "menu"]
    ends = {"stdin": slave, "stdout": slave, "stderr": slave}
    process = processes.Process(words, cwd=project.root, **ends)
    os.close(slave)
    text = _until(master, "[wait] ")
    os.write(master, b"1\n")
    text += _until(master, "[answered] ")
    os.write(master, b"busy\n")
    text += _until(master, "end_of_flow")
    process.wait(timeout=60)
    os.close(master)
    assert process.returncode == 0
    assert "Keys, or h to hang up? [wait] " in text
    assert "It rings: answered, busy, no_answer, failed or machine? [answered] " in text


def _until(master, wanted):
    """What the terminal shows, up to the words wanted."""
    text = ""
    while wanted not in text:
        text += os.read(master, 1024).decode()
    return text


NUMBERS = """\
project: acme
environments:
  staging: {endpoint: embedded}
  production:
    endpoint: embedded
    numbers:
      "442079460100": {calendar: office, open: f, closed: menu, holiday: holiday}
      "442079460101": {calendar: office, open: f, closed: menu}
      "442079460102": menu
      "442079460103": {calendar: never, open: f, closed: menu}
"""
OFFICE = """\
zone: Europe/London
open: {monday-friday: 09:00-17:00}
holidays: {country: GB, region: ENG}
"""
LINE = "442079460100"


@pytest.fixture
def office(project):
    project.write("mbflow.yaml", NUMBERS)
    project.write("calendars/office.yaml", OFFICE)
    project.write("calendars/never.yaml", "zone: Europe/London\nopen: {}\n")
    for name in ("f", "menu", "holiday"):
        project.write(f"flows/{name}.yaml", "steps: [{action: hangup}]\n")
    return project


def dial(project, monkeypatch, *arguments):
    monkeypatch.setattr("sys.stdin", io.StringIO())
    return project.run("simulate", "--to", *arguments)


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (
            [LINE, "--at", "2026-11-27T10:00"],
            "442079460100 is answered by f: office is open, until Fri 2026-11-27 17:00 +00:00",
        ),
        (
            ["+44 20 7946 0100", "--at", "2026-12-25"],
            "442079460100 is answered by holiday: office is on holiday (Christmas Day), "
            "until Sun 2026-12-27 00:00 +00:00",
        ),
        (
            ["442079460101", "--at", "2026-12-25T10:00Z", "menu"],
            "442079460101 is answered by menu: office is on holiday (Christmas Day), "
            "until Tue 2026-12-29 09:00 +00:00",
        ),
        (["442079460102", "flows/menu.yaml"], "442079460102 is answered by menu"),
        (
            ["442079460103"],
            "442079460103 is answered by menu: never is closed, for two years at least",
        ),
    ],
)
def test_the_first_line_says_who_answers_until_when(office, monkeypatch, arguments, told):
    ran = dial(office, monkeypatch, *arguments)
    assert (ran.code, ran.out) == (0, f"{told}\n 0:00.0       end     hangup\n")
    assert ran.err == "Without -e: the number leads where production leads it.\n"


@pytest.mark.parametrize("more", [[], ["--at", "now"]])
def test_a_number_is_dialled_now(office, monkeypatch, more):
    ran = dial(office, monkeypatch, LINE, "-e", "production", *more)
    assert ran.out.startswith(f"{LINE} is answered by ")
    assert (ran.code, ran.err) == (0, "")


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (
            [LINE, "--at", "2026-12-25T10:00", "menu"],
            "442079460100 is answered by holiday: office is on holiday (Christmas Day). That is "
            "not menu.\n  Leave out FLOW or --to.",
        ),
        (
            ["442079460199"],
            "The number 442079460199 leads nowhere in staging or production. "
            'Did you mean "442079460103"?',
        ),
        (
            [LINE, "-e", "staging"],
            "The number 442079460100 leads nowhere in staging. It does in production: name one "
            "with -e.",
        ),
        (
            [LINE, "--at", "2026-03-29T01:30"],
            "--at: 2026-03-29 01:30 does not exist in Europe/London: the clocks go forward over "
            "it.",
        ),
        (["442079460102", "--at", "noon"], '--at: "noon" is not a moment. Write one like '),
        ([LINE, "--at", ""], '--at: "" is not a moment. Write one like '),
        (
            ["1"],
            "The number 1 leads nowhere in staging or production. Lead it in mbflow.yaml, under "
            "numbers of an environment.",
        ),
        ([""], "Name a flow, or a number with --to."),
    ],
)
def test_a_number_that_nobody_answers(office, monkeypatch, arguments, told):
    ran = dial(office, monkeypatch, *arguments)
    assert (ran.code, ran.out) == (64, "")
    assert ran.err.startswith(f"Error: {told}")


def test_a_moment_needs_a_number(office):
    assert office.run("simulate").err == "Error: Name a flow, or a number with --to.\n"
    ran = office.run("simulate", "menu", "--at", "2026-12-25")
    assert ran.err == "Error: --at is when a number is dialled. Name the number with --to.\n"


def test_a_number_by_a_broken_calendar(office, monkeypatch):
    office.write("calendars/office.yaml", OFFICE.replace("17:00", "25:00"))
    ran = dial(office, monkeypatch, LINE)
    assert (ran.code, ran.out) == (64, "")
    summary, *details = ran.err.splitlines()
    assert summary == 'Error: The calendar "office" has errors, so nobody knows who answers.'
    assert details[0] == "  To see what is wrong:"
    assert details[1].endswith(" validate")
