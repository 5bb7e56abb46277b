"""The files that a new project begins with. Nothing that is there is ever overwritten."""

from __future__ import annotations

import re
from pathlib import Path

from mbflow.model.errors import Error
from mbflow.project.project_file import PROJECT_FILE
from mbflow.project.yaml.scalar import scalar_text
from mbflow.schema.validator import schema_text

_PROJECT = """\
# yaml-language-server: $schema=schemas/project.schema.json
# Live flows are marked with this name: choose it before the first apply.
project: {name}

# Flow files use these as ${{desk_number}}.
variables:
  desk_number: "442079460123"  # in quotes: a number would lose its plus or leading zero

# Until an environment is declared, everything runs in the built-in emulator ("local").
# The access key is taken from the process variable MESSAGEBIRD_ACCESS_KEY.
# environments:
#   production:
#     endpoint: https://voice.messagebird.com
#     numbers:
#       "442079460120": welcome  # the call flow that answers this number
"""

_FLOW = """\
# yaml-language-server: $schema=../schemas/call-flow.schema.json
title: Welcome
steps:
  - action: say
    options:
      payload: Welcome. To speak to us, press 1.
      language: en-GB
      voice: female
    onKeypressGoto: chosen
    onKeypressVar: choice
  - action: pause
    options:
      length: 5
    onKeypressGoto: chosen
    onKeypressVar: choice
  - action: say
    options:
      payload: You did not press a key. Goodbye.
      language: en-GB
      voice: female
  - action: hangup
  - id: chosen
    action: transfer
    options:
      destination: ${desk_number}
    conditions:
      - variable: choice
        operator: "=="
        value: "1"
  - action: say
    options:
      payload: Our office is open from nine to five. Goodbye.
      language: en-GB
      voice: female
  - action: hangup
"""

_CALLS = """\
# yaml-language-server: $schema=../schemas/calls.schema.json
#
# What callers do, and what they must hear: `mbflow test` makes these calls offline.
calls:
  - name: a caller who presses 1 speaks to us
    does: [{press: "1"}]
    hears: ["To speak to us, press 1"]
    ends: {transferred: "${desk_number}"}

  - name: when nobody answers, the caller hears when we are there
    does: [{press: "1"}]
    world: {transfers: {"${desk_number}": no_answer}}
    hears: [Our office is open from nine to five]
    ends: hangup

  - name: any other key does the same
    does: [{press: "9"}]
    hears: [Our office is open from nine to five]
    ends: hangup

  - name: a caller who presses nothing is told so
    hears: ["To speak to us, press 1", You did not press a key]
    ends: hangup
    within: 15s
"""


def start_project(root: Path) -> dict[str, bool]:
    """Writes the first files of a project in `root`; says of each whether it is new."""
    files = {
        PROJECT_FILE: _PROJECT.format(name=scalar_text(_project_name(root))),
        "flows/welcome.yaml": _FLOW,
        "flows/welcome.calls.yaml": _CALLS,
        "schemas/calendar.schema.json": schema_text("calendar"),
        "schemas/call-flow.schema.json": schema_text("call-flow"),
        "schemas/calls.schema.json": schema_text("calls"),
        "schemas/project.schema.json": schema_text("project"),
    }
    if (root / "flows").exists():
        del files["flows/welcome.yaml"], files["flows/welcome.calls.yaml"]
    try:
        return {name: _written(root / name, text) for name, text in files.items()}
    except OSError as error:
        raise Error(f"{error.filename} cannot be written: {error.strerror}.") from error


def _project_name(root: Path) -> str:
    """The folder's name as a plain word."""
    return re.sub(r"[^a-z0-9]+", "-", root.resolve().name.lower()).strip("-") or "calls"


def _written(path: Path, text: str) -> bool:
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        with path.open("x", encoding="utf-8", newline="\n") as stream:
            stream.write(text)
    except FileExistsError:
        return False
    return True
