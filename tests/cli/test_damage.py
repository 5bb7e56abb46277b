"""A disk that cannot be written, as the real program meets it: a clear word, and nothing lost."""

import re
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from apply.world import say

from .racing import ended

PAGE = Path(__file__).parents[2] / "docs" / "damage.md"
EXPLAINED = re.findall(r"^- `(.+?)`", PAGE.read_text(), re.MULTILINE)
"""Words that the page for users tells the way on for."""
DROP = [
    "setpriv",
    "--bounding-set=-dac_override,-dac_read_search",
    "--inh-caps=-dac_override,-dac_read_search",
]
"""What makes root heed permissions."""


def can_heed_permissions(folder):
    """Whether a process can be started here for which a folder without `w` is read-only."""
    folder.mkdir()
    folder.chmod(0o500)
    program = "import sys, pathlib; pathlib.Path(sys.argv[1]).touch()"
    command = [*heeding(), sys.executable, "-c", program, str(folder / "x")]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return "PermissionError" in done.stderr


def heeding():
    return DROP if shutil.which("setpriv") else []


@pytest.fixture
def read_only(applied, tmp_path):
    """`run(*words)` in a checkout that nobody may write, with a change to be made."""
    if not can_heed_permissions(tmp_path / "probe"):
        pytest.skip("this process may write anywhere")
    applied.write("a", say("I am new", "A"))

    def run(*words):
        paths = [applied.folder, *applied.folder.rglob("*")]
        for path in paths:
            path.chmod(path.stat().st_mode & ~0o222)
        try:
            process = applied.start_python(["-m", "mbflow", *words], before=heeding())
            out, err = process.communicate(timeout=60)
        finally:
            for path in paths:
                path.chmod(path.stat().st_mode | 0o200)
        return process.returncode, out, err

    return run


def test_a_checkout_that_nobody_may_write_can_be_planned(read_only):
    code, out, err = read_only("plan")
    assert (code, err) == (0, "")
    assert "1 to update" in out


@pytest.mark.parametrize(
    "words",
    [
        ("apply", "--auto-approve"),
        ("rollback", "--auto-approve"),
        ("import", "--all"),
        ("adopt", "a", "x"),
        ("forget", "a"),
        ("plan", "--out", "plan.json"),
    ],
)
def test_what_would_write_says_so_and_changes_nothing(read_only, applied, service, words):
    before, lock, writes = service.texts(), applied.lock, len(service.writes())
    code, _, err = read_only(*words)
    assert code == 1
    assert "Permission denied" in err
    assert "can be written" in err or "Make room" in err
    assert (service.texts(), applied.lock, len(service.writes())) == (before, lock, writes)


def test_a_lock_not_written_is_finished_by_the_next_plan(applied, tmp_path):
    """The folder alone: `.mbflow` and what is in it can be written."""
    if not can_heed_permissions(tmp_path / "probe"):
        pytest.skip("this process may write anywhere")
    applied.write("a", say("I am new", "A"))
    applied.folder.chmod(0o500)
    try:
        process = applied.start_python(
            ["-m", "mbflow", "apply", "--auto-approve"], before=heeding()
        )
        _, err = process.communicate(timeout=60)
    finally:
        applied.folder.chmod(0o700)
    assert process.returncode == 1
    assert "mbflow.lock.yaml cannot be written: Permission denied." in err
    assert "the next plan or apply takes it from there" in err
    assert any(words in err for words in EXPLAINED)
    assert applied.run("plan", "--detailed-exitcode")[0] == 0
    assert applied.run("apply", "--auto-approve")[0] == 0
    assert not applied.journal.exists()
    assert applied.run("plan", "--detailed-exitcode")[0] == 0


FULL = """
import resource
resource.setrlimit(resource.RLIMIT_FSIZE, ({room}, {room}))
from mbflow.cli.main import run
run(["apply", "--auto-approve", "--results", "results.jsonl"])
"""


ROOMS = [0, 300, 1000]
MORE = [pytest.param(room, marks=pytest.mark.long) for room in (100, 200, 400, 600)]


@pytest.mark.parametrize("room", [*ROOMS, *MORE])
def test_a_disk_that_fills_at_any_moment_loses_nothing(applied, service, room):
    """No file may grow beyond `room` bytes: snapshot, journal, results and lock, one by one."""
    for name in "abd":
        applied.write(name, say(f"I am new, {name}", name.upper()))
    lock, writes = applied.lock, len(service.writes())
    process = applied.start_python(["-c", FULL.format(room=room)])
    code, _, err = ended(process)
    assert code in (1, 4), err
    assert "cannot be written: File too large." in err
    assert any(words in err for words in EXPLAINED)
    assert "Traceback" not in err
    if len(service.writes()) > writes:
        assert "Nothing is changed" not in err
    assert applied.lock == lock
    (applied.folder / "results.jsonl").unlink(missing_ok=True)
    assert applied.run("apply", "--auto-approve")[0] == 0
    assert service.titles() == ["A", "B", "C", "D"]
    assert applied.run("plan", "--detailed-exitcode")[0] == 0
    assert not applied.journal.exists()


KILLED = """
import os, pathlib, signal
def die(*_):
    os.kill(os.getpid(), signal.SIGKILL)
{step} = die
from mbflow.cli.main import run
run({words!r})
"""
"""The program dies where a file that is written whole would take its place."""


def killed(project, step, *words):
    process = project.start_python(["-c", KILLED.format(step=step, words=list(words))])
    process.communicate(timeout=60)
    assert process.returncode == -signal.SIGKILL


def remains(folder):
    return [path.name for path in folder.iterdir() if path.suffix == ".part"]


def test_killed_before_the_new_lock_takes_its_place(applied, service):
    lock = applied.lock
    applied.write("a", say("I am new", "A"))
    applied.write("d", say("I am d", "D"))
    killed(applied, "pathlib.Path.replace", "apply", "--auto-approve")
    assert applied.lock == lock, "the old one, whole"
    (left,) = remains(applied.folder)
    assert left.startswith(".mbflow-"), "nobody reads it"
    assert applied.run("plan", "--detailed-exitcode")[0] == 0
    assert applied.run("apply", "--auto-approve")[0] == 0
    assert service.titles() == ["A", "B", "C", "D"]
    assert "d:" in applied.lock
    assert applied.run("plan", "--detailed-exitcode")[0] == 0


def test_killed_before_a_plan_is_there(applied):
    applied.write("a", say("I am new", "A"))
    assert applied.run("plan", "--out", "plan.json")[0] == 0
    before = (applied.folder / "plan.json").read_bytes()
    applied.write("b", say("I am new", "B"))
    killed(applied, "pathlib.Path.replace", "plan", "--out", "plan.json")
    assert (applied.folder / "plan.json").read_bytes() == before
    killed(applied, "pathlib.Path.replace", "plan", "--out", "other.json")
    assert not (applied.folder / "other.json").exists()


def test_killed_before_an_imported_file_is_there(applied, service):
    applied.remove("a")
    assert applied.run("forget", "a")[0] == 0
    found = next(flow_id for flow_id, body in service.live().items() if body["title"] == "A")
    killed(applied, "os.link", "import", found)
    assert not (applied.folder / "flows/a.yaml").exists()
    code, _, err = applied.run("validate")
    assert code == 0, f"what is left behind is no flow file: {err}"
    assert applied.run("import", found)[0] == 0
    assert applied.run("plan", "--detailed-exitcode")[0] == 0
