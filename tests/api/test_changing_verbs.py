"""`mbflow calls update|add` and `mbflow legs hangup|hold|unhold`, as users meet them."""

import pytest

from .cli import on_a_terminal
from .conftest import KEY
from .samples import CALL, HOSTILE, LEG, call, leg, one
from .service import Reply, refused

PIN = "4711-0815"
FLOW = """\
title: Menu
default: true
steps:
  - action: say
    options: {payload: "Your code is ${pin}.", language: en-GB, voice: female}
  - action: hangup
"""
SENT = {
    "title": "Menu",
    "steps": [
        {
            "action": "say",
            "options": {"payload": f"Your code is {PIN}.", "language": "en-GB", "voice": "female"},
        },
        {"action": "hangup"},
    ],
}
UPDATE = ["calls", "update", CALL, "menu"]
ADD = ["calls", "add", CALL, "+31 20 123 4567"]
HANGUP = ["legs", "hangup", LEG]
HOLD = ["legs", "hold", LEG]
UNHOLD = ["legs", "unhold", LEG]
CASES = [
    (UPDATE, "PUT", f"/calls/{CALL}", "give the call another flow", "Give it this flow?"),
    (ADD, "POST", f"/calls/{CALL}/31201234567", "ring the number", "Ring it?"),
    (HANGUP, "DELETE", f"/legs/{LEG}", "hang up", "Hang up?"),
    (HOLD, "POST", f"/legs/{LEG}/hold", "put the leg on hold", "Put it on hold?"),
    (UNHOLD, "POST", f"/legs/{LEG}/unhold", "take the leg off hold", "Take it off hold?"),
]


@pytest.fixture(autouse=True)
def project(tmp_path, monkeypatch):
    """One flow, with a secret in it."""
    monkeypatch.setenv("PIN", PIN)
    variables = "variables:\n  pin: {secret: true, env: PIN}\n"
    (tmp_path / "mbflow.yaml").write_text(f"project: acme\n{variables}")
    (tmp_path / "flows").mkdir(exist_ok=True)
    (tmp_path / "flows/menu.yaml").write_text(FLOW)


def running(asked):
    """A service with one call that is ongoing."""
    if asked.method == "DELETE":
        return Reply(204, None)
    return one(leg("ongoing")) if asked.method == "POST" else one(call("ongoing"))


def writes(service):
    return [(asked.method, asked.path) for asked in service.asked if asked.method != "GET"]


# Done -----------------------------------------------------------------------------------------


def test_a_running_call_gets_the_flow_of_a_file(against):
    service, run = against(running)
    ran = run(*UPDATE, "--yes")
    assert ran.code == 0
    assert ran.out.startswith(f"Call {CALL}\n  status   ongoing\n")
    lines = ran.err.splitlines()
    assert lines[:2] == [f"In production ({service.url}):", f"Call {CALL}"]
    assert lines[-2:] == [
        "It will go on with flows/menu.yaml (2 steps).",
        f"The call goes on with menu, in production ({service.url})",
    ]
    assert service.asked[-1].json == {"callFlow": SENT}
    ran = run(*UPDATE, "--yes", "--format", "json")
    assert ran.json == {
        "environment": "production",
        "endpoint": service.url,
        "flow": "menu",
        "call": call("ongoing"),
    }


def test_a_party_is_called_into_a_call(against):
    service, run = against(running)
    ran = run(*ADD, "--yes")
    assert ran.code == 0
    assert ran.out.startswith(f"Leg {LEG}\n  status     ongoing\n")
    assert ran.err.splitlines()[-2:] == [
        "+31201234567 will be called into it.",
        f"+31201234567 is called, in production ({service.url})",
    ]
    assert run(*ADD, "--yes", "--format", "json").json["leg"] == leg("ongoing")


@pytest.mark.parametrize(
    ("words", "said"), [(HANGUP, "hung up"), (HOLD, "on hold"), (UNHOLD, "off hold")]
)
def test_a_leg_is_changed(against, words, said):
    service, run = against(running)
    ran = run(*words, "--yes")
    assert ran.code == 0
    assert ran.out.startswith(f"Leg {LEG}\n")
    assert ran.err == (
        f"In production ({service.url}): leg {LEG}\n"
        f"The leg is {said}, in production ({service.url})\n"
    )
    known = {"id": LEG} if words is HANGUP else leg("ongoing")
    assert run(*words, "--yes", "--format", "json").json["leg"] == known


@pytest.mark.parametrize("words", [ADD, HOLD, UNHOLD])
def test_an_answer_without_the_leg_is_no_failure(against, words):
    """No source shows what these endpoints answer."""
    _, run = against(
        lambda asked: one(call("ongoing")) if asked.method == "GET" else Reply(204, None)
    )
    ran = run(*words, "--yes")
    assert ran.code == 0
    assert ran.out == ("+31201234567\n" if words is ADD else f"Leg {LEG}\n")
    assert run(*words, "--yes", "--format", "json").json["leg"] == (
        None if words is ADD else {"id": LEG}
    )


# Asked first ----------------------------------------------------------------------------------


@pytest.mark.parametrize(("words", "method", "path", "deed", "question"), CASES)
def test_without_a_terminal_a_yes_is_needed(against, words, method, path, deed, question):
    service, run = against(running)
    ran = run(*words)
    assert (ran.code, ran.out, service.asked) == (64, "", [])
    assert ran.err == f"Error: There is no terminal to ask on: say --yes to {deed}.\n"


