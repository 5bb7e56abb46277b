"""What a run loads: a program that starts often starts quickly only while it loads little.

The clock is for the benchmark; here it is counted.
"""

import ast
import shutil
import subprocess
import sys

import pytest

from mbflow.cli.main import VERBS
from mbflow.cli.streams import terminal_columns

PROGRAM = """
import contextlib, io, sys
before = {{*sys.modules}}
from mbflow.cli.main import exit_code_of
loaded = []
for words in {runs}:
    with contextlib.redirect_stdout(io.StringIO()):
        code = exit_code_of(words)
    loaded.append((code, {{*sys.modules}} - before))
print(loaded)
"""
FLOW = """\
title: Desk
steps:
  - action: transfer
    options: {destination: "441619460123"}
"""
CALLS = "calls: [{name: anybody, ends: {transferred: '441619460123'}}]\n"

HELP = {
    *("mbflow", "mbflow.cli", "mbflow.cli.main", "mbflow.cli.options", "mbflow.cli.streams"),
    *("mbflow.model", "mbflow.model.errors"),
}
OFTEN = ("init", "validate", "test", "simulate", "graph", "plan", "apply", "show", "rollback")
FOR_VERBS = {
    *("mbflow.cli.flow_names", "mbflow.cli.hazards", "mbflow.cli.next_command"),
    *("mbflow.cli.notes", "mbflow.cli.output", "mbflow.cli.verbs"),
    *("mbflow.model.text", "mbflow.views", "mbflow.views.objects", "mbflow.views.text"),
}
"""What the help of the verbs that are used most loads beside that of the program."""
SLOW = ("deepdiff", "email", "hashlib", "httpx", "jsonschema", "jsonschema_rs", "yaml", "werkzeug")


def loaded(folder, *runs):
    """Exit code and names of modules after each run of one process."""
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM.format(runs=runs)],
        cwd=folder,
        env={},
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    return ast.literal_eval(done.stdout)


def ours(names):
    return {name for name in names if name.partition(".")[0] == "mbflow"}


@pytest.fixture
def project(tmp_path):
    (tmp_path / "flows").mkdir()
    (tmp_path / "flows/desk.yaml").write_text(FLOW)
    return tmp_path


def test_the_help_loads_the_table_of_verbs_and_click(tmp_path):
    ((code, names),) = loaded(tmp_path, ["--help"])
    assert (code, ours(names)) == (0, HELP)
    others = {name.partition(".")[0] for name in names} - set(sys.stdlib_module_names)
    assert others == {"mbflow", "click"}
    assert not names & {"pathlib", "shutil", "json", *SLOW}


def test_the_help_of_frequent_verbs_loads_no_room_below(tmp_path):
    assert set(OFTEN) <= set(VERBS)
    *_, (_, names) = loaded(tmp_path, *([verb, "--help"] for verb in OFTEN))
    verbs = {f"mbflow.cli.verbs.{verb}" for verb in OFTEN}
    assert ours(names) == HELP | FOR_VERBS | verbs
    assert not names & {"pathlib", "shutil", "json", *SLOW}


def test_the_help_of_calls_loads_no_api(tmp_path):
    ((code, names),) = loaded(tmp_path, ["calls", "--help"])
    assert code == 0
    assert not [name for name in names if name.startswith("mbflow.api")]


def test_the_help_of_no_verb_loads_what_is_slow(tmp_path):
    *_, (_, names) = loaded(tmp_path, *([verb, "--help"] for verb in VERBS))
    assert not names & set(SLOW)


@pytest.mark.parametrize(
    ("words", "idle"),
    [
        ("validate", "simulator testing.call state.lock plan api views.plan"),
        ("validate flows/desk.yaml", "simulator testing.call state.lock plan api"),
        ("graph", "simulator testing.call state plan api emulator"),
        ("graph desk", "simulator testing.call state plan api emulator"),
    ],
)
def test_one_flow_loads_only_what_it_needs(project, words, idle):
    ((code, names),) = loaded(project, words.split())
    assert code == 0
    rooms = tuple(f"mbflow.{room}" for room in idle.split())
    assert [name for name in names if name.startswith(rooms)] == []
    assert not names & {"phonenumbers", "httpx", "jsonschema", "hashlib", "sqlite3", "werkzeug"}


def test_calls_are_run_without_network_and_xml(project):
    (project / "flows/desk.calls.yaml").write_text(CALLS)
    ((code, names),) = loaded(project, ["test"])
    assert code == 0
    assert not names & {"phonenumbers", "httpx", "jsonschema", "hashlib", "xml.etree", "difflib"}
    assert not names & {"mbflow.testing.suggestions", "mbflow.views.junit"}


def test_a_plan_signs_no_webhooks_and_reads_no_xml(project):
    ((code, names),) = loaded(project, ["plan"])
    assert code == 0
    assert not names & {"jwt", "defusedxml", "phonenumbers", "jsonschema", "deepdiff"}


def test_a_plan_without_updates_compares_no_calls(project):
    ((code, names),) = loaded(project, ["plan", "--out", "plan.json"])
    assert code == 0
    assert not names & {"mbflow.simulator.space", "mbflow.plan.call_comparison"}


@pytest.mark.parametrize("columns", ["60", "200", "0", "-3", "x", "", None])
def test_the_width_is_that_of_the_terminal(columns, monkeypatch):
    monkeypatch.delenv("COLUMNS", raising=False)
    if columns is not None:
        monkeypatch.setenv("COLUMNS", columns)
    assert terminal_columns() == shutil.get_terminal_size().columns
