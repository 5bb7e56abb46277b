"""`--format json` of every verb: one document on standard output, whatever the exit code.

What each way to stop leaves there is in `tests/api/test_json_errors.py`.
"""

import json
import os
import shutil

import click
import pytest
from api.service import Reply, Service, listed, one, refused
from api.test_downloading import wav
from apply.world import say

from mbflow.api.connect import open_client
from mbflow.cli import switches
from mbflow.cli.main import main
from mbflow.emulator.server import Server
from mbflow.model.project import Environment

from .conftest import run_here
from .racing import git

NUMBER, CALLER, URL = "442079460100", "442079460999", "https://example.com/calls"
ID, NOBODY = "00000000-0000-4000-8000-000000000001", "00000000-0000-4000-8000-000000000009"
PROJECT = """\
project: acme
environments:
  local:
    numbers:
      "{number}": {{calendar: office, open: day, closed: night}}
  remote:
    endpoint: {url}
"""
OFFICE = "zone: Europe/London\nopen: {monday-friday: ['09:00-17:30']}\n"
TO_CALL = ["day", "--from", NUMBER, "--to", CALLER]

OFFLINE = {
    "init": ([], ["mbflow.yaml"]),
    "validate": ([], ["none.yaml"]),
    "fmt": ([], ["none.yaml"]),
    "test": ([], ["--suggest", "none"]),
    "simulate": (["day"], ["none"]),
    "graph": ([], ["none"]),
    "page": (["-o", "calls.html"], ["-o", "mbflow.yaml"]),
    "say": (["day", "-o", "day.wav"], ["none", "-o", "day.wav"]),
    "plan": (["--out", "new.json"], ["--base", ""]),
    "diff": (["-e", "local", "-e", "remote"], ["-e", "local"]),
    "apply": (["--auto-approve"], []),
    "show": (["plan.json"], ["none.json"]),
    "merge-lock": (["lock"] * 3, ["lock", "lock", "mbflow.yaml"]),
    "rollback": (["plan.json", "--auto-approve"], ["none.json"]),
    "emulate": (["--list-quirks"], ["--port", "99999"]),
    "explain": (["no-ending"], ["none"]),
    "schema": (["lock"], ["none"]),
    "completion": (["bash"], ["none"]),
    "ci plan": (["-e", "local"], ["-e", "none"]),
    "ci apply": (["-e", "local"], ["-e", "none"]),
    "ci lock": (["-e", "local"], ["-e", "none"]),
    "ci drift": (["-e", "local"], ["-e", "none"]),
    "calendar show": (["office"], ["none"]),
    "calendar export": (["office"], ["none"]),
}
LOCAL = {
    "import": (["--all"], []),
    "adopt": (["lost", "FREE"], ["lost", NOBODY]),
    "forget": (["night"], ["none"]),
    "flows list": ([], ["--limit", "0"]),
    "flows get": (["day"], ["none"]),
    "numbers list": (["day"], ["none"]),
    "numbers assign": (["day", NUMBER, "--yes"], ["day", NUMBER]),
    "calendar run": ([], ["--nothing"]),
}
REMOTE = {
    "calls start": ([*TO_CALL, "--yes"], TO_CALL),
    "calls list": ([], ["--limit", "0"]),
    "calls get": ([ID], [NOBODY]),
    "calls update": ([ID, "night", "--yes"], [ID, "night"]),
    "calls add": ([ID, CALLER, "--yes"], [ID, "1"]),
    "calls hangup": ([ID, "--yes"], [NOBODY, "--yes"]),
    "legs list": ([ID], [NOBODY]),
    "legs get": ([ID, ID], [ID, NOBODY]),
    "legs hold": ([ID, "--yes"], [ID]),
    "legs unhold": ([ID, "--yes"], [NOBODY, "--yes"]),
    "legs hangup": ([ID, "--yes"], [ID]),
    "recordings list": ([ID], [NOBODY]),
    "recordings get": ([ID], [NOBODY]),
    "recordings download": ([ID], [NOBODY]),
    "recordings delete": ([ID, "--yes"], [ID]),
    "transcriptions list": ([ID], [NOBODY]),
    "transcriptions create": ([ID], [ID, "--language", "?"]),
    "transcriptions get": ([ID], [NOBODY]),
    "transcriptions download": ([ID], [NOBODY]),
    "webhooks list": ([], ["--limit", "0"]),
    "webhooks get": ([ID], [NOBODY]),
    "webhooks create": ([URL], ["nowhere"]),
    "webhooks update": ([ID, "--url", URL, "--yes"], [ID]),
    "webhooks delete": ([ID, "--yes"], [NOBODY, "--yes"]),
}
CODES = {"ci drift": 2}
"""What is pending is drift."""
CASES = OFFLINE | LOCAL | REMOTE
"""Command to the arguments with which it succeeds, and those with which it fails.

The documents of LOCAL and REMOTE are about an account, and say which.
"""