@pytest.mark.parametrize(("answer", "code"), [("y\n", 0), ("n\n", 3)])
@pytest.mark.parametrize(("words", "method", "path", "deed", "question"), CASES)
def test_on_a_terminal_somebody_is_asked(
    against, tmp_path, words, method, path, deed, question, answer, code
):
    service, _ = against(running)
    ran, shown = on_a_terminal([*words, "-e", "production"], tmp_path, answer=answer)
    assert ran == code
    assert f"{question} [y/N]:" in shown
    assert f"In production ({service.url})" in shown
    assert writes(service) == ([(method, path)] if code == 0 else [])
    assert PIN not in shown and KEY not in shown


# Refused --------------------------------------------------------------------------------------


@pytest.mark.parametrize("words", [UPDATE, ADD])
def test_a_call_that_is_over_is_left_alone(against, words):
    service, run = against(lambda asked: one(call("ended")))
    ran = run(*words, "--yes")
    assert (ran.code, ran.out, writes(service)) == (1, "", [])
    assert ran.err == f"Error: The call {CALL} is over: nothing can be changed any more.\n"


@pytest.mark.parametrize("words", [UPDATE, ADD])
def test_a_call_that_is_not_there(against, words):
    service, run = against(lambda asked: refused(404, "No call found."))
    ran = run(*words, "--yes")
    assert (ran.code, ran.out, writes(service)) == (1, "", [])
    assert f"production ({service.url}) has no call {CALL}.\n" in ran.err
    assert "      mbflow calls list -e production\n" in ran.err


@pytest.mark.parametrize("words", [HANGUP, HOLD, UNHOLD])
def test_a_leg_that_is_not_there(against, words):
    service, run = against(lambda asked: refused(404, "No leg found."))
    ran = run(*words, "--yes", "--format", "json")
    assert (ran.code, ran.json["exit_code"]) == (1, 1)
    assert f"production ({service.url}) has no leg {LEG}.\n" in ran.err
    assert "      mbflow legs list CALL -e production\n" in ran.err


def test_a_name_that_is_not_there(against):
    service, run = against(running)
    ran = run("calls", "update", CALL, "menú", "--yes")
    assert (ran.code, service.asked) == (64, [])
    assert 'Did you mean "menu"?' in ran.err


def test_a_flow_with_problems_is_not_given_to_a_call(against, tmp_path):
    service, run = against(running)
    (tmp_path / "flows/menu.yaml").write_text("steps: [{action: dance}]\n")
    ran = run(*UPDATE, "--yes")
    assert (ran.code, ran.out, service.asked) == (1, "", [])
    assert ran.err.startswith("flows/menu.yaml:1:")


def test_a_number_that_cannot_be_called(against):
    service, run = against(running)
    ran = run("calls", "add", CALL, "0612345678", "--yes")
    assert (ran.code, service.asked) == (64, [])
    assert (
        "is not a complete telephone number with its country code, such as +31201234567" in ran.err
    )


def test_the_words_of_a_refusal_show_no_secret(against):
    _, run = against(
        lambda asked: refused(422, f"{PIN} and {KEY}") if asked.method == "PUT" else running(asked)
    )
    ran = run(*UPDATE, "--yes", "--format", "json")
    assert ran.code == 1
    assert "[secret] and [access key]" in ran.err
    assert PIN not in ran.out + ran.err and KEY not in ran.out + ran.err


@pytest.mark.parametrize("form", ["text", "json"])
def test_a_service_that_repeats_the_flow_shows_no_secret(against, form):
    _, run = against(lambda asked: one(call("ongoing", callFlow=SENT)))
    start = ["calls", "start", "menu", "--from", "+31201234567", "--to", "+31612345678"]
    for words in (UPDATE, start):
        ran = run(*words, "--yes", "--format", form)
        assert ran.code == 0
        assert "Your code is ${pin}." in ran.out
        assert PIN not in ran.out + ran.err


@pytest.mark.parametrize(
    ("words", "look"), [(UPDATE, f"calls get {CALL}"), (ADD, f"legs list {CALL}")]
)
def test_what_may_have_happened_is_exit_4_and_says_where_to_look(against, words, look):
    service, run = against(
        lambda asked: running(asked) if asked.method == "GET" else Reply(act="reset")
    )
    ran = run(*words, "--yes")
    assert (ran.code, ran.out) == (4, "")
    assert f"    mbflow {look} -e production\n" in ran.err
    assert len(writes(service)) == 1


@pytest.mark.parametrize("words", [HANGUP, HOLD, UNHOLD])
def test_a_leg_in_doubt_is_exit_4(against, words):
    service, run = against(lambda asked: Reply(act="reset"))
    assert run(*words, "--yes").code == 4
    assert len(writes(service)) == 1


@pytest.mark.parametrize("verb", ["hangup", "hold", "unhold"])
def test_an_id_from_anywhere_is_harmless(against, verb):
    _, run = against(lambda asked: refused(404, HOSTILE))
    ran = run("legs", verb, HOSTILE, "--yes")
    assert ran.code == 1
    assert "\x1b" not in ran.err and "\u202e" not in ran.err
    assert not any(line.lstrip().startswith("::") for line in ran.err.splitlines())
