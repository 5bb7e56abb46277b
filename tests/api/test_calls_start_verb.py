"""`mbflow calls start`, as users meet it: what is sent, who is asked, what is followed."""

import os
import signal
import threading
from contextlib import ExitStack

import pytest
from processes import PIPE, Process

from mbflow.emulator.app import Emulator
from mbflow.emulator.server import Server

from .cli import on_a_terminal
from .conftest import KEY
from .samples import CALL, call, call_answers, leg, one
from .service import Reply, Service, listed, refused

PIN = "4711-0815"
FLOW = """\
title: Menu
record: true
default: true
steps:
  - action: say
    options: {payload: "Your code is ${pin}.", language: en-GB, voice: female}
  - action: hangup
"""
START = ["calls", "start", "menu", "--from", "+31 20 123 4567", "--to", "0031612345678"]


@pytest.fixture(autouse=True)
def project(tmp_path, monkeypatch):
    """One flow, with a secret in it."""
    monkeypatch.setenv("PIN", PIN)
    variables = "variables:\n  pin: {secret: true, env: PIN}\n"
    (tmp_path / "mbflow.yaml").write_text(f"project: acme\n{variables}")
    (tmp_path / "flows").mkdir(exist_ok=True)
    (tmp_path / "flows/menu.yaml").write_text(FLOW)


def production(tmp_path, url):
    with (tmp_path / "mbflow.yaml").open("a") as file:
        file.write(f"environments:\n  production: {{endpoint: '{url}'}}\n")


@pytest.fixture
def emulator(tmp_path):
    """The project's `production` is a real emulator on a port, whose calls go fast."""
    with ExitStack() as stack:
        app = Emulator(tmp_path / "emulator.db", time_factor=20)
        stack.callback(app.close)
        server = Server(app, "127.0.0.1", 0)
        thread = threading.Thread(target=server.run)
        thread.start()
        stack.callback(thread.join)
        stack.callback(server.stop)
        production(tmp_path, server.url)
        yield app


# Starting -------------------------------------------------------------------------------------


def test_a_call_goes_through_the_flow_of_the_repo(against):
    service, run = against(call_answers)
    ran = run(*START, "--yes")
    assert ran.code == 0
    assert ran.out == (
        f"Call {CALL}\n"
        "  status   queued\n"
        "  from     +31644556677\n"
        "  to       +31612345678\n"
        "  created  2017-02-16 10:52:00 UTC\n"
        "  updated  2017-02-16 10:59:04 UTC\n"
    )
    assert ran.err == (
        f"In production ({service.url}), +31201234567 will call +31612345678\n"
        "and go through flows/menu.yaml (2 steps).\n"
        f"Started the call {CALL}\n"
    )
    assert [asked.path for asked in service.asked] == ["/calls"]
    assert service.asked[0].json == {
        "source": "31201234567",
        "destination": "31612345678",
        "callFlow": {
            "title": "Menu",
            "record": True,
            "steps": [
                {
                    "action": "say",
                    "options": {
                        "payload": f"Your code is {PIN}.",
                        "language": "en-GB",
                        "voice": "female",
                    },
                },
                {"action": "hangup"},
            ],
        },
    }


def test_started_as_json(against):
    service, run = against(call_answers)
    ran = run(*START, "--yes", "--format", "json", "--webhook", "https://example.com/calls")
    assert ran.json == {
        "environment": "production",
        "endpoint": service.url,
        "flow": "menu",
        "call": call("queued"),
    }
    assert service.asked[0].json["webhook"] == {"url": "https://example.com/calls"}
    assert "What happens to the call is sent to https://example.com/calls\n" in ran.err


def test_a_token_signs_what_the_webhook_gets_and_is_never_shown(against, monkeypatch):
    monkeypatch.setenv("HOOK_TOKEN", "sesame-opens")
    hook = {"url": "https://example.com/calls", "token": "sesame-opens"}
    service, run = against(lambda asked: one(call("queued", webhook=hook), 201))
    words = ["--webhook", "https://example.com/calls", "--token-env", "HOOK_TOKEN"]
    for form in ([], ["--format", "json"]):
        ran = run(*START, "--yes", *words, *form)
        assert ran.code == 0
        assert service.asked[-1].json["webhook"] == hook
        assert "(hidden)" in ran.out and "sesame" not in ran.out + ran.err
    service.answer = lambda asked: refused(422, "the token sesame-opens is too short")
    ran = run(*START, "--yes", *words, "--format", "json")
    assert "the token [secret] is too short" in ran.err
    assert "sesame" not in ran.out + ran.err