def commands(command=main, words=()):
    """Each command that does something, by the words that call it."""
    if not isinstance(command, click.Group):
        yield " ".join(words), command
        return
    with click.Context(command) as context:
        for name in command.list_commands(context):
            yield from commands(command.get_command(context, name), (*words, name))


def answers():
    """A service with one object of each kind, which is in the state that was asked for last."""
    thing = {"id": ID, "status": "ongoing", "url": URL, "callId": ID}

    def answer(asked):
        name = asked.path.rpartition("/")[2]
        if NOBODY in asked.path:
            return refused(404, "none")
        if name.endswith(".wav"):
            return Reply(body=wav(), headers={"Content-Type": "audio/wav"})
        if name.endswith(".txt"):
            return Reply(body=b"Hello", headers={"Content-Type": "text/plain"})
        if asked.method == "DELETE":
            thing["status"] = "ended"
            return Reply(204, None)
        thing.update({k: v for k, v in (asked.json if asked.body else {}).items() if k == "status"})
        if asked.method == "GET" and name != ID:
            return listed([thing], 1)
        return one(thing)

    return answer


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """A project with a saved plan that was applied, a flow that is not live, one without a file."""
    folder = tmp_path_factory.mktemp("made")
    with Service(answers()) as service:
        for below in ("flows", "calendars"):
            (folder / below).mkdir()
        (folder / "mbflow.yaml").write_text(PROJECT.format(number=NUMBER, url=service.url))
        (folder / "calendars/office.yaml").write_text(OFFICE)
        for name in ("day", "night"):
            write(folder, name, f"This is {name}")
        run(folder, "apply", "-e", "local", "--auto-approve")
        write(folder, "day", "Good day")
        run(folder, "plan", "-e", "local", "--out", "plan.json")
        assert run(folder, "apply", "plan.json")[0] == 0
        write(folder, "lost", "I am lost")
        shutil.copy(folder / ".mbflow/local/mbflow.lock.yaml", folder / "lock")
        with open_client(folder, Environment("local"), can_write=True) as client:
            free = client.create_call_flow(say("I am free", "Free")).id
        yield folder, free


def write(folder, name, text):
    (folder / f"flows/{name}.yaml").write_text(json.dumps(say(text, name)))


def run(folder, *words):
    environ = {**os.environ, "MESSAGEBIRD_ACCESS_KEY": "live_AccessKeyOfDocuments"}
    environ.pop("MBFLOW_ENVIRONMENT", None)
    return run_here(words, folder, environ)


@pytest.fixture
def project(made, tmp_path):
    folder, free = made
    shutil.copytree(folder, tmp_path / "project")
    return tmp_path / "project", free


def test_every_command_has_cases_here():
    lacking = {name for name, _ in commands()} ^ CASES.keys()
    assert not lacking, f"{lacking}: a verb needs --format json, and a case that succeeds and fails"
    for name, command in commands():
        formats = [one.type.choices for one in command.params if "--format" in one.opts]
        assert formats and "json" in formats[0], f"{name} has no --format json"


@pytest.mark.parametrize("name", CASES)
def test_one_document_when_it_succeeds_and_when_it_fails(project, name, monkeypatch):
    folder, free = project
    real = switches.lead_once

    def lead_once(directory, environment, stop, clients):
        found = real(directory, environment, stop, clients)
        stop.set()
        return found

    monkeypatch.setattr(switches, "lead_once", lead_once)
    place = ["-e", "local"] if name in LOCAL or name in ("plan", "apply", "rollback") else []
    place = ["-e", "remote"] if name in REMOTE else place
    good, bad = ([free if word == "FREE" else word for word in words] for words in CASES[name])
    head = [*name.split(), *place, "--format", "json"]
    code, out, err = run(folder, *head, *bad)
    document = json.loads(out)
    assert code not in (0, 2), err
    assert document.keys() - {"problems"} == {"error", "exit_code"}
    assert (document["exit_code"], document["error"].keys()) == (code, {"summary", "details"})
    code, out, err = run(folder, *head, *good)
    document = json.loads(out)
    assert (code, document.keys() & {"error"}) == (CODES.get(name, 0), set()), err
    assert isinstance(document, dict) and "Traceback" not in err
    if name in LOCAL or name in REMOTE:
        assert list(document)[:2] == ["environment", "endpoint"]
        assert document["environment"] == place[1]


