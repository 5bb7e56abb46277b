"""The 17 endpoints that the project was founded on, and newer ones: each asked for by a verb.

All goes over a real socket: `mbflow emulate` runs as a process of its own, and its log says which
requests it answered, and how.
"""

import json
import os
import re
import urllib.request
import wave
from pathlib import Path

import pytest
from processes import DEVNULL, PIPE, Process

from mbflow.cli.main import exit_code_of

from .cli import Ran
from .conftest import KEY

NUMBER = "31612345678"
SAID = "I would like to speak to somebody about my bill."
MENU = """\
title: Leave a message
steps:
  - action: say
    options: {payload: "Please speak after the tone.", language: en-GB, voice: female}
  - action: record
    options: {maxLength: 20, finishOnKey: "#", transcribe: true, transcribeLanguage: en-US}
  - action: hangup
"""
SMALL = "steps:\n  - action: hangup\n"

LONG = "--call {call} --leg {leg}"
LONGEST = "--recording {recording} --call {call} --leg {leg}"
RECORDING = "/calls/{call}/legs/{leg}/recordings/{recording}"
ROWS = [
    ("GET /call-flows", 200, "flows list"),
    ("GET /call-flows/{flow}", 200, "flows get message"),
    ("POST /call-flows", 201, "apply --auto-approve"),
    ("PUT /call-flows/{flow}", 200, "apply --auto-approve"),
    ("DELETE /call-flows/{flow}", 204, "apply --auto-approve --allow-deletes 1"),
    ("POST /calls", 201, f"calls start message --from 31201234567 --to {NUMBER} --yes"),
    ("GET /calls", 200, "calls list"),
    ("GET /calls/{call}", 200, "calls get {call}"),
    ("GET /calls/{call}/legs", 200, "legs list {call}"),
    ("GET /calls/{call}/legs/{leg}", 200, "legs get {call} {leg}"),
    ("GET /calls/{call}/legs/{leg}/recordings", 200, "recordings list {call} {leg}"),
    (f"GET {RECORDING}", 200, f"recordings get {{recording}} {LONG}"),
    (f"GET {RECORDING}.wav", 200, f"recordings download {{recording}} {LONG}"),
    (f"GET {RECORDING}/transcriptions", 200, f"transcriptions list {{recording}} {LONG}"),
    (
        f"POST {RECORDING}/transcriptions",
        201,
        f"transcriptions create {{recording}} --language en-US {LONG}",
    ),
    (
        f"GET {RECORDING}/transcriptions/{{transcription}}",
        200,
        f"transcriptions get {{transcription}} {LONGEST}",
    ),
    (
        f"GET {RECORDING}/transcriptions/{{transcription}}.txt",
        200,
        f"transcriptions download {{transcription}} {LONGEST}",
    ),
]
WAIT = "title: Wait\nsteps:\n  - {action: pause, options: {length: 3600}}\n"
FURTHER = "31687654321"
NEWER = [
    ("PUT /calls/{call}", 200, "calls update {call} message --yes"),
    ("DELETE /calls/{call}", 204, "calls hangup {call} --yes"),
    (f"POST /calls/{{call}}/{FURTHER}", 201, f"calls add {{call}} {FURTHER} --yes"),
    ("DELETE /legs/{leg}", 204, "legs hangup {leg} --yes"),
    ("POST /legs/{leg}/hold", 200, "legs hold {leg} --yes"),
    ("POST /legs/{leg}/unhold", 200, "legs unhold {leg} --yes"),
]
SHOWS_NEWER = {
    "calls update": lambda shown: (
        (shown["flow"], shown["call"]["status"]) == ("message", "ongoing")
    ),
    "calls hangup": lambda shown: shown["call"]["status"] == "ended",
    "calls add": lambda shown: shown["leg"]["destination"] == FURTHER,
    "legs hangup": lambda shown: list(shown["leg"]) == ["id"],
    "legs hold": lambda shown: shown["leg"]["status"] == "ongoing",
    "legs unhold": lambda shown: shown["leg"]["status"] == "ongoing",
}
SHOWS = {
    "flows list": lambda shown: "message" in [flow["name"] for flow in shown["flows"]],
    "flows get": lambda shown: shown["flow"]["title"] == "Leave a message",
    "apply": lambda shown: [result["status"] for result in shown["results"]] == ["done"],
    "calls start": lambda shown: shown["call"]["status"] == "queued",
    "calls list": lambda shown: {call["destination"] for call in shown["calls"]} == {NUMBER},
    "calls get": lambda shown: shown["call"]["status"] == "ended" and len(shown["legs"]) == 1,
    "legs list": lambda shown: [leg["status"] for leg in shown["legs"]] == ["hangup"],
    "legs get": lambda shown: shown["leg"]["direction"] == "outgoing",
    "recordings list": lambda shown: [one["type"] for one in shown["recordings"]] == ["ivr"],
    "recordings get": lambda shown: shown["recording"]["status"] == "done",
    "recordings download": lambda shown: shown["bytes"] > 44,
    "transcriptions list": lambda shown: {t["status"] for t in shown["transcriptions"]} == {"done"},
    "transcriptions create": lambda shown: shown["transcription"]["status"] == "created",
    "transcriptions get": lambda shown: SAID.lower() in shown["text"].lower(),
    "transcriptions download": lambda shown: shown["bytes"] > 10,
}


class Line:
    """The emulator on a port, and a project that speaks to it."""

    def __init__(self, url, folder):
        self.url = url
        self.folder = folder

    def control(self, method, path, body=None):
        request = urllib.request.Request(
            f"{self.url}/_emulator/{path}",
            method=method,
            headers={"Authorization": f"AccessKey {KEY}", "Content-Type": "application/json"},
            data=None if body is None else json.dumps(body).encode(),
        )
        with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(request) as answer:
            return json.loads(answer.read() or b"null")

    def log(self):
        document = self.control("GET", "requests")
        return [(f"{one['method']} {one['path']}", one["status"]) for one in document["data"]]


