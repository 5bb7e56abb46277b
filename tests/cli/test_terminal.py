"""Somebody at a terminal: yes, no, Ctrl-C, a yes that comes late; and a reader that goes away."""

import json

import pytest
from api.cli import on_a_terminal
from apply.world import payloads, say

from .conftest import LONGEST, Project, run_here
from .racing import Hand, committed
from .terminal import Terminal

REFUSED, USAGE, INTERRUPTED = 3, 64, 130
CTRL_C, CTRL_D = "\x03", "\x04"
ASKED = "[y/N]: "


@pytest.fixture
def service(make_service, gates):
    return make_service(sleep=gates.sleep)


@pytest.fixture
def edited(applied):
    applied.write("a", say("Good day", "A"))
    return applied


def test_yes_applies_what_was_shown(edited, service, terminal):
    asked = terminal(edited, "apply")
    shown = asked.read_until(ASKED)
    assert "update  a" in shown
    assert service.url in shown
    asked.type("y\n")
    assert asked.end() == 0, asked.shown
    assert edited.run("plan", "--detailed-exitcode")[0] == 0


@pytest.mark.parametrize(
    ("typed", "code", "words"),
    [
        ("n\n", REFUSED, "You said no. Nothing was applied."),
        (CTRL_C, INTERRUPTED, "Interrupted."),
        (CTRL_D, USAGE, "\nError: No answer was given."),
    ],
    ids=["no", "ctrl-c", "end of input"],
)
def test_anything_but_yes_writes_nothing(edited, service, terminal, typed, code, words):
    writes = service.writes()
    asked = terminal(edited, "apply")
    asked.read_until(ASKED)
    asked.type(typed)
    assert asked.end() == code, asked.shown
    assert words in asked.shown
    assert "Refused" not in asked.shown
    assert service.writes() == writes


def test_ctrl_c_during_the_writes_finishes_what_is_in_flight(edited, service, terminal, gates):
    service.faults("PUT * latency=1")
    applying = terminal(edited, "apply")
    applying.read_until(ASKED)
    applying.type("y\n")
    gates.wait_for(1)
    applying.type(CTRL_C)
    applying.read_until("^C")
    gates.open(1)
    assert applying.end() == INTERRUPTED, applying.shown
    assert "Traceback" not in applying.shown
    assert ["Good day"] in map(payloads, service.live().values())
    assert edited.run("apply", "--auto-approve")[0] == 0
    assert edited.run("plan", "--detailed-exitcode")[0] == 0


def test_a_yes_that_comes_late_does_not_make_a_twin(project, service, terminal, tmp_path):
    project.write("a", say("Hello", "A"))
    asked = terminal(project, "apply")
    asked.read_until(ASKED)
    colleague = Project(tmp_path / "colleague", service.url)
    colleague.write("a", say("Hello", "A"))
    assert colleague.run("apply", "--auto-approve")[0] == 0
    asked.type("y\n")
    assert asked.end() == 0, asked.shown
    assert service.titles() == ["A"]


def test_a_yes_that_comes_late_does_not_overwrite_an_edit(edited, service, terminal):
    edited.write("b", say("Good day", "B"))
    asked = terminal(edited, "apply")
    asked.read_until(ASKED)
    Hand(service).edit("A", say("By hand", "A"))
    writes = service.writes()
    asked.type("y\n")
    assert asked.end() == REFUSED, asked.shown
    assert "edited since the plan was made" in asked.shown
    assert service.writes() == writes, "the plan that was approved, or nothing"


@pytest.mark.parametrize(
    ("environ", "coloured"), [({}, True), ({"NO_COLOR": "1"}, False), ({"TERM": "dumb"}, False)]
)
def test_colour_on_a_terminal_that_wants_it(edited, terminal, environ, coloured):
    shown = terminal(edited, "plan", environ=environ)
    assert shown.end() == 0
    assert ("\x1b[" in shown.shown) is coloured


def test_no_colour_without_a_terminal(edited):
    assert "\x1b[" not in edited.run("plan")[1]


@pytest.mark.parametrize("verb", [["plan"], ["apply", "--auto-approve"], ["plan", "--format=json"]])
def test_a_reader_that_goes_away_is_nothing_to_talk_about(edited, verb):
    process = edited.start(*verb)
    process.stdout.close()
    err = process.stderr.read()
    assert process.wait(LONGEST) == 0
    assert "Traceback" not in err
    assert "BrokenPipe" not in err


def test_an_apply_that_nobody_listens_to_does_it_all(edited):
    process = edited.start("apply", "--auto-approve")
    process.stdout.close()
    process.stderr.close()
    assert process.wait(LONGEST) == 0
    assert not edited.journal.exists()
    assert edited.run("plan", "--detailed-exitcode")[0] == 0


def test_a_lock_that_has_changed_is_told_to_be_committed(applied):
    told = "mbflow.lock.yaml has changed. Commit it with the files that were applied:"
    committed(applied, "as it was applied")
    applied.write("a", say("Good day", "A"))
    for is_new in (True, False):
        terminal = Terminal(applied, "apply", "--auto-approve")
        assert terminal.end() == 0
        assert (told in terminal.shown) is is_new
    code, _, err = applied.run("apply", "--auto-approve")
    assert (code, told in err) == (0, False), "nobody is there to be told"


def test_a_plan_fits_into_a_narrow_terminal(tmp_path):
    (tmp_path / "flows").mkdir()
    text = say("Welcome to our telephone line, where somebody will answer you soon. " * 3, "A")
    (tmp_path / "flows" / "a.yaml").write_text(json.dumps(text))
    code, shown = on_a_terminal(["plan", "-e", "local"], tmp_path, columns=60)
    assert code == 0, shown
    assert 50 < max(map(len, shown.splitlines())) <= 60
    wide = run_here(["plan", "-e", "local"], tmp_path, {"COLUMNS": "60"})[1]
    assert 60 < max(map(len, wide.splitlines())) <= 80, "what goes into a file"
