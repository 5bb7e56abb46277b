"""The emulator killed with SIGKILL in the middle of an apply, and started again where it stood."""

import json
import shutil
import signal
import sqlite3
import time

import pytest
from apply.world import say

from .conftest import KEY, LONGEST, Project, Service, live_texts
from .history import EVERYTHING, Copy, History, check_is_done, done_as_asked

KILLED = -signal.SIGKILL
DONE, UNKNOWN = 0, 4
long = pytest.mark.long
HELD = 600
"""Seconds: longer than any test lasts."""


class Emulator:
    """`mbflow emulate` as a process, always on one port and one database."""

    def __init__(self, folder, start):
        self.database = folder / "service.db"
        self._start = start
        self._port = 0

    def start(self, *faults):
        flags = [word for fault in faults for word in ("--fault", fault)]
        where = ["--database", str(self.database), "--port", str(self._port)]
        self._process = self._start("emulate", *where, *flags)
        line = self._process.stdout.readline()
        assert line.startswith("listening on http://127.0.0.1:"), self._process.stderr.read()
        self.url = line.split()[-1]
        self._port = int(self.url.rpartition(":")[2])

    def kill(self):
        self._process.kill()
        assert self._process.wait(LONGEST) == KILLED

    def texts(self):
        return live_texts(self.database, KEY)

    def is_sound(self):
        connection = sqlite3.connect(self.database)
        try:
            return connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        finally:
            connection.close()


@pytest.fixture(scope="module")
def history(tmp_path_factory):
    folder = tmp_path_factory.mktemp("history")
    return History(folder / "checkout", Service(folder))


@pytest.fixture
def emulator(history, tmp_path):
    shutil.copy(history.service.database, tmp_path / "service.db")
    return Emulator(tmp_path, history.project.start)


def ended(process):
    """`code, words` of a program; only a bug says Traceback or Bug."""
    out, err = process.communicate(timeout=LONGEST)
    assert "Traceback" not in out + err
    assert "Bug:" not in err
    return process.returncode, out + err


def wait_until(holds):
    until = time.monotonic() + LONGEST
    while not holds():
        assert time.monotonic() < until, f"not within {LONGEST} s"
        time.sleep(0.005)


DONE_BY = {
    "POST": lambda before, now: now.keys() - before.keys(),
    "PUT": lambda before, now: any(now.get(i, text) != text for i, text in before.items()),
    "DELETE": lambda before, now: before.keys() - now.keys(),
}


def started_apply(history, emulator, folder, method):
    """An apply, its project, and a write that was carried out and whose answer is held back."""
    emulator.start(f"{method} * latency={HELD} after nth=1")
    project = Copy(history.project, folder, emulator.url)
    before = emulator.texts()
    process = project.start_impatient("apply", *EVERYTHING)
    wait_until(lambda: DONE_BY[method](before, emulator.texts()))
    return project, process


@long
def test_killed_and_gone_apply_says_so_and_the_next_one_ends_it(history, emulator, tmp_path):
    project, process = started_apply(history, emulator, tmp_path / "checkout", "PUT")
    emulator.kill()
    code, words = ended(process)
    assert code == UNKNOWN, words
    assert "unknown" in words
    assert "To see what is left:\n    mbflow plan" in words
    assert project.journal.exists()
    assert f"{emulator.url} cannot be reached" in words
    emulator.start()
    assert emulator.is_sound()
    done_as_asked(project, "apply")
    check_is_done(history, emulator, project)


@pytest.mark.parametrize(
    "method", [pytest.param("POST", marks=long), "PUT", pytest.param("DELETE", marks=long)]
)
def test_killed_and_back_at_once_nothing_is_lost_or_doubled(history, emulator, tmp_path, method):
    project, process = started_apply(history, emulator, tmp_path / "checkout", method)
    emulator.kill()
    emulator.start()
    code, words = ended(process)
    assert code in (DONE, UNKNOWN), words
    done_as_asked(project, "apply")
    check_is_done(history, emulator, project)


@pytest.mark.parametrize("method", ["POST", pytest.param("DELETE", marks=long)])
def test_both_killed(history, emulator, tmp_path, method):
    project, process = started_apply(history, emulator, tmp_path / "checkout", method)
    process.kill()
    emulator.kill()
    assert process.wait(LONGEST) == KILLED
    emulator.start()
    assert emulator.is_sound()
    done_as_asked(project, "apply")
    check_is_done(history, emulator, project)


@pytest.mark.parametrize("made", [5, pytest.param(28, marks=long)])
def test_killed_among_many_creates_each_is_there_once(history, tmp_path, made):
    emulator = Emulator(tmp_path, history.project.start)
    emulator.start("POST * latency=0.05 after")
    project = Project(tmp_path / "checkout", emulator.url, settle_seconds=1)
    wanted = [f"Flow {number}" for number in range(40)]
    for title in wanted:
        project.write(title.lower().replace(" ", "-"), say(f"I am {title}", title))
    process = project.start("apply", "--auto-approve")
    wait_until(lambda: len(emulator.texts()) >= made)
    emulator.kill()
    process.kill()
    assert process.wait(LONGEST) == KILLED
    kept = emulator.texts()
    assert len(kept) >= made
    emulator.start()
    assert emulator.is_sound()
    assert emulator.texts() == kept, "what was committed is there, and nothing else"
    done_as_asked(project, "apply")
    titles = [json.loads(text)["title"] for text in emulator.texts().values()]
    assert sorted(titles) == sorted(wanted)
    assert kept.items() <= emulator.texts().items()
    assert project.run("plan", "--detailed-exitcode")[0] == DONE