@pytest.fixture(scope="module")
def line(tmp_path_factory):
    folder = tmp_path_factory.mktemp("founding")
    words = ["-m", "mbflow", "emulate"]
    process = Process(words, cwd=folder, stdout=PIPE, stderr=DEVNULL)
    try:
        url = process.stdout.readline().removeprefix("listening on ").strip()
        (folder / "mbflow.yaml").write_text(
            f"project: acme\nenvironments:\n  test: {{endpoint: '{url}', settle_seconds: 0}}\n"
        )
        (folder / "flows").mkdir()
        (folder / "flows/message.yaml").write_text(MENU)
        yield Line(url, folder)
    finally:
        process.terminate()
        process.wait(30)
        process.stdout.close()


@pytest.fixture
def mbflow(line, capsys, monkeypatch):
    monkeypatch.setenv("MESSAGEBIRD_ACCESS_KEY", KEY)
    monkeypatch.chdir(line.folder)

    def run(words):
        capsys.readouterr()
        code = exit_code_of(["-e", "test", *words.split(), "--format", "json"])
        captured = capsys.readouterr()
        assert code == 0, captured.err
        return Ran(code, captured.out, captured.err).json

    return run


@pytest.fixture
def ids(line, mbflow):
    """What one call left behind: made once, by the verbs themselves."""
    if not hasattr(line, "ids"):
        mbflow("apply --auto-approve")
        line.control("PUT", f"destinations/{NUMBER}", {"does": [{"wait": "5s"}, {"say": SAID}]})
        call = mbflow(f"calls start message --from 31201234567 --to {NUMBER} --yes")["call"]["id"]
        line.control("POST", "clock", {"advance": 120})
        leg = mbflow(f"legs list {call}")["legs"][0]["id"]
        recording = mbflow(f"recordings list {call}")["recordings"][0]["id"]
        found = mbflow(f"transcriptions list {recording}")["transcriptions"]
        flow = mbflow("flows get message")["id"]
        line.ids = {
            "flow": flow,
            "call": call,
            "leg": leg,
            "recording": recording,
            "transcription": found[0]["id"],
        }
    return line.ids


@pytest.fixture
def running(line, mbflow):
    """A call that somebody has answered, and its leg."""
    (line.folder / "flows/wait.yaml").write_text(WAIT)
    call = mbflow(f"calls start wait --from 31201234567 --to {NUMBER} --yes")["call"]["id"]
    line.control("POST", "clock", {"advance": 10})
    yield {"call": call, "leg": mbflow(f"legs list {call}")["legs"][0]["id"]}
    mbflow(f"calls hangup {call} --yes")
    (line.folder / "flows/wait.yaml").unlink()


def prepare(line, mbflow, method):
    """Leave an apply one thing to do; the id of the flow that it will touch."""
    key = f"small-{os.urandom(4).hex()}"
    file = line.folder / f"flows/{key}.yaml"
    file.write_text(SMALL)
    if method == "POST":
        return None
    mbflow("apply --auto-approve")
    flow = mbflow(f"flows get {key}")["id"]
    if method == "PUT":
        file.write_text(f"record: true\n{SMALL}")
    else:
        file.unlink()
    return flow


@pytest.mark.parametrize(("endpoint", "status", "words"), ROWS, ids=[row[0] for row in ROWS])
def test_every_endpoint_has_a_verb(line, mbflow, ids, endpoint, status, words):
    names = dict(ids)
    if words.startswith("apply"):
        names["flow"] = prepare(line, mbflow, endpoint.split()[0])
    before = len(line.log())
    shown = mbflow(words.format(**names))
    assert (endpoint.format(**names), status) in line.log()[before:]
    verb = " ".join(words.split()[:2])
    assert SHOWS[verb if verb in SHOWS else "apply"](shown), shown


@pytest.mark.parametrize(("endpoint", "status", "words"), NEWER, ids=[row[0] for row in NEWER])
def test_newer_endpoints_have_verbs_too(line, mbflow, running, endpoint, status, words):
    before = len(line.log())
    shown = mbflow(words.format(**running))
    assert (endpoint.format(**running), status) in line.log()[before:]
    assert SHOWS_NEWER[" ".join(words.split()[:2])](shown), shown


def test_there_are_seventeen():
    assert len({endpoint for endpoint, _, _ in ROWS}) == 17


def test_the_table_for_users_names_the_verbs():
    text = (Path(__file__).parents[2] / "docs" / "calls.md").read_text()
    text = text.replace("…/recordings", "/calls/{call}/legs/{leg}/recordings")
    for endpoint, _, words in (*ROWS, *NEWER):
        row = endpoint.replace(FURTHER, "{destination}")
        verb = "apply" if words.startswith("apply") else " ".join(words.split()[:2])
        assert re.search(rf"^\| `{re.escape(row)}` \| `mbflow {verb}\b", text, re.MULTILINE), row


def test_what_was_downloaded_is_what_was_said(line, ids, mbflow):
    audio = line.folder / "audio.wav"
    mbflow(f"recordings download {ids['recording']} -o {audio} --force")
    length = mbflow(f"recordings get {ids['recording']}")["recording"]["duration"]
    with wave.open(str(audio)) as sound:
        assert (sound.getnchannels(), sound.getsampwidth(), sound.getframerate()) == (1, 2, 8000)
        assert abs(sound.getnframes() / 8000 - length) <= 1
    text = line.folder / "said.txt"
    mbflow(f"transcriptions download {ids['transcription']} -o {text} --force")
    assert SAID.lower() in text.read_text().lower()
