"""Why the service said no: in every place that tells what became of a change, without secrets."""

import json

import pytest

from .cli import runner
from .conftest import KEY
from .service import Service, flow, listed, one, refused

PIN = "s3cret-Pin"
SAID = f"steps[0] is wrong: {PIN} and {KEY}\x1b[2J"
SHOWN = "The service says: steps[0] is wrong: [secret] and [access key]\\e[2J (code 13)"
PROJECT = """\
project: acme
variables: {{pin: {{env: PIN, secret: true}}}}
environments: {{production: {{endpoint: "{}", settle_seconds: 0}}}}
"""
FILE = """\
title: Flow 1
steps:
  - action: say
    options: {language: en-GB, voice: female, payload: "${pin}"}
"""


@pytest.fixture
def apply(tmp_path, capsys, monkeypatch):
    """`ran, results = apply(answer)`: what a service that answers so makes of an apply."""
    monkeypatch.setenv("PIN", PIN)
    monkeypatch.setenv("MESSAGEBIRD_ACCESS_KEY", KEY)
    monkeypatch.delenv("MBFLOW_ENVIRONMENT", raising=False)
    (tmp_path / "flows").mkdir(exist_ok=True)
    (tmp_path / "flows/menu.yaml").write_text(FILE)
    mbflow = runner(capsys, tmp_path)

    def run(answer, *words):
        with Service(answer) as service:
            (tmp_path / "mbflow.yaml").write_text(PROJECT.format(service.url))
            words = ("apply", "-e", "production", "--auto-approve", *words)
            ran = mbflow(*words, "--results", "r.jsonl")
        return ran, json.loads((tmp_path / "r.jsonl").read_text().splitlines()[1])

    yield run
    for path in tmp_path.rglob("*"):
        assert path.is_dir() or PIN.encode() not in path.read_bytes()


def refusing(status):
    return lambda asked: listed([], 0) if asked.method == "GET" else refused(status, SAID)


@pytest.mark.parametrize("status", [400, 403, 422])
def test_a_refused_create_says_why(apply, status):
    ran, result = apply(refusing(status))
    assert ran.code == 1
    assert f"         {result['reason']}\n" in ran.err
    assert result["reason"].endswith(SHOWN)


def test_a_refused_create_says_why_in_json(apply):
    ran, result = apply(refusing(422), "--format", "json")
    assert ran.json["results"] == [result]
    assert result["reason"].endswith(SHOWN)


def test_an_unclear_create_says_why(apply):
    ran, result = apply(refusing(503))
    assert ran.code == 4
    assert SHOWN.removeprefix("The service says: ") in result["reason"]


def test_a_refused_update_says_why(apply, tmp_path):
    live = {}

    def answer(asked):
        if asked.method == "PUT":
            return refused(422, SAID)
        if asked.method == "POST":
            live.update(flow(1, **asked.json))
            return one(live, 201)
        flows = [live] if live else []
        return listed(flows, len(flows)) if asked.path == "/call-flows" else one(live)

    ran, _ = apply(answer)
    assert ran.code == 0, ran.err
    (tmp_path / "r.jsonl").unlink()
    (tmp_path / "flows/menu.yaml").write_text(FILE.replace("female", "male"))
    ran, result = apply(answer)
    assert (ran.code, result["action"]) == (1, "update"), ran.err
    assert result["reason"].endswith(SHOWN)
