"""The line of progress, on a real terminal, with a service that waits until it is let go."""

import io
import re
import sys
import threading

import click
import pytest
from apply.world import say
from builders import Recorder

from mbflow.api.client import Client
from mbflow.cli.main import main
from mbflow.cli.notes import shown_progress
from mbflow.cli.progress import ProgressLine
from mbflow.cli.streams import WatchedOutput
from mbflow.model.progress import SILENT
from mbflow.project.format_files import format_files
from mbflow.project.load import read_checkout

from .conftest import KEY, LONGEST

CLEAR = "\r\x1b[K"


@pytest.fixture
def service(make_service, gates):
    return make_service(sleep=gates.sleep)


PLAIN = {"NO_COLOR": "1"}


def screen(text):
    """The lines that stand there in the end: what was drawn over is gone."""
    return [line.rpartition(CLEAR)[2] for line in text.replace("\r\n", "\n").split("\n")]


def test_a_plan_shows_what_it_waits_for_and_clears_it(applied, service, terminal, gates):
    service.faults("GET /call-flows latency=1")
    planning = terminal(applied, "plan", environ=PLAIN, delay=0)
    planning.read_until(f"{CLEAR}Listing call flows")
    gates.open(1)
    assert planning.end() == 0
    assert not [line for line in screen(planning.shown) if "Listing" in line]
    assert screen(planning.shown)[0].startswith("Plan for production")
    assert "\x1b[?25" not in planning.shown, "the cursor stays as it is"


def test_questions_and_results_come_out_whole(project, service, terminal, gates):
    for name in "abc":
        project.write(name, say(f"I am {name}", name.upper()))
    service.faults("POST /call-flows latency=1 nth=3")
    applying = terminal(project, "apply", "--parallelism=1", environ=PLAIN, delay=0)
    shown = applying.read_until("[y/N]: ")
    assert screen(shown)[-1] == f"Apply this to production ({service.url})? [y/N]: "
    applying.type("y\n")
    gates.wait_for(1)
    applying.read_until("2/3")
    gates.open(1)
    assert applying.end() == 0
    done = [line for line in screen(applying.shown) if line.startswith("done")]
    assert [line.split()[2] for line in done] == ["a", "b", "c"]
    assert re.search(r"Applying changes +\[#+-+\] +2/3", applying.shown)
    assert not [line for line in screen(applying.shown) if "Applying" in line]


def test_ctrl_c_leaves_no_half_line(applied, service, terminal, gates):
    service.faults("GET /call-flows latency=1")
    planning = terminal(applied, "plan", delay=0)
    planning.read_until("Listing call flows")
    planning.type("\x03")
    assert planning.end() == 130
    assert screen(planning.shown)[-2:] == ["Interrupted.", ""]


class Screen(io.StringIO):
    def __init__(self):
        super().__init__()
        self.was_written = threading.Event()

    def isatty(self):
        return True

    def write(self, text):
        count = super().write(text)
        self.was_written.set()
        return count


def test_the_line_is_back_right_below_what_is_written():
    screen = Screen()
    line = ProgressLine(screen, delay=0)
    with line.begin("Applying"):
        assert screen.was_written.wait(LONGEST)
        with line.room():
            screen.write("done a\n")
        shown = screen.getvalue()
    assert shown == f"{CLEAR}Applying ...{CLEAR}done a\n{CLEAR}Applying ..."
    assert screen.getvalue() == f"{shown}{CLEAR}"


@pytest.mark.parametrize(
    ("stream", "environ", "said", "is_shown"),
    [
        (Screen, {}, "-v", True),
        (Screen, {}, "-q", False),
        (Screen, {"TERM": "dumb"}, "", False),
        (Screen, {"CI": "true"}, "", False),
        (Screen, {"CI": "false"}, "", True),
        (io.StringIO, {}, "", False),
    ],
)
def test_who_is_shown_progress(monkeypatch, stream, environ, said, is_shown):
    for name, value in {"CI": "", "TERM": "xterm", **environ}.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(sys, "stderr", WatchedOutput(stream()))
    with click.Context(main, obj={"said": said}):
        assert (shown_progress() is not SILENT) is is_shown


def test_parts_are_told_with_what_is_done(applied, service):
    progress = Recorder()
    with Client(service.url, KEY, can_write=False, progress=progress) as client:
        flows = client.list_call_flows()
        client.read_each("Reading numbers", client.list_numbers, [flow.id for flow in flows])
    assert progress.parts[0] == ("Listing call flows", None, 0)
    assert progress.parts[-1] == ("Reading numbers", 3, 3)
    read_checkout(applied.folder, "production", progress=progress)
    assert progress.parts[-1] == ("Reading flow files", None, 0)
    changed = format_files(applied.folder, write=True, progress=progress).changed
    assert progress.parts[-1] == ("Writing files", len(changed), len(changed)) and changed
