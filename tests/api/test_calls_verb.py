"""`mbflow calls` and `mbflow legs`, as users meet them."""

import os
import signal
import subprocess
import sys
import threading
from contextlib import ExitStack

import pytest

from mbflow.exchange.app import Exchange
from mbflow.exchange.serving import Server
from mbflow.views.phone_calls import call_text, calls_table, leg_text, legs_table, news

from .cli import on_a_terminal, runner
from .conftest import KEY
from .service import Reply, Service, listed, pages_of, refused

CALL = "21025ed1-cc1d-4554-ac05-043fa6c84e00"
LEG = "30c42b27-dce6-4f72-b9c1-01f78ebc1008"
HOSTILE = "\x1b[2J\u202eevil\n::error::x"
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


@pytest.fixture
def mbflow(capsys, tmp_path, monkeypatch):
    monkeypatch.delenv("MBFLOW_ENVIRONMENT", raising=False)
    monkeypatch.setenv("MESSAGEBIRD_ACCESS_KEY", KEY)
    monkeypatch.setenv("PIN", PIN)
    return runner(capsys, tmp_path)


def project(tmp_path, endpoint):
    (tmp_path / "mbflow.yaml").write_text(
        "project: acme\n"
        f"environments:\n  production: {{endpoint: '{endpoint}'}}\n"
        "variables:\n  pin: {secret: true, env: PIN}\n"
    )
    (tmp_path / "flows").mkdir()
    (tmp_path / "flows/menu.yaml").write_text(FLOW)


@pytest.fixture
def against(tmp_path, mbflow):
    """`service, run = against(answer)`: the verbs against a scripted service, as production."""
    with ExitStack() as stack:

        def start(answer):
            service = stack.enter_context(Service(answer))
            project(tmp_path, service.url)
            return service, lambda *words: mbflow(*words, "-e", "production")

        yield start


@pytest.fixture
def exchange(tmp_path):
    """The project's `production` is a real exchange on a port, whose calls go fast."""
    with ExitStack() as stack:
        app = Exchange(tmp_path / "exchange.db", time_factor=20)
        stack.callback(app.close)
        server = Server(app, "127.0.0.1", 0)
        thread = threading.Thread(target=server.run)
        thread.start()
        stack.callback(thread.join)
        stack.callback(server.stop)
        project(tmp_path, server.url)
        yield app


def call(status="ended", **more):
    ends = "2017-02-16T10:59:04Z" if status == "ended" else None
    return {
        "id": CALL,
        "status": status,
        "source": "31644556677",
        "destination": "31612345678",
        "createdAt": "2017-02-16T10:52:00Z",
        "updatedAt": "2017-02-16T10:59:04Z",
        "endedAt": ends,
        **more,
    }


def leg(status="hangup", **more):
    return {
        "id": LEG,
        "callId": CALL,
        "source": "31644556677",
        "destination": "sip:foo@example.com",
        "status": status,
        "direction": "outgoing",
        "cost": 0.001519,
        "currency": "EUR",
        "duration": 7,
        "endedAt": "2019-01-10T16:13:30Z",
        "sipResponseCode": 200,
        **more,
    }


def one(item, status=200):
    return Reply(status, {"data": [item]})


def answers(asked):
    """A call that is over, with one leg; a new one is queued."""
    if asked.method == "POST":
        return one(call("queued"), 201)
    if asked.path.endswith("/legs"):
        return listed([leg()], 1)
    return listed([call()], 1) if asked.path == "/calls" else one(call())


# Starting -------------------------------------------------------------------------------------


def test_a_call_goes_through_the_flow_of_the_repo(against):
    service, run = against(answers)
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
    service, run = against(answers)
    ran = run(*START, "--yes", "--format", "json", "--webhook", "https://example.com/calls")
    assert ran.json == {
        "environment": "production",
        "endpoint": service.url,
        "key": "menu",
        "call": call("queued"),
    }
    assert service.asked[0].json["webhook"] == {"url": "https://example.com/calls"}
    assert "What happens to the call is sent to https://example.com/calls\n" in ran.err


