"""The generated input: call flows of eight steps, long ones, and their call files.

The same numbers make the same bytes on every machine.
"""

from __future__ import annotations

import json
from pathlib import Path

STEPS = 8
"""Of every flow but the long ones, in some 37 lines."""
_A_FOLDER = 500

_HEAD = """\
# yaml-language-server: $schema=../schemas/call-flow.schema.json
title: Support line {number}
steps:
"""
_MENU = """\
  - action: say
    options:
      payload: Shop {number}, menu {block}. {news}. For sales, press 1. For repairs, press 2.
      language: en-GB
      voice: female
    onKeypressGoto: chosen{block}
    onKeypressVar: choice{block}
  - action: pause
    options:
      length: 5
    onKeypressGoto: chosen{block}
    onKeypressVar: choice{block}
  - action: say
    options: {{payload: "You did not press a key. Goodbye.", language: en-GB, voice: female}}
"""
_END = """\
  - action: hangup
"""
_AND_ON = """\
  - action: pause
    options: {length: 1}
"""
_CHOSEN = """\
  - id: chosen{block}
    action: say
    options:
      payload: One moment, we connect you with shop {number}.
      language: en-GB
      voice: female
    conditions:
      - variable: choice{block}
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
"""
_CALL = """\
calls:
  - name: a caller who presses 1 reaches the shop
    does: [{{press: "1"}}]
    hears: ["For sales, press 1", "we connect you"]
    ends: {{transferred: "{destination}"}}
"""


def flow_text(number: int, version: int = 0, steps: int = STEPS) -> str:
    """One flow file. A `version` has a text of its own in one step of a hundred, at least one.

    `steps` is a multiple of eight: so many menus, one after the other.
    """
    blocks = steps // STEPS
    text = [_HEAD.format(number=number)]
    for block in range(blocks):
        news = f"Opening hours {version}" if block % 13 == 0 else "Messages are recorded"
        last = block == blocks - 1
        values = {"number": number, "block": block, "destination": _destination(number)}
        text += [
            _MENU.format(news=news, **values),
            _END if last else _AND_ON,
            _CHOSEN.format(**values),
            _END if last else _AND_ON,
        ]
    return "".join(text)


def write_project(root: Path, endpoint: str, flows: int, steps: int = STEPS) -> None:
    """mbflow.yaml, with the environment `api`, and so many flows."""
    root.mkdir(parents=True)
    write_settings(root, endpoint)
    for number in range(flows):
        path = flow_path(root, number)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(flow_text(number, steps=steps))


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


def write_version(
    root: Path, flows: int, version: int, every: int = 100, steps: int = STEPS
) -> None:
    """Change one flow of so many, the first among them."""
    for number in range(0, flows, every):
        flow_path(root, number).write_text(flow_text(number, version, steps))


def flow_name(number: int) -> str:
    return f"group{number // _A_FOLDER}/shop{number}"


def flow_path(root: Path, number: int) -> Path:
    return root / "flows" / f"{flow_name(number)}.yaml"


def _destination(number: int) -> str:
    return f"44207946{number:06}"