@pytest.mark.parametrize(
    ("words", "code", "text"),
    [
        (["--token-env", "HOOK_TOKEN"], 64, "A token is for a webhook: say --webhook too."),
        (["--webhook", "https://e.x", "--token-env", "NOT_SET"], 1, "NOT_SET is not set, or empty"),
        (["--webhook", "https://e.x", "--ask-token"], 64, "say --token-env NAME."),
    ],
)
def test_a_token_that_cannot_be_taken_rings_nobody(against, words, code, text):
    service, run = against(call_answers)
    ran = run(*START, "--yes", *words)
    assert (ran.code, ran.out, service.asked) == (code, "", [])
    assert text in ran.err


def test_without_a_terminal_and_without_yes_nothing_rings(against):
    service, run = against(call_answers)
    ran = run(*START)
    assert (ran.code, ran.out) == (64, "")
    assert ran.err == "Error: There is no terminal to ask on: say --yes to start the call.\n"
    assert service.asked == []


@pytest.mark.parametrize(("answer", "code", "posts"), [("y\n", 0, 1), ("n\n", 3, 0), ("\n", 3, 0)])
def test_on_a_terminal_somebody_is_asked(against, tmp_path, mbflow, answer, code, posts):
    service, _ = against(call_answers)
    ran, shown = on_a_terminal([*START, "-e", "production"], tmp_path, answer=answer)
    assert ran == code
    assert f"In production ({service.url}), +31201234567 will call +31612345678" in shown
    assert "Ring it? [y/N]:" in shown
    assert service.count("POST") == posts
    assert PIN not in shown and KEY not in shown


def test_a_secret_is_never_shown(against):
    """The service repeats what it was sent."""
    _, run = against(
        lambda asked: refused(422, f"steps[0].options.payload: Your code is {PIN}. And {KEY}")
    )
    ran = run(*START, "--yes", "--format", "json")
    assert ran.code == 1
    assert "Your code is [secret]. And [access key]" in ran.err
    assert PIN not in ran.out + ran.err and KEY not in ran.out + ran.err


@pytest.mark.parametrize(
    "party", ["sip:foobar@example.com", "SIPS:a@b", "client:anna", "+31 (0)6 12345678"]
)
def test_whom_can_be_called(against, party):
    service, run = against(call_answers)
    ran = run("calls", "start", "menu", "--from", "31201234567", "--to", party, "--yes")
    assert ran.code == 0
    expected = "31612345678" if party.startswith("+") else party
    assert service.asked[0].json["destination"] == expected


@pytest.mark.parametrize(
    "party", ["0612345678", "112", "sip:foobar", "client:", "sip:a b@c", "tel:31612345678", ""]
)
def test_whom_cannot_be_called(against, party):
    service, run = against(call_answers)
    ran = run("calls", "start", "menu", "--from", "31201234567", "--to", party, "--yes")
    assert (ran.code, ran.out) == (64, "")
    assert (
        "is not a complete telephone number with its country code, such as +31201234567" in ran.err
    )
    assert service.asked == []


def test_only_a_number_can_call(against):
    _, run = against(call_answers)
    ran = run("calls", "start", "menu", "--from", "sip:a@b.c", "--to", "31612345678", "--yes")
    assert ran.code == 64


@pytest.mark.parametrize("url", ["example.com", "ftp://example.com", "https://", "http://a b", ""])
def test_a_webhook_is_a_web_address(against, url):
    service, run = against(call_answers)
    ran = run(*START, "--yes", "--webhook", url)
    assert ran.code == 64
    assert "is not a complete URL, such as https://example.com/calls" in ran.err
    assert service.asked == []


def test_a_name_that_is_not_there(against):
    service, run = against(call_answers)
    ran = run("calls", "start", "menú", *START[3:], "--yes")
    assert ran.code == 64
    assert 'There is no call flow menú for the environment production. Did you mean "menu"?' in (
        ran.err
    )
    assert service.asked == []


def test_a_flow_with_problems_is_not_rung(against, tmp_path):
    service, run = against(call_answers)
    (tmp_path / "flows/menu.yaml").write_text("title: Menu\nsteps: [{action: dance}]\n")
    ran = run(*START, "--yes")
    assert (ran.code, ran.out) == (1, "")
    assert ran.err.startswith("flows/menu.yaml:2:")
    assert service.asked == []


def test_problems_of_other_files_do_not_matter(against, tmp_path):
    _, run = against(call_answers)
    (tmp_path / "flows/other.yaml").write_text("steps: [")
    assert run(*START, "--yes").code == 0


def test_a_variable_without_a_value_is_a_problem(against, monkeypatch):
    service, run = against(call_answers)
    monkeypatch.delenv("PIN")
    ran = run(*START, "--yes")
    assert ran.code == 1
    assert "PIN" in ran.err
    assert service.asked == []


def test_a_call_that_may_ring_is_exit_4(against):
    service, run = against(lambda asked: Reply(act="reset"))
    ran = run(*START, "--yes")
    assert ran.code == 4
    assert "Whether POST /calls was done is not known" in ran.err
    assert "    mbflow calls list --limit 5 -e production\n" in ran.err
    assert service.count("POST") == 1


