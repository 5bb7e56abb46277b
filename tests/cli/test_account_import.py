"""A whole account becomes files: the plan is empty, and a second import touches nothing."""

import json
from random import Random

import pytest

from mbflow.api.client import Client
from mbflow.api.emulator_transport import EmulatorTransport
from mbflow.project.format_files import format_files
from mbflow.project.write import document_text

from .conftest import KEY, Project

TITLES = ["Support Łódź", "1. Reception", "Sales – outbound", "VIP / gold", "", "日本", "Night"]
MADE_ID = "0b0f0d6e-4b5e-4c43-9a61-bb7bd9f4a6a2"
NUMBERS = 5


def flow(number, random):
    """A flow as the dashboard and SDKs store them: defaults, ids, any order of keys."""
    said = "Thank you for calling. For sales, press 1; for all else: hold the line. " * 2
    key = {"onKeypressGoto": MADE_ID, "onKeypressVar": "choice", "maxNumKeys": 0}
    condition = {"variable": "choice", "operator": "==", "value": "1"}
    options = {"voice": "female", "language": "en-gb", "repeat": 1, "ifMachine": "delay"}
    steps = [
        {"id": "a", "action": "say", "options": {**options, "payload": f"{said}{number}"}, **key},
        {"id": "b", "action": "pause", "options": {"length": 5}, "conditions": []},
        {"id": "c", "action": "hangup"},
        {"id": MADE_ID, "action": "transfer", "options": {"destination": f"31201{number:06}"}},
        {"action": "say", "options": {**options, "payload": 'Bye.\n"Acme" # team'}},
    ]
    steps[3]["conditions"] = [condition]
    title = {"title": random.choice(TITLES)} if number % 9 else {}
    return {**title, "record": False, "steps": steps}


@pytest.fixture
def account(service, tmp_path, in_process):
    def fill(count):
        random = Random(count)
        client = Client(
            service.url, KEY, transport=lambda: EmulatorTransport(service.emulator), can_write=True
        )
        for number in range(count):
            made = client.create_call_flow(flow(number, random))
            if number < NUMBERS:
                client.assign_numbers(made.id, [f"4420794601{number:02}"])
        client.close()
        project = Project(tmp_path / "checkout", service.url)
        path = project.folder / "mbflow.yaml"
        path.write_text(document_text(json.loads(path.read_text()), schema=None))
        return in_process(project), project.folder

    return fill


def files_in(folder):
    """Content and time of each file but those of `.mbflow`."""
    return {
        path: (path.read_bytes(), path.stat().st_mtime_ns)
        for path in folder.rglob("*")
        if path.is_file() and ".mbflow" not in path.parts
    }


@pytest.mark.parametrize("count", [25, pytest.param(1000, marks=pytest.mark.long)])
def test_a_whole_account_is_imported_once(account, count):
    mbflow, folder = account(count)
    ran = mbflow("import", "--all")
    assert ran.code == 0, ran.err
    assert len(ran.out.splitlines()) == count + 1
    names = [path.stem for path in folder.glob("flows/*.yaml")]
    assert len(names) == count
    lock = (folder / "mbflow.lock.yaml").read_text().splitlines()
    known = [line.strip().partition(": ")[0].strip('"') for line in lock]
    assert sorted(set(known) & set(names)) == sorted(name for name in known if name in names)
    assert set(names) <= set(known)
    assert format_files(folder, write=False).changed == ()
    plan = mbflow("plan", "--detailed-exitcode", "--format", "json")
    assert (plan.code, json.loads(plan.out)["changes"]) == (0, [])
    before = files_in(folder)
    ran = mbflow("import", "--all")
    assert (ran.code, ran.out) == (0, "")
    assert ran.err == "There is nothing to import: the files say what is live.\n"
    assert files_in(folder) == before


def test_an_imported_file_has_no_noise(account):
    mbflow, folder = account(2)
    assert mbflow("import", "--all").code == 0
    (text,) = [
        path.read_text()
        for path in folder.glob("flows/*.yaml")
        if "31201000001" in path.read_text()
    ]
    assert (
        text.partition("steps:\n")[2]
        == """\
  - action: say
    options:
      payload: >-
        Thank you for calling. For sales, press 1; for all else: hold the line.
        Thank you for calling. For sales, press 1; for all else: hold the line.
        1
      language: en-GB
      voice: female
    onKeypressGoto: step-4
    onKeypressVar: choice
  - action: pause
    options:
      length: 5
  - action: hangup
  - id: step-4
    action: transfer
    options:
      destination: "31201000001"
    conditions:
      - variable: choice
        operator: "=="
        value: "1"
  - action: say
    options:
      payload: |-
        Bye.
        "Acme" # team
      language: en-GB
      voice: female
"""
    )
