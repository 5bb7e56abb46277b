"""A small project with a menu and its calls, and `mbflow` run in it."""

import json
from dataclasses import dataclass

import pytest

from mbflow.cli.main import exit_code_of

MENU = """\
title: Menu
steps:
  - action: say
    options: {payload: "For sales, press 1.", language: en-GB, voice: female}
    onKeypressGoto: chosen
    onKeypressVar: choice
  - action: hangup
  - id: chosen
    action: transfer
    options: {destination: "${sales}"}
    conditions: [{variable: choice, operator: "==", value: "1"}]
  - action: say
    options: {payload: "Good bye.", language: en-GB, voice: female}
"""

PROJECT = """\
project: acme
variables:
  sales: "442079460111"
  pin: {env: ACME_PIN, secret: true, default: "4711"}
environments:
  staging: {endpoint: embedded, variables: {sales: "442079460222"}}
"""


@dataclass(frozen=True)
class Ran:
    code: int
    out: str
    err: str

    @property
    def json(self):
        return json.loads(self.out)


class Project:
    """A project in a folder: write files, run verbs."""

    def __init__(self, root, capsys):
        self.root = root
        self._capsys = capsys

    def write(self, name, text):
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        return path

    def calls(self, text, name="menu"):
        """The call file of a flow: `text` is what stands below `calls:`."""
        return self.write(f"flows/{name}.calls.yaml", "calls:\n" + text)

    def run(self, *arguments):
        self._capsys.readouterr()
        code = exit_code_of(["-C", str(self.root), *arguments])
        captured = self._capsys.readouterr()
        return Ran(int(code), captured.out, captured.err)

    def test(self, *arguments):
        return self.run("-e", "local", "test", *arguments)


@pytest.fixture
def project(tmp_path, capsys):
    made = Project(tmp_path, capsys)
    made.write("mbflow.yaml", PROJECT)
    made.write("flows/menu.yaml", MENU)
    return made
