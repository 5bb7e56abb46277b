"""The generated input: call flows of eight steps, long ones, and their call files.

The same numbers make the same bytes on every machine.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

STEPS = 8
"""Of every flow but the long ones."""
_A_FOLDER = 500
Text = Callable[..., str]
"""Gives the text of a flow file by its number and version."""

_FLOW = """\
# yaml-language-server: $schema=../schemas/call-flow.schema.json
title: Support line {number}
steps:
  - action: say
    options:
      payload: Shop {number}. Messages are recorded. For sales, press 1. For repairs, press 2.
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
    options: {{payload: "You did not press a key. Goodbye.", language: en-GB, voice: female}}
  - action: hangup
  - id: chosen
    action: say
    options:
      payload: One moment, we connect you with shop {number}. Offer {version} ends soon.
      language: en-GB
      voice: female
    conditions:
      - variable: choice
        operator: "=="
        value: "1"
  - action: transfer
    options:
      destination: "{destination}"
      mask: true
  - action: record
    options:
      maxLength: 60
      timeout: 5
      finishOnKey: "#"
      transcribe: true
      transcribeLanguage: en-US
  - action: hangup
"""
_LONG = """\
title: Long line {number}
steps:
"""
_SHORT_STEPS = """\
  - action: say
    options: {{payload: Press 1., language: en-GB, voice: male}}
    onKeypressGoto: b{block}
  - action: pause
    options: {{length: 5}}
    onKeypressGoto: b{block}
  - action: say
    options: {{payload: Goodbye., language: en-GB, voice: male}}
  - action: hangup
  - id: b{block}
    action: say
    options: {{payload: {payload}, language: en-GB, voice: male}}
  - action: pause
    options: {{length: 1}}
  - action: pause
    options: {{length: 1}}
  - action: {last}
"""
_EXTENSIONS = """\
title: Extensions {number}
steps:
  - action: say
    options: {{payload: Offer {version}. Enter the extension., language: en-GB, voice: male}}
    onKeypressGoto: chosen
    onKeypressVar: extension
    maxNumKeys: 3
  - action: pause
    options: {{length: 5}}
    onKeypressGoto: chosen
    onKeypressVar: extension
    maxNumKeys: 3
  - action: hangup
  - {{id: chosen, action: pause, options: {{length: 1}}}}
"""
_END = """\
  - action: hangup
"""
_EXTENSION = """\
  - action: transfer
    options: {{destination: "4420794{extension}"}}
    conditions: [{{variable: extension, operator: "==", value: "{extension}"}}]
"""
_CALL = """\
calls:
  - name: a caller who presses 1 reaches the shop
    does: [{{press: "1"}}]
    hears: ["For sales, press 1", "we connect you"]
    ends: {{transferred: "{destination}"}}
"""


def flow_text(number: int, version: int = 0) -> str:
    """One flow file of eight steps, in 40 lines."""
    return _FLOW.format(number=number, version=version, destination=_destination(number))


def long_text(number: int, version: int = 0, steps: int = STEPS) -> str:
    """One flow of many short steps, a multiple of eight: 500 of them are not too large a body.

    A `version` has a text of its own in one step of a hundred.
    """
    blocks = []
    for block in range(steps // STEPS):
        payload = f"Offer {version}." if block % 13 == 0 else "Please wait."
        is_last = block == steps // STEPS - 1
        last = "hangup" if is_last else "pause\n    options: {length: 1}"
        blocks.append(_SHORT_STEPS.format(block=block, payload=payload, last=last))
    return _LONG.format(number=number) + "".join(blocks)


def extensions_text(number: int, version: int = 0, extensions: int = 200) -> str:
    """One flow in which so many inputs lead to a number each: as many kinds of calls."""
    steps = (_EXTENSION.format(extension=extension) for extension in range(100, 100 + extensions))
    return _EXTENSIONS.format(number=number, version=version) + "".join(steps) + _END


def write_project(root: Path, endpoint: str, count: int, text: Text = flow_text) -> None:
    """mbflow.yaml, with the environment `api`, and so many flows."""
    root.mkdir(parents=True)
    write_settings(root, endpoint)
    for number in range(count):
        path = flow_path(root, number)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text(number))


def write_settings(root: Path, endpoint: str, count: int = 0) -> None:
    """mbflow.yaml alone; it may say that all of `count` flows but the first are removed."""
    settings = {
        "project": "speed",
        "environments": {"api": {"endpoint": endpoint, "settle_seconds": 0}},
        "removed": [flow_name(number) for number in range(1, count)],
    }
    (root / "mbflow.yaml").write_text(json.dumps(settings))


def write_calls(root: Path, flows: int) -> None:
    """One call a flow, beside it."""
    for number in range(flows):
        path = flow_path(root, number).with_suffix(".calls.yaml")
        path.write_text(_CALL.format(destination=_destination(number)))


def flow_name(number: int) -> str:
    return f"group{number // _A_FOLDER}/shop{number}"


def flow_path(root: Path, number: int) -> Path:
    return root / "flows" / f"{flow_name(number)}.yaml"


def _destination(number: int) -> str:
    return f"44207946{number:06}"
