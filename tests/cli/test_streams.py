"""Streams that are closed, full or no longer read: the verb still does its work, and says so."""

import json
import os
import pty
import subprocess
import sys
from pathlib import Path

import pytest
from processes import server_folder

FLOW = "title: Menu\nsteps:\n  - action: hangup\n"
ENVIRON = {"PATH": "/usr/bin:/bin", "PYTHONIOENCODING": "utf-8"}
needs_full_device = pytest.mark.skipif(
    not Path("/dev/full").exists(), reason="this system has no device that is always full"
)


@pytest.fixture
def shell(tmp_path):
    """`code, out, err = shell("mbflow validate >&-")`, by way of a real shell."""
    (tmp_path / "flows").mkdir()
    (tmp_path / "flows/menu.yaml").write_text(FLOW)

    def run(line):
        python = f"'{sys.executable}' -m mbflow"  # The fork needs streams that are open.
        program = python if "&-" in line else f"{server_folder()}/mbflow"
        done = subprocess.run(
            ["bash", "-c", line.replace("mbflow", program, 1)],
            cwd=tmp_path,
            env=ENVIRON,
            capture_output=True,
            text=True,
            timeout=60,
        )
        return done.returncode, done.stdout, done.stderr

    return run


@pytest.mark.parametrize("output", ["text", "json"])
def test_a_reader_that_went_away_changes_nothing(shell, output):
    line = f"mbflow apply --auto-approve --format {output} | true; exit ${{PIPESTATUS[0]}}"
    code, _, err = shell(line)
    assert code == 0
    assert "Pipe" not in err and "Traceback" not in err
    assert shell("mbflow plan --detailed-exitcode")[0] == 0


def test_a_reader_that_went_away_hides_no_failure(shell, tmp_path):
    (tmp_path / "flows/menu.yaml").write_text("steps: []\n")
    assert shell("mbflow validate | true; exit ${PIPESTATUS[0]}") == (1, "", "")


def test_errors_that_nobody_reads_change_nothing(shell):
    assert shell("mbflow flows get x 2> >(true); exit $?")[0] == 1
    assert shell("mbflow flows get x 2>&-") == (1, "", "")


@needs_full_device
def test_output_that_is_lost_is_no_success(shell):
    lost = "Error: the output could not be written: No space left on device.\n"
    assert shell("mbflow validate >/dev/full") == (1, "", lost)
    assert shell("mbflow --help >/dev/full") == (1, "", lost)
    assert shell("mbflow plan --detailed-exitcode >/dev/full") == (1, "", lost)
    assert shell("mbflow apply --auto-approve >/dev/full")[0] == 1
    assert shell("mbflow plan --detailed-exitcode")[0] == 0


@needs_full_device
def test_lost_output_leaves_another_failure_as_it_is(shell):
    code, _, err = shell("mbflow schema nonsense --format json >/dev/full")
    assert code == 64
    assert "Traceback" not in err


def test_a_closed_output_is_an_error_before_anything_is_done(shell):
    closed = "Error: standard output is closed. To throw it away: >/dev/null\n"
    assert shell("mbflow apply --auto-approve >&-") == (1, "", closed)
    assert shell("mbflow validate >&- 2>&-") == (1, "", "")
    assert shell("mbflow plan --detailed-exitcode")[0] == 2


def test_a_closed_input_is_an_empty_one(shell):
    assert shell("mbflow validate <&-") == (0, "1 flow checked: no problems.\n", "")
    code, _, err = shell("mbflow apply <&-")
    assert code == 64
    assert err.startswith("Error: There is no terminal to ask")


def test_the_end_of_input_at_a_prompt_is_no_answer(shell, tmp_path):
    master, slave = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-m", "mbflow", "apply"],
        cwd=tmp_path,
        env=ENVIRON,
        stdin=slave,
        stdout=slave,
        stderr=subprocess.PIPE,
        text=True,
    )
    os.close(slave)
    os.write(master, b"\x04")
    errors = process.stderr.read()
    process.stderr.close()
    assert process.wait(60) == 64
    os.close(master)
    assert errors.endswith("Error: No answer was given.\n")
    assert "terminal" not in errors


def test_the_document_of_an_error_is_whole(shell):
    code, out, _ = shell("mbflow flows get x --format json")
    assert (code, json.loads(out)["exit_code"]) == (1, 1)