def test_without_a_terminal_and_without_yes_nothing_rings(against):
    service, run = against(answers)
    ran = run(*START)
    assert (ran.code, ran.out) == (64, "")
    assert ran.err == "Usage: There is no terminal to ask on: say --yes to start the call.\n"
    assert service.asked == []


@pytest.mark.parametrize(("answer", "code", "posts"), [("y\n", 0, 1), ("n\n", 3, 0), ("\n", 3, 0)])
def test_on_a_terminal_somebody_is_asked(against, tmp_path, mbflow, answer, code, posts):
    service, _ = against(answers)
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
    service, run = against(answers)
    ran = run("calls", "start", "menu", "--from", "31201234567", "--to", party, "--yes")
    assert ran.code == 0
    expected = "31612345678" if party.startswith("+") else party
    assert service.asked[0].json["destination"] == expected


@pytest.mark.parametrize(
    "party", ["0612345678", "112", "sip:foobar", "client:", "sip:a b@c", "tel:31612345678", ""]
)
def test_whom_cannot_be_called(against, party):
    service, run = against(answers)
    ran = run("calls", "start", "menu", "--from", "31201234567", "--to", party, "--yes")
    assert (ran.code, ran.out) == (64, "")
    assert "is not a telephone number in full, with its country: +31201234567" in ran.err
    assert service.asked == []


def test_only_a_number_can_call(against):
    _, run = against(answers)
    ran = run("calls", "start", "menu", "--from", "sip:a@b.c", "--to", "31612345678", "--yes")
    assert ran.code == 64


@pytest.mark.parametrize("url", ["example.com", "ftp://example.com", "https://", "http://a b", ""])
def test_a_webhook_is_a_web_address(against, url):
    service, run = against(answers)
    ran = run(*START, "--yes", "--webhook", url)
    assert ran.code == 64
    assert "is not a web address in full: https://example.com/calls" in ran.err
    assert service.asked == []


def test_a_key_that_is_not_there(against):
    service, run = against(answers)
    ran = run("calls", "start", "menú", *START[3:], "--yes")
    assert ran.code == 64
    assert 'There is no call flow menú for the environment production. Did you mean "menu"?' in (
        ran.err
    )
    assert service.asked == []


def test_a_flow_with_problems_is_not_rung(against, tmp_path):
    service, run = against(answers)
    (tmp_path / "flows/menu.yaml").write_text("title: Menu\nsteps: [{action: dance}]\n")
    ran = run(*START, "--yes")
    assert (ran.code, ran.out) == (1, "")
    assert ran.err.startswith("flows/menu.yaml:2:")
    assert service.asked == []


def test_problems_of_other_files_do_not_matter(against, tmp_path):
    _, run = against(answers)
    (tmp_path / "flows/other.yaml").write_text("steps: [")
    assert run(*START, "--yes").code == 0


def test_a_variable_without_a_value_is_a_problem(against, monkeypatch):
    service, run = against(answers)
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
    assert "    mbflow calls list --limit 5\n" in ran.err
    assert service.count("POST") == 1


# Following ------------------------------------------------------------------------------------


def test_a_call_is_followed_until_it_is_over(exchange, mbflow):
    ran = mbflow(*START, "--yes", "--follow", "-e", "production")
    assert ran.code == 0
    assert ran.out.startswith("Call ")
    assert "  status   ended\n" in ran.out
    assert "outgoing   +31612345678" in ran.out
    told = [line.split(" s  ")[1] for line in ran.err.splitlines() if " s  " in line]
    assert told[-1] == "call ended"
    assert told[-2].startswith("outgoing leg to +31612345678: hangup, ")


def test_followed_as_json(exchange, mbflow):
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
        f"    mbflow calls get {CALL}",
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
        project(tmp_path, service.url)
        process = subprocess.Popen(
            [sys.executable, "-m", "mbflow", *START, "--yes", "--follow"],
            cwd=tmp_path,
            env={**os.environ, "MBFLOW_ENVIRONMENT": "production"},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
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
        f"    mbflow calls get {CALL}\n"
        f"    mbflow calls hangup {CALL}\n"
    )
    assert service.count("DELETE") == 0