def test_changes_that_are_pending_are_one_document(made):
    words = ["plan", "-e", "local", "--detailed-exitcode", "--format", "json"]
    code, out, _ = run(made[0], *words)
    assert (code, json.loads(out)["summary"]["create"]) == (2, 1)


def test_what_a_plan_file_leaves_is_in_the_one_document(project):
    code, out, _ = run(project[0], "apply", "plan.json", "--format", "json")
    assert (code, json.loads(out)["left"]) == (4, [{"flow": "lost", "action": "create"}])


def test_the_emulator_writes_its_document_when_it_listens(made, monkeypatch):
    monkeypatch.setattr("signal.signal", lambda *_: None)
    serve = Server.run
    monkeypatch.setattr(Server, "run", lambda self: (self.stop(), serve(self)))
    code, out, _ = run(made[0], "emulate", "--format", "json")
    document = json.loads(out)
    assert (code, document["pid"], document["database"]) == (0, os.getpid(), None)
    assert document["url"].startswith("http://127.0.0.1:")


def test_other_forms_of_a_verb_are_one_document_too(project):
    folder, _ = project
    for words, key in (
        (["import", "-e", "local", "--show", "day"], "flows"),
        (["test", "--suggest", "day"], "calls"),
        (["graph", "--diff", "plan.json"], "flows"),
        (["page", "--plan", "plan.json", "-o", "calls.html"], "file"),
        (["explain"], "rules"),
        (["schema"], "schemas"),
        (["emulate", "--list-faults"], "faults"),
        (["numbers", "list", "-e", "local"], "flows"),
    ):
        code, out, err = run(folder, *words, "--format", "json")
        assert (code, key in json.loads(out)) == (0, True), (words, err)


def test_the_log_of_a_job_goes_by_beside_its_document(project):
    code, out, err = run(project[0], "ci", "plan", "-v", "-e", "local", "--format", "json")
    document = json.loads(out)
    assert (code, document["exit_code"], document["changes"], document["notes"]) == (0, 0, 1, [])
    assert document["plan"] == "mbflow-ci/local/plan.json"
    assert {document["plan"], "mbflow-ci/local/plan.html"} <= {*document["files"]}
    assert "$ mbflow plan -e local" in err and "GET /call-flows" in err


def test_what_is_left_to_people_is_in_the_document_too(tmp_path):
    git(tmp_path, "init", "-q")
    (tmp_path / ".gitignore").write_text("*.pyc\n")
    code, out, _ = run(tmp_path, "init", "--format", "json")
    document = json.loads(out)
    assert (code, document["files"][0]) == (0, {"file": "mbflow.yaml", "written": True})
    assert {"summary", "lines"} == {key for one in document["todo"] for key in one}


def test_what_became_of_a_file_is_in_the_document_too(project):
    folder, _ = project
    with open_client(folder, Environment("local"), can_write=True) as client:
        (live,) = (one for one in client.list_call_flows() if one.raw.get("title") == "day")
        client.update_call_flow(live.id, say("By hand", "day"))
    (folder / "flows/day.yaml").write_text(f"# Mine\n{json.dumps(say('Good day', 'day'))}\n")
    for status in ("edited", "kept"):
        words = ["import", "-e", "local", "day", "--force", "--format", "json"]
        code, out, err = run(folder, *words)
        (flow,) = json.loads(out)["flows"]
        assert (code, flow["status"], flow["comments_gone"]) == (0, status, 0), err


def test_a_call_by_hand_goes_by_beside_its_document(made, monkeypatch):
    code, out, err = run(made[0], "simulate", "day", "--format", "json")
    document = json.loads(out)
    assert (code, document["flow"], document["transcript"]["ends"]["kind"]) == (0, "day", "hangup")
    assert "Good day" in err