# Following ------------------------------------------------------------------------------------


def test_a_call_is_followed_until_it_is_over(emulator, mbflow):
    ran = mbflow(*START, "--yes", "--follow", "-e", "production")
    assert ran.code == 0
    assert ran.out.startswith("Call ")
    assert "  status   ended\n" in ran.out
    assert "outgoing   +31612345678" in ran.out
    told = [line.split(" s  ")[1] for line in ran.err.splitlines() if " s  " in line]
    assert told[-1] == "call ended"
    assert told[-2].startswith("outgoing leg to +31612345678: hangup, ")


def test_followed_as_json(emulator, mbflow):
    ran = mbflow(*START, "--yes", "--follow", "--format", "json", "-e", "production")
    assert ran.json["call"]["status"] == "ended"
    assert [leg["status"] for leg in ran.json["legs"]] == ["hangup"]


@pytest.mark.parametrize("status", ["busy", "no_answer", "failed"])
def test_a_call_that_nobody_answers_is_exit_1(against, status):
    def answer(asked):
        if asked.path.endswith("/legs"):
            return listed([], 0)
        return one(call("queued"), 201) if asked.method == "POST" else one(call(status))

    _, run = against(answer)
    ran = run(*START, "--yes", "--follow", "--format", "json")
    assert ran.code == 1
    assert ran.json["call"]["status"] == status


def test_a_call_that_cannot_be_followed_was_started_all_the_same(against):
    _, run = against(
        lambda asked: one(call("queued"), 201) if asked.method == "POST" else refused(403, "no")
    )
    ran = run(*START, "--yes", "--follow", "--format", "json")
    assert (ran.code, ran.json["exit_code"]) == (4, 4)
    summary = f"The call {CALL} was started, but cannot be followed any more."
    assert ran.json["error"]["summary"] == summary
    assert ran.json["error"]["details"][-2:] == [
        "It may go on. To look again:",
        f"    mbflow calls get {CALL} -e production",
    ]


def test_ctrl_c_leaves_the_call_running(tmp_path, mbflow):
    reading = threading.Event()

    def answer(asked):
        if asked.method == "POST":
            return one(call("queued"), 201)
        if asked.path.endswith("/legs"):
            reading.set()
            return listed([leg("ringing")], 1)
        return one(call("ongoing"))

    with Service(answer) as service:
        production(tmp_path, service.url)
        process = Process(
            ["-m", "mbflow", *START, "--yes", "--follow"],
            cwd=tmp_path,
            env={**os.environ, "MBFLOW_ENVIRONMENT": "production"},
            stdout=PIPE,
            stderr=PIPE,
        )
        assert reading.wait(30)
        process.stderr.readline()
        told = [process.stderr.readline() for _ in range(4)]
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=30)
    assert told[-1].endswith("call ongoing\n")
    assert process.returncode == 130
    assert "  status   ongoing\n" in out
    assert err.endswith(
        "Interrupted: the call goes on. To see it, and to end it:\n"
        f"    mbflow calls get {CALL} -e production\n"
        f"    mbflow calls hangup {CALL} -e production\n"
    )
    assert service.count("DELETE") == 0


def test_a_running_call_is_hung_up(emulator, mbflow, tmp_path):
    (tmp_path / "flows/menu.yaml").write_text(
        "title: Wait\nsteps:\n  - {action: pause, options: {length: 3600}}\n"
    )
    started = mbflow(*START, "--yes", "--format", "json", "-e", "production").json["call"]["id"]
    ran = mbflow("calls", "hangup", started, "--yes", "-e", "production")
    assert ran.code == 0
    assert "  status   ended\n" in ran.out or "  status   failed\n" in ran.out
    assert ran.err.startswith("In production (http://127.0.0.1:")
    assert f"Call {started}" in ran.err
    ran = mbflow("calls", "hangup", started, "--yes", "-e", "production")
    assert (ran.code, ran.err) == (0, "The call is over already.\n")


def test_ctrl_c_before_the_answer_says_that_the_phone_may_ring(tmp_path):
    ringing = threading.Event()

    def answer(asked):
        ringing.set()
        return Reply(act="hang")

    with Service(answer) as service:
        production(tmp_path, service.url)
        process = Process(
            ["-m", "mbflow", *START, "--yes", "-e", "production"],
            cwd=tmp_path,
            env={**os.environ, "MESSAGEBIRD_ACCESS_KEY": KEY},
            stdout=PIPE,
            stderr=PIPE,
        )
        assert ringing.wait(30)
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=30)
    assert (process.returncode, out) == (130, "")
    told = [line for line in err.splitlines() if line]
    assert told[-2:] == ["The phone may be ringing; mbflow calls list shows it.", "Interrupted."]