# Looking --------------------------------------------------------------------------------------


def test_a_list_of_calls(against):
    service, run = against(answers)
    ran = run("calls", "list")
    assert ran.out.splitlines() == [
        "ID                                    STATUS  CREATED (UTC)     TO            FROM",
        f"{CALL}  ended   2017-02-16 10:52  +31612345678  +31644556677",
    ]
    assert ran.err == f"1 call in production ({service.url})\n"


def test_a_limited_list_says_what_it_leaves_out(against):
    service, run = against(pages_of([call(id=f"call-{n}") for n in range(250)]))
    ran = run("calls", "list", "--limit", "3")
    assert len(ran.out.splitlines()) == 4
    assert ran.err == f"3 of 250 calls in production ({service.url})\n"
    assert len(service.asked) == 1
    ran = run("calls", "list", "--format", "json")
    assert (ran.json["total"], len(ran.json["calls"])) == (250, 250)


def test_a_call_with_its_legs(against):
    _, run = against(answers)
    ran = run("calls", "get", CALL)
    assert ran.out.splitlines()[-2:] == [
        "ID                                    STATUS  DIRECTION  TO                   LENGTH"
        "  COST          FROM",
        f"{LEG}  hangup  outgoing   sip:foo@example.com  7 s     0.001519 EUR  +31644556677",
    ]
    ran = run("calls", "get", CALL, "--format", "json")
    assert (ran.json["call"], ran.json["legs"]) == (call(), [leg()])


def test_a_leg(against):
    _, run = against(lambda asked: one(leg()))
    ran = run("legs", "get", CALL, LEG)
    assert ran.out == (
        f"Leg {LEG}\n"
        "  status     hangup\n"
        "  direction  outgoing\n"
        "  from       +31644556677\n"
        "  to         sip:foo@example.com\n"
        "  length     7 s\n"
        "  SIP code   200\n"
        f"  call       {CALL}\n"
        "  ended      2019-01-10 16:13:30 UTC\n"
        "  cost       0.001519 EUR\n"
    )
    assert run("legs", "get", CALL, LEG, "--format", "json").json["leg"] == leg()


def test_a_list_of_legs(against):
    service, run = against(answers)
    ran = run("legs", "list", CALL)
    assert ran.out.splitlines()[1].startswith(f"{LEG}  hangup  outgoing")
    assert ran.err == f"1 leg of the call {CALL} in production ({service.url})\n"
    assert run("legs", "list", CALL, "--format", "json").json["legs"] == [leg()]


def test_tables_fit_a_terminal(against, tmp_path):
    against(answers)
    for words in (["calls", "list"], ["legs", "list", CALL], ["calls", "get", CALL]):
        code, shown = on_a_terminal([*words, "-e", "production"], tmp_path, columns=80)
        assert code == 0
        table = [line for line in shown.splitlines() if line.startswith(("ID", CALL, LEG))]
        assert len(table) == 2
        assert all(len(line) <= 80 for line in table)


@pytest.mark.parametrize(
    "words", [["calls", "get", "x"], ["calls", "hangup", "x", "--yes"], ["legs", "list", "x"]]
)
def test_a_call_that_is_not_there(against, words):
    service, run = against(lambda asked: refused(404, "No call found for ID `x`."))
    ran = run(*words)
    assert (ran.code, ran.out) == (1, "")
    assert ran.err == (
        f"Error: production ({service.url}) has no call x.\n"
        "  To see what there is:\n"
        "      mbflow calls list\n"
    )


def test_a_leg_that_is_not_there(against):
    _, run = against(lambda asked: refused(404, "No leg found for ID `x`."))
    ran = run("legs", "get", CALL, "x")
    assert f"has no leg x.\n  To see what there is:\n      mbflow legs list {CALL}" in ran.err


def test_looking_sends_only_get(against):
    service, run = against(answers)
    for words in (["calls", "list"], ["calls", "get", CALL], ["legs", "list", CALL]):
        assert run(*words).code == 0
    assert {asked.method for asked in service.asked} == {"GET"}


# Hanging up -----------------------------------------------------------------------------------


def test_a_running_call_is_hung_up(exchange, mbflow, tmp_path):
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


def test_a_call_that_is_over_is_left_alone(against):
    service, run = against(answers)
    ran = run("calls", "hangup", CALL, "--yes", "--format", "json")
    assert (ran.code, ran.json["call"]) == (0, call())
    assert service.count("DELETE") == 0


def test_hanging_up_needs_a_yes(against):
    service, run = against(answers)
    ran = run("calls", "hangup", CALL)
    assert (ran.code, service.asked) == (64, [])
    assert ran.err == "Usage: There is no terminal to ask on: say --yes to hang up.\n"


@pytest.mark.parametrize(("answer", "code", "deletes"), [("y\n", 0, 1), ("n\n", 3, 0)])
def test_on_a_terminal_somebody_is_asked_before_a_hangup(against, tmp_path, answer, code, deletes):
    def reply(asked):
        if asked.method == "DELETE":
            return Reply(204, None)
        return one(call("ended" if service.count("DELETE") else "ongoing"))

    service, _ = against(reply)
    ran, shown = on_a_terminal(
        ["calls", "hangup", CALL, "-e", "production"], tmp_path, answer=answer
    )
    assert ran == code
    assert "Hang up? [y/N]:" in shown
    assert service.count("DELETE") == deletes


# Views ----------------------------------------------------------------------------------------


def test_text_of_the_service_is_harmless():
    hostile = {"id": HOSTILE, "status": HOSTILE, "destination": HOSTILE, HOSTILE: {HOSTILE: 1}}
    for text in (
        call_text(hostile, [hostile]),
        leg_text(hostile),
        calls_table([hostile]),
        legs_table([hostile]),
        "\n".join(news(hostile, [hostile], {})),
    ):
        assert "\x1b" not in text and "\u202e" not in text
        assert not any(line.lstrip().startswith("::") for line in text.splitlines())


def test_objects_of_any_shape_can_be_shown():
    strange = {
        "id": "x",
        "status": None,
        "source": 7,
        "createdAt": [],
        "cost": "much",
        "webhook": {},
    }
    assert call_text(strange, [strange]).startswith("Call x\n")
    assert (
        calls_table([{"id": "x"}])
        == "ID  STATUS  CREATED (UTC)  TO  FROM\nx   -       -              -   -"
    )
    assert leg_text({"id": "x"}) == "Leg x"
    assert (calls_table([]), legs_table([])) == ("", "")


def test_the_token_of_a_call_is_never_shown(against):
    secret = call(webhook={"url": "https://example.com", "token": "sesame"})
    _, run = against(lambda asked: one(secret) if asked.path.endswith(CALL) else listed([], 0))
    for words in ([], ["--format", "json"]):
        ran = run("calls", "get", CALL, *words)
        assert "https://example.com" in ran.out
        assert "(hidden)" in ran.out and "sesame" not in ran.out


def test_news_are_told_once():
    known = {}
    assert news(call("queued"), [], known) == ["call queued"]
    assert news(call("queued"), [leg("ringing", endedAt=None)], known) == [
        "outgoing leg to sip:foo@example.com: ringing"
    ]
    assert news(call("ended"), [leg()], known) == [
        "outgoing leg to sip:foo@example.com: hangup, 7 s",
        "call ended",
    ]
    assert news(call("ended"), [leg()], known) == []


@pytest.mark.parametrize("verb", ["calls", "legs", "recordings", "transcriptions", "webhooks"])
def test_help_does_not_load_httpx(verb):
    code = (
        "import sys; from mbflow.cli import exit_code_of;"
        f"exit_code_of(['{verb}', '--help']);"
        "sys.exit(any(name in sys.modules for name in ('httpx', 'jsonschema', 'deepdiff')))"
    )
    assert subprocess.run([sys.executable, "-c", code], stdout=subprocess.DEVNULL).returncode == 0
